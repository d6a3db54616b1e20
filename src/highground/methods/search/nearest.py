"""The passages nearest to a query's vector: each compared, or a graph of neighbours followed where there are many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from highground.methods.search.approximate import BRUTE_FORCE, NeighbourGraph, Numbers, is_installed
from highground.methods.search.embedding import Vectors
from highground.methods.search.errors import SearchError
from highground.methods.search.vectors import VectorStore, joined_means, means_of

COMPARED_AGAIN = 4
"""How many times more a graph is asked for, because it orders by vectors in steps of a 127th: these are compared exactly."""
WIDER = 8
"""How many times more a graph is asked for when too few of what it gave are among the chosen."""
WIDEST = 10_000
SAVED_EVERY = 100_000
"""Vectors after which a graph that is being built is saved."""

Scored = list[tuple[str, float]]


class Chosen(Protocol):
    """The passages that a search is narrowed to."""

    def count(self) -> int:
        """How many there are."""
        ...

    def keys(self) -> Collection[str]:
        """All of them."""
        ...

    def keep(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that are among them."""
        ...


class _Block(Protocol):
    """The passages of one language."""

    @property
    def mean(self) -> Vectors: ...

    def nearest(self, asked: Vectors, own: bool, limit: int, chosen: Chosen | None) -> Scored: ...


class _Compared:
    """Vectors of which each is compared with the query."""

    def __init__(self, keys: Sequence[str], rows: Vectors, mean: Vectors) -> None:
        self.keys, self.rows, self.mean = keys, rows, mean
        self._norms = np.linalg.norm(rows - mean, axis=1).clip(1e-6)
        self._places: dict[str, int] = {}

    def nearest(self, asked: Vectors, own: bool, limit: int, chosen: Chosen | None) -> Scored:
        scores = self.rows @ asked
        if not own:
            scores = (scores - self.mean @ asked) / self._norms
        if chosen is None:
            places = np.argpartition(-scores, min(limit, len(scores)) - 1)[:limit]
        else:
            inside = self._inside(chosen.keys())
            places = inside[np.argsort(-scores[inside], kind="stable")[:limit]]
        return [(self.keys[place], float(scores[place])) for place in places]

    def _inside(self, keys: Collection[str]) -> Numbers:
        if not self._places:
            self._places = {key: place for place, key in enumerate(self.keys)}
        return np.array([self._places[key] for key in keys if key in self._places], dtype=np.int64)


