"""What every index of words does with a query: ask in steps, the strictest first, until there are enough hits.

Passages that hold the query as it stands come first, then those that hold all of its words, then those that hold some
of them. Each step is ordered by BM25. How the passages are kept is the business of the index.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log
from typing import Generic, TypeVar

from highground.methods.search.fusing import fuse, without_repeats
from highground.methods.search.segmenting import GRAM, grams, holds, letters, words
from highground.methods.search.text import normalise

MOST_TERMS = 64
"""A longer query is asked with its rarest words only."""
COMMON = 0.1
"""A word in more than this share of the passages is left out of the last step if rarer ones remain."""
FEW = 1_000
"""Below this number of passages no word counts as common."""
LONGEST_PHRASE = 12
BATCH = 2_000

Place = TypeVar("Place", bound=Hashable)


@dataclass(frozen=True)
class Passage:
    """A text to be found: its key, the code of its language, what it says, and what it can be chosen by."""

    key: str
    language: str
    text: str
    facets: frozenset[str] = frozenset()
    """Words such as `country:LA`, by which a search is narrowed before it begins."""


@dataclass(frozen=True)
class Among:
    """Which passages are looked at: those in one of the languages, with all of the facets."""

    languages: tuple[str, ...] | None
    """None for all."""
    facets: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """True where no passage can be among them."""
        return self.languages is not None and not self.languages


class WordIndex(ABC, Generic[Place]):
    """Passages by their words. A place is what the index calls a passage."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def close(self) -> None:
        """Let the files go."""

    def refresh(self) -> None:
        """Look at what other processes have written, where that does not show by itself."""

    @abstractmethod
    def add(self, passages: Iterable[Passage], *, on_batch: Callable[[int], None] | None = None) -> int:
        """Take passages in, each in place of an older one with the same key; how many there were.

        One that the index holds as it is costs next to nothing. Written in batches: after an interruption what was
        written stays, and `missing` tells the rest.
        """

    @abstractmethod
    def remove(self, keys: Collection[str]) -> None:
        """Take passages out; keys that are not there are passed over."""

    @abstractmethod
    def text(self, keys: Collection[str]) -> dict[str, Passage]:
        """The passages of these keys, with their texts normalised."""

    @abstractmethod
    def languages(self) -> list[str]:
        """The languages of the passages."""

    @abstractmethod
    def keys_with(self, facets: Collection[str]) -> Iterator[str]:
        """The keys of all passages with all of the facets."""

    @abstractmethod
    def count_with(self, facets: Collection[str]) -> int:
        """How many `keys_with` gives."""

    def missing(self, keys: Iterable[str]) -> Iterator[str]:
        """Those of the keys that the index does not hold yet."""
        flow = iter(keys)
        while batch := list(islice(flow, BATCH)):
            held = self.text(batch)
            yield from (key for key in batch if key not in held)

    def search(
        self,
        query: str,
        language: str,
        *,
        limit: int = 10,
        among: Collection[str] | None = None,
        having: Collection[str] = (),
    ) -> list[str]:
        """The keys of the best passages, best first.

        `among` holds the languages that are looked at; `having` the facets that a passage must have.
        """
        keys, _exact = self.search_telling_exact(query, language, limit=limit, among=among, having=having)
        return keys

    def search_telling_exact(
        self,
        query: str,
        language: str,
        *,
        limit: int = 10,
        among: Collection[str] | None = None,
        having: Collection[str] = (),
    ) -> tuple[list[str], int]:
        """As `search`, and how many of the first keys hold the query as it stands; none for a query of many words."""
        text = normalise(query)
        terms = without_repeats(words(text, language))
        chosen = _among(among, having)
        if not terms or limit < 1 or chosen.is_nothing:
            return [], 0
        exact: list[Place] = without_repeats(self._exact(text, language, limit, chosen))
        found = exact
        for step in self._steps(terms):
            if len(found) >= limit:
                break
            found = without_repeats([*found, *step(limit, chosen)])
        return self._keys(found[:limit]), min(len(exact), limit)

    def covered(self, query: str, language: str, passages: Iterable[Passage]) -> dict[str, float]:
        """Which share of a query's words each passage holds, by its key; a word counts by its inverse document frequency.

        A longer word that begins with it will do (`segmenting.holds`).
        """
        total = len(self) + 1
        terms = without_repeats(words(normalise(query), language))
        weights = {term: log(total / (self._count(term) + 0.5)) for term in terms}
        whole = sum(weights.values()) or 1.0
        found = {}
        for passage in passages:
            text = passage.text.casefold()
            found[passage.key] = sum(weight for term, weight in weights.items() if holds(text, term)) / whole
        return found

    def naming(
        self,
        names: Collection[str],
        language: str,
        *,
        limit: int = 10,
        among: Collection[str] | None = None,
        having: Collection[str] = (),
    ) -> list[str]:
        """The keys of passages that hold one of the names as it stands, best first."""
        phrases = [cut for name in names if (cut := words(normalise(name), language))]
        chosen = _among(among, having)
        if not phrases or limit < 1 or chosen.is_nothing:
            return []
        return self._keys(self._with_any(phrases, limit, chosen))

    def _steps(self, terms: list[str]) -> Iterator[Callable[[int, Among], list[Place]]]:
        """The steps after the exact one, the strictest first; a step is asked only where those before found too little."""
        terms = self._rarest(terms)
        if len(terms) > 1:
            yield lambda limit, among: self._with_all(terms, limit, among)
        telling = [term for term in terms if not self._is_common(term)] or terms[:1]
        yield lambda limit, among: self._with_any([[term] for term in telling], limit, among)

    def _exact(self, text: str, language: str, limit: int, among: Among) -> list[Place]:
        """Passages that hold the query as it stands: word by word, or letter by letter where words are cut otherwise."""
        sequence, bare = words(text, language), letters(text)
        if len(sequence) > LONGEST_PHRASE:
            return []
        by_word = self._with_any([sequence], limit, among)
        if len(bare) < GRAM:
            by_letter = self._with_beginning(bare, limit, among)
        else:
            by_letter = self._with_grams(grams(bare), limit, among)
        return [place for place, _ in fuse({"words": by_word, "letters": by_letter})]

    def _rarest(self, terms: list[str]) -> list[str]:
        """The terms that some passage holds, rarest first, at most MOST_TERMS; the first term if none is held."""
        known = sorted((term for term in terms if self._count(term)), key=self._count)
        return known[:MOST_TERMS] or terms[:1]

    def _is_common(self, term: str) -> bool:
        total = len(self)
        return total >= FEW and self._count(term) > COMMON * total

    @abstractmethod
    def _with_all(self, terms: Sequence[str], limit: int, among: Among) -> list[Place]:
        """Passages that hold all of the words, best BM25 first."""

    @abstractmethod
    def _with_any(self, phrases: Sequence[Sequence[str]], limit: int, among: Among) -> list[Place]:
        """Passages that hold one of the runs of words, best BM25 first."""

    @abstractmethod
    def _with_grams(self, run: Sequence[str], limit: int, among: Among) -> list[Place]:
        """Passages that hold the runs of letters one after another, best BM25 first."""

    @abstractmethod
    def _with_beginning(self, beginning: str, limit: int, among: Among) -> list[Place]:
        """Passages with a run of letters that begins so."""

    @abstractmethod
    def _count(self, term: str) -> int:
        """How many passages hold a word."""

    @abstractmethod
    def _keys(self, places: Sequence[Place]) -> list[str]:
        """The keys of places, in their order."""


def _among(languages: Collection[str] | None, facets: Collection[str]) -> Among:
    return Among(None if languages is None else tuple(sorted(languages)), tuple(sorted(facets)))


def same(held: Passage | None, passage: Passage) -> bool:
    """True where an index that holds the first need not take the second."""
    return (
        held is not None
        and held.text == normalise(passage.text)
        and (held.language, held.facets) == (passage.language, passage.facets)
    )
