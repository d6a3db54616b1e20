"""The best team of a place, beside every team tried by itself."""

from __future__ import annotations

import numpy as np
import pytest

from highground.methods.allocate.best_team import BestTeams
from tests.methods.allocate.small import make_problem, team_value, teams_of


@pytest.mark.parametrize("seed", range(8))
def test_no_team_is_better_and_the_team_has_its_value(seed: int) -> None:
    chance = np.random.default_rng([seed, 1])
    for _ in range(150):
        problem = make_problem(chance, people=int(chance.integers(1, 9)), places=int(chance.integers(1, 5)),
                               bits=int(chance.integers(1, 6)), most=4, locks=0.2 * (seed % 2))  # fmt: skip
        values = chance.integers(-400, 400, len(problem.person))
        best, chosen = BestTeams(problem).teams(values)
        assert np.array_equal(best, BestTeams(problem).values(values))
        for place in range(len(problem.seats)):
            teams = teams_of(problem, place)
            team = tuple(chosen[problem.place[chosen] == place].tolist())
            assert tuple(sorted(team)) in teams
            tried = max(team_value(problem, place, one, values) for one in teams)
            assert best[place] == tried == team_value(problem, place, team, values)
