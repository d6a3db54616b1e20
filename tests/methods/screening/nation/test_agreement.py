"""A run of a country says what `screen` says of the same households, which the oracle says too."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from highground.methods.rules import load_rulebook, read_rulebook
from highground.methods.rules.reading import shipped
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening import ScreenResult, screen
from highground.methods.screening.nation.running import screen_country
from tests.methods.screening.nation.small import Rows, changes, found, landed
from tests.methods.screening.random_world import AS_OF, Expressions, Tables

HOUSEHOLDS = 240
COLUMNS = [
    "household",
    "area",
    "class",
    "class_verdict",
    "fired",
    "undecided",
    "unknown",
    "stale",
    "held",
    "vetoes",
]


def random_book(seed: int) -> Rulebook:
    expressions = Expressions(seed)
    texts = [expressions.truth(3) for _ in range(12)]
    return read_rulebook(
        {
            "id": "random",
            "currency": "CNY",
            "parameters": {
                "line": {"by": ["province"], "maximum": 100000, "rows": [{"key": "CN-NM", "value": 8300}]},
            },
            "derived": {"net": {"expression": "0.5 * income_wage_12m - cost_business_12m + line"}},
            "ranks": {
                "low": {"of": "income_wage_12m", "within": "county", "lowest": {"percent": 30}},
                "lowest": {"of": "claims_12m - out_of_pocket_12m", "per_person": True, "lowest": {"households": 9}},
            },
            "counted": {"expression": "shares_budget AND (on_register OR lives_with)", "label": "counted"},
            "classes": [
                {"id": "first", "when": f"({texts[0]}) AND income_wage_12m <= low"},
                {"id": "second", "when": f"NOT ({texts[1]}) AND per_person(claims_12m) <= lowest"},
                {"id": "third", "when": texts[2]},
            ],
            "clues": [{"id": f"e{index}", "when": text} for index, text in enumerate(texts[3:9])],
            "vetoes": [
                {"id": "v", "when": texts[9], "except": [{"id": "x", "when": texts[10]}, {"id": "y", "when": texts[11]}]}
            ],
        }
    )  # fmt: skip


def tables(seed: int, book: Rulebook) -> tuple[Rows, Rows]:
    made = Tables(seed, book.dictionary)
    households = made.households(book, HOUSEHOLDS)
    for row in households:
        row["province"] = row["province"] or "CN-GX"  # a store has no household of no province
        row["county"] = f"{row['province']}-{row['county']}"  # and no county lies in two
    return households, made.members(book, HOUSEHOLDS)


def by_screen(result: ScreenResult) -> Rows:
    """The rows that a country keeps: who is yes, who cannot be told, who was in the run before."""
    changed = set(result.changes["household"].to_pylist())
    rows = result.verdicts.select(COLUMNS).to_pylist()
    kept = [
        row
        for row in rows
        if row["class_verdict"] != "no" or row["fired"] or row["undecided"] or row["household"] in changed
    ]
    return sorted(kept, key=lambda row: row["household"])


def screened_twice(
    root: Path, book: Rulebook, earlier: tuple[Rows, Rows], later: tuple[Rows, Rows], as_of: date, block: int
) -> None:
    """Two months, by both: the same verdicts and the same changes."""
    before = as_of - timedelta(days=31)
    store = landed(root, book, *earlier, month=before.isoformat()[:7], as_of=before)
    landed(root, book, *later, month=as_of.isoformat()[:7], as_of=as_of)
    first = screen(book, households=earlier[0], members=earlier[1], as_of=before, from_empty=True)
    manifest = screen_country(store, book, before, block=block)
    assert found(store, manifest) == by_screen(first)
    second = screen(book, households=later[0], members=later[1], as_of=as_of, previous=first)
    manifest = screen_country(store, book, as_of, block=block)
    assert manifest["previous"] is not None
    assert found(store, manifest) == by_screen(second)
    names = ["household", "rule", "change", "stale"]
    expected = sorted(tuple(row[name] for name in names) for row in second.changes.to_pylist())
    assert changes(store, manifest) == expected
    gone = {row["household"] for row in earlier[0]} - {row["household"] for row in later[0]}
    stood = {row["household"] for row in by_screen(first) if row["class"] or row["fired"]}
    assert manifest["gone"]["households"] == len(gone & stood)


@pytest.mark.parametrize("block", [50, 1_000_000])
@pytest.mark.parametrize("seed", range(2))
def test_random_rules_over_two_months(tmp_path: Path, seed: int, block: int) -> None:
    book = random_book(seed)
    earlier, later = tables(seed, book), tables(seed + 100, book)
    gone = later[0][3]["household"]
    later = (
        [row for row in later[0] if row["household"] != gone],
        [row for row in later[1] if row["household"] != gone],
    )
    screened_twice(tmp_path, book, earlier, later, AS_OF, block)


@pytest.mark.parametrize("name", list(shipped()))
def test_every_rulebook(tmp_path: Path, name: str) -> None:
    book = load_rulebook(name)
    first, last = book.assessed
    as_of = min(max(AS_OF, first + timedelta(days=40)), last)
    screened_twice(tmp_path, book, tables(1, book), tables(2, book), as_of, 1_000_000)


def test_a_household_that_moved_to_another_province_goes_on(tmp_path: Path) -> None:
    book = load_rulebook("cn-2021")
    households, members = tables(1, book)
    moved: Any = [{**row, "province": "CN-ZZ"} if row["province"] == "CN-NM" else row for row in households]
    screened_twice(tmp_path, book, (households, members), (moved, members), date(2024, 6, 30), 1_000_000)


def test_a_register_without_members(tmp_path: Path) -> None:
    book = load_rulebook("cn-2021")
    households, _ = tables(3, book)
    store = landed(tmp_path, book, households, [], month="2024-06", as_of=AS_OF)
    manifest = screen_country(store, book, AS_OF)
    assert found(store, manifest) == by_screen(
        screen(book, households=households, as_of=AS_OF, from_empty=True)
    )
