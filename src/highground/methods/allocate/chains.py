"""Chains of moves that end at a vacancy: who could come where, when everybody may move on.

A chain begins at a vacancy: somebody comes from another place, whose seat is then filled by a third, and so on until somebody
comes who had no post. Where the unit of a person without a post may release nobody else, one who is posted from that unit
must come home first, and their seat is the next to fill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from highground.methods.allocate.arrays import Bools, Ints
from highground.methods.allocate.problem import Problem


@dataclass(frozen=True)
class Seats:
    """What stands where: for each person their pair (-1 for none), and for each place what is vacant."""

    posted: Ints
    locked: Bools
    leads: Ints  # people of each team who may lead
    free: Ints  # seats that anyone may take
    lead_only: Bools  # a place whose last seat waits for a lead
    room: list[Ints]  # how many more each group may have


def seats_of(problem: Problem, chosen: Ints) -> Seats:
    posted = np.full(problem.people, -1, dtype=np.int64)
    posted[problem.person[chosen]] = chosen
    locked = np.zeros(problem.people, dtype=np.bool_)
    locked[problem.person[problem.locked]] = True
    count = len(problem.seats)
    filled = np.bincount(problem.place[chosen], minlength=count)
    leads = np.bincount(problem.place[chosen], weights=problem.brings[chosen] & 1, minlength=count)
    waiting = problem.leads & (leads == 0)
    free = problem.seats - filled - waiting
    room = []
    for cap in problem.caps:
        group = cap.group[problem.person[chosen]]
        room.append(cap.most - np.bincount(group[group >= 0], minlength=len(cap.most)))
    return Seats(posted, locked, leads.astype(np.int64), free, waiting, room)


def blocked_by(problem: Problem, seats: Seats, people: Ints) -> Ints:
    """For each person without a post: -1 if every cap has room, else the number of the full one; -2 if two are full."""
    found = np.full(len(people), -1, dtype=np.int64)
    for number, (cap, room) in enumerate(zip(problem.caps, seats.room, strict=True)):
        group = cap.group[people]
        full = (group >= 0) & (room[group] <= 0)
        found = np.where(full, np.where(found == -1, number, -2), found)
    return found


@dataclass(frozen=True)
class Reach:
    """For each place the pair by which anyone, or a lead, could come; for each person who must come home first (-1: none).

    `ready` people are those who could be spared for another place.
    """

    anyone: Ints
    lead: Ints
    home_first: Ints
    ready: Bools


def reach_of(
    problem: Problem,
    seats: Seats,
    *,
    home: Sequence[int] = (),
    staying: Sequence[int] = (),
    besides: Ints | None = None,
) -> Reach:
    """Where somebody could come to when all may move on, found outward from those who have no post.

    People who are `home` come nowhere, and people who are `staying` may move but not come home. Those `besides` count as people
    who could be spared, whatever they stand under.
    """
    ready = np.zeros(problem.people, dtype=np.bool_)
    anyone, lead, home_first = (
        np.full(size, -1, dtype=np.int64) for size in (len(problem.seats), len(problem.seats), problem.people)
    )
    reach = Reach(anyone, lead, home_first, ready)
    waiting = seats.posted < 0
    waiting[list(home)] = False
    idle = np.flatnonzero(waiting)
    new = idle[blocked_by(problem, seats, idle) == -1]
    if besides is not None:
        new = np.union1d(new, besides)
    own = np.maximum(seats.posted, 0)
    movable = (seats.posted >= 0) & ~seats.locked
    where = problem.place[own] if len(problem.place) else np.zeros(problem.people, dtype=np.int32)
    may_lead = (problem.brings[own] & 1) > 0 if len(problem.place) else movable
    # Who holds their place's only lead can be replaced by a lead alone.
    only = movable & may_lead & problem.leads[where] & (seats.leads[where] == 1)
    left: slice | Ints = slice(None)  # the pairs that lead where nobody, or no lead, could come before
    comes_home = np.ones(problem.people, dtype=np.bool_)
    comes_home[list(staying)] = False
    while len(new):
        ready[new] = True
        fresh = np.zeros(problem.people, dtype=np.bool_)
        fresh[new] = True
        mine = np.flatnonzero(fresh[problem.person[left]])
        mine = mine if isinstance(left, slice) else left[mine]
        mine = mine[np.argsort(problem.points[mine], kind="stable")]
        _enter(reach.anyone, problem, mine)
        _enter(reach.lead, problem, mine[(problem.brings[mine] & 1) > 0])
        unreached = (anyone < 0) | (lead < 0)
        left = (
            np.flatnonzero(unreached[problem.place])
            if isinstance(left, slice)
            else left[unreached[problem.place[left]]]
        )
        leaves = movable & ~ready & np.where(only, reach.lead[where] >= 0, reach.anyone[where] >= 0)
        released = np.flatnonzero(leaves)
        new = np.concatenate(
            [released, _let_in(problem, seats, waiting & ~ready, released[comes_home[released]], reach)]
        )
    return reach


def _enter(by: Ints, problem: Problem, pairs: Ints) -> None:
    """Remember for places that nobody could come to before the pair with the most points; the pairs rise in points."""
    pairs = pairs[by[problem.place[pairs]] < 0]
    by[problem.place[pairs]] = pairs


def _let_in(problem: Problem, seats: Seats, waiting: Bools, released: Ints, reach: Reach) -> Ints:
    """Those of the waiting who may go once one of their group has come home."""
    idle = np.flatnonzero(waiting)
    blocked = blocked_by(problem, seats, idle)
    found = []
    for number, cap in enumerate(problem.caps):
        comes = np.full(len(cap.most) + 1, -1, dtype=np.int64)
        comes[cap.group[released]] = released
        comes[-1] = -1
        let = idle[(blocked == number) & (comes[cap.group[idle]] >= 0)]
        reach.home_first[let] = comes[cap.group[let]]
        found.append(let)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def is_only_lead(problem: Problem, seats: Seats, pair: int) -> bool:
    """Whether the seat of a pair must go to a lead again once it is given up."""
    place = problem.place[pair]
    return bool(problem.brings[pair] & 1 and problem.leads[place] and seats.leads[place] == 1)


def chain(problem: Problem, seats: Seats, reach: Reach, end: int) -> tuple[list[int], list[int]]:
    """The pairs that come to be and those that end, from the vacancy back to somebody without a post."""
    come: list[int] = []
    go: list[int] = []
    pair = end
    while True:
        come.append(pair)
        person = int(problem.person[pair])
        if seats.posted[person] < 0:
            person = int(reach.home_first[person])
            if person < 0:
                return come, go
        left = int(seats.posted[person])
        go.append(left)
        place = int(problem.place[left])
        pair = int((reach.lead if is_only_lead(problem, seats, left) else reach.anyone)[place])
