"""Chains of moves that fill vacancies, beside every plan tried by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from highground.methods.allocate.problem import Problem
from highground.methods.allocate.vacancies import avoidable, fill
from tests.methods.allocate.small import best_plan, holds, make_problem


def some_plan(problem: Problem, chance: np.random.Generator) -> np.ndarray:
    """Pairs taken in any order as long as no rule breaks: a poor plan to begin from."""
    chosen = problem.locked.tolist()
    for pair in chance.permutation(len(problem.person)).tolist():
        if pair not in chosen and holds(problem, [*chosen, pair]):
            chosen.append(pair)
    return np.array(sorted(chosen), dtype=np.int64)


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
