"""Intervals for a count of rare things in a finite population: the beta distribution, in NumPy alone."""

from __future__ import annotations

import math

import numpy as np

from highground.methods.risk.tables import Bools, Floats

_TINY = 1e-300
_STEPS = 20_000


def beta_below(value: Floats, first: Floats, second: Floats) -> Floats:
    """The probability that a beta variable with parameters `first` and `second` (above 0) is at most `value`.

    The regularised incomplete beta function by its continued fraction (Press et al., Numerical Recipes, 3rd edition,
    section 6.4, after Lentz 1976), accurate to about 1e-13; arrays of one shape.
    """
    value = np.clip(value, 0.0, 1.0)
    # The fraction converges fast below the mean; above it the distribution is turned round.
    turn = value > (first + 1) / (first + second + 2)
    a, b = np.where(turn, second, first), np.where(turn, first, second)
    x = np.where(turn, 1 - value, value)
    inside = x > 0
    safe = np.where(inside, x, 0.5)
    log_front = _log_gamma(a + b) - _log_gamma(a) - _log_gamma(b) + a * np.log(safe) + b * np.log1p(-safe)
    part = np.where(inside, np.exp(log_front) * _fraction(a, b, safe) / a, 0.0)
    return np.where(turn, 1 - part, part)


def _log_gamma(values: Floats) -> Floats:
    return np.array([math.lgamma(one) for one in values.ravel()]).reshape(values.shape)


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c = np.ones_like(x)
    d = 1 / _off_zero(1 - (a + b) * x / (a + 1))
    found = d.copy()
    for step in range(1, _STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        d = 1 / _off_zero(1 + even * d)
        c = _off_zero(1 + even / c)
        found = found * d * c
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        d = 1 / _off_zero(1 + odd * d)
        c = _off_zero(1 + odd / c)
        change = d * c
        found = found * change
        if np.abs(change - 1).max(initial=0.0) < 1e-15:
            break
    return found


def _off_zero(values: Floats) -> Floats:
    return np.where(np.abs(values) < _TINY, _TINY, values)


def beta_quantile(probability: float, first: Floats, second: Floats) -> Floats:
    """The value below which a beta variable lies with `probability` (0 to 1), to about 1e-11 of it; arrays of one shape.

    Found by halving an interval that always holds it, with Newton's steps where they stay inside.
    """
    low, high = np.zeros_like(first), np.ones_like(first)
    value = first / (first + second)
    log_scale = _log_gamma(first + second) - _log_gamma(first) - _log_gamma(second)
    for _ in range(100):
        error = beta_below(value, first, second) - probability
        low, high = np.where(error < 0, value, low), np.where(error < 0, high, value)
        with np.errstate(all="ignore"):
            log_density = log_scale + (first - 1) * np.log(value) + (second - 1) * np.log1p(-value)
            newton = value - error * np.exp(-log_density)
        better = np.where((newton > low) & (newton < high), newton, (low + high) / 2)
        settled = np.abs(better - value) <= 1e-12 * value
        value = better
        if settled.all():
            break
    return value


def count_interval(
    share: Floats, effective: Floats, population: Floats, confidence: float
) -> tuple[Floats, Floats]:
    """Between what a count in `population` things lies, of which a sample worth `effective` things shows `share`.

    `share` is 0 to 1, `effective` the size of the simple random sample without replacement with the same variance,
    above 0 and at most `population`; arrays of one shape. Returns the low and the high limit, things, not rounded.

    Jeffreys' interval (equal tails of the beta distribution with x + 1/2 and n - x + 1/2; nothing below where
    nothing was found, nothing above where all were) with an effective size, as Brown, Cai and DasGupta 2001
    (Statistical Science 16(2)) and, for surveys, Franco, Little, Louis and Slud 2019 (Journal of Survey Statistics
    and Methodology 7(3)) find it near its level for small shares, where Wald's interval is far below it and that of
    Clopper and Pearson (in surveys: Korn and Graubard 1998, Survey Methodology 24(2)) above. That the sample is a
    part of a finite population comes in through Wise's approximation (1954, Biometrika 41), by which a
    hypergeometric tail with M of N is a binomial one with the share (M - x/2) / (N - (n - 1)/2); its limits lie too far
    out by (1 - f/2) / sqrt(1 - f) where the fraction f = n/N is large, and are drawn in to the estimate by as much.
    """
    found = share * effective
    tail = (1 - confidence) / 2
    span, shift = population - (effective - 1) / 2, (found - 0.5) / 2
    fraction = effective / population
    narrower = np.sqrt(np.maximum(1 - fraction, 0.0)) / (1 - fraction / 2)
    limits = []
    for one in (tail, 1 - tail):
        wise = beta_quantile(one, found + 0.5, effective - found + 0.5) * span + shift
        limits.append(share * population + (wise - share * population) * narrower)
    none: Bools = share <= 0
    every: Bools = share >= 1
    low = np.where(none, 0.0, np.maximum(limits[0], 0.0))
    return low, np.where(every, population, np.minimum(limits[1], population))
