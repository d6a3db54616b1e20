"""Questions and the paragraphs that answer them, within a language and across."""

from __future__ import annotations

from highground.methods.search.evaluating.reading import Questions
from highground.methods.search.index import Searcher
from highground.methods.search.lexical import Passage
from highground.methods.search.measures import means, ndcg


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

    A question counts for a pair where both languages hold its id; a pair without questions has no figure.
    """
    within, across = dict[str, list[float]](), dict[str, list[float]]()
    for asking, questions in texts.asked.items():
        for answering, answered in texts.answered.items():
            values = [
                ndcg(
                    searcher.search(question, asking, arm=arm, limit=10, among=[answering]),
                    {key_of(answering, answered[name])},
                )
                for name, question in questions.items()
                if name in answered
            ]
            if asking == answering:
                within[asking] = values
            else:
                across[pair_of(asking, answering)] = values
    by_language, by_pair = means(within), means(across)
    every = {**by_language, **by_pair}
    return every | means(
        {"mean": every.values(), "mean within": by_language.values(), "mean across": by_pair.values()}
    )


def pair_of(asking: str, answering: str) -> str:
    """What questions of one language and paragraphs of another are called."""
    return f"{asking}-{answering}"


def keys_of(texts: Questions) -> list[str]:
    """Every language, and every pair of two."""
    languages = list(texts.asked)
    return languages + [pair_of(one, other) for one in languages for other in languages if one != other]
