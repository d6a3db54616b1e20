"""`highground screen` on the register and `highground clue show`, as a person types them."""

import json

import pytest
from click.testing import CliRunner, Result

from highground.cli import cli
from highground.signals.commands import clue, screen
from highground.signals.models import Clue, Run
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def typed(command, *words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_screening_says_what_it_found_and_where_it_is_kept(register) -> None:
    done = typed(screen, "--rulebook", "demo-cn", "--as-of", TODAY.isoformat())
    assert done.exit_code == 0, done.output
    run = Run.objects.everywhere(reason="test").get()
    lines = done.output.splitlines()
    assert lines[0].startswith("9 households of CN, demo-cn as of 2026-03-10")
    assert "  possible household in sudden severe difficulty: 2" in lines
    assert "  cannot tell: 2   in no data at all: 2" in lines
    assert "  clues: 6 new, 0 continuing, 0 cleared" in lines
    assert lines[-1] == f"run {run.pk}: {run.folder}"


def test_screening_one_area(register) -> None:
    done = typed(screen, "--rulebook", "demo-cn", "--as-of", TODAY.isoformat(), "--area", "PINGNAN")
    assert done.output.startswith("3 households of PINGNAN")


def test_an_unknown_area_is_named(register) -> None:
    done = typed(screen, "--rulebook", "demo-cn", "--as-of", TODAY.isoformat(), "--area", "NOWHERE")
    assert "there is no area 'NOWHERE'" in str(done.exception)
    assert not Run.objects.everywhere(reason="test").exists()


def test_a_country_that_is_not_on_the_register_is_named(register) -> None:
    done = typed(screen, "--rulebook", "vn-2022", "--as-of", TODAY.isoformat())
    assert "'VN', which is not in the areas" in str(done.exception)


def test_parameters_of_one_s_own_are_part_of_the_version(register, tmp_path) -> None:
    """A line for a year that the rulebook lacks: another hash, so another version of the same rulebook."""
    given = tmp_path / "lines.json"
    row = {"parameter": "monitoring_line", "key": "CN-YY", "period": "2026", "value": 9000, "source": "SYN"}
    given.write_text(json.dumps([row]))
    words = ("--rulebook", "demo-cn", "--as-of", TODAY.isoformat())
    typed(screen, *words)
    done = typed(screen, *words, "--parameters", str(given))
    assert done.exit_code == 0, done.output
    first, second = Run.objects.everywhere(reason="test").select_related("rulebook_version").order_by("pk")
    assert first.rulebook == second.rulebook
    assert first.rulebook_version.hash != second.rulebook_version.hash
    assert second.previous == first


def test_a_clue_is_explained_in_both_languages(register, run) -> None:
    found = Clue.objects.everywhere(reason="test").get(household__number="2231", rule="sudden_severe")
    english = typed(clue, "show", str(found.pk)).output
    assert "Possible: household in sudden severe difficulty" in english
    assert "24,600 <= 8,300 x 4 = 33,200: yes" in english
    assert "疑似：突发严重困难户" in typed(clue, "show", str(found.pk), "--language", "zh").output


def test_a_clue_that_is_not_there_is_named(register) -> None:
    assert "there is no clue 77" in str(typed(clue, "show", "77").exception)


def test_the_command_line_leads_here_without_a_file(register) -> None:
    """`screen` without --households is the office's; with it, the analyst's."""
    done = typed(cli, "screen", "--help")
    assert done.exit_code == 0
    assert "Screen the register" in done.output
    assert "Screen a file of households" in done.output
