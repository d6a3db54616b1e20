"""Three or more waves: the effect in each against one before the treatment (an event study), on the means of villages.

The waves before show whether both sides moved alike already, which no test can prove afterwards (Roth 2022, American
Economic Review: Insights 4(3)). One start for all treated villages; p values by randomisation inference, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from highground.methods.impact.randomisation import Bools, Randomised, randomisation_test
from highground.methods.impact.regression import Floats, ImpactError
from highground.methods.impact.results import ALIKE

LEAST = 3


@dataclass(frozen=True)
class WaveEffect:
    """The effect in one wave against the base. `before` says that nothing was done yet: an effect then is a warning."""

    wave: Any
    before: bool
    test: Randomised


@dataclass(frozen=True)
class EventStudy:
    """The effect in each wave but the base, in the order of the waves, on villages that have all of them."""

    base: Any
    waves: list[WaveEffect]
    villages: int
    treated_villages: int
    method: str = "event study on the means of villages"
    assumes: str = ALIKE

    @property
    def alike_before(self) -> float | None:
        """The smallest p value of a wave before the base; None without one: then nothing shows that both moved alike."""
        return min((one.test.p for one in self.waves if one.before), default=None)


def event_study(
    outcome: Sequence[float] | Floats,
    waves: Sequence[Any],
    villages: Sequence[Any],
    treated: Sequence[bool] | Bools,
    *,
    base: Any,
    blocks: Sequence[Any] | None = None,
    weights: Sequence[float] | Floats | None = None,
    sides: str = "two",
    draws: int = 9_999,
    seed: int = 0,
) -> EventStudy:
    """The effect in each wave against `base`, the last wave before the treatment. One row for a household and wave.

    `treated` says of each row whether its village is treated, `blocks` in which block it is; both hold for the village.
    Waves are in the order of their values. Each effect is that of `randomisation_test` on the change since the base; those
    of waves before it are always two-sided.

    Raises ImpactError for fewer than three waves, a base that is not among them or is the last, a village that lacks a wave,
    missing values, and a village that is both treated and not, or in two blocks.
    """
    y, moments = np.asarray(outcome, np.float64), np.asarray(waves)
    if np.isnan(y).any():
        raise ImpactError(
            f"the outcome is missing in {int(np.isnan(y).sum())} rows; leave them out, and say so"
        )
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    if (w < 0).any() or np.isnan(w).any():
        raise ImpactError("weights are zero or above, and none is missing")
    order = np.unique(moments).tolist()
    if len(order) < LEAST:
        raise ImpactError(
            f"there are {len(order)} waves; an event study needs {LEAST}: with two, compare changes"
        )
    if base not in order or base == order[-1]:
        raise ImpactError(
            f"the base is the last wave before the treatment, one of {', '.join(map(str, order[:-1]))}, not {base}"
        )
    means, names = _means(y, moments, np.asarray(villages), w, order)
    side = _each("both treated and not", treated, villages, names)
    block = None if blocks is None else _each("in two blocks", blocks, villages, names)
    place = order.index(base)
    found = []
    for number, wave in enumerate(order):
        if number == place:
            continue
        early = number < place
        test = randomisation_test(
            means[:, number] - means[:, place],
            [bool(one) for one in side],
            blocks=block,
            sides="two" if early else sides,
            draws=draws,
            seed=seed,
        )
        found.append(WaveEffect(wave, early, test))
    return EventStudy(base, found, len(names), sum(bool(one) for one in side))


def _means(y: Floats, moments: Any, villages: Any, w: Floats, order: list[Any]) -> tuple[Floats, list[Any]]:
    """The weighted mean of each village in each wave."""
    names, row = np.unique(villages, return_inverse=True)
    column = np.searchsorted(np.asarray(order), moments)
    cell, size = row * len(order) + column, len(names) * len(order)
    total = np.bincount(cell, weights=w, minlength=size)
    if (total == 0).any():
        village, wave = divmod(int(np.flatnonzero(total == 0)[0]), len(order))
        raise ImpactError(
            f"village {names[village]} has no reading in wave {order[wave]}: it cannot be followed; leave it out, and say so"
        )
    means = np.bincount(cell, weights=w * y, minlength=size) / total
    return means.reshape(len(names), len(order)), names.tolist()


def _each(said: str, values: Sequence[Any] | Bools, villages: Sequence[Any], names: list[Any]) -> list[Any]:
    """What each village has, the same in all of its rows."""
    found: dict[Any, Any] = {}
    for village, value in zip(villages, values, strict=True):
        if found.setdefault(village, value) != value:
            raise ImpactError(f"village {village} is {said}; it is one of them in every row")
    return [found[name] for name in names]
