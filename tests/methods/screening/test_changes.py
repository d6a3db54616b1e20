"""What is new, what goes on, what has cleared; and that no longer known is never cleared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars
import pyarrow as pa
import pytest

from highground.methods.rules import read_rulebook
from highground.methods.screening import InputError, ScreenResult, screen

BOOK = read_rulebook(
    {
        "id": "tiny",
        "currency": "CNY",
        "classes": [
            {"id": "first", "when": "relocated AND monitored"},
            {"id": "second", "when": "relocated"},
        ],
        "clues": [{"id": "dwelling_unsafe", "when": "dwelling_unsafe"}],
    }
)


def run(previous: Any = None, *, from_empty: bool = False, **rows: Any) -> ScreenResult:
    """Screen households given as NAME=(relocated, monitored, dwelling_unsafe)."""
    table = [
        {"household": name, "relocated": values[0], "monitored": values[1], "dwelling_unsafe": values[2]}
        for name, values in rows.items()
    ]
    return screen(BOOK, households=table, as_of="2024-06-30", previous=previous, from_empty=from_empty)


def changes(result: ScreenResult) -> set[tuple[str, str, str, bool]]:
    return {
        (row["household"], row["rule"], row["change"], row["stale"]) for row in result.changes.to_pylist()
    }


def verdict(result: ScreenResult, household: str = "H1") -> dict[str, Any]:
    return next(row for row in result.verdicts.to_pylist() if row["household"] == household)


def test_without_a_previous_run_nothing_has_changed() -> None:
    result = run(H1=(True, False, True))
    assert changes(result) == set()
    assert verdict(result)["change"] is None


def test_the_first_run_of_an_office_finds_everything_new() -> None:
    result = run(from_empty=True, H1=(True, False, True), H2=(False, False, False))
    assert changes(result) == {("H1", "second", "new", False), ("H1", "dwelling_unsafe", "new", False)}
    assert verdict(result)["change"] == "new" and verdict(result, "H2")["change"] is None


def test_new_continuing_and_cleared() -> None:
    before = run(H1=(True, False, False), H2=(False, False, True), H3=(False, False, False))
    now = run(before, H1=(True, False, True), H2=(False, False, False), H3=(True, False, False))
    assert changes(now) == {
        ("H1", "second", "continuing", False),
        ("H1", "dwelling_unsafe", "new", False),
        ("H2", "dwelling_unsafe", "cleared", False),
        ("H3", "second", "new", False),
    }
    assert [verdict(now, name)["change"] for name in ("H1", "H2", "H3")] == ["new", "cleared", "new"]


def test_a_class_that_gives_way_to_another_is_cleared() -> None:
    before = run(H1=(True, False, False))
    assert changes(run(before, H1=(True, True, False))) == {
        ("H1", "second", "cleared", False),
        ("H1", "first", "new", False),
    }


def test_no_longer_known_is_continuing_and_stale_until_it_is_known_again() -> None:
    first = run(H1=(False, False, True))
    second = run(first, H1=(False, False, None))
    assert changes(second) == {("H1", "dwelling_unsafe", "continuing", True)}
    row = verdict(second)
    assert (row["change"], row["stale"], row["held"]) == (
        "continuing",
        ["dwelling_unsafe"],
        ["dwelling_unsafe"],
    )
    third = run(second, H1=(False, False, None))
    assert changes(third) == {("H1", "dwelling_unsafe", "continuing", True)}
    assert changes(run(third, H1=(False, False, False))) == {("H1", "dwelling_unsafe", "cleared", False)}
    assert changes(run(third, H1=(False, False, True))) == {("H1", "dwelling_unsafe", "continuing", False)}


def test_a_class_that_is_no_longer_known_is_held() -> None:
    first = run(H1=(True, False, False))
    second = run(first, H1=(None, False, False))
    assert verdict(second)["class_verdict"] == "cannot_tell" and verdict(second)["held"] == ["second"]
    assert changes(second) == {("H1", "second", "continuing", True)}


def test_what_was_never_yes_is_not_held() -> None:
    second = run(run(H1=(False, False, False)), H1=(None, None, None))
    assert changes(second) == set() and verdict(second)["held"] == []


def test_a_household_that_is_gone_is_named_and_not_cleared() -> None:
    now = run(run(H1=(True, False, False), H2=(False, False, False)), H3=(False, False, False))
    assert changes(now) == set()
    (notice,) = [notice for notice in now.notices if notice.kind == "household_gone"]
    assert notice.details["households"] == ["H1"] and "H1" in notice.message
    (notice,) = [notice for notice in now.notices if notice.kind == "household_left"]
    assert notice.details["households"] == ["H2"] and "H2" in notice.message


def test_previous_may_be_a_table_of_verdicts() -> None:
    before = run(H1=(True, False, False))
    assert changes(run(before.verdicts, H1=(False, False, False))) == {("H1", "second", "cleared", False)}
    table = before.verdicts
    kinds = [
        table.to_pandas(),
        polars.from_arrow(table),
        polars.from_arrow(table).lazy(),
        table.to_pylist(),
        table.to_reader(),
    ]
    for kind in kinds:
        assert changes(run(kind, H1=(False, False, False))) == {("H1", "second", "cleared", False)}, type(
            kind
        )
    without = before.verdicts.drop_columns(["held"])
    assert changes(run(without, H1=(False, False, False))) == {("H1", "second", "cleared", False)}


def test_previous_may_be_the_folder_of_a_kept_run(tmp_path: Path) -> None:
    folder = run(H1=(True, False, False)).save(tmp_path / "run")
    assert changes(run(folder, H1=(False, False, False))) == {("H1", "second", "cleared", False)}
    with pytest.raises(InputError, match="there is no run here"):
        run(str(tmp_path), H1=(True, False, False))


def test_runs_of_different_rulebooks_are_not_compared() -> None:
    other = screen("cn-2021", households=[{"household": "H1"}], as_of="2024-06-30")
    with pytest.raises(InputError, match="previous verdicts are of rulebook cn-2021, this run is of tiny"):
        run(other, H1=(True, False, False))


def test_a_table_that_is_no_run_is_refused() -> None:
    with pytest.raises(InputError, match="there is no column class, fired, rulebook"):
        run(pa.table({"household": ["H1"]}), H1=(True, False, False))
    with pytest.raises(InputError, match="previous verdicts table: a int is no table"):
        run(5, H1=(True, False, False))
