"""Seats as a linear programme: what `panel.py` asks CP-SAT for, and the bound that no panels can go above.

Where there are very many pairs of a demand and an expert, only the most promising are searched; the bound is that of the
linear programme over all pairs (GLOP of OR-tools, extra [solve]), so that what was left out cannot hide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor

from highground.methods.allocate.solving import solver_within

Pair = tuple[str, str]
MANY = 20_000
"""Pairs above which only the most promising are searched."""
BEST, OF_COUNTRY, WOMEN = 60, 3, 8
"""Of each demand the best experts, the best of each country, and the best women, who are searched then."""


@dataclass(frozen=True)
class Wish:
    """At least `least` of the pairs; each that lacks costs `cost`."""

    pairs: Sequence[Pair]
    least: int
    cost: int


@dataclass(frozen=True)
class Seating:
    """What a pair is worth, sets of pairs of which at most so many are taken, wishes, and pairs that are taken."""

    worth: Mapping[Pair, int]
    limits: Sequence[tuple[Sequence[Pair], int]]
    wishes: Sequence[Wish]
    kept: frozenset[Pair]

    def score(self, taken: Collection[Pair]) -> int:
        """What pairs are worth together, less what wishes lack."""
        held = set(taken)
        lacking = sum(wish.cost * max(0, wish.least - len(held & set(wish.pairs))) for wish in self.wishes)
        return sum(self.worth[pair] for pair in held) - lacking

    def only(self, chosen: Collection[Pair]) -> Seating:
        """The same with some of the pairs."""
        held = set(chosen)
        return Seating(
            {pair: worth for pair, worth in self.worth.items() if pair in held},
            [([pair for pair in pairs if pair in held], most) for pairs, most in self.limits],
            [
                Wish([pair for pair in wish.pairs if pair in held], wish.least, wish.cost)
                for wish in self.wishes
            ],
            self.kept,
        )


def promising(
    seating: Seating, countries: Mapping[str, str], women: Collection[str], needed: Iterable[Pair]
) -> set[Pair]:
    """The pairs that are searched: of each demand the best, some of each country, some women, and all that are needed."""
    by_demand: dict[str, list[Pair]] = defaultdict(list)
    for pair in seating.worth:
        by_demand[pair[0]].append(pair)
    found = {*needed, *seating.kept}
    for place, pairs in enumerate(by_demand.values()):
        # Of equals each demand takes others, so that not all want the same people.
        turned = pairs[place * BEST % len(pairs) :] + pairs[: place * BEST % len(pairs)]
        ordered = sorted(turned, key=lambda pair: -seating.worth[pair])
        found.update(ordered[:BEST])
        found.update([pair for pair in ordered if pair[1] in women][:WOMEN])
        of_country: dict[str, int] = defaultdict(int)
        for pair in ordered:
            country = countries[pair[1]]
            of_country[country] += 1
            if of_country[country] <= OF_COUNTRY:
                found.add(pair)
    return found


def search(
    seating: Seating, start: frozenset[Pair], seconds: float
) -> tuple[frozenset[Pair], bool, int | None]:
    """The best pairs that CP-SAT finds, whether that is proven, and its bound; the start where OR-tools is not installed."""
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        return start, False, None
    model = cp_model.CpModel()
    seat = {pair: model.new_bool_var("") for pair in seating.worth}
    for pairs, most in seating.limits:
        if len(pairs) > most:
            model.add(sum(seat[pair] for pair in pairs) <= most)
    gain = sum(worth * seat[pair] for pair, worth in seating.worth.items())
    for wish in seating.wishes:
        lacking = model.new_int_var(0, wish.least, "")
        model.add(sum(seat[pair] for pair in wish.pairs) + lacking >= wish.least)
        gain -= wish.cost * lacking
    for pair in seating.kept:
        model.add(seat[pair] == 1)
    for pair, variable in seat.items():
        model.add_hint(variable, pair in start)
    model.maximize(gain)
    solver = solver_within(seconds)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, False, None
    found = frozenset(pair for pair, variable in seat.items() if solver.value(variable))
    best = max(start, found, key=seating.score)
    bound = floor(solver.best_objective_bound)
    return best, bound <= seating.score(best), bound


def bound(seating: Seating, seconds: float) -> int | None:
    """What no panels can be worth more than: the linear programme over all pairs; None without OR-tools or time."""
    if seconds <= 0:
        return None
    try:
        from ortools.linear_solver import pywraplp
    except ImportError:
        return None
    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.SetTimeLimit(round(seconds * 1000))
    gain = solver.Objective()
    gain.SetMaximization()
    seat = {}
    for pair, worth in seating.worth.items():
        seat[pair] = solver.NumVar(1.0 if pair in seating.kept else 0.0, 1.0, "")
        gain.SetCoefficient(seat[pair], worth)
    for pairs, most in seating.limits:
        if len(pairs) > most:
            row = solver.Constraint(-solver.infinity(), most)
            for pair in pairs:
                row.SetCoefficient(seat[pair], 1)
    for wish in seating.wishes:
        row = solver.Constraint(wish.least, solver.infinity())
        lacking = solver.NumVar(0.0, wish.least, "")
        row.SetCoefficient(lacking, 1)
        gain.SetCoefficient(lacking, -wish.cost)
        for pair in wish.pairs:
            row.SetCoefficient(seat[pair], 1)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    found: int = floor(gain.Value() + 1e-4)
    return found
