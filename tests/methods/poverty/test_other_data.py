"""Surveys as they come: ties at the line, zero weights, amounts below zero, small cells, strata with one cluster.

Measures by loops, influences by moving each weight, the variance by pandas; and R's survey 4.1 where it gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from highground.methods.poverty import Design, PovertyError, inequality, mpi, poverty, relative

Column = np.ndarray[Any, np.dtype[Any]]
LINE = 2_500.0


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """400 rows: amounts in tens, a few below zero; a weight of zero for each twentieth."""
    chance, n = np.random.default_rng(42), 400
    amount = np.round(chance.lognormal(8, 0.8, n), -1)
    amount[chance.random(n) < 0.03] = -50
    amount[:4] = LINE
    weight = chance.uniform(1, 400, n)
    weight[chance.random(n) < 0.05] = 0
    return pd.DataFrame(
        {
            "stratum": chance.integers(0, 4, n),
            "cluster": chance.integers(0, 6, n),
            "region": np.array(["n", "s", "e"])[chance.integers(0, 3, n)],
            "amount": amount,
            "weight": weight,
        }
    )


@pytest.fixture(scope="module")
def survey(rows: pd.DataFrame) -> Design:
    return Design(rows, weight="weight", strata="stratum", psu="cluster")


def spread(rows: pd.DataFrame, influence: Column) -> float:
    totals = (rows["weight"] * influence).groupby([rows["stratum"], rows["cluster"]]).sum()
    return math.sqrt(
        sum(
            len(group) / (len(group) - 1) * ((group - group.mean()) ** 2).sum()
            for _, group in totals.groupby(level=0)
        )
    )


def height(amount: Column, weight: Column, at: float, value: Column | None = None) -> float:
    """The density at a value, row by row; with `value` that of its total."""
    people = sum(weight)
    mean = sum(weight * amount) / people
    width = math.sqrt(sum(weight * (amount - mean) ** 2) / people) * people**-0.2
    told = [math.exp(-0.5 * ((at - one) / width) ** 2) / math.sqrt(2 * math.pi) for one in amount]
    if value is None:
        return float(sum(weight * told) / (people * width))
    return float(sum(weight * value * told) / width)


def reached(amount: Column, weight: Column, share: float) -> float:
    held = 0.0
    for one, carried in sorted(zip(amount, weight, strict=True)):
        held += carried
        if held >= share * sum(weight):
            return float(one)
    raise AssertionError


GAPS: dict[str, Callable[[Column, float], Column]] = {
    "fgt0": lambda y, line: (y <= line) * 1.0,
    "fgt1": lambda y, line: (y <= line) * (1 - y / line),
    "fgt2": lambda y, line: (y <= line) * (1 - y / line) ** 2,
    "watts": lambda y, line: np.where(y <= line, np.log(line / np.where(y > 0, y, line)), 0),
}
INDICES: dict[str, Callable[[Column, Column], float]] = {
    "gini": lambda y, w: (
        ((2 * np.cumsum(w[np.argsort(y)]) - 1) * (w * y)[np.argsort(y)]).sum() / (w.sum() * (w * y).sum()) - 1
    ),
    "ge0": lambda y, w: -np.average(np.log(y / np.average(y, weights=w)), weights=w),
    "ge1": lambda y, w: np.average(
        y / np.average(y, weights=w) * np.log(y / np.average(y, weights=w)), weights=w
    ),
    "ge2": lambda y, w: (np.average(y * y, weights=w) / np.average(y, weights=w) ** 2 - 1) / 2,
}


@pytest.mark.parametrize("line", [LINE, relative(0.6, "median"), relative(0.5, "mean"), relative(0.8, "q25")])
@pytest.mark.parametrize("by", [[], ["region"]])
def test_poverty_under_any_line_in_any_domain(
    rows: pd.DataFrame, survey: Design, line: Any, by: list[str]
) -> None:
    y, w = rows["amount"].to_numpy(float), rows["weight"].to_numpy()
    at, moved = LINE, np.zeros(len(y))
    if not isinstance(line, float):
        middle = np.average(y, weights=w) if line.of == "mean" else reached(y, w, line.quantile)
        at = line.share * middle
        moved = line.share / w.sum() * (y - middle)
        if line.of != "mean":
            moved = -line.share * ((y <= middle) - line.quantile) / (w.sum() * height(y, w, middle))
    for told in poverty(survey, "amount", line=line, measures=list(GAPS), by=by).rows():
        gap = GAPS[told["measure"]]
        inside = (rows["region"] == told["region"]).to_numpy() if by else np.ones(len(y), bool)
        inside = inside & (w > 0) & ((y > 0) | (told["measure"] != "watts"))
        own = np.where(inside, w, 0)
        value = (own * gap(y, at)).sum() / own.sum()
        slope = height(y[inside], w[inside], at)
        if told["measure"] != "fgt0":  # the poor stay the same: at the line nothing is missing
            poor, step = y <= at, at * 1e-6
            more, less = (
                np.where(poor, gap(np.where(poor, y, 0) * at / (at + one), at), 0) for one in (step, -step)
            )
            slope = (own * (more - less)).sum() / (2 * step) / own.sum()
        error = spread(rows, np.where(inside, (gap(y, at) - value) / own.sum(), 0) + slope * moved)
        assert told["estimate"] == pytest.approx(value, abs=1e-12), told
        assert told["se"] == pytest.approx(error, rel=1e-6), told
        assert told["n"] == inside.sum()


@pytest.mark.parametrize("measure", INDICES)
def test_inequality_in_domains_by_moving_each_weight(
    rows: pd.DataFrame, survey: Design, measure: str
) -> None:
    index = INDICES[measure]
    for told in inequality(survey, "amount", measure, by="region").rows():
        inside = ((rows["region"] == told["region"]) & (rows["weight"] > 0)).to_numpy()
        inside = inside & ((rows["amount"] > 0).to_numpy() | (measure == "gini"))
        y, w = rows["amount"].to_numpy(float)[inside], rows["weight"].to_numpy()[inside]
        slopes = []
        for row in range(len(y)):
            step = np.zeros(len(y))
            step[row] = 1e-3
            slopes.append((index(y, w + step) - index(y, w - step)) / 2e-3)
        influence = np.zeros(len(rows))
        influence[inside] = slopes
        assert told["estimate"] == pytest.approx(index(y, w), abs=1e-12)
        assert told["se"] == pytest.approx(spread(rows, influence), rel=1e-5)


def test_the_quintile_ratio_in_domains(rows: pd.DataFrame, survey: Design) -> None:
    for told in inequality(survey, "amount", "qsr", by="region").rows():
        inside = ((rows["region"] == told["region"]) & (rows["weight"] > 0)).to_numpy()
        y, w = rows["amount"].to_numpy(float)[inside], rows["weight"].to_numpy()[inside]
        low, high = reached(y, w, 0.2), reached(y, w, 0.8)
        poor, rich = (w * y * (y <= low)).sum(), (w * y * (y > high)).sum()
        poorer = y * (y <= low) - height(y, w, low, y) / (height(y, w, low) * w.sum()) * ((y <= low) - 0.2)
        richer = y * (y > high) + height(y, w, high, y) / (height(y, w, high) * w.sum()) * ((y <= high) - 0.8)
        influence = np.zeros(len(rows))
        influence[inside] = (richer - rich / poor * poorer) / poor
        assert told["estimate"] == pytest.approx(rich / poor, abs=1e-12)
        assert told["se"] == pytest.approx(spread(rows, influence), rel=1e-9)


@pytest.mark.parametrize(
    ("lonely", "headcount", "intensity"),
    [
        (
            "certainty",
            (0.26030927835051548, 0.074100784650525095),
            (0.70957095709570961, 0.041247568231442884),
        ),
        ("average", (0.26030927835051548, 0.07510633859494717), (0.70957095709570961, 0.041511401159080669)),
    ],
)
def test_a_stratum_with_one_cluster_as_r_survey_has_it(
    lonely: str, headcount: tuple[float, float], intensity: tuple[float, float]
) -> None:
    """`svymean` and `svyratio` of R's survey 4.1-1 with lonely.psu certainty and adjust, in the domain `odd`."""
    place = np.arange(60)
    table = {
        "stratum": [*(place[:57] % 3), 9, 9, 9],
        "cluster": place // 5,
        "weight": 10.0 + place % 7,
        "part": ["odd" if one % 2 else "even" for one in place],
        "food": (place * 7 % 5 == 0).astype(int),
        "school": (place * 11 % 3 == 0).astype(int),
        "water": (place * 5 % 4 < 2).astype(int),
    }
    table["cluster"][57:] = 1
    design = Design(table, weight="weight", strata="stratum", psu="cluster", lonely=lonely)
    told = mpi(design, {"food": 1 / 3, "school": 1 / 3, "water": 1 / 3}, k=0.5, by="part").rows()
    odd = {row["measure"]: (row["estimate"], row["se"]) for row in told if row["part"] == "odd"}
    assert odd["H"] == pytest.approx(headcount, abs=1e-12)
    assert odd["A"] == pytest.approx(intensity, abs=1e-12)


