"""The whole task as one integer programme for HiGHS, written from the rules and from nothing that is tested."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from highground.methods.allocate.problem import Problem


def solve(problem: Problem, filled: int, *, whole: bool = True) -> float:
    """The best score of a plan that fills at least `filled` seats; without `whole`, of the relaxation."""
    pairs, places = len(problem.person), len(problem.seats)
    # Columns: each pair; for each place and bit whether it is covered; for each place whether it has a lead.
    covered = pairs + np.arange(places * 8).reshape(places, 8)
    rows: list[tuple[list[int], list[float], float, float]] = []
    for person in range(problem.people):
        mine = np.flatnonzero(problem.person == person).tolist()
        rows.append((mine, [1.0] * len(mine), 0, 1))
    for cap in problem.caps:
        for group, most in enumerate(cap.most.tolist()):
            mine = np.flatnonzero(cap.group[problem.person] == group).tolist()
            rows.append((mine, [1.0] * len(mine), 0, most))
    for place in range(places):
        mine = np.flatnonzero(problem.place == place).tolist()
        lead = [int(covered[place, 0])] if problem.leads[place] else []
        seats = float(problem.seats[place])
        rows.append((mine + lead, [1.0] * len(mine) + [-1.0] * len(lead), -1, seats - len(lead)))
        for bit in range(8):
            brings = [one for one in mine if problem.brings[one] >> bit & 1]
            rows.append(([*brings, int(covered[place, bit])], [1.0] * len(brings) + [-1.0], 0, np.inf))
    rows.append((list(range(pairs)), [1.0] * pairs, filled, np.inf))
    index = [(row, column) for row, (columns, *_) in enumerate(rows) for column in columns]
    factors = [one for _, some, _, _ in rows for one in some]
    matrix = coo_array((factors, np.array(index).T), shape=(len(rows), pairs + places * 8)).tocsr()
    low = np.zeros(pairs + places * 8)
    low[problem.locked] = 1
    cost = np.concatenate([-problem.points.astype(float), -problem.weight.ravel().astype(float)])
    done = milp(
        cost,
        integrality=np.full(len(cost), int(whole)),
        bounds=Bounds(low, np.ones(len(cost))),
        constraints=LinearConstraint(matrix, [one[2] for one in rows], [one[3] for one in rows]),
        options={"mip_rel_gap": 0.0},
    )
    assert done.status == 0, done.message
    return -float(done.fun) - float(problem.weight.sum())
