"""Reasons for a posting and against another, on a village that can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.building import Task, build
from highground.methods.allocate.explaining import Explainer, explain
from highground.methods.allocate.fairness import fairness, lift, stability
from highground.methods.allocate.generating import generate
from highground.methods.allocate.planning import plan
from highground.methods.allocate.policy import Policy
from highground.methods.allocate.tables import read_tables
from tests.methods.allocate.hand import tables


@pytest.fixture
def task() -> Task:
    return build(tables(), Policy())


def told(reasons: tuple[object, ...]) -> list[str]:
    return [str(one) for one in reasons]


def test_a_posting_is_explained_in_words(task: Task) -> None:
    chosen = plan(task.problem).pairs
    shown = explain(task, chosen, "An")
    assert told(shown.reasons) == [
        "posted to East as first secretary",
        "meets 1 of 1 needs (agronomy)",
        "is the only one in the team who brings: agronomy, a first secretary",
        "5 km from home",
        "the unit is paired with this village",
    ]
    (west,) = shown.others
    assert west.village == "West"
    # East would lose its lead's 300 points and the agronomist's 150; West would gain 340 less whoever leaves.
    assert "scores +40 points more there" in told(west.reasons)
    assert "East would lose agronomy, a first secretary (-450)" in told(west.reasons)


def test_why_not_says_which_rule_or_what_it_would_cost(task: Task) -> None:
    chosen = plan(task.problem).pairs
    explainer = Explainer(task, chosen)
    assert told(explainer.why_not("Bo", "East")) == [
        "may not be posted to East: the pair is not on the list",
        "East is the home village",
    ]
    assert told(explainer.why_not("An", "East")) == ["is posted there"]
    assert "unit U2 already releases as many as it may" in told(explainer.why_not("Di", "West"))
    assert told(explain(task, chosen, "Di").reasons) == ["has no post in this plan"]
    with pytest.raises(InputError, match="no person 'Nobody'"):
        explainer.why_not("Nobody", "East")


def test_counties_are_compared_and_the_weakest_can_be_lifted(task: Task) -> None:
    chosen = plan(task.problem).pairs
    shown = fairness(task, chosen)
    assert shown.counties.column("county").to_pylist() == ["C1", "C2"]
    # East: 300, nothing missing but a woman (60); West: Bo 250 and Cy 200, a woman among them.
    assert shown.counties.column("strength").to_pylist() == [240.0, 225.0]
    assert shown.worst == 225.0
    assert shown.women == pytest.approx(1 / 3)
    assert shown.gini == pytest.approx((240 - 225) / (2 * 465))
    lifted = lift(task, chosen, rounds=2)
    assert lifted.worst_after >= lifted.worst_before
    assert lifted.cost >= 0


def test_postings_that_hang_on_no_weight_stay(task: Task) -> None:
    same = stability(task, plan(task.problem).pairs)
    assert {one.weight for one in same} == {"missing_skill", "missing_language", "no_woman"}
    assert all(one.share == 1.0 for one in same)
    assert np.unique([one.factor for one in same]).tolist() == [0.8, 1.2]


def test_nobody_moves_for_a_plan_that_is_worth_no_more(tmp_path: Path) -> None:
    """Where every pair scores the same, planning from scratch moves two thirds of the people for nothing."""
    drawn = read_tables(generate(8, 1, tmp_path / "in"))
    points = drawn.pairs.column("points")
    alike = pa.table({**dict(zip(drawn.pairs.column_names, drawn.pairs.columns, strict=True)),
                      "points": pa.array([300] * len(points), points.type)})  # fmt: skip
    task = build(replace(drawn, pairs=alike), Policy())
    assert [one.share for one in stability(task, plan(task.problem).pairs)] == [1.0] * 6
