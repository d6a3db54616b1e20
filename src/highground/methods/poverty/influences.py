"""Each measure as its value and the influence of each row: everything else follows from these two.

The influence `u` of a row is the derivative of the measure to the weight of that row; the weights of a domain sum to N.
Sources: Foster, Greer and Thorbecke (1984); Watts (1968); Deville (1999) for the linearisation; Osier (2009, Survey
Research Methods 3(3)) and Langel and Tillé (2013, JRSS A 176(2)) for that of lines, shares and the Gini index; Berger and
Skinner (2003, JRSS C 52(4)) for measures under a relative line; Biewen and Jenkins (2006) for generalised entropy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from highground.methods.poverty.design import Floats
from highground.methods.poverty.lines import density, quantile


@dataclass(frozen=True)
class Domain:
    """The rows of a domain: amounts and weights."""

    y: Floats
    w: Floats

    @property
    def total(self) -> float:
        return float(self.w.sum())

    def mean(self, values: Floats) -> float:
        """The weighted mean of a value of each row."""
        return float((self.w * values).sum() / self.w.sum())


Measured = tuple[float, Floats]
"""The value of a measure, and the influence of each row of the domain."""


# --- with a line ---


@dataclass(frozen=True)
class UnderLine:
    """A measure under a line: its value with influences, and how it moves with the line (for a relative line)."""

    value: Callable[[Domain, Floats], Measured]
    by_line: Callable[[Domain, float], float]


def untold(domain: Domain) -> Measured:
    """What a measure is where it is not defined."""
    return float("nan"), np.full(len(domain.y), np.nan)


def mean_of(domain: Domain, values: Floats) -> Measured:
    """A weighted mean over the domain."""
    estimate = domain.mean(values)
    return estimate, (values - estimate) / domain.total


def fgt(power: int) -> UnderLine:
    """The poverty gap to a power: 0 the headcount, 1 the gap, 2 its square. Poor is y <= line."""

    def value(domain: Domain, line: Floats) -> Measured:
        poor = domain.y <= line
        gap = np.where(poor, (line - domain.y) / line, 0.0)
        return mean_of(domain, poor.astype(float) if power == 0 else gap**power)

    def by_line(domain: Domain, line: float) -> float:
        if power == 0:
            return density(domain.y, domain.w, line)
        poor = domain.y <= line
        gap = np.where(poor, (line - domain.y) / line, 0.0)
        slope = power * (gap ** (power - 1)) * domain.y / line**2
        return domain.mean(np.where(poor, slope, 0.0))

    return UnderLine(value, by_line)


def _watts(domain: Domain, line: Floats) -> Measured:
    poor = domain.y <= line
    with np.errstate(divide="ignore", invalid="ignore"):
        return mean_of(domain, np.where(poor, np.log(line / domain.y), 0.0))


def _watts_by_line(domain: Domain, line: float) -> float:
    return domain.mean((domain.y <= line) / line)


UNDER_LINE = {
    "fgt0": fgt(0),
    "fgt1": fgt(1),
    "fgt2": fgt(2),
    "watts": UnderLine(_watts, _watts_by_line),
}


# --- without a line ---


def gini(domain: Domain) -> Measured:
    """The Gini index: twice the area between the Lorenz curve and equality, ranks counted up to and with each row.

    NaN where the amounts do not add up to more than zero: nobody has a share then.
    """
    if not (domain.w * domain.y).sum() > 0:
        return untold(domain)
    order = np.argsort(domain.y, kind="stable")
    y, w = domain.y[order], domain.w[order]
    people, amount = w.sum(), (w * y).sum()
    ranks, held = np.cumsum(w), np.cumsum(w * y)
    estimate = ((2 * ranks - 1) * w * y).sum() / (people * amount) - 1
    richer = amount - held + w * y  # held by the row and all above it
    influence = (2 * richer + (2 * ranks - 1) * y - (estimate + 1) * (amount + people * y)) / (
        people * amount
    )
    back = np.empty_like(influence)
    back[order] = influence
    return float(estimate), back


def gini_small_sample(domain: Domain) -> Measured:
    """The Gini index with each row's own weight counted half in its rank."""
    if not (domain.w * domain.y).sum() > 0:
        return untold(domain)
    order = np.argsort(domain.y, kind="stable")
    y, w = domain.y[order], domain.w[order]
    people, amount = w.sum(), (w * y).sum()
    estimate = (2 * (w * y * np.cumsum(w)).sum() - (w * w * y).sum()) / (people * amount) - 1
    return float(estimate), gini(domain)[1]


def entropy(theta: int) -> Callable[[Domain], Measured]:
    """Generalised entropy: 0 the mean logarithmic deviation, 1 Theil's index, 2 half the squared variation."""

    def value(domain: Domain) -> Measured:
        y, people = domain.y, domain.total
        mean = domain.mean(y)
        if theta == 0:
            estimate = np.log(mean) - domain.mean(np.log(y))
            influence = (y - mean) / mean - (np.log(y) - domain.mean(np.log(y)))
        elif theta == 1:
            product = y * np.log(y)
            average = domain.mean(product)
            estimate = average / mean - np.log(mean)
            influence = (product - average) / mean - (average / mean**2 + 1 / mean) * (y - mean)
        else:
            square = domain.mean(y * y)
            estimate = (square / mean**2 - 1) / 2
            influence = ((y * y - square) / mean**2 - 2 * square / mean**3 * (y - mean)) / 2
        return float(estimate), influence / people

    return value


def quintile_ratio(domain: Domain) -> Measured:
    """What the richest fifth holds over what the poorest fifth holds; NaN where either holds nothing."""
    low, low_influence = _held(domain, 0.2, above=False)
    high, high_influence = _held(domain, 0.8, above=True)
    if not (low > 0 and high > 0):
        return untold(domain)
    return high / low, (high_influence - high / low * low_influence) / low


def _held(domain: Domain, level: float, *, above: bool) -> Measured:
    """What those up to a quantile hold, or those above it; the quantile moves with the sample."""
    at = quantile(domain.y, domain.w, level)
    below = domain.y <= at
    inside = ~below if above else below
    moved = density(domain.y, domain.w, at, domain.y) / (density(domain.y, domain.w, at) * domain.total)
    shift = moved * (below - level)
    return float((domain.w * domain.y * inside).sum()), domain.y * inside + (shift if above else -shift)


WITHOUT_LINE: dict[str, Callable[[Domain], Measured]] = {
    "gini": gini,
    "ge0": entropy(0),
    "ge1": entropy(1),
    "ge2": entropy(2),
    "qsr": quintile_ratio,
}
UNDEFINED = {
    "gini": "the amounts do not add up to more than zero",
    "qsr": "the poorest fifth holds nothing, or nobody lies above it and the three fifths that follow",
    "A": "nobody is poor",
    "contribution": "nobody is poor",
}
"""By measure the reason for which it cannot be told of some rows."""
POSITIVE = frozenset({"watts", "ge0", "ge1", "ge2"})
"""Measures of amounts above zero: logarithms have no other, and generalised entropy is one family."""
