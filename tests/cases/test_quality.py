"""`highground quality` on the register: the record, the sentence and the mend, and what cannot be told."""

from __future__ import annotations

import datetime
import json

import pytest
from click.testing import CliRunner, Result

from highground.audit.models import Event
from highground.cases.actions.facts import FactValue, write_facts
from highground.cases.commands import quality
from highground.cases.quality import check_register
from highground.cli import cli
from highground.methods.rules import RulebookError
from highground.people.actions import RegisterError
from highground.people.enums import SourceKind
from tests.support.register import BOOK, KNOWN, TODAY

pytestmark = pytest.mark.django_db
RECOGNISED = TODAY - datetime.timedelta(days=40)
WORDS = ("--rulebook", BOOK, "--as-of", TODAY.isoformat())


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def wrong(office) -> object:
    """In LONGHE a household without a measure and one with a risk of which nothing is known; one in PINGNAN too."""
    recognised = {"monitored": True, "recognised_on": RECOGNISED, "recognised_risks": ["illness"]}
    tell(office, "2231", **recognised, measures_delivered=[])
    tell(
        office, "0874", **{**recognised, "recognised_risks": ["unsafe_water"]}, measures_delivered=["health"]
    )
    tell(office, "3096", monitored=True, recognised_on=RECOGNISED)
    tell(office, "9001", **recognised, measures_delivered=[])
    return office


def tell(office, number: str, **facts: object) -> None:
    write_facts(
        office.household(number),
        [FactValue(name, value) for name, value in facts.items()],
        kind=SourceKind.VISIT,
        source="A visit",
        day=KNOWN + datetime.timedelta(days=1),
        by=office.staff["contact"],
        today=TODAY,
    )


def typed(*words: str) -> Result:
    return CliRunner().invoke(quality, words)


def test_each_finding_has_the_record_the_sentence_and_the_mend(wrong) -> None:
    done = typed(*WORDS)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    key = wrong.household("2231").key
    begin = lines.index(f"{key}  BAIYUN  high: no measure was delivered within a month of the recognition")
    assert lines[begin + 1] == (
        "  the household is already monitored, the day of recognition is at least 1 month ago (2026-01-29, 1 month),"
        " and the household has no measure delivered yet"
    )
    assert lines[begin + 2].startswith("  -> deliver a measure that matches a risk")
    assert (
        f"{wrong.household('0874').key}  DATANG  medium: the risk of unsafe water has no water measure"
        in lines
    )
    unrecorded = "high: a month after the recognition, the record does not say which measures were delivered"
    assert f"{wrong.household('3096').key}  BAIYUN  {unrecorded}" in lines
    assert lines[0] == "4 findings in 4 of 9 households of CN, demo-cn as of 2026-03-10"
    assert "Cannot be told, because facts are missing or stale:" in lines


def test_as_json_it_is_one_document_in_both_languages(wrong) -> None:
    done = typed(*WORDS, "--area", "LONGHE", "--json")
    found = json.loads(done.output)
    assert (found["rulebook"], found["as_of"], found["area"], found["households"]) == (
        BOOK,
        "2026-03-10",
        "LONGHE",
        6,
    )
    assert [(one["household"], one["check"]) for one in found["findings"]] == sorted(
        (
            (wrong.household("2231").key, "no_measure_after_a_month"),
            (wrong.household("3096").key, "measures_not_recorded"),
            (wrong.household("0874").key, "water_without_measure"),
        ),
        key=lambda pair: (pair[1] == "water_without_measure", pair[0]),  # BAIYUN before DATANG
    )
    one = next(one for one in found["findings"] if one["check"] == "water_without_measure")
    assert one["sentence"]["zh"] == "有饮水安全风险但没有饮水安全措施"
    assert set(one["mend"]) == set(one["why"]) == {"en", "zh"}
    assert (one["severity"], one["area"], one["source"], one["verified"]) == ("medium", "DATANG", "S6", True)
    assert found["found"]["water_without_measure"] == 1
    assert found["cannot_tell"]["water_without_measure"] == 1  # of 3096 no risk is known


def test_another_area_sees_its_own_records_alone(wrong) -> None:
    done = typed(*WORDS, "--area", "PINGNAN", "--language", "zh")
    assert done.output.startswith("1 finding in 1 of 3 households of PINGNAN")
    assert "认定满一个月仍未落实帮扶措施" in done.output
    assert wrong.household("2231").key not in done.output


def test_a_day_before_the_month_is_over_has_no_finding(wrong) -> None:
    day = datetime.date(2026, 2, 27)  # recognised on 29 January; February has no 29th: complete on the 28th
    done = typed("--rulebook", BOOK, "--as-of", day.isoformat())
    assert "no measure was delivered" not in done.output
    done = typed("--rulebook", BOOK, "--as-of", "2026-02-28")
    assert "no measure was delivered" in done.output


def test_a_check_writes_a_snapshot_and_one_event_and_nothing_else(wrong) -> None:
    before = Event.objects.count()
    check_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    assert list(
        Event.objects.order_by("-pk").values_list("kind", flat=True)[: Event.objects.count() - before]
    ) == ["people.snapshot"]


def test_what_cannot_be_checked_is_said(office) -> None:
    assert "there is no area 'NOWHERE'" in str(typed(*WORDS, "--area", "NOWHERE").exception)
    assert "cn-2021 assesses 2021-05-01 to 2025-12-31" in str(
        typed("--rulebook", "cn-2021", "--as-of", TODAY.isoformat()).exception
    )
    assert "'VN', which is not in the areas" in str(typed("--rulebook", "vn-2022").exception)
    with pytest.raises(RulebookError, match="no rulebook 'cn-2o21'"):
        check_register(rulebook="cn-2o21", as_of=TODAY, by="test", today=TODAY)
    with pytest.raises(RegisterError, match="lies after"):
        check_register(rulebook=BOOK, as_of=TODAY + datetime.timedelta(days=1), by="test", today=TODAY)


def test_the_command_line_leads_here(office) -> None:
    done = CliRunner().invoke(cli, ["quality", "--help"])
    assert done.exit_code == 0
    assert "Check the records of the register" in done.output