@dataclass(frozen=True)
class _Followed:
    """Vectors in a graph, without their mean. `keys_of` names numbers, `numbers_of` finds those of keys, `rows_of` the exact
    vectors of those that are still there."""

    graph: NeighbourGraph
    mean: Vectors
    keys_of: Callable[[Sequence[int]], Mapping[int, str]]
    numbers_of: Callable[[Sequence[str]], Mapping[int, str]]
    rows_of: Callable[[Numbers], tuple[Numbers, Vectors]]
    brute_force: int

    def nearest(self, asked: Vectors, own: bool, limit: int, chosen: Chosen | None) -> Scored:
        looked_for = asked - self.mean if own else asked
        if chosen is not None and chosen.count() <= self.brute_force:
            return self._compared(looked_for, limit, chosen)
        wanted = COMPARED_AGAIN * limit
        while True:
            found = self._exactly(looked_for, self.graph.nearest(looked_for, min(wanted, len(self.graph))))
            names = self.keys_of([number for number, _ in found])
            kept = chosen.keep(list(names.values())) if chosen is not None else set(names.values())
            scored = [(names[number], score) for number, score in found if names.get(number) in kept]
            if len(scored) >= limit or wanted >= min(len(self.graph), WIDEST):
                return scored[:limit]
            wanted *= WIDER

    def _exactly(self, looked_for: Vectors, found: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """The numbers that the graph gave with their exact scores, best first."""
        numbers, rows = self.rows_of(np.array([number for number, _ in found], dtype=np.int64))
        rows = rows - self.mean
        scores = rows @ looked_for / np.linalg.norm(rows, axis=1).clip(1e-6)
        order = np.argsort(-scores, kind="stable")
        return [(int(numbers[place]), float(scores[place])) for place in order]

    def _compared(self, looked_for: Vectors, limit: int, chosen: Chosen) -> Scored:
        """The few that are chosen, each compared."""
        names = self.numbers_of(list(chosen.keys()))
        if not names:
            return []
        numbers = np.array(list(names), dtype=np.int64)
        scores = self.graph.rows(numbers) @ looked_for
        best = np.argsort(-scores, kind="stable")[:limit]
        return [(names[int(numbers[place])], float(scores[place])) for place in best]


class NearestPassages:
    """Every vector of a language compared with the query, or a graph of neighbours followed where there are many.

    `means` are those of `means_of`, of the blocks themselves if none are given; `brute_force` is the number of
    vectors of a language up to which each is compared. Without the package `usearch` each is compared always.
    """

    def __init__(
        self,
        blocks: Mapping[str, tuple[Sequence[str], Vectors]],
        *,
        means: Mapping[str, Vectors] | None = None,
        brute_force: int = BRUTE_FORCE,
    ) -> None:
        self._means = means_of(blocks) if means is None else dict(means)
        self._blocks: dict[str, _Block] = {}
        for language, (keys, vectors) in blocks.items():
            many = len(keys) > brute_force and is_installed()
            make = self._followed if many else _Compared
            self._blocks[language] = make(keys, vectors, self._mean(language))

    def search(
        self,
        vector: Vectors,
        language: str,
        *,
        limit: int = 10,
        among: Collection[str] | None = None,
        chosen: Chosen | None = None,
    ) -> list[str]:
        """The keys nearest to a query's vector, nearest first.

        `among` holds the languages that are looked at, and `chosen` the passages; both narrow the search before it begins.
        Within the query's own language nothing is taken off: there is no other corner to compare with.
        """
        blocks = dict(self._blocks)
        looked_at = [each for each in blocks if among is None or each in among]
        if not looked_at or limit < 1:
            return []
        own = looked_at == [language]
        asked = vector if own else vector - self._mean(language)
        found = [blocks[each].nearest(asked, own, limit, chosen) for each in looked_at]
        best = sorted((pair for pairs in found for pair in pairs), key=lambda pair: (-pair[1], pair[0]))
        return [key for key, _ in best[:limit]]

    def _mean(self, language: str) -> Vectors:
        return self._means[language] if language in self._means else self._means[""]

    def _followed(self, keys: Sequence[str], vectors: Vectors, mean: Vectors) -> _Block:
        graph = NeighbourGraph(vectors.shape[1])
        graph.add(np.arange(len(keys)), vectors - mean)
        places = {key: place for place, key in enumerate(keys)}
        return _Followed(
            graph,
            mean,
            lambda numbers: {number: keys[number] for number in numbers},
            lambda some: {places[key]: key for key in some if key in places},
            lambda numbers: (numbers, vectors[numbers]),
            0,
        )


class StoredPassages(NearestPassages):
    """The nearest among the vectors of a store, kept up to date by what is new in it.

    A graph lies in a file beside the store and is completed from it; `say(done, whole)` is told how far that is. With
    `save` what was completed is written, some at a time, so that after an interruption it goes on from there.
    """

    def __init__(
        self,
        store: VectorStore,
        *,
        brute_force: int = BRUTE_FORCE,
        save: bool = False,
        say: Callable[[int, int], None] | None = None,
    ) -> None:
        self._store, self._seen = store, store.last_number()
        counts = store.counts()
        large = {each for each, count in counts.items() if count > brute_force and is_installed()}
        compared = {each: store.block(each) for each in counts if each not in large}
        self._large_means = {each: (counts[each], store.mean(each)) for each in large}
        self._blocks = {}
        self._set(compared)
        for each in large:
            graph = self._graph(each, save, say)
            numbers_of = partial(store.numbers_of, each)
            self._blocks[each] = _Followed(
                graph, self._mean(each), store.keys_of, numbers_of, store.rows_of, brute_force
            )

    def catch_up(self, gone: Collection[str] = ()) -> None:
        """Take in what the store got since, and leave out what it lost."""
        new = self._store.newer(self._seen)
        out = set(gone) | {key for _, keys, _ in new.values() for key in keys}
        compared = {}
        for language, block in self._blocks.items():
            if isinstance(block, _Compared):
                compared[language] = _without(block, out)
        for language, (numbers, keys, rows) in new.items():
            followed = self._blocks.get(language)
            if isinstance(followed, _Followed):
                followed.graph.add(numbers, rows - followed.mean)
            else:
                held = compared.get(language, ([], rows[:0]))
                compared[language] = ([*held[0], *keys], np.concatenate([held[1], rows]))
            self._seen = max(self._seen, int(numbers[-1]))
        if out:
            self._set(compared)

    def _set(self, compared: Mapping[str, tuple[Sequence[str], Vectors]]) -> None:
        """Put the compared blocks in place, with the means that they have now."""
        held = {language: block for language, block in compared.items() if len(block[0])}
        own = {language: (len(rows), rows.mean(0)) for language, (_, rows) in held.items()}
        self._means = joined_means(own | self._large_means)
        followed = {language: block for language, block in self._blocks.items() if language not in compared}
        self._blocks = followed | {
            language: _Compared(keys, rows, self._mean(language)) for language, (keys, rows) in held.items()
        }

    def _graph(self, language: str, save: bool, say: Callable[[int, int], None] | None) -> NeighbourGraph:
        graph, store = NeighbourGraph(self._store.dimensions), self._store
        path = store.path.with_suffix(f".{language}.graph") if store.path else None
        if path is not None and path.exists():
            try:
                graph.load(path)
            except SearchError:
                path.unlink()
                graph = NeighbourGraph(store.dimensions)
        numbers, mean, since = store.numbers(language), self._mean(language), 0
        held = graph.numbers
        if len(gone := np.setdiff1d(held, numbers)):
            graph.remove(gone)
        missing = np.setdiff1d(numbers, held)
        for some, rows in store.read(missing):
            graph.add(some, rows - mean)
            since += len(some)
            if say:
                say(len(graph), len(numbers))
            if save and path is not None and since >= SAVED_EVERY:
                graph.save(path)
                since = 0
        if save and path is not None and (since or len(gone)):
            graph.save(path)
        return graph


def _without(block: _Compared, gone: Collection[str]) -> tuple[list[str], Vectors]:
    if not gone:
        return list(block.keys), block.rows
    kept = [place for place, key in enumerate(block.keys) if key not in gone]
    return [block.keys[place] for place in kept], block.rows[kept]
