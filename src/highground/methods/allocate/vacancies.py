"""Which vacancies can be filled by moving people, and the moves that fill them.

Most are settled by chains of moves (`chains.py`): if no chain ends at a vacancy, nothing can fill it without emptying another
seat, as long as nobody stands under two limits that can bind. For those who do, `overlaps.py` looks further.
"""

from __future__ import annotations

import numpy as np

from highground.methods.allocate.arrays import Bools, Ints
from highground.methods.allocate.chains import Seats, reach_of, seats_of
from highground.methods.allocate.overlaps import Demand, Trials, View
from highground.methods.allocate.problem import Problem
from highground.methods.allocate.tally import Tally


def avoidable(problem: Problem, chosen: Ints) -> int:
    """How many vacant seats could be filled with every filled seat kept filled, each looked at by itself.

    At 0 it is proven that no plan fills these seats and one more. A vacancy that the trials of `overlaps.py` did not settle
    counts.
    """
    view = View(problem, chosen)
    many = _vacancies(view.seats)
    trials, found = Trials(list(many)), 0
    for trial in trials.of(view):
        for demand in list(trials.wanted):
            if trial.sound_end(demand) >= 0:
                found += many[demand]
                trials.wanted.remove(demand)
    unsettled = [] if trials.settled else [one for one in trials.wanted if view.may_meet(one)]
    return found + sum(many[one] for one in unsettled)


def _vacancies(seats: Seats) -> dict[Demand, int]:
    """How many vacant seats of each kind there are at each place."""
    free, waiting = np.flatnonzero(seats.free > 0).tolist(), np.flatnonzero(seats.lead_only).tolist()
    return {Demand(place, False): int(seats.free[place]) for place in free} | {
        Demand(place, True): 1 for place in waiting
    }


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

    Chains first, round by round; then, one by one, what fills a vacancy where limits overlap.
    """
    view = View(problem, np.sort(chosen))
    for _ in range(most_rounds):
        come, go = _chains(view)
        if come:
            view = view.with_change(come, go)
        elif (more := _branching(view)) is not None:
            view = more
        else:
            break
    return view.chosen


def _branching(view: View) -> View | None:
    """The plan with one vacancy more filled by a change that branches; None if none was found."""
    trials = Trials(list(_vacancies(view.seats)))
    for trial in trials.of(view):
        for demand in trials.wanted:
            if (end := trial.sound_end(demand)) >= 0:
                return View(view.problem, trial.after(end).chosen)
    return None


def _chains(view: View) -> tuple[list[int], list[int]]:
    """The moves of as many chains as do not touch each other: the pairs that come to be and those that end."""
    tally = Tally.of(view.problem, view.chosen)
    touched: set[int] = set()
    came: list[int] = []
    gone: list[int] = []
    for demand in _vacancies(view.seats):
        if (end := view.end(demand)) < 0:
            continue
        come, go = view.chain(end)
        people = {int(view.problem.person[pair]) for pair in come + go}
        if not people & touched and tally.change(come, go):
            touched |= people
            came += come
            gone += go
    return came, gone
