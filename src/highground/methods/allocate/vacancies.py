"""Which vacancies can be filled by moving people, and the moves that fill them.

Most are settled by chains of moves (`chains.py`): if no chain ends at a vacancy, nothing can fill it without emptying another
seat, as long as nobody stands under two limits that can bind. For those who do, `overlaps.py` looks further.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from highground.methods.allocate.arrays import Bools, Ints
from highground.methods.allocate.chains import Reach, Seats, chain, reach_of, seats_of
from highground.methods.allocate.overlaps import Search, within_reach
from highground.methods.allocate.problem import Problem
from highground.methods.allocate.tally import Tally


class Vacancy(NamedTuple):
    """Vacant seats of one kind at a place: `lead` if only a lead may take it; `end` ends a chain of moves, -1 for none."""

    place: int
    many: int
    lead: bool
    end: int


def avoidable(problem: Problem, chosen: Ints) -> int:
    """How many vacant seats could be filled with every filled seat kept filled, each looked at by itself.

    At 0 it is proven that no plan fills these seats and one more. A vacancy that `overlaps.MOST_STEPS` changes did not
    settle counts.
    """
    seats = seats_of(problem, chosen)
    reach = reach_of(problem, seats)
    tally = Tally.of(problem, chosen)
    total, unsettled = 0, []
    for one in _vacancies(seats, reach):
        if one.end >= 0 and tally.would_hold(*chain(problem, seats, reach, one.end)):
            total += one.many
        else:
            unsettled.append(one)
    search = Search(problem, seats, tally)
    for one in _perhaps(problem, chosen, unsettled):
        total += one.many * (search.fill(one.place, lead=one.lead) is not None or not search.settled)
    return total


def _vacancies(seats: Seats, reach: Reach) -> Iterator[Vacancy]:
    for place in np.flatnonzero(seats.free > 0).tolist():
        yield Vacancy(place, int(seats.free[place]), False, int(reach.anyone[place]))
    for place in np.flatnonzero(seats.lead_only).tolist():
        yield Vacancy(place, 1, True, int(reach.lead[place]))


def _perhaps(problem: Problem, chosen: Ints, vacancies: Sequence[Vacancy]) -> list[Vacancy]:
    """Those of the vacancies that somebody may come to."""
    if not vacancies:
        return []
    anyone, lead = within_reach(problem, chosen)
    return [one for one in vacancies if (lead if one.lead else anyone)[one.place]]


def scarce(problem: Problem, chosen: Ints) -> tuple[Bools, list[Bools]]:
    """What the number of filled seats hangs on, in a plan whose vacancies are all unavoidable: people, groups of each cap.

    With one more of any of these a seat more could be filled. They are the least cut of the flow from people to seats, so
    every filled seat that is not at a place which others could come to is paid for by just one of them.
    """
    seats = seats_of(problem, chosen)
    ready = reach_of(problem, seats).ready
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
    """The plan after every change that fills a vacancy; nobody else moves, and no filled seat is emptied.

    Chains first, round by round; then, once, what fills a vacancy where limits overlap.
    """
    for _ in range(most_rounds):
        seats = seats_of(problem, chosen)
        reach = reach_of(problem, seats)
        vacancies = list(_vacancies(seats, reach))
        tally = Tally.of(problem, chosen)
        come, go = _chains(problem, seats, reach, tally, vacancies)
        last = not come
        if last:
            come, go = _beyond(Search(problem, seats, tally), _perhaps(problem, chosen, vacancies))
        chosen = np.concatenate([np.setdiff1d(chosen, go), come]).astype(np.int64)
        if last:
            break
    return np.sort(chosen)


def _chains(
    problem: Problem, seats: Seats, reach: Reach, tally: Tally, vacancies: Sequence[Vacancy]
) -> tuple[list[int], list[int]]:
    """The moves of as many chains as do not touch each other: the pairs that come to be and those that end."""
    touched: set[int] = set()
    came: list[int] = []
    gone: list[int] = []
    for one in vacancies:
        if one.end < 0:
            continue
        come, go = chain(problem, seats, reach, one.end)
        people = {int(problem.person[pair]) for pair in come + go}
        if not people & touched and tally.change(come, go):
            touched |= people
            came += come
            gone += go
    return came, gone


def _beyond(search: Search, vacancies: Sequence[Vacancy]) -> tuple[list[int], list[int]]:
    """The moves of every change found where limits overlap, one after the other: the pairs that come to be and those that end."""
    came: set[int] = set()
    gone: set[int] = set()
    for one in vacancies:
        for _ in range(one.many):
            if (found := search.fill(one.place, lead=one.lead)) is None:
                break
            search.make(*found)
            for pairs, these, those in ((found[1], came, gone), (found[0], gone, came)):
                back = these & set(pairs)
                these -= back
                those |= set(pairs) - back
    return sorted(came), sorted(gone)