@pytest.mark.parametrize("weight", [0.1, 0.3, 1 / 3, 0.7, 1.1, 12.6])
def test_equal_weights_are_equal_whatever_they_are(weight: float) -> None:
    """Sums of such weights miss a fifth by a rounding error, and the row at the quantile with it."""
    for n in range(5, 101, 5):
        table = {"y": np.arange(1.0, n + 1), "w": [weight] * n}
        (plain,), (weighed,) = (
            inequality(one, "y", "qsr").rows() for one in (Design(table), Design(table, weight="w"))
        )
        assert weighed["estimate"] == pytest.approx(plain["estimate"], nan_ok=True), n
        (plain,), (weighed,) = (
            poverty(one, "y", measures="arpt").rows() for one in (Design(table), Design(table, weight="w"))
        )
        assert weighed["estimate"] == plain["estimate"], n


def test_a_cell_that_cannot_be_told_leaves_the_others() -> None:
    table = {"y": [1.0, 2, 3, 4, 5, 0, 0, 6], "v": ["a"] * 5 + ["b"] * 2 + ["c"]}
    told = inequality(Design(table), "y", ["gini", "qsr"], by="v")
    found = {(row["measure"], row["v"]): row["estimate"] for row in told.rows()}
    assert found["gini", "a"] == pytest.approx(4 / 15) and found["qsr", "a"] == 5
    assert math.isnan(found["gini", "b"]) and math.isnan(found["qsr", "b"]) and math.isnan(found["qsr", "c"])
    assert "gini (v b): not told, since the amounts do not add up to more than zero" in told.notices
    assert any(one.startswith("qsr (v c): not told") for one in told.notices)
    under = poverty(Design(table), "y", measures=["arpr"], by="v")
    one, same, alone = under.rows()
    assert one["se"] > 0 and (same["estimate"], alone["estimate"]) == (1, 0)
    assert math.isnan(same["se"]) and math.isnan(alone["se"])
    assert any(one.startswith("arpr (v c): without a standard error") for one in under.notices)


