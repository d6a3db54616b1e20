"""Run a rulebook's own example households and compare with what it expects, in SQL and by the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from highground.methods.rules.judging import judge
from highground.methods.rules.rulebook import Example, Rulebook
from highground.methods.screening.screen import screen


@dataclass(frozen=True)
class Failure:
    """An example that came out otherwise: where it was run, what was expected, what was found."""

    example: str
    engine: str
    column: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.example}: {self.column} is {self.found!r} by {self.engine}, expected {self.expected!r}"


def check_examples(book: Rulebook) -> Iterator[Failure]:
    """Every expectation that does not hold."""
    for example in book.examples:
        yield from _check(book, example)


def _check(book: Rulebook, example: Example) -> Iterator[Failure]:
    household = {"household": example.id, **example.household}
    members = None
    if example.members is not None:
        members = [{"household": example.id, **member} for member in example.members]
    result = screen(book, households=[household], members=members, as_of=example.as_of)
    found = result.verdicts.to_pylist()[0]
    judged = judge(result.record(example.id), book)
    oracle = {
        "class": judged.class_id,
        "class_verdict": judged.class_verdict,
        "fired": list(judged.fired),
        "undecided": list(judged.undecided),
        "unknown": list(judged.unknown),
        "vetoes": [{"id": veto.id, "excepted_by": list(veto.excepted_by)} for veto in judged.standing_vetoes],
    }
    for column, expected in example.expect.items():
        for engine, answers in (("SQL", found), ("the oracle", oracle)):
            if answers.get(column) != expected:
                yield Failure(example.id, engine, column, expected, answers.get(column))
