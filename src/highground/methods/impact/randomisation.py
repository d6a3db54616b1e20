"""Randomisation inference: what would have been seen had other villages been treated.

Fisher (1935); for few treated clusters MacKinnon and Webb (2020, Journal of Econometrics 218(2)). Assignments are those
possible within the blocks: villages of one country are exchanged with villages of the same country only. Where villages
were not drawn by lot the p value is that of a permutation under exchangeability, and must be called so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from highground.methods.impact.regression import Floats, ImpactError, codes_of
from highground.methods.impact.results import EXCHANGEABLE

Bools = NDArray[np.bool_]
SIDES = ("greater", "less", "two")
EXACT = 200_000
"""Assignments up to which all of them are gone through."""


@dataclass(frozen=True)
class Randomised:
    """An effect and its p value. `assignments` are those possible; `exact` says whether all were gone through.

    `error` is the standard error of a p value from `draws` drawn assignments. `smallest_p` is the smallest p value that
    these assignments can give: where it is above the level that is asked for, nothing can be shown.
    """

    effect: float
    p: float
    sides: str
    assignments: int
    exact: bool
    draws: int
    error: float
    smallest_p: float
    villages: int
    treated_villages: int
    method: str = "randomisation inference within blocks"
    assumes: str = EXCHANGEABLE


def assignments(treated: Sequence[bool] | Bools, blocks: Sequence[Any] | None = None) -> int:
    """In how many ways as many villages of each block could have been treated."""
    chosen, codes, count = _villages(treated, blocks)
    return math.prod(
        math.comb(int((codes == block).sum()), int(chosen[codes == block].sum())) for block in range(count)
    )


def randomisation_test(
    change: Sequence[float] | Floats,
    treated: Sequence[bool] | Bools,
    *,
    blocks: Sequence[Any] | None = None,
    sides: str = "two",
    draws: int = 9_999,
    seed: int = 0,
) -> Randomised:
    """The difference between treated and other villages in `change` (one value for each), and its p value.

    The effect is the mean over treated villages of their change less that of the others of their block. `sides`:
    `greater`, `less` or `two`. All assignments are gone through if there are at most 200,000, else `draws` are drawn.

    Raises ImpactError for a missing change, for blocks in which nobody or everybody is treated, and for other `sides`.
    """
    if sides not in SIDES:
        raise ImpactError(f"sides is one of {', '.join(SIDES)}, not {sides!r}")
    values, chosen, codes, count = _changes(change, treated, blocks)
    effect = float(effects_of(values, codes, count, chosen[None, :])[0])
    possible = assignments(chosen, codes.tolist())
    smallest = smallest_p(chosen, codes.tolist(), sides)
    told = _under_chance(values, chosen, codes, count, draws, seed)
    counts = len(chosen), int(chosen.sum())
    if possible <= EXACT:
        p = float(as_large(told, effect, sides).mean())
        return Randomised(effect, p, sides, possible, True, possible, 0.0, smallest, *counts)
    p = float((as_large(told, effect, sides).sum() + 1) / (draws + 1))  # the one that was seen is among them
    error = math.sqrt(p * (1 - p) / draws)
    return Randomised(effect, p, sides, possible, False, draws, error, smallest, *counts)


def effect_within_blocks(
    change: Sequence[float] | Floats, treated: Sequence[bool] | Bools, *, blocks: Sequence[Any] | None = None
) -> float:
    """The effect alone, as `randomisation_test` has it, without its p value. Raises as it does."""
    values, chosen, codes, count = _changes(change, treated, blocks)
    return float(effects_of(values, codes, count, chosen[None, :])[0])


def effects_under_chance(
    change: Sequence[float] | Floats,
    treated: Sequence[bool] | Bools,
    *,
    blocks: Sequence[Any] | None = None,
    draws: int = 9_999,
    seed: int = 0,
) -> Floats:
    """The effect that each assignment would have given: what `randomisation_test` compares with, for a picture.

    One value for each of the assignments, or for each of `draws` where there are more than 200,000. Raises as it does.
    """
    values, chosen, codes, count = _changes(change, treated, blocks)
    return _under_chance(values, chosen, codes, count, draws, seed)


def smallest_p(
    treated: Sequence[bool] | Bools, blocks: Sequence[Any] | None = None, sides: str = "greater"
) -> float:
    """The smallest p value that the assignments of a design can give. Raises as `assignments`.

    Two-sided, an assignment and its mirror image, if it has one, are equally far out.
    """
    if sides not in SIDES:
        raise ImpactError(f"sides is one of {', '.join(SIDES)}, not {sides!r}")
    chosen, codes, count = _villages(treated, blocks)
    halves = all(2 * chosen[codes == block].sum() == (codes == block).sum() for block in range(count))
    return min(1.0, (2 if sides == "two" and halves else 1) / assignments(chosen, codes.tolist()))


def _changes(
    change: Sequence[float] | Floats, treated: Sequence[bool] | Bools, blocks: Sequence[Any] | None
) -> tuple[Floats, Bools, NDArray[np.int64], int]:
    chosen, codes, count = _villages(treated, blocks)
    values = np.asarray(change, np.float64)
    if len(values) != len(chosen):
        raise ImpactError(f"there are {len(values)} changes and {len(chosen)} villages")
    if np.isnan(values).any():
        raise ImpactError(
            f"{int(np.isnan(values).sum())} villages have no change; leave them out, and say so"
        )
    if np.isinf(values).any():
        raise ImpactError(f"{int(np.isinf(values).sum())} villages have an infinite change; give numbers")
    return values, chosen, codes, count


def _under_chance(
    values: Floats, chosen: Bools, codes: NDArray[np.int64], count: int, draws: int, seed: int
) -> Floats:
    if assignments(chosen, codes.tolist()) <= EXACT:
        return _every(values, chosen, codes, count)
    some = _drawn(chosen, codes, count, draws, np.random.default_rng(seed))
    return np.concatenate([effects_of(values, codes, count, rows) for rows in some])


def _villages(
    treated: Sequence[bool] | Bools, blocks: Sequence[Any] | None
) -> tuple[Bools, NDArray[np.int64], int]:
    chosen = np.asarray(treated, bool)
    if not len(chosen):
        raise ImpactError("there are no villages")
    codes, count = codes_of(np.zeros(len(chosen)) if blocks is None else list(blocks), len(chosen))
    for block in range(count):
        inside = chosen[codes == block]
        if inside.all() or not inside.any():
            name = (
                "among the villages"
                if blocks is None
                else f"in block {list(blocks)[int(np.argmax(codes == block))]!r}"
            )
            raise ImpactError(
                f"{'everybody' if inside.all() else 'nobody'} {name} is treated: there is nobody to compare with;"
                " add villages, or merge blocks if their villages may be exchanged"
            )
    return chosen, codes, count


def effects_of(values: Floats, codes: NDArray[np.int64], count: int, chosen: Bools) -> Floats:
    """The effect under each of some assignments (one in each row of `chosen`)."""
    total, effect = chosen.sum(axis=1), np.zeros(len(chosen))
    for block in range(count):
        inside = codes == block
        mine, own = chosen[:, inside], values[inside]
        n = mine.sum(axis=1)
        treated = mine @ own
        effect += treated - n * (own.sum() - treated) / (inside.sum() - n)
    found: Floats = effect / total
    return found


def as_large(told: Floats, effect: float, sides: str) -> Bools:
    slack = 1e-12 * max(1.0, abs(effect))  # sums in another order are not another value
    if sides == "greater":
        return told >= effect - slack
    if sides == "less":
        return told <= effect + slack
    return np.abs(told) >= abs(effect) - slack


def _every(values: Floats, chosen: Bools, codes: NDArray[np.int64], count: int) -> Floats:
    """The effect of every assignment.

    It is a sum over blocks, so each block is gone through by itself and the sums of all pairs are taken: of 216
    assignments in three blocks 18 are looked at.
    """
    told = np.zeros(1)
    for block in range(count):
        inside = codes == block
        own, n = values[inside], int(chosen[inside].sum())
        few = min(n, len(own) - n)
        picked = own[_ways(len(own), few)].sum(axis=1)
        treated = picked if few == n else own.sum() - picked
        told = np.add.outer(told, treated - n * (own.sum() - treated) / (len(own) - n)).ravel()
    found: Floats = told / chosen.sum()
    return found


@lru_cache(maxsize=8)
def _ways(villages: int, few: int) -> NDArray[np.int32]:
    """Every way to pick a few of some villages, one in each row, as their places."""
    ways = math.comb(villages, few)
    flat = chain.from_iterable(combinations(range(villages), few))
    found = np.fromiter(flat, np.int32, ways * few).reshape(ways, few)
    found.flags.writeable = False  # it is handed out again
    return found


def _drawn(
    chosen: Bools, codes: NDArray[np.int64], count: int, draws: int, chance: np.random.Generator
) -> Iterator[Bools]:
    places = [np.flatnonzero(codes == block) for block in range(count)]
    for start in range(0, draws, 1_000):
        some = np.zeros((min(1_000, draws - start), len(chosen)), bool)
        for place in places:
            order = np.argsort(chance.random((len(some), len(place))), axis=1)[:, : int(chosen[place].sum())]
            np.put_along_axis(some, place[order], True, axis=1)
        yield some
