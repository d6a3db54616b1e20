"""The same text in many languages: does a passage find itself in another language, and do two of its words find it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from highground.methods.search.evaluating.reading import Parallel, Place
from highground.methods.search.index import Searcher
from highground.methods.search.lexical import Passage
from highground.methods.search.measures import found, mean, means, ndcg
from highground.methods.search.segmenting import letters, pieces
from highground.methods.search.text import normalise

MOST_WITH_PAIR = 5


def key_of(language: str, place: Place) -> str:
    """The key of a passage in the index."""
    return f"{language}/{place[0]}/{place[1]}"


def passages_of(texts: Parallel) -> list[Passage]:
    """Every passage that all languages have."""
    places = texts.shared()
    return [
        Passage(key_of(language, place), language, held[place])
        for language, held in texts.passages.items()
        for place in places
    ]


def first_hits(searcher: Searcher, texts: Parallel, arm: str, places: Iterable[Place]) -> dict[str, float]:
    """Acc@1: how often the first hit in another language is the same passage.

    Of each language the mean over its partners, asking and being asked; of all languages the mean. Empty for one language.
    """
    places, languages = list(places), list(texts.passages)
    right = {
        (asking, asked): mean(
            _like(searcher, texts, arm, asking, place, [asked], 1) == [key_of(asked, place)]
            for place in places
        )
        for asking in languages
        for asked in languages
        if asking != asked and places
    }
    return with_mean(
        {language: [value for pair, value in right.items() if language in pair] for language in languages}
    )


def mixed_pool(searcher: Searcher, texts: Parallel, arm: str, places: Iterable[Place]) -> dict[str, float]:
    """nDCG@10 where the passages of all other languages are one pool, by language of the passage that asks.

    Empty for one language.
    """
    places, by_language = list(places), {}
    for language in texts.passages:
        others = [other for other in texts.passages if other != language]
        by_language[language] = [
            ndcg(
                _like(searcher, texts, arm, language, place, others, 10),
                {key_of(other, place) for other in others},
            )
            for place in places
            if others
        ]
    return with_mean(by_language)


def word_pairs(texts: Mapping[Place, str], language: str, places: Sequence[Place]) -> dict[str, set[Place]]:
    """Every two words that stand side by side in at most MOST_WITH_PAIR passages: as written, and where.

    In the order in which they are first met. What is asked is the text from the first word to the end of the second.
    """
    written: dict[tuple[str, str], str] = {}
    where: dict[tuple[str, str], set[Place]] = {}
    for place in places:
        text, spans, at = normalise(texts[place]), [], 0
        for piece, is_word in pieces(text, language):
            if is_word:
                spans.append((at, at + len(piece)))
            at += len(piece)
        for (begin, middle), (start, end) in pairwise(spans):
            pair = letters(text[begin:middle]), letters(text[start:end])
            written.setdefault(pair, text[begin:end])
            where.setdefault(pair, set()).add(place)
    return {written[pair]: held for pair, held in where.items() if len(held) <= MOST_WITH_PAIR}


def all_word_pairs(texts: Parallel) -> list[str]:
    """What `short_queries` asks, in all languages."""
    places = texts.shared()
    return [
        query for language, held in texts.passages.items() for query in word_pairs(held, language, places)
    ]


def short_queries(searcher: Searcher, texts: Parallel, arm: str) -> dict[str, float]:
    """found@10 of the word pairs of each language, among the passages of that language; none for a language without pairs."""
    places, by_language = texts.shared(), {}
    for language, held in texts.passages.items():
        asked = word_pairs(held, language, places)
        by_language[language] = [
            found(
                searcher.search(query, language, arm=arm, limit=10, among=[language]),
                {key_of(language, place) for place in where},
            )
            for query, where in asked.items()
        ]
    return with_mean(by_language)


def with_mean(values: Mapping[str, Iterable[float]]) -> dict[str, float]:
    """The mean of each language that has values, and the mean of these means."""
    by_language = means(values)
    return by_language | means({"mean": by_language.values()})


def _like(
    searcher: Searcher, texts: Parallel, arm: str, language: str, place: Place, among: list[str], limit: int
) -> list[str]:
    """The passages most like one of them."""
    text = texts.passages[language][place]
    return searcher.search(text, language, arm=arm, limit=limit, among=among, like=True)
