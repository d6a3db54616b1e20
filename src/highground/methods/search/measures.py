"""How good a ranking is. Every measure is between 0 and 1, and 1 is best."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from math import log2

DEPTH = 10


def ndcg(ranking: Sequence[Hashable], relevant: Collection[Hashable], depth: int = DEPTH) -> float:
    """Normalised discounted cumulative gain with yes-or-no relevance (Järvelin and Kekäläinen 2002).

    0 where nothing is relevant.
    """
    gained = sum(1 / log2(rank + 2) for rank, key in enumerate(ranking[:depth]) if key in relevant)
    best = sum(1 / log2(rank + 2) for rank in range(min(depth, len(relevant))))
    return gained / best if best else 0.0


def graded_ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int = DEPTH) -> float:
    """Normalised discounted cumulative gain where a key of grade g gains 2^g - 1 (Burges et al. 2005).

    A key without a grade gains nothing; 0 where nothing has one.
    """
    best = sorted(grades.values(), reverse=True)[:depth]
    gained = sum((2 ** grades.get(key, 0) - 1) / log2(rank + 2) for rank, key in enumerate(ranking[:depth]))
    whole = sum((2**grade - 1) / log2(rank + 2) for rank, grade in enumerate(best))
    return gained / whole if whole else 0.0


def average_precision(ranking: Sequence[Hashable], relevant: Collection[Hashable]) -> float:
    """The mean of the precision at each relevant key; one that the ranking does not hold counts 0."""
    hits, total = 0, 0.0
    for rank, key in enumerate(ranking, start=1):
        if key in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant) if relevant else 0.0


def precision(ranking: Sequence[Hashable], relevant: Collection[Hashable], depth: int = DEPTH) -> float:
    """The share of the first `depth` places that hold a relevant key."""
    return sum(key in relevant for key in ranking[:depth]) / depth


def found(ranking: Sequence[Hashable], relevant: Collection[Hashable], depth: int = DEPTH) -> float:
    """1 if a relevant key stands in the first `depth` places, else 0."""
    return float(any(key in relevant for key in ranking[:depth]))


def means(values: Mapping[str, Iterable[float]]) -> dict[str, float]:
    """The mean of each key; a key with nothing to take it of has none, because it would be no measurement."""
    held = {key: list(each) for key, each in values.items()}
    return {key: mean(each) for key, each in held.items() if each}


def mean(values: Iterable[float]) -> float:
    """The mean; 0 for nothing."""
    held = list(values)
    return sum(held) / len(held) if held else 0.0
