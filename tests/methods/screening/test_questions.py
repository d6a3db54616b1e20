"""Random households under the shipped rulebooks: the same verdict as by the full form, with far fewer questions."""

from __future__ import annotations

import pytest

from highground.methods.rules import list_rulebooks, load_rulebook
from highground.methods.rules.asking import Asking, candidates
from tests.methods.rules.households import expression_book, record
from tests.support.asking import interviews, proven

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
        assert all(proven(asking, record, question) for record, question in interview.asked)
    assert 0 < asked <= MOST * form


def test_a_fact_that_only_seems_to_matter_is_not_proven() -> None:
    book = expression_book(poor="income_wage_12m - income_wage_12m + income_property_12m > 100")
    unknown = record(book, {"income_property_12m": 200})
    (seeming,) = candidates(unknown, book)
    assert not proven(Asking(book), unknown, seeming)
