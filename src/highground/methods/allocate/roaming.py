"""People who may go to several blocks: what each place would give for them, and so where they belong and what they cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from highground.methods.allocate.arrays import Bools, Ints, ranges, starts_of
from highground.methods.allocate.best_team import BestTeams
from highground.methods.allocate.prices import Prices, scaled, values_at
from highground.methods.allocate.problem import Problem

COPIES_AT_ONCE = 4_000
NOT_HERE = -(1 << 28)


def roaming(problem: Problem, block: Ints) -> Bools:
    """Which people may be posted in more than one block; `block` is of each place."""
    of_pair = block[problem.place]
    first = np.full(problem.people, -1, dtype=np.int64)
    first[problem.person[::-1]] = of_pair[::-1]
    found = np.zeros(problem.people, dtype=np.bool_)
    found[problem.person[of_pair != first[problem.person]]] = True
    return found


def bids(problem: Problem, prices: Prices, pairs: Ints) -> Ints:
    """By how much the best team of the place of each pair is better with that person for nothing than without them."""
    values = values_at(problem, prices)
    starts = starts_of(problem.place, len(problem.seats))
    found = np.zeros(len(pairs), dtype=np.int64)
    for low in range(0, len(pairs), COPIES_AT_ONCE):
        some = pairs[low : low + COPIES_AT_ONCE]
        found[low : low + len(some)] = _bids(problem, prices, values, starts, some)
    return found


def _bids(problem: Problem, prices: Prices, values: Ints, starts: Ints, pairs: Ints) -> Ints:
    """A copy of the place for each pair, once with the person and once without."""
    place = problem.place[pairs]
    members, copy = ranges(starts[place], starts[place + 1])
    locked = np.zeros(0, dtype=np.int64)
    if len(problem.locked):
        locked = np.flatnonzero(np.isin(members, problem.locked))
    copies = replace(
        scaled(problem),
        seats=problem.seats[place],
        leads=problem.leads[place],
        wanted=problem.wanted[place],
        weight=scaled(problem).weight[place],
        block=problem.block[place],
        person=problem.person[members],
        place=copy.astype(np.int32),
        brings=problem.brings[members],
        points=problem.points[members],
        locked=locked,
    )
    teams = BestTeams(copies)
    own = np.flatnonzero(members == pairs[copy])
    here = values[members]
    here[own] += prices.person[problem.person[pairs]]
    best = teams.values(here)
    here[own] = NOT_HERE
    return best - teams.values(here)


def settle(problem: Problem, block: Ints, home: Ints, prices: Prices) -> tuple[Prices, Ints]:
    """Each roaming person at home where the most is bid for them, at the price of the second highest bid."""
    movable = roaming(problem, block)
    movable[problem.person[problem.locked]] = False
    pairs = np.flatnonzero(movable[problem.person])
    bid = bids(problem, prices, pairs)
    person = problem.person[pairs]
    order = np.lexsort((np.arange(len(pairs)), -bid, person))
    person, bid, pairs = person[order], bid[order], pairs[order]
    first = np.flatnonzero(np.diff(person, prepend=-1))
    second = np.minimum(first + 1, len(person) - 1) if len(person) else first
    next_bid = np.where(person[second] == person[first], bid[second], 0) if len(person) else first
    price = prices.person.copy()
    price[person[first]] = np.maximum(next_bid, 0)
    homes = home.copy()
    wanted = first[bid[first] > 0]
    homes[person[wanted]] = block[problem.place[pairs[wanted]]]
    return Prices(price, prices.caps, prices.seat), homes
