"""Matched pairs: one treated village beside one that is like it (Imai, King and Nall 2009, Statistical Science 24(1))."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from highground.methods.impact.randomisation import Bools, Randomised, randomisation_test
from highground.methods.impact.regression import Floats, ImpactError
from highground.methods.impact.results import EXCHANGEABLE


@dataclass(frozen=True)
class Pairs:
    """The mean difference within pairs, with each pair's own.

    `standard_error` is that of the mean of the differences, with `df` = pairs less one, None for a single pair; it assumes
    that pairs are a sample of pairs. `test` needs no such thing: within each pair the other could have been treated.
    """

    effect: float
    standard_error: float | None
    df: int
    differences: dict[Any, float]
    test: Randomised
    method: str = "matched pairs of villages"
    assumes: str = EXCHANGEABLE

    @property
    def villages(self) -> int:
        """Two for each pair."""
        return 2 * len(self.differences)


def matched_pairs(
    change: Sequence[float] | Floats,
    treated: Sequence[bool] | Bools,
    pairs: Sequence[Any],
    *,
    sides: str = "two",
    draws: int = 9_999,
    seed: int = 0,
) -> Pairs:
    """The effect between villages that were paired before the outcome was known. One value for each village.

    Raises ImpactError for a pair that is not one treated and one other village, and for missing changes.
    """
    values, chosen = np.asarray(change, np.float64), np.asarray(treated, bool)
    if len({len(values), len(chosen), len(pairs)}) > 1:
        raise ImpactError("changes, treated and pairs have different lengths")
    members: dict[Any, list[int]] = defaultdict(list)
    for place, name in enumerate(pairs):
        members[name].append(place)
    for name, places in members.items():
        if len(places) != 2 or chosen[places].sum() != 1:
            raise ImpactError(
                f"pair {name} has {int(chosen[places].sum())} treated and {int((~chosen[places]).sum())} other villages;"
                " a pair is one of each: pair anew, or leave its villages out and say so"
            )
    test = randomisation_test(values, chosen, blocks=list(pairs), sides=sides, draws=draws, seed=seed)
    differences = {
        name: float(values[places][chosen[places]].sum() - values[places][~chosen[places]].sum())
        for name, places in members.items()
    }
    each = list(differences.values())
    error = float(np.std(each, ddof=1)) / math.sqrt(len(each)) if len(each) > 1 else None
    return Pairs(float(np.mean(each)), error, len(each) - 1, differences, test)
