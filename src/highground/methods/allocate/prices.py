"""Prices on people, units and couples, and the bound that follows from any prices at all.

Take the rules that tie places together (one post for each person, so many from each unit, one of each couple) out of the
task and charge for them instead: whoever is taken costs `person + unit + couple`. What is left falls apart into places, each
of which takes its best team. No plan that fills as many seats can score more than

    sum of the prices of the people + caps times their prices + best teams at these prices - seat price x filled seats

whatever the prices are (weak duality; every seat is credited with the seat price, which a plan that fills as many gets back).
Good prices make that bound tight. They are found by steps against the demand: a person whom two places want grows dearer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from highground.methods.allocate.arrays import Bools, Floats, Ints
from highground.methods.allocate.best_team import BestTeams
from highground.methods.allocate.problem import SEAT, Problem
from highground.methods.allocate.vacancies import scarce

SCALE = 100  # prices are whole hundredths of a point


@dataclass(frozen=True)
class Prices:
    """Hundredths of a point, 0 or more: of each person, of each group of each cap, and of a filled seat."""

    person: Ints
    caps: tuple[Ints, ...]
    seat: int = SEAT * SCALE

    def charged(self, problem: Problem) -> Ints:
        """What taking each person costs in all."""
        total = self.person.copy()
        for cap, price in zip(problem.caps, self.caps, strict=True):
            inside = cap.group >= 0
            total[inside] += price[cap.group[inside]]
        return total

    def fixed(self, problem: Problem) -> int:
        """The part of the bound that does not depend on the places."""
        total = int(self.person.sum())
        for cap, price in zip(problem.caps, self.caps, strict=True):
            # Of a group nobody can take more than it has: that holds as well, and keeps a limit without end out of the sum.
            size = np.bincount(cap.group[cap.group >= 0], minlength=len(cap.most))
            total += int((np.minimum(cap.most, size).astype(np.int64) * price).sum())
        return total


def no_prices(problem: Problem) -> Prices:
    """Everything free."""
    caps = tuple(np.zeros(len(cap.most), dtype=np.int64) for cap in problem.caps)
    return Prices(np.zeros(problem.people, dtype=np.int64), caps)


def values_at(problem: Problem, prices: Prices) -> Ints:
    """What each pair is worth to its place at these prices, in hundredths of a point."""
    values: Ints = problem.points.astype(np.int64) * SCALE
    values += prices.seat
    values -= prices.charged(problem)[problem.person]
    return values


def scaled(problem: Problem) -> Problem:
    """The same task with the weights in hundredths of a point, as prices are."""
    return replace(problem, weight=problem.weight * SCALE)


def bound(teams: BestTeams, problem: Problem, prices: Prices, filled: int) -> int:
    """Hundredths of a point that no plan with `filled` or more seats filled can pass; `teams` is of the scaled task."""
    best = teams.values(values_at(problem, prices))
    return prices.fixed(problem) + int(best.sum()) - prices.seat * filled


def with_scarcity(problem: Problem, chosen: Ints, prices: Prices) -> Prices:
    """Prices that charge a whole seat exactly where the number of filled seats of this plan hangs on it.

    Steps of prices are far too short to find these charges: a seat outweighs any points. They are known from the plan, and
    what the prices say beyond whole seats is kept.
    """
    people, groups = scarce(problem, chosen)
    return Prices(
        _whole_seats(prices.person, people, prices.seat),
        tuple(_whole_seats(one, some, prices.seat) for one, some in zip(prices.caps, groups, strict=True)),
        prices.seat,
    )


def _whole_seats(price: Ints, charged: Bools, seat: int) -> Ints:
    beyond = price - seat * ((price + seat // 2) // seat)
    charge: Ints = np.maximum(beyond + np.where(charged, seat, 0), 0)
    return charge


@dataclass
class Search:
    """Steps towards the least bound: the best prices so far, and those of the next step."""

    problem: Problem
    teams: BestTeams
    best: Prices
    least: int
    point: Floats
    direction: Floats
    length: float = 1.0
    stale: int = 0

    @classmethod
    def start(cls, problem: Problem, teams: BestTeams, prices: Prices) -> Search:
        """Begin at given prices."""
        point = np.concatenate([prices.person, *prices.caps]).astype(np.float64)
        return cls(problem, teams, prices, 1 << 62, point, np.zeros(len(point)))

    def renew(self) -> None:
        """Begin anew from the best prices, with long steps."""
        self.point = np.concatenate([self.best.person, *self.best.caps]).astype(np.float64)
        self.direction[:] = 0
        self.length, self.stale = 1.0, 0

    def step(self, target: int) -> Ints:
        """One step; `target` is what the best plan at hand is worth. Returns the pairs of the best teams at the prices."""
        problem = self.problem
        prices = self._at(self.point)
        best, wanted = self.teams.teams(values_at(problem, prices))
        total = prices.fixed(problem) + int(best.sum())
        if total < self.least:
            self.least, self.best, self.stale = total, prices, 0
        else:
            self.stale += 1
            if self.stale >= 4:
                self.length, self.stale = self.length * 0.6, 0
                self.point = np.concatenate([self.best.person, *self.best.caps]).astype(np.float64)
        person = problem.person[wanted]
        parts: list[Floats] = [np.bincount(person, minlength=problem.people).astype(np.float64) - 1]
        for cap in problem.caps:
            group = cap.group[person]
            parts.append(
                np.bincount(group[group >= 0], minlength=len(cap.most)).astype(np.float64) - cap.most
            )
        push = np.concatenate(parts)
        # A price of nothing for somebody whom nobody wants stays at nothing.
        push[(self.point <= 0) & (push < 0)] = 0
        self.direction = push + 0.6 * self.direction
        # Not a dot product: that may be summed in another order on another number of threads.
        size = float(np.sum(self.direction * self.direction))
        if size > 0:
            self.point = np.maximum(
                self.point + self.length * max(total - target, 1) / size * self.direction, 0
            )
        return wanted

    def _at(self, point: Floats) -> Prices:
        whole = np.rint(point).astype(np.int64)
        parts = np.split(
            whole, np.cumsum([self.problem.people, *(len(cap.most) for cap in self.problem.caps)])[:-1]
        )
        return Prices(parts[0], tuple(parts[1:]))
