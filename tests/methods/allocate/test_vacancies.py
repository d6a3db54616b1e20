"""Chains of moves that fill vacancies, beside every plan tried by itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from highground.methods.allocate import overlaps
from highground.methods.allocate.problem import Cap, Problem
from highground.methods.allocate.vacancies import avoidable, fill
from tests.methods.allocate.small import best_plan, holds, make_problem, teams_of

CONFLICTING = (466, 912, 1185, 1658, 1809, 2056, 3073, 3549, 3730, 4410)
"""Draws in which the first chain to a vacancy sends both of a couple."""


def some_plan(problem: Problem, chance: np.random.Generator) -> np.ndarray:
    """Pairs taken in any order as long as no rule breaks: a poor plan to begin from."""
    chosen = problem.locked.tolist()
    for pair in chance.permutation(len(problem.person)).tolist():
        if pair not in chosen and holds(problem, [*chosen, pair]):
            chosen.append(pair)
    return np.array(sorted(chosen), dtype=np.int64)


def leads_of(problem: Problem, chosen: list[int]) -> set[int]:
    """The places whose lead's seat is filled."""
    return {
        int(problem.place[one])
        for one in chosen
        if problem.brings[one] & 1 and problem.leads[problem.place[one]]
    }


def fills_more(problem: Problem, start: np.ndarray) -> bool:
    """Whether some plan fills all that is filled and a seat more, by trying every plan; a lead's seat takes a lead."""
    before = np.bincount(problem.place[start], minlength=len(problem.seats))
    led = leads_of(problem, start.tolist())
    for teams in product(*(teams_of(problem, place) for place in range(len(problem.seats)))):
        now = np.array([len(team) for team in teams])
        chosen = [pair for team in teams for pair in team]
        kept = (now >= before).all() and led <= leads_of(problem, chosen)
        if kept and now.sum() > before.sum() and holds(problem, chosen):
            return True
    return False


@pytest.mark.parametrize("seed", range(6))
def test_chains_fill_all_that_can_be_filled_where_each_person_has_one_group(seed: int) -> None:
    chance = np.random.default_rng([seed, 6])
    worse = 0
    for _ in range(60):
        problem = make_problem(chance, people=6, places=3, most=2, density=0.45, locks=0.1 * (seed % 2))
        problem = replace(problem, caps=problem.caps[:1] if seed < 3 else problem.caps[1:])
        filled, _, _ = best_plan(problem)
        start = some_plan(problem, chance)
        worse += len(start) < filled
        full = fill(problem, start)
        assert holds(problem, full.tolist()) and set(problem.locked.tolist()) <= set(full.tolist())
        assert len(full) == filled
        assert avoidable(problem, full) == 0
        assert (avoidable(problem, start) > 0) == (len(start) < filled)
    assert worse


def test_where_limits_overlap_a_vacancy_is_avoidable_exactly_if_some_plan_fills_it_too() -> None:
    worse = overlapping = 0
    for seed in (*range(400), *CONFLICTING):
        chance = np.random.default_rng([seed, 77])
        problem = make_problem(chance, people=7, places=3, most=2, density=0.45, locks=0.1 * (seed % 2))
        start = some_plan(problem, chance)
        full = fill(problem, start)
        assert holds(problem, full.tolist())
        assert leads_of(problem, start.tolist()) <= leads_of(problem, full.tolist()), seed
        more = fills_more(problem, start)
        assert (avoidable(problem, start) > 0) == more == (len(full) > len(start)), seed
        assert avoidable(problem, full) == 0 and not fills_more(problem, full), seed
        worse += more
        overlapping += bool(((problem.caps[0].group >= 0) & (problem.caps[1].group >= 0)).any())
    assert worse > 30 and overlapping > 300


def test_of_two_who_could_come_each_bound_by_another_rule_one_leaves_for_both() -> None:
    # C holds seat 0 for unit 0, which may send one, and is married to B. A, of the unit, alone can go to 1; B alone to 0.
    plain = make_problem(np.random.default_rng(0), people=3, places=2, caps=False)
    caps = (
        Cap("unit", np.array([0, -1, 0], np.int32), np.array([1], np.int32)),
        Cap("couple", np.array([-1, 0, 0], np.int32), np.array([1], np.int32)),
    )
    problem = replace(
        plain, seats=np.array([1, 1], np.int32), leads=np.zeros(2, bool), wanted=np.zeros(2, np.uint8),
        weight=np.zeros((2, 8), np.int64), person=np.array([1, 2, 0], np.int32), place=np.array([0, 0, 1], np.int32),
        brings=np.zeros(3, np.uint8), points=np.zeros(3, np.int32), caps=caps,
    )  # fmt: skip
    start = np.array([1])
    assert avoidable(problem, start) == 1
    assert fill(problem, start).tolist() == [0, 2]
    assert avoidable(replace(problem, locked=start), start) == 0


def test_where_limits_overlap_a_lead_is_not_given_up_for_a_member() -> None:
    # B leads 0, is of one unit with A and married to C. A and C can go to 1, once B is home; C, who may not lead, to 0 too.
    plain = make_problem(np.random.default_rng(0), people=3, places=2, caps=False)
    caps = (
        Cap("unit", np.array([0, 0, -1], np.int32), np.array([1], np.int32)),
        Cap("couple", np.array([-1, 0, 0], np.int32), np.array([1], np.int32)),
    )
    problem = replace(
        plain, seats=np.array([3, 1], np.int32), leads=np.array([True, False]), wanted=np.array([1, 0], np.uint8),
        weight=np.zeros((2, 8), np.int64), person=np.array([2, 1, 0, 2], np.int32), place=np.array([0, 0, 1, 1], np.int32),
        brings=np.array([0, 1, 0, 0], np.uint8), points=np.zeros(4, np.int32), caps=caps,
    )  # fmt: skip
    start = np.array([1])
    assert avoidable(problem, start) == 0
    assert fill(problem, start).tolist() == [1]


def test_a_chain_brings_home_one_of_a_unit_so_that_another_may_go() -> None:
    # Unit 0 may release one person. A, of the unit, sits at place 0, which C could fill; B, of the unit, alone can go to 1.
    chance = np.random.default_rng(0)
    problem = make_problem(chance, people=3, places=2, caps=False)
    cap = replace(
        make_problem(chance, people=3, places=1).caps[0],
        group=np.array([0, 0, -1], np.int32),
        most=np.array([1], np.int32),
    )
    problem = replace(
        problem, seats=np.array([1, 1], np.int32), leads=np.zeros(2, bool), wanted=np.zeros(2, np.uint8),
        weight=np.zeros((2, 8), np.int64), person=np.array([0, 2, 1], np.int32), place=np.array([0, 0, 1], np.int32),
        brings=np.zeros(3, np.uint8), points=np.zeros(3, np.int32), caps=(cap,),
    )  # fmt: skip
    start = np.array([0])
    assert avoidable(problem, start) == 1
    assert fill(problem, start).tolist() == [1, 2]
    assert avoidable(replace(problem, locked=start), start) == 0


def test_a_vacancy_that_was_not_settled_counts_as_avoidable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlaps, "MOST_LOOKS", 1)
    unsettled = 0
    for seed in range(200):
        chance = np.random.default_rng([seed, 77])
        problem = make_problem(chance, people=7, places=3, most=2, density=0.45)
        full = fill(problem, some_plan(problem, chance))
        unsettled += avoidable(problem, full) > 0
        assert not fills_more(problem, full) or avoidable(problem, full) > 0
    assert unsettled
