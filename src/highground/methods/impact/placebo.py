"""What a test does where nothing was done: placebo villages, and a known effect added to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from highground.methods.impact.randomisation import SIDES, as_large, effects_of
from highground.methods.impact.regression import Floats, ImpactError

PERMUTATIONS = 499


def placebo_rejections(
    changes: Sequence[float] | Floats,
    treated: int,
    others: int,
    *,
    effect: float = 0.0,
    level: float = 0.05,
    sides: str = "two",
    draws: int = 2_000,
    seed: int = 0,
) -> float:
    """How often randomisation inference finds an effect between villages drawn from `changes`, in which there is none.

    In each of `draws`, `treated` villages and as many `others` are drawn without replacement, and `effect` is added to
    the treated. Without an effect the share is the test's size, with one its power.

    Raises ImpactError where there are fewer villages than are drawn.
    """
    values = np.asarray(changes, np.float64)
    if treated < 1 or others < 1 or treated + others > len(values):
        raise ImpactError(f"{treated} and {others} villages cannot be drawn from {len(values)}")
    if sides not in SIDES:
        raise ImpactError(f"sides is one of {', '.join(SIDES)}, not {sides!r}")
    chance = np.random.default_rng(seed)
    whole = treated + others
    first = np.arange(whole) < treated
    one = np.zeros(whole, np.int64)
    found = 0
    for _ in range(draws):
        drawn = values[chance.permutation(len(values))[:whole]] + effect * first
        order = np.argsort(chance.random((PERMUTATIONS, whole)), axis=1)
        told = effects_of(drawn, one, 1, first[order])
        seen = float(effects_of(drawn, one, 1, first[None, :])[0])
        found += (as_large(told, seen, sides).sum() + 1) / (PERMUTATIONS + 1) <= level
    return found / draws


def placebo_detectable(
    changes: Sequence[float] | Floats,
    treated: int,
    others: int,
    *,
    power: float = 0.8,
    level: float = 0.05,
    draws: int = 400,
    seed: int = 0,
) -> float:
    """The smallest effect that randomisation inference finds with probability `power` among villages like these.

    By halving an interval; the same draws for every effect. Raises as `placebo_rejections`.
    """
    spread = float(np.std(np.asarray(changes, np.float64), ddof=1))
    low, high = 0.0, 6 * spread
    for _ in range(10):
        middle = (low + high) / 2
        rate = placebo_rejections(
            changes, treated, others, effect=middle, level=level, draws=draws, seed=seed
        )
        low, high = (low, middle) if rate >= power else (middle, high)
    return (low + high) / 2
