"""Which vacancies can be filled by moving people along a chain, and the moves that fill them.

A chain begins at a vacancy: somebody comes from another place, whose seat is then filled by a third, and so on until somebody
comes who had no post. Where the unit of a person without a post may release nobody else, one who is posted from that unit
must come home first, and their seat is the next to fill. If no such chain ends at a vacancy, nothing can fill it without
emptying another seat: it is unavoidable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.allocate.arrays import Bools, Ints
from highground.methods.allocate.problem import Problem

ANYONE, LEAD_ONLY = 0, 1


@dataclass(frozen=True)
class _Seats:
    """What stands where: for each person their pair (-1 for none), and for each place what is vacant."""

    posted: Ints
    locked: Bools
    leads: Ints  # people of each team who may lead
    free: Ints  # seats that anyone may take
    lead_only: Bools  # a place whose last seat waits for a lead
    room: list[Ints]  # how many more each group may have


def _seats(problem: Problem, chosen: Ints) -> _Seats:
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
    return _Seats(posted, locked, leads.astype(np.int64), free, waiting, room)


def _blocked(problem: Problem, seats: _Seats, people: Ints) -> Ints:
    """For each person without a post: -1 if every cap has room, else the number of the full one; -2 if two are full."""
    found = np.full(len(people), -1, dtype=np.int64)
    for number, (cap, room) in enumerate(zip(problem.caps, seats.room, strict=True)):
        group = cap.group[people]
        full = (group >= 0) & (room[group] <= 0)
        found = np.where(full, np.where(found == -1, number, -2), found)
    return found


@dataclass(frozen=True)
class _Reach:
    """For each place the pair by which anyone, or a lead, could come; for each person who must come home first (-1: none).

    `ready` people are those who could be spared for another place.
    """

    anyone: Ints
    lead: Ints
    home_first: Ints
    ready: Bools


def avoidable(problem: Problem, chosen: Ints) -> int:
    """How many vacant seats a chain of moves could fill (each looked at by itself).

    Where two caps of one person are full at once (a unit and a couple), no chain is looked for through that person.
    """
    seats = _seats(problem, chosen)
    reach = _reach(problem, seats)
    return int(seats.free[reach.anyone >= 0].sum()) + int((seats.lead_only & (reach.lead >= 0)).sum())


def _reach(problem: Problem, seats: _Seats) -> _Reach:
    """Where somebody could come to when all may move on, found outward from those who have no post."""
    ready = np.zeros(problem.people, dtype=np.bool_)
    anyone, lead, home_first = (
        np.full(size, -1, dtype=np.int64) for size in (len(problem.seats), len(problem.seats), problem.people)
    )
    reach = _Reach(anyone, lead, home_first, ready)
    idle = np.flatnonzero(seats.posted < 0)
    new = idle[_blocked(problem, seats, idle) == -1]
    own = np.maximum(seats.posted, 0)
    movable = (seats.posted >= 0) & ~seats.locked
    where = problem.place[own] if len(problem.place) else np.zeros(problem.people, dtype=np.int32)
    may_lead = (problem.brings[own] & 1) > 0 if len(problem.place) else movable
    # Who holds their place's only lead can be replaced by a lead alone.
    only = movable & may_lead & problem.leads[where] & (seats.leads[where] == 1)
    while len(new):
        ready[new] = True
        fresh = np.zeros(problem.people, dtype=np.bool_)
        fresh[new] = True
        mine = np.flatnonzero(fresh[problem.person])
        mine = mine[np.argsort(problem.points[mine], kind="stable")]
        _enter(reach.anyone, problem, mine)
        _enter(reach.lead, problem, mine[(problem.brings[mine] & 1) > 0])
        leaves = movable & ~ready & np.where(only, reach.lead[where] >= 0, reach.anyone[where] >= 0)
        released = np.flatnonzero(leaves)
        new = np.concatenate([released, _let_in(problem, seats, ready, released, reach)])
    return reach


def _enter(by: Ints, problem: Problem, pairs: Ints) -> None:
    """Remember for places that nobody could come to before the pair with the most points; the pairs rise in points."""
    pairs = pairs[by[problem.place[pairs]] < 0]
    by[problem.place[pairs]] = pairs


def _let_in(problem: Problem, seats: _Seats, ready: Bools, released: Ints, reach: _Reach) -> Ints:
    """Those without a post who may go once one of their group has come home."""
    idle = np.flatnonzero((seats.posted < 0) & ~ready)
    blocked = _blocked(problem, seats, idle)
    found = []
    for number, cap in enumerate(problem.caps):
        comes = np.full(len(cap.most) + 1, -1, dtype=np.int64)
        comes[cap.group[released]] = released
        comes[-1] = -1
        let = idle[(blocked == number) & (comes[cap.group[idle]] >= 0)]
        reach.home_first[let] = comes[cap.group[let]]
        found.append(let)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def scarce(problem: Problem, chosen: Ints) -> tuple[Bools, list[Bools]]:
    """What the number of filled seats hangs on, in a plan whose vacancies are all unavoidable: people, groups of each cap.

    With one more of any of these a seat more could be filled. They are the least cut of the flow from people to seats, so
    every filled seat that is not at a place which others could come to is paid for by just one of them.
    """
    seats = _seats(problem, chosen)
    ready = _reach(problem, seats).ready
    held = np.zeros(problem.people, dtype=np.bool_)
    groups = []
    for cap, room in zip(problem.caps, seats.room, strict=True):
        inside = cap.group >= 0
        waits = np.zeros(len(cap.most), dtype=np.bool_)
        waits[cap.group[inside & (seats.posted < 0) & ~ready]] = True
        waits &= room <= 0
        waits[cap.group[inside & ready & (seats.posted >= 0)]] = False
        groups.append(waits)
        held[inside] |= waits[cap.group[inside]]
    return (seats.posted >= 0) & ~ready & ~held, groups


def fill(problem: Problem, chosen: Ints, *, most_rounds: int = 50) -> Ints:
    """The plan after every chain of moves that fills a vacancy; nobody else moves, and no filled seat is emptied."""
    for _ in range(most_rounds):
        seats = _seats(problem, chosen)
        reach = _reach(problem, seats)
        ends = [
            reach.anyone[place] for place in np.flatnonzero((seats.free > 0) & (reach.anyone >= 0)).tolist()
        ]
        ends += [reach.lead[place] for place in np.flatnonzero(seats.lead_only & (reach.lead >= 0)).tolist()]
        tally, touched = _Tally.of(problem, chosen), set[int]()
        came: list[int] = []
        gone: list[int] = []
        for end in ends:
            come, go = _chain(problem, seats, reach, int(end))
            people = {int(problem.person[one]) for one in come + go}
            if not people & touched and tally.change(come, go):
                touched |= people
                came += come
                gone += go
        if not came:
            break
        chosen = np.concatenate([np.setdiff1d(chosen, gone), came]).astype(np.int64)
    return np.sort(chosen)


@dataclass(frozen=True)
class _Tally:
    """What the hard rules count, kept up to date chain by chain: looking at a whole country for each would take too long."""

    problem: Problem
    posts: Ints  # of each person
    filled: Ints  # of each place
    leading: Ints
    used: tuple[Ints, ...]  # of each group of each cap
    locked: frozenset[int]

    @classmethod
    def of(cls, problem: Problem, chosen: Ints) -> _Tally:
        person, place, places = problem.person[chosen], problem.place[chosen], len(problem.seats)
        groups = [(cap.group[person], len(cap.most)) for cap in problem.caps]
        return cls(
            problem,
            np.bincount(person, minlength=problem.people),
            np.bincount(place, minlength=places),
            np.bincount(place[(problem.brings[chosen] & 1) > 0], minlength=places),
            tuple(np.bincount(group[group >= 0], minlength=most) for group, most in groups),
            frozenset(problem.locked.tolist()),
        )

    def change(self, come: list[int], go: list[int]) -> bool:
        """Let these pairs come to be and those end, unless a hard rule would break; whether it was done."""
        if self.locked & set(go):
            return False
        self._add(go, -1)
        self._add(come, 1)
        if all(self._holds(pair) for pair in [*come, *go]):
            return True
        self._add(come, -1)
        self._add(go, 1)
        return False

    def _add(self, pairs: list[int], by: int) -> None:
        problem = self.problem
        for pair in pairs:
            person, place = problem.person[pair], problem.place[pair]
            self.posts[person] += by
            self.filled[place] += by
            self.leading[place] += by * int(problem.brings[pair] & 1)
            for cap, used in zip(problem.caps, self.used, strict=True):
                if cap.group[person] >= 0:
                    used[cap.group[person]] += by

    def _holds(self, pair: int) -> bool:
        """Whether the rules hold for the person and the place of a pair."""
        problem = self.problem
        person, place = problem.person[pair], problem.place[pair]
        kept_free = bool(problem.leads[place]) and not self.leading[place]
        if self.posts[person] > 1 or self.filled[place] + kept_free > problem.seats[place]:
            return False
        return all(
            cap.group[person] < 0 or used[cap.group[person]] <= cap.most[cap.group[person]]
            for cap, used in zip(problem.caps, self.used, strict=True)
        )


def _chain(problem: Problem, seats: _Seats, reach: _Reach, end: int) -> tuple[list[int], list[int]]:
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
        only = problem.brings[left] & 1 and problem.leads[place] and seats.leads[place] == 1
        pair = int(reach.lead[place] if only else reach.anyone[place])
