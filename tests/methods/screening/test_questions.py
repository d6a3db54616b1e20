"""Random households under the shipped rulebooks: the same verdict as by the full form, with far fewer questions."""

from __future__ import annotations

import pytest

from highground.methods.rules import list_rulebooks, load_rulebook
from highground.methods.rules.asking import Asking, answered
from tests.support.asking import interviews, told

MOST = 0.4
"""At least 60 in 100 questions of the full form are not asked."""
HOUSEHOLDS = 240
"""Of fewer, chance alone may bring the share over the bound: demo-la asks 35 of 100 in the long run."""


@pytest.mark.parametrize("name", [one.id for one in list_rulebooks()])
def test_the_same_verdict_with_fewer_questions_each_of_which_could_have_changed_it(name: str) -> None:
    book = load_rulebook(name)
    asking = Asking(book)
    form = asked = 0
    for interview in interviews(book, HOUSEHOLDS, seed=11):
        assert interview.verdict == interview.truth
        form, asked = form + interview.form, asked + len(interview.asked)
        for record, question in interview.asked:
            pair = asking.witness(record, question)
            assert pair is not None
            assert told(pair[0], book) != told(pair[1], book)
            _holds_to(record, pair[0])
            values = [_value(one, question.member).get(question.fact) for one in pair]
            assert answered(pair[0], book, question, values[1]) == pair[1]  # they differ in the answer alone
    assert 0 < asked <= MOST * form


def _holds_to(known: object, said: object) -> None:
    """What was known is as it was."""
    assert {**said.facts, **{k: v for k, v in known.facts.items() if v is not None}} == dict(said.facts)  # type: ignore[attr-defined]
    for row, other in zip(known.members, said.members, strict=True):  # type: ignore[attr-defined]
        assert {**other.facts, **{k: v for k, v in row.facts.items() if v is not None}} == dict(other.facts)


def _value(record: object, member: str) -> dict[str, object]:
    if not member:
        return dict(record.facts)  # type: ignore[attr-defined]
    return next(dict(row.facts) for row in record.members if row.id == member)  # type: ignore[attr-defined]
