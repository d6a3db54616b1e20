"""1,000 synthetic counties of which the truth is known: does the interval of the missed share hold it?"""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from highground.methods.risk import missed
from tests.methods.risk.counties import Counties, audit, make_counties


def shares(counties: Counties, sex: int | None = None) -> np.ndarray:
    """The true missed share of each county; not a number where nobody is in difficulty."""
    places = slice(None) if sex is None else slice(sex, sex + 1)
    found = np.bincount(counties.county, weights=counties.found[:, places].sum(axis=1))
    with np.errstate(invalid="ignore"):
        return counties.missed(sex) / (counties.missed(sex) + found)


def column(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    return np.array(table.column(name).to_pylist(), dtype=float)


@pytest.fixture(scope="module")
def counted() -> tuple[Counties, pa.Table]:
    """1,000 counties of 2,000 to 60,000 households, 0.2 % to 10 % in difficulty, one audit of 5 % of each."""
    chance = np.random.default_rng(20_260_101)
    counties = make_counties(chance, 1_000)
    table = missed(
        audit(chance, counties), counties.totals(), strata=["county", "part"], by=["county"]
    ).groups
    return counties, table.filter(pa.compute.equal(table.column("by"), "county"))


def test_the_intervals_hold_the_missed_share_in_93_to_97_percent(counted: tuple[Counties, pa.Table]) -> None:
    counties, table = counted
    truth = shares(counties)
    known = ~np.isnan(truth)
    low, high = column(table, "share_low"), column(table, "share_high")
    assert known.sum() > 990
    assert 0.93 <= np.mean((low <= truth) & (truth <= high), where=known) <= 0.97
    # What misses does so on both sides: neither the good nor the bad news is favoured.
    assert np.mean(truth < low, where=known) < 0.04
    assert np.mean(truth > high, where=known) < 0.04


def test_rare_and_common_difficulty_are_both_held(counted: tuple[Counties, pa.Table]) -> None:
    """By prevalence, 300 counties and more each: within three standard errors of 95 %, or a little over."""
    counties, table = counted
    truth = shares(counties)
    held = (column(table, "share_low") <= truth) & (truth <= column(table, "share_high"))
    for least, most in ((0.002, 0.007), (0.007, 0.026), (0.026, 0.1)):
        band = (counties.prevalence >= least) & (counties.prevalence < most) & ~np.isnan(truth)
        assert band.sum() > 250
        assert 0.91 <= held[band].mean() <= 0.985


def test_the_estimates_are_right_on_average(counted: tuple[Counties, pa.Table]) -> None:
    """Over 1,000 counties the errors cancel: the sum of the estimates lies within four of its standard errors."""
    counties, table = counted
    error = np.sqrt(np.nansum(column(table, "missed_error") ** 2))
    assert abs(column(table, "missed").sum() - counties.missed().sum()) < 4 * error


def test_groups_that_cut_through_the_strata_are_held_too() -> None:
    """By sex of head within 300 counties; groups under ten answers have no figure."""
    chance = np.random.default_rng(7)
    counties = make_counties(chance, 300)
    groups = missed(
        audit(chance, counties), counties.totals(), strata=["county", "part"], by=["county_sex"]
    ).groups.slice(1)
    truth = np.stack([shares(counties, 0), shares(counties, 1)], axis=1).ravel()
    low, high = column(groups, "share_low"), column(groups, "share_high")
    known = ~np.isnan(truth) & ~np.isnan(low)
    assert known.sum() > 550
    assert 0.93 <= np.mean((low <= truth) & (truth <= high), where=known) <= 0.975
