"""The beta distribution against other software and in exact fractions; the interval at its ends."""

from fractions import Fraction
from math import asin, comb, pi, sqrt

import numpy as np
import pytest

from highground.methods.risk.intervals import beta_below, beta_quantile, count_interval


def below(value: float, first: float, second: float) -> float:
    return float(beta_below(np.array([value]), np.array([first]), np.array([second]))[0])


def quantile(probability: float, first: float, second: float) -> float:
    return float(beta_quantile(probability, np.array([first]), np.array([second]))[0])


@pytest.mark.parametrize(
    ("value", "first", "second", "expected"),
    [
        (0.01, 0.5, 20.5, 0.4765415315484656),
        (0.3, 2.25, 7.75, 0.744541178416736),
        (0.031, 12345.5, 400000.5, 0.9999614757981403),
        (0.999, 1200.5, 0.5, 0.12120338501270497),
    ],
)
def test_what_lies_below_is_that_of_scipy(value: float, first: float, second: float, expected: float) -> None:
    """scipy 1.17.1, `scipy.stats.beta.cdf`."""
    assert below(value, first, second) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("probability", "first", "second", "expected"),
    [
        (0.025, 0.5, 20.5, 2.4246478459242733e-05),
        (0.975, 0.5, 20.5, 0.11663898290487539),
        (0.025, 3.5, 97.5, 0.00852028310740358),
        (0.975, 3.5, 97.5, 0.07788756942640256),
        (0.05, 40.25, 960.75, 0.03054941944409714),
        (0.975, 12345.5, 400000.5, 0.030461981166681865),
        (0.5, 250000.5, 250000.5, 0.5),
    ],
)
def test_quantiles_are_those_of_scipy(
    probability: float, first: float, second: float, expected: float
) -> None:
    """scipy 1.17.1, `scipy.stats.beta.ppf`."""
    assert quantile(probability, first, second) == pytest.approx(expected, rel=1e-9)


def test_with_whole_parameters_it_is_a_binomial_tail() -> None:
    """The probability below p with parameters a and b is that of at least a of a + b - 1 successes: in fractions."""
    for first, second, value in [(1, 1, 3), (2, 9, 1), (7, 5, 6), (30, 2, 9), (12, 80, 2)]:
        p, trials = Fraction(value, 10), first + second - 1
        exact = sum(comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(first, trials + 1))
        assert below(value / 10, first, second) == pytest.approx(float(exact), rel=1e-12)


def test_with_halves_it_is_the_arcsine_law() -> None:
    for value in (0.001, 0.2, 0.5, 0.9):
        assert below(value, 0.5, 0.5) == pytest.approx(2 / pi * asin(sqrt(value)), rel=1e-12)


def test_many_at_once_are_as_each_alone() -> None:
    first, second = np.array([0.5, 3.5, 4000.5]), np.array([20.5, 97.5, 96000.5])
    alone = [quantile(0.975, a, b) for a, b in zip(first, second, strict=True)]
    assert beta_quantile(0.975, first, second) == pytest.approx(alone, rel=1e-12)


def interval(found: int, drawn: int, population: float, confidence: float = 0.95) -> tuple[float, float]:
    low, high = count_interval(
        np.array([found / drawn]), np.array([float(drawn)]), np.array([population]), confidence
    )
    return float(low[0]), float(high[0])


@pytest.mark.parametrize(
    ("found", "drawn", "expected"),
    [
        (1, 20, (0.005449032581426599, 0.21081863624926514)),
        (7, 148, (0.021401787024769053, 0.09060759048194661)),
        (30, 900, (0.02306037455129513, 0.04659819400423266)),
    ],
)
def test_in_a_population_without_end_it_is_that_of_jeffreys(
    found: int, drawn: int, expected: tuple[float, float]
) -> None:
    """statsmodels 0.15.0, `proportion_confint(..., method="jeffreys")`."""
    low, high = interval(found, drawn, 1e12)
    assert (low / 1e12, high / 1e12) == pytest.approx(expected, rel=1e-9)


def test_nothing_found_begins_at_nothing_and_all_found_ends_at_all() -> None:
    low, high = interval(0, 100, 2_000)
    assert low == 0
    assert 40 < high < 60
    assert interval(100, 100, 2_000) == pytest.approx((2_000 - high, 2_000))


def test_yes_and_no_are_treated_alike() -> None:
    low, high = interval(7, 60, 400)
    assert interval(53, 60, 400) == pytest.approx((400 - high, 400 - low))


def hypergeometric(population: int, marked: int, drawn: int) -> list[float]:
    whole = comb(population, drawn)
    return [comb(marked, k) * comb(population - marked, drawn - k) / whole for k in range(drawn + 1)]


@pytest.mark.parametrize(("population", "drawn"), [(200, 10), (200, 60), (60, 40), (120, 90), (1_000, 50)])
def test_exact_coverage_over_all_truths_is_near_its_level(population: int, drawn: int) -> None:
    """Every truth and every sample: the mean is at the level, and what misses does so on both sides."""
    limits = [interval(found, drawn, population) for found in range(drawn + 1)]
    covered, below_all, above_all = [], [], []
    for marked in range(population + 1):
        chances = hypergeometric(population, marked, drawn)
        above = sum(one for one, (low, _) in zip(chances, limits, strict=True) if marked < low - 1e-9)
        under = sum(one for one, (_, high) in zip(chances, limits, strict=True) if marked > high + 1e-9)
        covered.append(1 - above - under)
        below_all.append(under)
        above_all.append(above)
    assert 0.945 < np.mean(covered) < 0.96
    assert np.mean(below_all) == pytest.approx(np.mean(above_all), abs=0.001)
    assert min(covered) > 0.85
