"""Who has done what a question is about: documents are found, and each counts for the people behind it.

The voting model of Macdonald and Ounis (CIKM 2006) over TF-IDF, with feedback: words that the best documents
share are asked for as well (Rocchio 1971). One ranking goes by relevance alone. Those who have written most
stand high in it whatever is asked; a second one divides by the root of how much a person has done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from highground.methods.search.segmenting import words
from highground.methods.search.text import normalise

Person = TypeVar("Person", bound=Hashable)

FEEDBACK = 40
"""How many of the best documents say which words to ask for as well."""
VOTERS = 0.2
"""The share of the documents, the best, that count for their people."""
EVIDENCE = 3


@dataclass(frozen=True)
class Evidence(Generic[Person]):
    """A person who was found, her score, and the documents that speak most for her."""

    person: Person
    score: float
    documents: tuple[str, ...]


class ExpertFinder(Generic[Person]):
    """People by their documents: `documents` holds the texts, `people` who stands behind each, `language` theirs."""

    def __init__(
        self,
        documents: Mapping[str, str],
        people: Mapping[str, Collection[Person]],
        *,
        languages: Mapping[str, str] | str = "en",
    ) -> None:
        self._names = list(documents)
        self._places = {name: place for place, name in enumerate(self._names)}
        self._people = [list(dict.fromkeys(people.get(name, ()))) for name in self._names]
        cut = [
            Counter(words(normalise(text), languages if isinstance(languages, str) else languages[name]))
            for name, text in documents.items()
        ]
        self._held = Counter(word for counts in cut for word in counts)
        self._vectors = [self._weigh(counts) for counts in cut]
        self._lists = _inverted(self._vectors)

    def by_relevance(
        self, question: str, language: str, *, without: Collection[str] = ()
    ) -> list[Evidence[Person]]:
        """Everybody for whom a document speaks, best first; `without` names documents that don't count."""
        return self._ranked(question, language, without, normalised=False)

    def by_normalised_relevance(
        self, question: str, language: str, *, without: Collection[str] = ()
    ) -> list[Evidence[Person]]:
        """The same, divided by the root of how many documents a person stands behind."""
        return self._ranked(question, language, without, normalised=True)

    def by_output(self, *, without: Collection[str] = ()) -> list[Evidence[Person]]:
        """Everybody by the number of documents, whatever is asked: what a ranking must beat."""
        return [
            Evidence(person, float(count), ()) for person, count in _ordered(self._output(without).items())
        ]

    def _ranked(
        self, question: str, language: str, without: Collection[str], *, normalised: bool
    ) -> list[Evidence[Person]]:
        scores = self._scores(
            question, language, [self._places[name] for name in without if name in self._places]
        )
        voters = np.argsort(-scores, kind="stable")[: max(1, round(VOTERS * len(scores)))]
        votes: dict[Person, list[tuple[float, str]]] = {}
        for place in voters[scores[voters] > 0]:
            for person in self._people[place]:
                votes.setdefault(person, []).append((float(scores[place]), self._names[place]))
        output = self._output(without)
        total = {
            person: sum(score for score, _ in held) / (output[person] ** 0.5 if normalised else 1.0)
            for person, held in votes.items()
        }
        return [
            Evidence(person, score, tuple(name for _, name in votes[person][:EVIDENCE]))
            for person, score in _ordered(total.items())
        ]

    def _output(self, without: Collection[str]) -> Counter[Person]:
        left_out = set(without)
        return Counter(
            person
            for name, people in zip(self._names, self._people, strict=True)
            if name not in left_out
            for person in people
        )

    def _scores(self, question: str, language: str, left_out: Sequence[int]) -> NDArray[np.float64]:
        """How near each document is to the question and to what the best documents share."""
        asked = self._weigh(Counter(words(normalise(question), language)))
        scores = self._compare(asked, left_out)
        best = [place for place in np.argsort(-scores, kind="stable")[:FEEDBACK] if scores[place] > 0]
        shared: Counter[str] = Counter()
        for place in best:
            shared.update(self._vectors[place])
        return self._compare(_sum(asked, _unit(shared)), left_out)

    def _compare(self, asked: Mapping[str, float], left_out: Sequence[int]) -> NDArray[np.float64]:
        scores = np.zeros(len(self._names))
        for word, weight in asked.items():
            if word in self._lists:
                places, weights = self._lists[word]
                scores[places] += weight * weights
        scores[list(left_out)] = 0
        return scores

    def _weigh(self, counts: Mapping[str, int]) -> dict[str, float]:
        """TF-IDF of unit length; a word that only one document holds joins nothing and is left out."""
        total = len(self._names) + 1
        return _unit(
            {
                word: (1 + log(count)) * log(total / self._held[word])
                for word, count in counts.items()
                if self._held[word] > 1
            }
        )


def _ordered(scores: Collection[tuple[Person, float]]) -> list[tuple[Person, float]]:
    return sorted(scores, key=lambda item: (-item[1], str(item[0])))


def _inverted(
    vectors: Sequence[Mapping[str, float]],
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Of each word the places of the documents that hold it, and its weights there."""
    lists: dict[str, tuple[list[int], list[float]]] = {}
    for place, vector in enumerate(vectors):
        for word, weight in vector.items():
            places, weights = lists.setdefault(word, ([], []))
            places.append(place)
            weights.append(weight)
    return {word: (np.array(places), np.array(weights)) for word, (places, weights) in lists.items()}


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    length = sum(weight * weight for weight in vector.values()) ** 0.5
    return {word: weight / length for word, weight in vector.items()} if length else {}


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {word: one.get(word, 0.0) + other.get(word, 0.0) for word in one.keys() | other.keys()}
