"""A cut-off in a score: those just below it against those just above (Hahn, Todd and Van der Klaauw 2001).

Lines are fitted on each side within a bandwidth, nearer rows weighing more (triangular kernel). The bias of a line is
estimated by a curve in the same bandwidth and taken out, and the error says so: the robust interval of Calonico, Cattaneo
and Titiunik (2014, Econometrica 82(6)) with both bandwidths equal, which is that of a quadratic fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from highground.methods.impact.regression import Codes, Floats, ImpactError, codes_of, least_squares
from highground.methods.impact.results import CONTINUOUS

LEAST = 10
"""Rows with different scores that each side must have within the bandwidth."""


@dataclass(frozen=True)
class Discontinuity:
    """The jump of the outcome at the cut-off, from below to above.

    `jump` and `error` are those of the lines, `robust_jump` and `robust_error` those with the bias taken out: claims rest
    on these. `below` and `above` are the rows within the bandwidth.
    """

    jump: float
    error: float
    robust_jump: float
    robust_error: float
    bandwidth: float
    below: int
    above: int
    clusters: int | None
    method: str = "local lines on both sides of a cut-off, with the bias taken out"
    assumes: str = CONTINUOUS

    @property
    def n(self) -> int:
        """The rows that were used: those within the bandwidth."""
        return self.below + self.above


def discontinuity(
    outcome: Sequence[float] | Floats,
    score: Sequence[float] | Floats,
    *,
    cutoff: float,
    bandwidth: float,
    clusters: Sequence[Any] | None = None,
) -> Discontinuity:
    """The jump at `cutoff` within `bandwidth` of it; rows at the cut-off count as above.

    The bandwidth is chosen before the outcome is seen, in the unit of the score. Errors by `clusters` if they are given,
    else heteroskedastic (HC1), apart for each side.

    Raises ImpactError for missing values and for sides with too few different scores within the bandwidth.
    """
    y, x = np.asarray(outcome, np.float64), np.asarray(score, np.float64) - cutoff
    if len(y) != len(x):
        raise ImpactError(f"there are {len(y)} outcomes and {len(x)} scores")
    if np.isnan(y).any() or np.isnan(x).any():
        raise ImpactError("outcomes or scores are missing; leave these rows out, and say so")
    if not bandwidth > 0:
        raise ImpactError("the bandwidth is above zero, in the unit of the score")
    codes = codes_of(clusters, len(y))[0] if clusters is not None else None
    near = np.abs(x) < bandwidth
    sides = []
    for name, side in (("below", near & (x < 0)), ("above", near & (x >= 0))):
        if len(np.unique(x[side])) < LEAST:
            raise ImpactError(
                f"{len(np.unique(x[side]))} different scores lie {name} the cut-off within {bandwidth:g}; widen the bandwidth"
            )
        own = codes[side] if codes is not None else None
        sides.append([_at_cutoff(y[side], x[side], bandwidth, power, own) for power in (1, 2)])
    (low, low_curve), (high, high_curve) = sides
    return Discontinuity(
        high[0] - low[0],
        float(np.sqrt(high[1] + low[1])),
        high_curve[0] - low_curve[0],
        float(np.sqrt(high_curve[1] + low_curve[1])),
        bandwidth,
        int((near & (x < 0)).sum()),
        int((near & (x >= 0)).sum()),
        len(np.unique(codes[near])) if codes is not None else None,
    )


def _at_cutoff(
    y: Floats, x: Floats, bandwidth: float, power: int, clusters: Codes | None
) -> tuple[float, float]:
    """The height of a weighted polynomial at the cut-off, and its variance."""
    powers = {f"power {one}": (x / bandwidth) ** one for one in range(1, power + 1)}
    height, error = least_squares(y, powers, weights=1 - np.abs(x) / bandwidth, clusters=clusters)["constant"]
    return height, error**2
