"""One or a few treated units, many others, many times: a weighted mean of the others stands for the treated.

Synthetic control (Abadie, Diamond and Hainmueller 2010, JASA 105(490)), synthetic difference in differences (Arkhangelsky,
Athey, Hirshberg, Imbens and Wager 2021, American Economic Review 111(12)), and difference in differences beside them. The
weights are found by the library synthdid-py (extra `[models]`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from highground.methods.impact.regression import Floats, ImpactError
from highground.methods.impact.results import WEIGHTED

METHODS = {
    "sdid": "synthetic difference in differences",
    "sc": "synthetic control",
    "did": "difference in differences",
}
LEAST_BEFORE, LEAST_OTHERS = 3, 2
"""Times before the treatment, and other units, without which there is nothing to weigh."""
SMALLEST = 0.001
NO_LIBRARY = "synthetic control needs synthdid-py: pip install 'highground[models]'"


@dataclass(frozen=True)
class Synthetic:
    """The mean effect on the treated over the times since the treatment, in the unit of the outcome.

    `weights` are those of other units, `time_weights` those of times before, the largest first, none below 0.001. `p` is
    the share of the units, the treated one among them, for which an effect as far from zero is found if each in turn is
    taken for the treated one; None where it was not asked for. `smallest_p` is the least that it could be.
    """

    effect: float
    method: str
    units: int
    treated_units: int
    before: int
    after: int
    weights: dict[Any, float]
    time_weights: dict[Any, float]
    p: float | None
    smallest_p: float
    assumes: str = WEIGHTED


@dataclass(frozen=True)
class _Panel:
    """Outcomes by unit (the others first) and time, with the number of others and of times before."""

    values: Floats
    units: list[Any]
    times: list[Any]
    others: int
    before: int


def synthetic(
    outcome: Sequence[float] | Floats,
    units: Sequence[Any],
    times: Sequence[Any],
    treated: Sequence[bool] | Floats,
    *,
    method: str = "sdid",
    placebos: bool = False,
) -> Synthetic:
    """The effect of a treatment that begins at one time in one or a few units. One row for each unit and time.

    `treated` is true in the rows of treated units from the treatment on. `method` is one of `METHODS`. With `placebos`
    each other unit is taken for the treated one in turn, which needs a single treated unit. Assumes that the weighted
    others would have gone on as the treated, that nothing reached them, and that nobody acted ahead of the treatment.

    Raises ImpactError for a unit that lacks a time or has it twice, treatments that begin at different times or end, fewer
    than three times before or two other units, and where the library is missing.
    """
    if method not in METHODS:
        raise ImpactError(f"the method is one of {', '.join(METHODS)}, not {method!r}")
    panel = _panel(outcome, units, times, treated)
    count = len(panel.units) - panel.others
    if placebos and count > 1:
        raise ImpactError(
            f"{count} units are treated; placebos stand in for a single one, so ask without them, and claim no p value"
        )
    effect, by_unit, by_time = _estimate(panel.values, panel.others, panel.before, method)
    p = None
    if placebos:
        told = [_placebo(panel, place, method) for place in range(panel.others)]
        slack = 1e-9 * max(1.0, abs(effect))
        p = (1 + sum(abs(one) >= abs(effect) - slack for one in told)) / (1 + panel.others)
    return Synthetic(
        effect,
        METHODS[method],
        len(panel.units),
        count,
        panel.before,
        len(panel.times) - panel.before,
        _largest(panel.units, by_unit),
        _largest(panel.times, by_time),
        p,
        1 / (1 + panel.others),
    )


def _estimate(values: Floats, others: int, before: int, method: str) -> tuple[float, Floats, Floats]:
    try:
        import synthdid
    except ImportError as error:
        raise ImpactError(NO_LIBRARY) from error
    ask: dict[str, Callable[..., Any]] = {
        "sdid": synthdid.synthdid_estimate,
        "sc": synthdid.sc_estimate,
        "did": synthdid.did_estimate,
    }
    found = ask[method](values, others, before)
    return float(found), np.asarray(found.weights.omega), np.asarray(found.weights.lambda_)


def _placebo(panel: _Panel, place: int, method: str) -> float:
    """The effect that is found where an other unit is taken for the treated one, which is left out."""
    rows = [*(row for row in range(panel.others) if row != place), place]
    return _estimate(panel.values[rows], panel.others - 1, panel.before, method)[0]


def _largest(names: list[Any], weights: Floats) -> dict[Any, float]:
    pairs = [
        (name, float(weight)) for name, weight in zip(names, weights, strict=False) if weight >= SMALLEST
    ]
    return dict(sorted(pairs, key=lambda pair: -pair[1]))


def _panel(outcome: Any, units: Any, times: Any, treated: Any) -> _Panel:
    y, reached = np.asarray(outcome, np.float64), np.asarray(treated, np.float64)
    lengths = {len(y), len(units), len(times), len(reached)}
    if len(lengths) > 1:
        raise ImpactError("outcomes, units, times and treated have different lengths")
    if not set(np.unique(reached)) <= {0.0, 1.0}:
        raise ImpactError("`treated` is 0 or 1 in every row")
    names, row = np.unique(np.asarray(units), return_inverse=True)
    moments, column = np.unique(np.asarray(times), return_inverse=True)
    count = np.zeros((len(names), len(moments)), np.int64)
    np.add.at(count, (row, column), 1)
    values, on = np.full(count.shape, np.nan), np.zeros(count.shape, bool)
    values[row, column], on[row, column] = y, reached == 1
    for wrong, said in ((count > 1, "is there twice"), (np.isnan(values), "is missing")):
        if wrong.any():
            place, moment = np.argwhere(wrong)[0]
            more = int(wrong.sum()) - 1
            raise ImpactError(
                f"the outcome of {names[place]} at {moments[moment]} {said}"
                + (f", and {more} more" if more else "")
                + "; every unit has every time once: mend it, or leave the unit out and say so"
            )
    ever = on.any(axis=1)
    if not ever.any() or (~ever).sum() < LEAST_OTHERS:
        raise ImpactError(
            f"{int(ever.sum())} of {len(names)} units are treated: at least one must be, and two others that never are"
        )
    starts = np.argmax(on[ever], axis=1)
    before = int(starts[0])
    if (starts != before).any() or not on[ever][:, before:].all():
        raise ImpactError(
            "treatments begin at different times, or end: study units that begin together, one group at a time"
        )
    if before < LEAST_BEFORE:
        raise ImpactError(
            f"there are {before} times before the treatment; at least {LEAST_BEFORE} are needed to weigh the others"
        )
    order = [*np.flatnonzero(~ever), *np.flatnonzero(ever)]
    return _Panel(
        values[order], [names.tolist()[one] for one in order], moments.tolist(), int((~ever).sum()), before
    )
