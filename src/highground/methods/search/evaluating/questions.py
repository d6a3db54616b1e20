"""Questions and the paragraphs that answer them, within a language and across."""

from __future__ import annotations

from highground.methods.search.evaluating.reading import Questions
from highground.methods.search.index import Searcher
from highground.methods.search.lexical import Passage
from highground.methods.search.measures import mean, ndcg


def key_of(language: str, number: int) -> str:
    """The key of a paragraph in the index."""
    return f"{language}/{number}"


def paragraphs_of(texts: Questions) -> list[Passage]:
    """Every paragraph of every language."""
    return [
        Passage(key_of(language, number), language, paragraph)
        for language, held in texts.paragraphs.items()
        for number, paragraph in enumerate(held)
    ]


def answers(searcher: Searcher, texts: Questions, arm: str) -> dict[str, float]:
    """nDCG@10 by language, or by pair `question-paragraph`; the means within and across languages.

    A question counts for a pair where both languages hold its id.
    """
    within, across = {}, {}
    for asking, questions in texts.asked.items():
        for answering, answered in texts.answered.items():
            value = mean(
                ndcg(
                    searcher.search(question, asking, arm=arm, limit=10, among=[answering]),
                    {key_of(answering, answered[name])},
                )
                for name, question in questions.items()
                if name in answered
            )
            if asking == answering:
                within[asking] = value
            else:
                across[f"{asking}-{answering}"] = value
    every = {**within, **across}
    return {**every, "mean": mean(every.values()), **_means(within, across)}


def _means(within: dict[str, float], across: dict[str, float]) -> dict[str, float]:
    found = {"mean within": mean(within.values())}
    return found | {"mean across": mean(across.values())} if across else found
