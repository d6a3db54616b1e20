"""What an outcome cost: money spent over what it brought about, where anything was shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from highground.methods.impact.randomisation import (
    EXACT,
    Bools,
    assignments,
    effect_within_blocks,
    effects_under_chance,
    smallest_p,
)
from highground.methods.impact.regression import Floats, ImpactError


@dataclass(frozen=True)
class Interval:
    """The effects that a test does not reject: from `low` to `high`, with `share` of confidence."""

    low: float
    high: float
    share: float


@dataclass(frozen=True)
class OutcomeCost:
    """What one unit of the outcome cost, in `currency`: the best guess, and the least and the most that data allow.

    `most` is None where the data allow no effect at all: then no sum can be named that is surely enough.
    """

    cost: float
    least: float
    most: float | None
    currency: str
    outcome: float
    method: str = "cost over the effect times those reached"


def effect_interval(
    change: Sequence[float] | Floats,
    treated: Sequence[bool] | Bools,
    *,
    blocks: Sequence[Any] | None = None,
    share: float = 0.9,
    draws: int = 9_999,
    seed: int = 0,
) -> Interval:
    """The effects that two one-sided randomisation tests, each at (1 - share) / 2, do not reject.

    An effect is rejected where, once taken from the treated villages, what is left is found too large, or too small (Rosenbaum
    2002, Observational Studies, 2.6.2). It is assumed to be the same in every village.

    Raises ImpactError as `randomisation_test`, and where there are too few assignments for any effect to be rejected.
    """
    values, chosen = np.asarray(change, np.float64), np.asarray(treated, bool)
    if not 0 < share < 1:
        raise ImpactError(f"share lies between 0 and 1, not {share}")
    level = (1 - share) / 2
    least = smallest_p(chosen, blocks, "greater")
    if least > level:
        raise ImpactError(
            f"the smallest p value is {least:.3g}: no effect, however large, is outside an interval of {share:g};"
            " describe only, or ask for less"
        )
    effect = effect_within_blocks(values, chosen, blocks=blocks)
    exact = assignments(chosen, blocks) <= EXACT
    told = effects_under_chance(values, chosen, blocks=blocks, draws=draws, seed=seed)
    kept = effects_under_chance(chosen.astype(np.float64), chosen, blocks=blocks, draws=draws, seed=seed)
    # Each assignment keeps a share of an effect on the treated, so it passes the one that was seen at one effect alone.
    other = kept < 1 - 1e-12
    passed = np.sort((effect - told[other]) / (1 - kept[other]))
    drawn = 0 if exact else 1  # the one that was seen is among them
    same = len(told) - len(passed) + drawn
    place = math.floor(level * (len(told) + drawn) + 1e-9) - same
    return Interval(float(passed[place]), float(passed[-1 - place]), share)


def cost_per_outcome(
    spent: Mapping[str, float], effect: float, interval: Interval, reached: float
) -> OutcomeCost:
    """What one more unit of the outcome cost. `spent` is money by currency, `effect` that on one of those `reached`.

    An outcome that ought to fall is given with its sign turned.

    Raises ImpactError for several currencies, sums or numbers not above zero, and effects that are not above zero.
    """
    if len(spent) != 1:
        raise ImpactError(
            f"money is in {', '.join(sorted(spent)) or 'no currency'}: bring it to one currency, by a stated rate and day"
        )
    ((currency, money),) = spent.items()
    if not money > 0 or not reached > 0:
        raise ImpactError("the money spent and the number of those reached are above zero")
    if not effect > 0 or not interval.high > 0:
        raise ImpactError(
            "no gain was found, so it has no price; say what was spent, and that nothing was found"
        )
    most = money / (interval.low * reached) if interval.low > 0 else None
    return OutcomeCost(
        money / (effect * reached), money / (interval.high * reached), most, currency, effect * reached
    )
