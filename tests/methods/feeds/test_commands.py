"""The verbs for department feeds, from the rulebooks in use to retention, and a folder of files at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highground.cli import cli, main
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.persons import write_persons
from highground.methods.store import Store
from tests.methods.feeds.conftest import GX, PERSONS, bill


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture
def at(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    """A store whose persons are found by the key of a home folder, with a rulebook in use."""
    monkeypatch.setenv("HIGHGROUND_HOME", str(tmp_path / "home"))
    tables = {name: tmp_path / "register" / f"{name}.parquet" for name in ("households", "members")}
    write_persons(store, GX, **tables, key=lookup_key(tmp_path / "home"))
    options = ("--store", store.root)
    assert run("feed", "use", "demo-nation", *options).exit_code == 0
    return options


def test_a_file_from_landing_to_retention(
    at: tuple[str, Path], sent: Callable[..., Path], tmp_path: Path
) -> None:
    path = sent([bill(), bill(1, day="2027-01-01"), bill(2, own_paid="ten")])
    land = ("feed", "land", path, "--feed", "medical", "--province", GX, "--today", "2026-11-26", *at)
    told = run(*land).output
    assert told.startswith("sent.csv: 1 of 3 rows landed; 2 cannot be used\n  what to mend: ")
    assert Path(told.strip().rpartition("mend: ")[2]).read_text().count("\n") == 3
    again = run(*land)
    assert again.exit_code == 0 and "already landed on 2026-11-26, 1 rows; nothing was done" in again.output
    listed = run("feed", "list", *at).output
    assert listed.startswith("medical      2026-11-26  ") and listed.rstrip().endswith(
        "1 of           3  sent.csv"
    )
    short = listed.split()[2]
    assert json.loads(run("feed", "show", short, *at).output)["counts"]["landed"] == 1
    kept = run("feed", "retain", "--today", "2026-12-01", *at)
    assert kept.output == "medical: 0 rows removed, past retention\n"
    gone = run("feed", "retain", "--today", "2029-01-01", *at)
    assert gone.output == "medical: 1 row removed, past retention, months 2026-11\n"
    assert run("feed", "list", *at).output.rstrip().endswith("gone")


def test_the_register_of_legal_bases_says_what_is_kept_and_why(at: tuple[str, Path]) -> None:
    told = run("feed", "basis", *at).output
    assert (
        "kept: paid by the family (own_paid)\n    for out_of_pocket_12m: demo-nation: classes.marginal"
        in told
    )
    assert "not checked against a law" in told and "when a family refuses: " in told
    assert "read to check a row, not kept: number of the bill, day of the bill, whole bill" in told
    chinese = run("feed", "basis", "--language", "zh", *at).output
    assert "家庭拒绝时: 不影响入户走访和自主申报" in chinese
    assert run("feed", "use", "cn-2021", *at).exit_code == 0
    assert "no rule in use needs it: nothing of it is landed" in run("feed", "basis", *at).output


def test_what_no_rule_needs_any_more_is_pruned(at: tuple[str, Path], sent: Callable[..., Path]) -> None:
    row = {"household": "H001-0001", "day": "2026-11-02", "loss": "10"}
    run("feed", "land", sent([row]), "--feed", "disaster", "--today", "2026-11-26", *at)
    run("feed", "use", "cn-2021", *at)
    told = run("feed", "prune", "--today", "2026-11-27", *at).output
    assert "disaster: 1 row removed, no longer needed" in told and "months 2026-11" in told


def test_a_row_without_a_number_is_decided(at: tuple[str, Path], sent: Callable[..., Path]) -> None:
    row = {**bill(), "identity_number": "", "name": "王小明", "birth_date": "1980-01-01"}
    run("feed", "land", sent([row]), "--feed", "medical", "--today", "2026-11-26", *at)
    listed = run("feed", "review", "list", *at).output
    assert (
        "row 2 of sent.csv, 2026-11\n  P001-0001 of H001-0001" in listed and "same name, birth date" in listed
    )
    review = listed.split()[1].rstrip(":")
    decide = ("feed", "review", "decide", review, "--feed", "medical", "--by", "officer-7", *at)
    assert run(*decide, "--member", "P001-0001", "--none").exit_code == 2
    done = run(*decide, "--member", "P001-0001", "--today", "2026-11-26").output
    assert done == f"{review}: about P001-0001, landed; decided by officer-7 on 2026-11-26\n"
    assert run("feed", "review", "list", *at).output == ""


def test_a_folder_lands_at_once_and_a_bad_file_does_not_stop_it(
    at: tuple[str, Path], sent: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "sent"
    for name, rows in (
        ("medical/2026-10", [bill(day="2026-10-02")]),
        ("medical/2026-11", [bill(), bill(1)]),
        ("disaster/2026-11", [{"household": "H001-0001", "day": "2026-11-02", "loss": "10"}]),
        ("school/2026-11", [{"identity_number": PERSONS[0].number, "status": "in_school"}]),
    ):
        (folder / name).mkdir(parents=True)
        sent(rows).rename(folder / name / f"{GX}.csv")
    result = run("feed", "land", folder, "--today", "2026-11-26", *at)
    assert result.exit_code == 1
    assert "3 files, 0 landed before; 4 of 4 rows landed" in result.output
    assert "refused: CN-GX.csv: there is no column 'day'" in result.output
    again = run("feed", "land", folder, "--today", "2026-11-26", *at)
    assert "3 files, 3 landed before; 0 of 0 rows landed" in again.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("land", "none.csv", "--feed", "bank"), "there is no feed 'bank'"),
        (("land", "none.csv", "--feed", "medical"), "none.csv: there is no such file"),
        (("land", "none.csv", "--feed", "medical", "--today", "soon"), "'soon' is no date"),
        (("show", "ffff"), "no landed file has a hash that begins with 'ffff'"),
        (
            ("review", "decide", "x-1", "--feed", "medical", "--none", "--by", "me"),
            "no row 'x-1' of the feed 'medical' waits",
        ),
        (("authorise", "none.csv"), "none.csv: cannot be read"),
    ],
)
def test_bad_input_is_one_line_that_says_how_to_mend_it(
    at: tuple[str, Path], words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["feed", *words, *map(str, at)])
    error = capsys.readouterr().err
    assert stopped.value.code == 2 and said in error and error.count("\n") == 1


def test_without_a_rulebook_in_use_nothing_is_landed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["feed", "land", "x.csv", "--feed", "medical", "--store", str(tmp_path)])
    assert "no rulebook is in use; name them with: highground feed use RULEBOOK" in capsys.readouterr().err