def test_where_nobody_is_poor_there_is_no_intensity_and_a_cell_without_rows_is_said() -> None:
    table = pd.DataFrame({"a": [0, 0, 0, None], "b": [0, 1, 0, 1], "r": ["x", "x", "x", "y"]})
    told = mpi(Design(table), {"a": 0.5, "b": 0.5}, k=1, by="r")
    found = {row["measure"]: row["estimate"] for row in told.rows()}
    assert found["H"] == found["M0"] == 0 and math.isnan(found["A"]) and math.isnan(found["contribution a"])
    assert "A (r x): not told, since nobody is poor" in told.notices
    assert "H, A and M0 (r y): not told, since no row is left" in told.notices


def test_an_empty_answer_has_its_columns() -> None:
    told = poverty(Design({"y": [0.0, 0], "r": ["x", "z"]}), "y", line=2, measures="watts", by="r")
    assert len(told) == 0 and told.table.column_names[:3] == ["measure", "r", "line"]
    assert len(told.table.column_names) == 12


def test_cells_stand_in_the_order_of_their_numbers_and_categories_are_words() -> None:
    table = pd.DataFrame(
        {"y": np.arange(24.0), "v": [1, 2, 10, 11] * 6, "c": pd.Categorical(["t", "u"] * 12)}
    )
    survey = Design(table, strata="c")
    assert [row["v"] for row in poverty(survey, "y", line=5, measures="fgt0", by="v").rows()] == [
        1,
        2,
        10,
        11,
    ]
    assert [row["c"] for row in poverty(survey, "y", line=5, measures="fgt0", by="c").rows()] == ["t", "u"]
    gaps = Design({"y": [1.0, 2, 3, 4], "v": np.array([1.0, math.nan, math.nan, 1.0])})
    assert [row["v"] for row in poverty(gaps, "y", line=2, measures="fgt0", by="v").rows()] == [1.0, None]
    relation = duckdb.sql("select 1.0 * i as y from range(10) t(i)")
    assert poverty(Design(relation), "y", line=3, measures="fgt0").rows()[0]["estimate"] == 0.4


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: poverty(Design({"y": [1.0, 2]}), "y", line=math.inf), "a number above zero; here the line is inf"),
        (lambda: poverty(Design({"y": [0.0, 0, 1]}), "y", line=relative(0.6)), r"the line is 0.0 \(0.6 of the med"),
        (lambda: poverty(Design({"y": [1.0, 2], "line": [1, 2]}), "y", line=2, by="line"), "rename that of the survey"),
        (lambda: Design({"y": [1.0, 2], "s": np.array([1.0, math.nan])}, strata="s"), "1 rows have no 's'"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(PovertyError, match=said):
        ask()
