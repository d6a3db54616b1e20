"""One ranking out of several."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

RANK_CONSTANT = 60
"""Cormack, Clarke and Büttcher (SIGIR 2009)."""


def fuse(
    rankings: Mapping[str, Sequence[Key]], *, weigh: Callable[[str, Key], float] | None = None
) -> list[tuple[Key, float]]:
    """Reciprocal-rank fusion: each key with the sum of weight / (60 + rank) over the rankings that hold it.

    `weigh` says what a key of a ranking weighs, by the ranking's name; 1 if it is not given.

    Best first; keys with the same sum keep the order in which they were first met.
    """
    scores: dict[Key, float] = {}
    for name, ranking in rankings.items():
        for rank, key in enumerate(ranking, start=1):
            weight = 1.0 if weigh is None else weigh(name, key)
            scores[key] = scores.get(key, 0.0) + weight / (RANK_CONSTANT + rank)
    return sorted(scores.items(), key=lambda item: -item[1])


def without_repeats(keys: Iterable[Key]) -> list[Key]:
    """The keys in order, each once."""
    return list(dict.fromkeys(keys))
