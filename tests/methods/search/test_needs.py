"""Our own gold set: what is judged exists, what the rankers place first is judged, and the measure is that of the book."""

from __future__ import annotations

from math import log2

import pytest

from highground.methods.search.evaluating.needs import (
    POOL_DEPTH,
    VOTING,
    glossed,
    load_needs,
    need_figures,
    practice_passages,
    rankers,
)
from highground.methods.search.glossary import LANGUAGES, SAME
from highground.methods.search.index import ANSWER, LEXICAL, Index
from highground.methods.search.lexical import LexicalIndex
from highground.methods.search.measures import graded_ndcg


def by_words() -> Index:
    lexical = LexicalIndex()
    lexical.add(practice_passages())
    return glossed(Index(lexical))


def test_sixty_needs_in_every_language_with_grades_for_practices_that_exist() -> None:
    needs, codes = load_needs(), {passage.key.split("/")[0] for passage in practice_passages()}
    assert len({need.text for need in needs}) == 60
    assert {need.language for need in needs} == {SAME.get(each, each) for each in LANGUAGES}
    assert all(need.grades.keys() <= codes for need in needs)
    assert all(2 in need.grades.values() for need in needs)


@pytest.mark.parametrize("name", [LEXICAL, VOTING])
def test_nearly_all_that_is_placed_first_was_judged(name: str) -> None:
    """A ranking that changes brings up practices that nobody judged: then its figures mean less, and this says so."""
    ranker = rankers(by_words())[name]
    first = [(need, code) for need in load_needs() for code in ranker(need.text, need.language)[:POOL_DEPTH]]
    assert sum(code in need.grades for need, code in first) > 0.95 * len(first)


def test_the_glossary_finds_what_words_alone_do_not() -> None:
    figures = need_figures(by_words(), [LEXICAL, ANSWER, "dense"])
    assert figures.keys() == {LEXICAL, ANSWER}
    assert figures[ANSWER]["nDCG@10"]["mean"] > figures[LEXICAL]["nDCG@10"]["mean"] + 0.1
    assert figures[LEXICAL]["nDCG@10"]["en"] > 0.7


def test_graded_gain() -> None:
    grades = {"a": 2, "b": 1, "c": 0}
    assert graded_ndcg(["a", "b"], grades) == graded_ndcg(["a", "b", "c", "d"], grades) == 1
    assert graded_ndcg(["b", "x", "a"], grades) == pytest.approx((1 + 3 / log2(4)) / (3 + 1 / log2(3)))
    assert graded_ndcg(["c"], {"c": 0}) == 0
