"""The SQL and the oracle say the same, household by household, on what nobody thought of beforehand."""

from __future__ import annotations

from typing import Any

import pytest

from highground.methods.rules import list_rulebooks, load_rulebook, read_rulebook
from highground.methods.rules.judging import judge
from highground.methods.rules.reading import shipped
from highground.methods.screening import screen
from highground.methods.screening.result import ScreenResult
from tests.methods.screening.random_world import AS_OF, Expressions, Tables

BATCHES, PER_BATCH, HOUSEHOLDS = 40, 50, 30


def by_oracle(result: ScreenResult) -> list[dict[str, Any]]:
    answers = []
    for record in result.records():
        judged = judge(record, result.book)
        answers.append(
            {
                "household": record.household,
                "class": judged.class_id,
                "class_verdict": judged.class_verdict,
                "fired": list(judged.fired),
                "undecided": list(judged.undecided),
                "unknown": list(judged.unknown),
                "vetoes": [
                    {"id": one.id, "excepted_by": list(one.excepted_by)} for one in judged.standing_vetoes
                ],
            }
        )
    return answers


def by_sql(result: ScreenResult) -> list[dict[str, Any]]:
    names = ["household", "class", "class_verdict", "fired", "undecided", "unknown", "vetoes"]
    return sorted(result.verdicts.select(names).to_pylist(), key=lambda row: row["household"])


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_expressions(batch: int) -> None:
    """2,000 expressions in all, each over random tables with missing values."""
    expressions = Expressions(batch)
    texts = [expressions.truth(3) for _ in range(PER_BATCH)]
    book = read_rulebook(
        {
            "id": "random",
            "currency": "CNY",
            "parameters": {
                "line": {"by": ["province"], "maximum": 100000, "rows": [{"key": "CN-NM", "value": 8300}]},
            },
            "derived": {"net": {"expression": "0.5 * income_wage_12m - cost_business_12m + line"}},
            "counted": {"expression": "shares_budget AND (on_register OR lives_with)", "label": "counted"},
            "classes": [{"id": "any", "when": f"({texts[0]}) AND NOT ({texts[1]})"}],
            "clues": [{"id": f"e{index}", "when": text} for index, text in enumerate(texts)],
        }
    )
    tables = Tables(batch)
    result = screen(
        book,
        households=tables.households(book, HOUSEHOLDS),
        members=tables.members(book, HOUSEHOLDS),
        as_of=AS_OF,
    )
    assert by_sql(result) == by_oracle(result)


@pytest.mark.parametrize("name", list(shipped()))
def test_every_rulebook_over_ten_thousand_households(name: str) -> None:
    book = load_rulebook(name)
    as_of = min(max(AS_OF, book.assessed[0]), book.assessed[1])
    tables = Tables(7)
    households, members = tables.households(book, 10_000), tables.members(book, 10_000)
    added = [{"parameter": "city_income", "key": "X1", "period": as_of.year - 1, "value": 40000}]
    extra = added if "city_income" in book.parameters else None
    result = screen(book, households=households, members=members, as_of=as_of, parameters=extra)
    found = by_sql(result)
    assert found == by_oracle(result)
    assert {row["class_verdict"] for row in found} == {"yes", "no", "cannot_tell"}, (
        "the households are too uniform"
    )


def test_the_examples_of_the_rulebooks_are_complete() -> None:
    assert all(book.examples for book in list_rulebooks())
