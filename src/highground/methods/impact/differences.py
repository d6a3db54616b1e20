"""Difference in differences: on the means of villages, and on households with errors by village."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from highground.methods.impact.regression import Fit, Floats, ImpactError, codes_of, least_squares
from highground.methods.impact.results import ALIKE

FEW = 10
"""Treated or other villages below which errors of households, clustered or not, are not to be trusted."""


@dataclass(frozen=True)
class Effect:
    """An effect with its error, and what it rests on.

    `claims` says whether the standard error may be used: with few treated villages only randomisation inference may
    speak, and `warning` says so.
    """

    effect: float
    standard_error: float
    t: float
    n: int
    villages: int | None
    treated_villages: int | None
    method: str
    claims: bool
    warning: str
    fit: Fit
    assumes: str = ALIKE


def difference_in_differences(
    outcome: Sequence[float] | Floats,
    treated: Sequence[bool] | Floats,
    after: Sequence[bool] | Floats,
    *,
    controls: Mapping[str, Sequence[float] | Floats] | None = None,
    weights: Sequence[float] | Floats | None = None,
    villages: Sequence[Any] | None = None,
    households: Sequence[Any] | None = None,
    clustered: bool = True,
) -> Effect:
    """The change of the treated over that of the others, by regression on `treated`, `after` and their product.

    One row for each household and wave. `villages` are those through which the treatment came, and cluster the errors
    unless `clustered` is False; `households` takes out a mean for each household. Assumes that both would have changed
    alike without the treatment.

    Raises ImpactError for a wave or a group that is missing, and for missing values.
    """
    group, wave = np.asarray(treated, np.float64), np.asarray(after, np.float64)
    for name, values in (("treated", group), ("after", wave)):
        if set(np.unique(values)) != {0.0, 1.0}:
            raise ImpactError(f"`{name}` is 0 or 1, and both must be there")
    columns: dict[str, Any] = {"after": wave, "treated": group, "treated x after": group * wave}
    if households is not None:
        del columns["treated"]  # it does not change within a household
    fit = least_squares(
        outcome,
        {**columns, **(controls or {})},
        weights=weights,
        clusters=villages if clustered else None,
        absorb=households,
    )
    count = reached = None
    warning, claims = "", True
    if villages is not None:
        codes, count = codes_of(villages, len(group))
        reached = len(np.unique(codes[group == 1]))
        untouched = count - reached
        if min(reached, untouched) < FEW and untouched > 0:
            claims = False
            warning = (
                f"{reached} treated and {untouched} other villages: the errors of households are too small with so few;"
                " use randomisation inference on the means of villages"
            )
        elif not clustered and untouched > 0:
            claims = False
            warning = (
                "whole villages were treated, and the errors are those of households as if each had been reached by itself:"
                " they are too small; cluster them by village"
            )
    effect, error = fit["treated x after"]
    method = "difference in differences" + (", fixed effects of households" if households is not None else "")
    return Effect(effect, error, effect / error, fit.n, count, reached, method, claims, warning, fit)


def village_changes(
    outcome: Sequence[float] | Floats,
    after: Sequence[bool] | Floats,
    villages: Sequence[Any],
    *,
    weights: Sequence[float] | Floats | None = None,
) -> dict[Any, float]:
    """The change in the (weighted) mean of each village. Raises ImpactError for a village that lacks a wave."""
    y, wave = np.asarray(outcome, np.float64), np.asarray(after, bool)
    if np.isnan(y).any():
        raise ImpactError(
            f"the outcome is missing in {int(np.isnan(y).sum())} rows; leave them out, and say so"
        )
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    if np.isnan(w).any() or (w < 0).any():
        raise ImpactError("weights are zero or above, and none is missing")
    names, codes = np.unique(np.asarray(villages), return_inverse=True)
    means = []
    for rows in (~wave, wave):
        total = np.bincount(codes[rows], weights=w[rows], minlength=len(names))
        if (total == 0).any():
            lacking = ", ".join(str(name) for name in names[total == 0][:5])
            raise ImpactError(
                f"a wave is missing for {lacking}: it cannot have changed; leave it out, and say so"
            )
        means.append(np.bincount(codes[rows], weights=(w * y)[rows], minlength=len(names)) / total)
    return dict(zip(names.tolist(), (means[1] - means[0]).tolist(), strict=True))
