"""The measures against their definitions, their influences against derivatives, the variance against the jackknife."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import stats

from highground.methods.poverty import Design, PovertyError, inequality, mpi, poverty, relative
from highground.methods.poverty.influences import UNDER_LINE, WITHOUT_LINE, Domain
from highground.methods.poverty.student import student_quantile

Weights = np.ndarray[Any, np.dtype[np.float64]]
CHANCE = np.random.default_rng(7)
N = 1_200


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """An invented survey: 6 strata with 10 clusters of 20 rows, amounts heaped and heavy-tailed."""
    stratum = np.repeat(np.arange(6), 200)
    cluster = np.tile(np.repeat(np.arange(10), 20), 6)
    level = CHANCE.normal(9, 0.3, (6, 10))[stratum, cluster]
    amount = np.round(np.exp(level + CHANCE.normal(0, 0.6, N)), -2) + 50
    return pa.table(
        {
            "stratum": [f"S{one}" for one in stratum],
            "cluster": cluster,
            "weight": CHANCE.uniform(50, 900, N),
            "amount": amount,
            "line": CHANCE.uniform(4_000, 9_000, N),
            "region": [["north", "south", None][one] for one in CHANCE.integers(0, 3, N)],
            **{
                name: CHANCE.random(N) < share
                for name, share in (("food", 0.2), ("school", 0.3), ("water", 0.5))
            },
        }
    )


@pytest.fixture(scope="module")
def survey(table: pa.Table) -> Design:
    return Design(table, weight="weight", strata="stratum", psu="cluster")


@pytest.mark.parametrize("measure", [*UNDER_LINE, *WITHOUT_LINE])
def test_an_influence_is_the_derivative_to_a_weight(measure: str) -> None:
    y = np.sort(CHANCE.lognormal(9, 0.7, 60))
    w = CHANCE.uniform(1, 5, 60)
    line = np.full(60, float(np.median(y)))

    def measured(weights: Weights) -> tuple[float, Weights]:
        domain = Domain(y, weights)
        return (
            UNDER_LINE[measure].value(domain, line)
            if measure in UNDER_LINE
            else WITHOUT_LINE[measure](domain)
        )

    found = measured(w)
    if measure == "qsr":  # its quantiles move by steps, and the influence by their density
        assert abs((w * found[1]).sum()) < 0.1 * found[0]
        return
    for row in (0, 20, 59):
        step = np.zeros(60)
        step[row] = 1e-5
        slope = (measured(w + step)[0] - measured(w - step)[0]) / 2e-5
        assert found[1][row] == pytest.approx(slope, rel=1e-5, abs=1e-9)


def test_measures_by_their_definitions(table: pa.Table, survey: Design) -> None:
    y, w = (np.asarray(table[name]) for name in ("amount", "weight"))
    gap = np.where(y <= 7000, (7000 - y) / 7000, 0)
    found = {row["measure"]: row["estimate"] for row in poverty(survey, "amount", line=7000).rows()}
    assert found["fgt0"] == pytest.approx(np.average(y <= 7000, weights=w), abs=1e-14)
    assert found["fgt1"] == pytest.approx(np.average(gap, weights=w), abs=1e-14)
    assert found["fgt2"] == pytest.approx(np.average(gap**2, weights=w), abs=1e-14)
    shares = y / np.average(y, weights=w)
    by_hand = {
        "ge0": -np.average(np.log(shares), weights=w),
        "ge1": np.average(shares * np.log(shares), weights=w),
        "ge2": np.average(shares**2 - 1, weights=w) / 2,
        # the mean difference of two people drawn, over twice the mean
        "gini": (w[:, None] * w * np.abs(y[:, None] - y)).sum()
        / (2 * w.sum() ** 2 * np.average(y, weights=w)),
    }
    told = inequality(survey, "amount", list(by_hand), convention="sample").rows()
    for row in told:
        assert row["estimate"] == pytest.approx(by_hand[row["measure"]], abs=1e-12), row["measure"]


@pytest.mark.parametrize("measure", ["fgt0", "fgt1", "watts", "gini", "ge1"])
def test_the_variance_is_near_the_jackknife(table: pa.Table, survey: Design, measure: str) -> None:
    """Leave out each cluster in turn, the others of its stratum weighted up: another way to the same variance."""

    def asked(one: Design) -> dict[str, Any]:
        if measure in WITHOUT_LINE:
            return inequality(one, "amount", [measure]).rows()[0]
        return poverty(one, "amount", line=7000, measures=[measure]).rows()[0]

    def estimate(weights: Weights) -> float:
        changed = table.set_column(2, "weight", pa.array(weights))
        return float(asked(Design(changed, weight="weight", strata="stratum", psu="cluster"))["estimate"])

    weights, stratum = np.asarray(table["weight"]), np.asarray(table["stratum"])
    whole, squares = estimate(weights), 0.0
    for cluster in range(survey.psus):
        out = survey.clusters == cluster
        same = stratum == stratum[out][0]
        squares += 0.9 * (estimate(np.where(out, 0, np.where(same, weights / 0.9, weights))) - whole) ** 2
    assert asked(survey)["se"] == pytest.approx(np.sqrt(squares), rel=0.05)


def test_a_mean_as_textbooks_have_it(table: pa.Table, survey: Design) -> None:
    """The headcount of a simple random sample, and its design effect of one."""
    plain = Design(table)
    (row,) = poverty(plain, "amount", line=7000, measures=["fgt0"]).rows()
    share = np.mean(np.asarray(table["amount"]) <= 7000)
    assert row["se"] == pytest.approx(np.sqrt(share * (1 - share) / (N - 1)), rel=1e-12)
    assert row["deff"] == pytest.approx(1, abs=1e-9)
    assert row["df"] == N - 1
    reach = stats.t.ppf(0.975, N - 1) * row["se"]
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(share - reach), pytest.approx(share + reach))
    (clustered,) = poverty(survey, "amount", line=7000, measures=["fgt0"]).rows()
    assert clustered["n_psu"] == 60 and clustered["df"] == 54 and clustered["deff"] > 1.5


@pytest.mark.parametrize("df", [1, 2, 5, 54, 1000, 400_000])
def test_student(df: int) -> None:
    assert student_quantile(0.975, df) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-8)


def test_domains_make_the_whole(table: pa.Table, survey: Design) -> None:
    parts = poverty(survey, "amount", line=7000, measures=["fgt1"], by="region").rows()
    assert [row["region"] for row in parts] == ["north", "south", None]
    (whole,) = poverty(survey, "amount", line=7000, measures=["fgt1"]).rows()
    frame = table.to_pandas()
    sums = frame.groupby(frame["region"].fillna("-"))["weight"].sum()
    mean = np.average(
        [row["estimate"] for row in parts], weights=[sums[row["region"] or "-"] for row in parts]
    )
    assert mean == pytest.approx(whole["estimate"], abs=1e-12)
    assert sum(row["n"] for row in parts) == N and {row["df"] for row in parts} == {54}


def test_lines_of_other_kinds(table: pa.Table, survey: Design) -> None:
    fixed = float(relative_line(survey))
    moving = poverty(survey, "amount", line=relative(0.6, "median"), measures=["fgt0"]).rows()[0]
    still = poverty(survey, "amount", line=fixed, measures=["fgt0"]).rows()[0]
    assert moving["estimate"] == still["estimate"] and moving["se"] != still["se"]
    own = poverty(survey, "amount", line="line", measures=["fgt0"]).rows()[0]
    poor = np.asarray(table["amount"]) <= np.asarray(table["line"])
    assert own["estimate"] == pytest.approx(np.average(poor, weights=np.asarray(table["weight"])))


def relative_line(survey: Design) -> float:
    return float(poverty(survey, "amount", measures=["arpt"]).rows()[0]["estimate"])


def test_deprivations(survey: Design) -> None:
    weights = {"food": 1 / 3, "school": 1 / 3, "water": 1 / 3}
    told = {row["measure"]: row["estimate"] for row in mpi(survey, weights, k=2 / 3).rows()}
    assert told["M0"] == pytest.approx(told["H"] * told["A"], abs=1e-14)
    assert sum(told[f"contribution {name}"] for name in weights) == pytest.approx(1)
    assert all(told[f"censored {name}"] <= told[f"uncensored {name}"] for name in weights)
    every = {row["measure"]: row["estimate"] for row in mpi(survey, weights, k=1e-6).rows()}
    assert every["censored water"] == every["uncensored water"]


def test_any_table_will_do(table: pa.Table, survey: Design) -> None:
    (expected,) = poverty(survey, "amount", line=7000, measures=["fgt0"]).rows()
    for other in (table.to_pandas(), pl.from_arrow(table), table.to_pydict()):
        one = Design(other, weight="weight", strata="stratum", psu="cluster")
        assert poverty(one, "amount", line=7000, measures=["fgt0"]).rows() == [expected]
    assert isinstance(poverty(survey, "amount", line=7000).to_pandas(), pd.DataFrame)


def test_missing_is_said_and_zero_has_no_logarithm() -> None:
    amounts = [None, 0.0, -5.0, 10.0, 20.0, 30.0]
    survey = Design(pa.table({"y": amounts, "w": [1.0, 1, 1, 1, 0, 1]}), weight="w")
    told = poverty(survey, "y", line=15, measures=["fgt0", "watts"])
    assert told.notices == (
        "1 of 6 rows have no y and are left out",
        "watts: 2 rows with an amount of zero or below are left out",
    )
    assert [(row["estimate"], row["n"]) for row in told.rows()] == [
        (0.75, 4),
        (pytest.approx(np.log(1.5) / 2), 2),
    ]


def test_a_single_cluster_in_its_stratum(table: pa.Table) -> None:
    last = pa.table(
        {**{name: table[name].slice(0, 1) for name in table.column_names}, "stratum": pa.array(["alone"])}
    )
    more = pa.concat_tables([table, last.cast(table.schema)])
    with pytest.raises(PovertyError, match=r"1 of 7 strata .* have a single cluster"):
        Design(more, weight="weight", strata="stratum", psu="cluster")
    errors = [
        poverty(
            Design(more, weight="weight", strata="stratum", psu="cluster", lonely=way), "amount", line=7000
        ).rows()[0]["se"]
        for way in ("certainty", "average")
    ]
    assert errors[0] < errors[1]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda t: Design(t, weight="wieght"), "there is no column 'wieght'"),
        (lambda t: Design(t.set_column(2, "weight", pa.array([-1.0] * N)), weight="weight"), "negative weight"),
        (lambda t: Design(t.set_column(2, "weight", pa.array([0.0] * N)), weight="weight"), "are zero"),
        (lambda t: Design(t, strata="region"), "rows have no 'region'"),
        (lambda t: Design(t, lonely="maybe"), "lonely is one of"),
        (lambda t: poverty(Design(t), "amount", measures=["fgt0"]), "fgt0 needs a line"),
        (lambda t: poverty(Design(t), "amount", line=-1), "a poverty line is a number above zero"),
        (lambda t: poverty(Design(t), "stratum", line=1), "column 'stratum' is string; give numbers"),
        (lambda t: poverty(Design(t), "amount", line=1, measures=["sen"]), "there is no poverty measure 'sen'"),
        (lambda t: inequality(Design(t), "amount", ["theil"]), "there is no inequality measure 'theil'"),
        (lambda t: inequality(Design(t), "amount", convention="mine"), "the convention is one of"),
        (lambda t: relative(0, "median"), "a share above zero"),
        (lambda t: relative(0.6, "mode"), "relative to 'median'"),
        (lambda t: mpi(Design(t), {"food": 0.5}, k=0.5), "sum to one"),
        (lambda t: mpi(Design(t), {"amount": 1.0}, k=0.5), "0 or 1, nothing else"),
        (lambda t: mpi(Design(t), {"food": 1.0}, k=0), "k is a share"),
        (lambda t: Design("nowhere.parquet"), "there is no such file"),
        (lambda t: Design(t.slice(0, 0)), "has no rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(table: pa.Table, ask: Any, said: str) -> None:
    with pytest.raises(PovertyError, match=re.escape(said)):
        ask(table)


def test_one_cluster_in_every_stratum_has_no_error_to_tell() -> None:
    alone = pa.table({"y": [1.0, 2, 3, 4], "s": ["a", "a", "b", "b"], "c": [1, 1, 2, 2], "w": [1.0] * 4})
    with pytest.raises(PovertyError, match=r"2 of 2 strata .* have a single cluster"):
        Design(alone, weight="w", strata="s", psu="c")
    sure = Design(alone, weight="w", strata="s", psu="c", lonely="certainty")
    (row,) = poverty(sure, "y", line=2.5, measures=["fgt0"]).rows()
    assert (row["estimate"], row["n_psu"]) == (0.5, 2) and row["df"] == 0
    assert not row["se"] or np.isnan(row["se"]), "nothing tells how clusters of a stratum differ"


def test_negative_consumption_has_no_watts_and_counts_in_the_others() -> None:
    survey = Design(pa.table({"y": [-50.0, 5.0, 20.0, 40.0]}))
    told = poverty(survey, "y", line=10, measures=["fgt0", "fgt1", "watts"])
    assert told.notices == ("watts: 1 rows with an amount of zero or below are left out",)
    fgt0, fgt1, watts = told.rows()
    assert (fgt0["estimate"], fgt1["estimate"]) == (0.5, pytest.approx((6 + 0.5) / 4))
    assert (watts["estimate"], watts["n"]) == (pytest.approx(np.log(2) / 3), 3)
