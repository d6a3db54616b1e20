"""The bound and the plan, beside every plan tried by itself and beside HiGHS."""

from __future__ import annotations

import numpy as np
import pytest

from highground.methods.allocate.best_team import BestTeams
from highground.methods.allocate.planning import Effort, plan
from highground.methods.allocate.prices import SCALE, Prices, bound, scaled
from highground.methods.allocate.problem import Problem
from highground.methods.allocate.vacancies import avoidable
from tests.methods.allocate.programme import solve
from tests.methods.allocate.small import best_plan, holds, make_problem


def bound_of(problem: Problem, prices: Prices, filled: int) -> float:
    return bound(BestTeams(scaled(problem)), problem, prices, filled) / SCALE


def tiny(chance: np.random.Generator, **options: object) -> Problem:
    return make_problem(
        chance, people=int(chance.integers(2, 7)), places=int(chance.integers(1, 4)), most=2, **options
    )


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_passes_the_bound_whatever_the_prices(seed: int) -> None:
    chance = np.random.default_rng([seed, 2])
    for _ in range(100):
        problem = tiny(chance, locks=0.15 * (seed % 2))
        filled, score, counts = best_plan(problem)
        for _ in range(4):
            prices = Prices(
                chance.integers(0, 40_000, problem.people),
                tuple(chance.integers(0, 40_000, len(cap.most)) for cap in problem.caps),
                int(chance.integers(0, 3_000_000)),
            )
            assert bound_of(problem, prices, filled) >= score
        assert max(counts) == filled


@pytest.mark.parametrize("seed", range(6))
def test_a_plan_fills_all_that_can_be_filled_and_no_plan_is_better_than_the_bound(seed: int) -> None:
    chance = np.random.default_rng([seed, 3])
    scores = []
    for _ in range(60):
        problem = tiny(chance, locks=0.15 * (seed % 2))
        filled, score, _ = best_plan(problem)
        made = plan(problem, effort=Effort(2, 20))
        assert holds(problem, made.pairs.tolist())
        assert set(problem.locked.tolist()) <= set(made.pairs.tolist())
        assert bound_of(problem, made.prices, len(made.pairs)) >= score or len(made.pairs) < filled
        # With no more vacancies than must be, no chain of moves fills one; and where a chain can, there is a fuller plan.
        if len(made.pairs) == filled:
            assert avoidable(problem, made.pairs) == 0
            scores.append((problem.score(made.pairs), score))
    assert all(own <= best for own, best in scores)
    assert np.mean([own == best for own, best in scores]) > 0.8
    assert len(scores) > 55


def test_highs_agrees_with_trying_everything_and_with_the_bound() -> None:
    chance = np.random.default_rng(4)
    for _ in range(40):
        problem = tiny(chance)
        filled, score, _ = best_plan(problem)
        assert solve(problem, filled) == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_highs_on_small_tasks_lies_between_the_plan_and_the_bound(seed: int) -> None:
    chance = np.random.default_rng([seed, 5])
    problem = make_problem(chance, people=120, places=25, density=0.2, bits=5, most=4, caps=seed == 0)
    made = plan(problem, effort=Effort(4, 80))
    best = solve(problem, len(made.pairs))
    relaxed = solve(problem, len(made.pairs), whole=False)
    most = bound_of(problem, made.prices, len(made.pairs))
    own = problem.score(made.pairs)
    assert own <= best + 1e-6 <= relaxed + 2e-6
    assert most >= best - 1e-6
    assert (most - own) / own < 0.01
    # Steps of prices come close to the best prices that there are: those of the relaxation.
    assert most <= relaxed + 0.01 * own
