"""Vacancies where somebody stands under two limits at once, such as the cap of a unit and one of a couple.

Where each person has one limit that can bind, chains (`chains.py`) tell exactly what can be filled. Under two, a change may
have to branch: who comes lets one go home for the unit and another for the couple, or who goes home makes room for two.

What chains do not reach is held by a cut: each filled seat there is paid for by somebody who cannot be spared, or by a group
that sends as many as it may, all of them there. Only two kinds of people leave such a cut open: one without a post of whose
full groups each could let somebody go, and one with a post in two groups that both hold somebody back. Where there is neither,
no plan fills more. Where there is one, both ways are tried: that they go (or let go), and that they do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from highground.methods.allocate.arrays import Bools, Ints
from highground.methods.allocate.chains import Reach, Seats, chain, is_only_lead, reach_of, seats_of
from highground.methods.allocate.problem import Cap, Problem
from highground.methods.allocate.tally import Tally

MOST_LOOKS = 400
"""Plans looked at in all; a vacancy that is not settled by then counts as one that may be filled."""


class Demand(NamedTuple):
    """A seat to be filled at a place: by a lead, or by anyone."""

    place: int
    lead: bool


class LooseEnd(NamedTuple):
    """Somebody who leaves the cut open, the pairs that could end for them, and the people whom that could free."""

    person: int
    homes: tuple[int, ...]
    freed: tuple[int, ...]


class Way(NamedTuple):
    """One way to go on from a plan, and the seats that must then be filled again."""

    view: View
    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class View:
    """A plan and what can be reached from it by chains; some people are settled to be home, some to keep a post."""

    problem: Problem
    chosen: Ints
    home: tuple[int, ...] = ()
    staying: tuple[int, ...] = ()

    @cached_property
    def seats(self) -> Seats:
        """What stands where."""
        return seats_of(self.problem, self.chosen)

    @cached_property
    def reach(self) -> Reach:
        """What chains reach."""
        return reach_of(self.problem, self.seats, home=self.home, staying=self.staying)

    @cached_property
    def tally(self) -> Tally:
        """What the hard rules count."""
        return Tally.of(self.problem, self.chosen)

    def end(self, demand: Demand) -> int:
        """The pair with which a chain ends that meets a demand; -1 if there is none."""
        return self._end(self.reach, demand)

    def chain(self, end: int) -> tuple[list[int], list[int]]:
        """The pairs that come to be and those that end by the chain that ends with a pair."""
        return chain(self.problem, self.seats, self.reach, end)

    def holds(self, end: int) -> bool:
        """Whether all rules hold after the chain that ends with a pair."""
        return self.tally.would_hold(*self.chain(end))

    def sound_end(self, demand: Demand) -> int:
        """The same as `end`, but -1 too where the chain would break a rule."""
        end = self.end(demand)
        return end if end >= 0 and self.holds(end) else -1

    def with_change(self, come: list[int], go: list[int]) -> View:
        """The plan in which these pairs come to be and those end."""
        chosen = np.sort(np.concatenate([np.setdiff1d(self.chosen, go), come])).astype(np.int64)
        return replace(self, chosen=chosen)

    def after(self, end: int) -> View:
        """The plan after the chain that ends with a pair."""
        return self.with_change(*self.chain(end))

    def may_meet(self, demand: Demand) -> bool:
        """False where it is proven that nothing meets a demand."""
        return self._end(self._loosest, demand) >= 0

    def _end(self, reach: Reach, demand: Demand) -> int:
        # Where a lead has come already, to another seat of the place, anyone will do for the one that waited.
        lead = demand.lead and bool(self.seats.lead_only[demand.place])
        return int((reach.lead if lead else reach.anyone)[demand.place])

    def ways(self) -> Iterator[Way]:
        """Every way to tie the first loose end."""
        person, homes, _freed = self.loose_ends[0]
        yield from map(self._sent_home, homes)
        if self.seats.posted[person] >= 0:
            yield Way(replace(self, staying=(*self.staying, person)), ())
        else:
            yield self._kept_home(person)

    def ways_around(self, end: int) -> Iterator[Way]:
        """Every way out of a chain that sends too many of one group: one of them does not go, or one more comes home."""
        come, go = self.chain(end)
        for number, cap in enumerate(self.problem.caps):
            groups = cap.group[self.problem.person[come]]
            for group in np.unique(groups[groups >= 0]).tolist():
                people = [
                    int(one)
                    for one in self.problem.person[come][groups == group]
                    if self.seats.posted[one] < 0
                ]
                gone = set(self.problem.person[go][cap.group[self.problem.person[go]] == group].tolist())
                gone -= set(self.problem.person[come].tolist())
                if len(people) - len(gone) > self.seats.room[number][group]:
                    yield from map(self._kept_home, people)
                    mates = np.flatnonzero((cap.group == group) & self.leaves)
                    yield from map(self._sent_home, self.seats.posted[mates].tolist())
                    return

    def _sent_home(self, pair: int) -> Way:
        who, place = int(self.problem.person[pair]), int(self.problem.place[pair])
        without = replace(self, chosen=self.chosen[self.chosen != pair], home=(*self.home, who))
        return Way(without, (Demand(place, is_only_lead(self.problem, self.seats, pair)),))

    def _kept_home(self, person: int) -> Way:
        return Way(replace(self, home=(*self.home, person)), ())

    @cached_property
    def leaves(self) -> Bools:
        """Those with a post who could come home."""
        found = (self.seats.posted >= 0) & ~self.seats.locked
        found[list(self.staying)] = False
        return found

    @cached_property
    def loose_ends(self) -> tuple[LooseEnd, ...]:
        """What chains leave open."""
        return tuple(_Cut(self).loose_ends())

    @cached_property
    def _loosest(self) -> Reach:
        freed = sorted({person for end in self.loose_ends for person in end.freed})
        if not freed:
            return self.reach
        besides = np.array(freed, dtype=np.int64)
        return reach_of(self.problem, self.seats, home=self.home, staying=self.staying, besides=besides)


@dataclass
class Trials:
    """Plans in which the same seats are filled, in each of the ways to tie what chains leave open."""

    wanted: list[Demand]
    """The vacancies that are looked for; whoever has found one may take it away."""
    looks: int = 0
    settled: bool = True
    """False once a way was given up."""

    def of(self, view: View, demands: tuple[Demand, ...] = ()) -> Iterator[View]:
        """The plans that meet the demands; the first is the one given, if there are none."""
        for number, demand in enumerate(demands):
            if not self._may_look():
                return
            if (end := view.sound_end(demand)) < 0:
                for way in self._ways(view, [demand]):
                    yield from self.of(way.view, (*way.demands, *demands[number:]))
                return
            view = view.after(end)
        if not self._may_look():
            return
        yield view
        for way in self._ways(view, self.wanted):
            yield from self.of(*way)

    def _ways(self, view: View, demands: Sequence[Demand]) -> Iterator[Way]:
        """How to go on, so that one of the demands may be met after all; nothing where it is proven that none can be."""
        if not any(view.may_meet(one) for one in demands):
            return
        if view.loose_ends:
            yield from view.ways()
            return
        for one in demands:
            if (end := view.end(one)) >= 0 and not view.holds(end):
                ways = list(view.ways_around(end))
                self.settled &= bool(ways)
                yield from ways
                return

    def _may_look(self) -> bool:
        self.looks += 1
        self.settled &= self.looks <= MOST_LOOKS
        return self.looks <= MOST_LOOKS


class _Cut:
    """Who and which groups pay for the filled seats that no chain reaches."""

    def __init__(self, view: View) -> None:
        problem, seats, ready = view.problem, view.seats, view.reach.ready
        self._problem, self._seats = problem, seats
        posted = seats.posted >= 0
        self._waiting = ~posted & ~ready & _could_help(view)
        self._waiting[list(view.home)] = False
        self._leaves, self._bound = view.leaves, view.leaves & ~ready
        self._full = [_people_of(cap, room <= 0) for cap, room in zip(problem.caps, seats.room, strict=True)]
        spared = [cap.group[(cap.group >= 0) & view.leaves & ready] for cap in problem.caps]
        self._spare = [
            np.bincount(group, minlength=len(cap.most)) > 0
            for group, cap in zip(spared, problem.caps, strict=True)
        ]

    def loose_ends(self) -> Iterator[LooseEnd]:
        """Those without a post first."""
        problem = self._problem
        if not problem.caps:
            return
        many = np.sum(self._full, axis=0)
        pays = [np.zeros(len(cap.most), dtype=np.bool_) for cap in problem.caps]
        for marks, cap, full in zip(pays, problem.caps, self._full, strict=True):
            marks[cap.group[self._waiting & full & (many == 1)]] = True
        for person in np.flatnonzero(self._waiting & (many > 1)).tolist():
            own = [(number, int(problem.caps[number].group[person])) for number in self._full_of(person)]
            shut = [one for one in own if not self._spare[one[0]][one[1]]]
            if not shut:
                yield self._held_back(person, own)
            elif not any(pays[number][group] for number, group in shut):
                number, group = shut[0]
                pays[number][group] = True
        paid = [_people_of(cap, marks) for cap, marks in zip(problem.caps, pays, strict=True)]
        for person in np.flatnonzero(self._bound & (np.sum(paid, axis=0) > 1)).tolist():
            freed = [person]
            for cap, people in zip(problem.caps, paid, strict=True):
                if people[person]:
                    freed += np.flatnonzero((cap.group == cap.group[person]) & self._waiting).tolist()
            yield LooseEnd(person, (int(self._seats.posted[person]),), tuple(freed))

    def _full_of(self, person: int) -> list[int]:
        return [number for number, full in enumerate(self._full) if full[person]]

    def _held_back(self, person: int, groups: list[tuple[int, int]]) -> LooseEnd:
        """Somebody without a post: those of the smallest of their full groups who could go home for them."""
        mates = [
            np.flatnonzero((self._problem.caps[number].group == group) & self._leaves)
            for number, group in groups
        ]
        fewest = min(mates, key=len)
        return LooseEnd(person, tuple(self._seats.posted[fewest].tolist()), (person,))


def _people_of(cap: Cap, marks: Bools) -> Bools:
    """Who is of a marked group."""
    found = cap.group >= 0
    found[found] = marks[cap.group[found]]
    return found


def _could_help(view: View) -> Bools:
    """People who could come to a place that no chain reaches."""
    problem, reach = view.problem, view.reach
    leads = (problem.brings & 1) > 0
    beyond = (reach.anyone < 0)[problem.place] | (leads & (reach.lead < 0)[problem.place])
    found = np.zeros(problem.people, dtype=np.bool_)
    found[problem.person[beyond]] = True
    return found
