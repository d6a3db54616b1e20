"""Vacancies where somebody stands under two limits at once, such as the cap of a unit and one of a couple.

Where each person has one limit that can bind, chains (`chains.py`) tell exactly what can be filled. Under two, a change may
have to branch: who comes lets one go home for the unit and another for the couple, and both of their seats must be filled.
Two steps settle it. First a looser task, in which such people stand under one limit alone: what no chain fills there, nothing
fills. What is left is tried out in full, up to a number of steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from highground.methods.allocate.arrays import Bools, Ints, starts_of
from highground.methods.allocate.chains import Seats, reach_of, seats_of
from highground.methods.allocate.problem import Cap, Problem
from highground.methods.allocate.tally import Tally

MOST_STEPS = 20_000
"""Changes tried for one vacancy; a vacancy not settled by then counts as one that may be filled."""
DEPTHS = (2, 4, 8, 16, 32, 64)


def within_reach(problem: Problem, chosen: Ints) -> tuple[Bools, Bools]:
    """Places that anyone, or a lead, may perhaps come to; to any other place certainly nobody can.

    Shapes: one for each place.
    """
    anyone = np.ones(len(problem.seats), dtype=np.bool_)
    lead = anyone.copy()
    binding = _binding(problem)
    for kept in range(max(1, len(binding))):
        looser = replace(problem, caps=tuple(_one_each(binding, kept)))
        reach = reach_of(looser, seats_of(looser, chosen))
        anyone &= reach.anyone >= 0
        lead &= reach.lead >= 0
        if not _overlap(binding):
            break
    return anyone, lead


def _binding(problem: Problem) -> list[Cap]:
    """The limits without the groups that have no more people than they may send."""
    found = []
    for cap in problem.caps:
        inside = cap.group >= 0
        size = np.bincount(cap.group[inside], minlength=len(cap.most))
        binds = inside & (size > cap.most)[np.where(inside, cap.group, 0)]
        found.append(replace(cap, group=np.where(binds, cap.group, -1).astype(np.int32)))
    return found


def _overlap(caps: list[Cap]) -> bool:
    return bool(caps) and bool((np.stack([cap.group >= 0 for cap in caps]).sum(axis=0) > 1).any())


def _one_each(caps: list[Cap], kept: int) -> Iterator[Cap]:
    """The limits when whoever stands under two counts under one of them alone: the limit `kept`, if it is among theirs."""
    taken = np.zeros(len(caps[0].group), dtype=np.bool_) if caps else np.zeros(0, dtype=np.bool_)
    for number in sorted(range(len(caps)), key=lambda one: one != kept):
        cap = caps[number]
        yield replace(cap, group=np.where(taken, -1, cap.group).astype(np.int32))
        taken |= cap.group >= 0


@dataclass
class Search:
    """Every change of a plan that would fill a vacancy and keep each filled seat filled, tried one after the other."""

    problem: Problem
    seats: Seats
    tally: Tally
    steps: int = 0
    _come: list[int] = field(default_factory=list)
    _go: list[int] = field(default_factory=list)
    _touched: set[int] = field(default_factory=set)
    _asked: dict[int, int] = field(default_factory=dict)
    _cut: bool = False
    _root: int = -1

    def __post_init__(self) -> None:
        self._starts = starts_of(self.problem.place, len(self.problem.seats))
        self._order = [np.argsort(cap.group, kind="stable") for cap in self.problem.caps]
        self._begin = [
            np.searchsorted(cap.group[order], np.arange(len(cap.most) + 1))
            for cap, order in zip(self.problem.caps, self._order, strict=True)
        ]

    def fill(self, place: int, *, lead: bool) -> tuple[list[int], list[int]] | None:
        """The pairs that come to be and those that end; None if nothing fills a seat of the place, or none was found.

        `lead`: the seat that waits for a lead.

        `settled` says which of the two. The plan that the tally counts is left as it was.
        """
        self.steps, self._root = 0, place if lead else -1
        for depth in DEPTHS:
            self._come, self._go, self._touched, self._cut = [], [], set(), False
            self._asked = {place: int(self.tally.filled[place]) + 1}
            if self._settle((place,), (), depth):
                come, go = self._come.copy(), self._go.copy()
                self.tally.add(come, -1)
                self.tally.add(go, 1)
                return come, go
            if not self._cut or self.steps > MOST_STEPS:
                break
        return None

    def make(self, come: list[int], go: list[int]) -> None:
        """Make a change that was found: what is searched for from here on goes on from it."""
        self.tally.add(go, -1)
        self.tally.add(come, 1)
        for pairs, by in ((go, -1), (come, 1)):
            for pair in pairs:
                self.seats.posted[self.problem.person[pair]] = pair if by > 0 else -1
                self.seats.leads[self.problem.place[pair]] += by * int(self.problem.brings[pair] & 1)

    @property
    def settled(self) -> bool:
        """Whether the last search that found nothing had tried everything."""
        return not self._cut

    def _settle(self, places: tuple[int, ...], groups: tuple[tuple[int, int], ...], depth: int) -> bool:
        """Mend the first group that sends too many, else the first place that lacks somebody, in every way."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            self._cut = True
            return False
        for number, group in groups:
            if self.tally.used[number][group] > self.problem.caps[number].most[group]:
                return any(
                    self._try((), (pair,), places, groups, depth) for pair in self._posted(number, group)
                )
        for place in places:
            if self.tally.filled[place] < self._asked[place]:
                return any(
                    self._try((pair,), gone, places, groups, depth) for pair, gone in self._comers(place)
                )
        return self.tally.holds_at(places, self._touched)

    def _try(
        self,
        come: tuple[int, ...],
        go: tuple[int, ...],
        places: tuple[int, ...],
        groups: tuple[tuple[int, int], ...],
        depth: int,
    ) -> bool:
        """One change and all that it calls for; undone if that cannot be met."""
        if depth <= 0:
            self._cut = True
            return False
        problem = self.problem
        (person,) = {int(problem.person[pair]) for pair in (*come, *go)}
        left = tuple(int(problem.place[pair]) for pair in go)
        for place in left:
            self._asked.setdefault(place, int(self.tally.filled[place]))
        if come and not go:
            own = ((number, int(cap.group[person])) for number, cap in enumerate(problem.caps))
            groups += tuple(one for one in own if one[1] >= 0)
        self._touched.add(person)
        self._come += come
        self._go += go
        self.tally.add(go, -1)
        self.tally.add(come, 1)
        if self._settle(places + left, groups, depth - 1):
            return True
        self.tally.add(come, -1)
        self.tally.add(go, 1)
        del self._come[len(self._come) - len(come) :], self._go[len(self._go) - len(go) :]
        self._touched.discard(person)
        return False

    def _posted(self, number: int, group: int) -> Iterator[int]:
        """The pairs of those of a group who could come home."""
        begin, end = self._begin[number][group : group + 2]
        for person in self._order[number][begin:end].tolist():
            if self._free_to_leave(person):
                yield int(self.seats.posted[person])

    def _comers(self, place: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """The pairs by which somebody could come to a place, those without a post first, and what they would leave."""
        problem, filled = self.problem, self.tally.filled[place]
        waits = bool(problem.leads[place]) and not self.tally.leading[place]
        # Whose lead has left is filled as before only once another lead has come.
        had = bool(self.seats.leads[place]) and filled + 1 >= self._asked[place]
        lead_only = waits and (had or filled + 1 >= problem.seats[place] or place == self._root)
        pairs = np.arange(self._starts[place], self._starts[place + 1])
        if lead_only:
            pairs = pairs[(problem.brings[pairs] & 1) > 0]
        busy = self.seats.posted[problem.person[pairs]] >= 0
        for pair in np.concatenate([pairs[~busy], pairs[busy]]).tolist():
            person = int(problem.person[pair])
            if self.seats.posted[person] < 0:
                if person not in self._touched:
                    yield pair, ()
            elif self._free_to_leave(person) and problem.place[self.seats.posted[person]] != place:
                yield pair, (int(self.seats.posted[person]),)

    def _free_to_leave(self, person: int) -> bool:
        return (
            self.seats.posted[person] >= 0 and not self.seats.locked[person] and person not in self._touched
        )
