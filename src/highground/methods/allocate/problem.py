"""What is planned: people, places with seats, the pairs that may be, what teams should cover, and how many may be taken.

Everything is an array. A place has some seats; one of them, where `leads` is true, is for a person who may lead. A pair
brings the place points and some of the bits that the place wants (a woman, its language, each of its needed skills). A place
loses `weight[bit]` points for each wanted bit that nobody in its team brings.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from highground.methods.allocate.arrays import Bits, Bools, Ints, Places

LEAD, WOMAN, LANGUAGE, FIRST_NEED = 0, 1, 2, 3  # positions of the bits
BITS = 8
# What a filled seat counts in the search, beyond any points that a chain of moves could cost. Seats come first.
SEAT = 20_000


@dataclass(frozen=True)
class Cap:
    """Of each group of people at most `most` may be posted; `group` is -1 for people of no group."""

    name: str
    group: Places
    most: Places


@dataclass(frozen=True)
class Problem:
    """One task of allocation; pairs stand in the order of their place, then of what they bring."""

    people: int
    seats: Places  # of each place, the lead's among them
    leads: Bools  # whether a place has a seat that only some may fill
    wanted: Bits  # the bits that count at each place
    weight: Ints  # places x BITS: what a place loses without a bit
    block: Places  # of each place: what can be solved by itself first
    person: Places  # of each pair
    place: Places
    brings: Bits
    points: Places
    caps: tuple[Cap, ...] = ()
    locked: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # pairs that must be

    def lost(self, places: Ints, brought: Ints) -> Ints:
        """What places lose when their teams bring exactly these bits; the two arrays are broadcast together."""
        absent = (~brought[..., None] >> np.arange(BITS)) & 1
        found: Ints = (self.weight[places] * absent).sum(axis=-1)
        return found

    @property
    def total_seats(self) -> int:
        """The seats of all places."""
        return int(self.seats.sum())

    def score(self, chosen: Ints) -> int:
        """The points of these pairs less what their teams lack."""
        return int(self.values(chosen).sum())

    def values(self, chosen: Ints) -> Ints:
        """The same for each place."""
        count = len(self.seats)
        covered = np.zeros(count, dtype=np.uint8)
        np.bitwise_or.at(covered, self.place[chosen], self.brings[chosen])
        points = np.bincount(self.place[chosen], weights=self.points[chosen], minlength=count)
        found: Ints = np.rint(points).astype(np.int64) - self.lost(np.arange(count), covered.astype(np.int64))
        return found

    def worth(self, chosen: Ints) -> int:
        """What the search raises: every filled seat first, then the score."""
        return SEAT * len(chosen) + self.score(chosen)

    def part(self, places: Ints, people: Ints) -> tuple[Problem, Ints]:
        """The task of some places and some people, numbered anew, and which pairs of this one its pairs are."""
        of_place = np.full(len(self.seats), -1, dtype=np.int32)
        of_place[places] = np.arange(len(places))
        of_person = np.full(self.people, -1, dtype=np.int32)
        of_person[people] = np.arange(len(people))
        kept = np.flatnonzero((of_place[self.place] >= 0) & (of_person[self.person] >= 0))
        kept = kept[np.argsort(of_place[self.place[kept]], kind="stable")]
        new = np.full(len(self.person), -1, dtype=np.int64) if len(self.locked) else None
        locked = self.locked
        if new is not None:
            new[kept] = np.arange(len(kept))
            locked = new[locked][new[locked] >= 0]
        smaller = replace(
            self,
            people=len(people),
            seats=self.seats[places],
            leads=self.leads[places],
            wanted=self.wanted[places],
            weight=self.weight[places],
            block=self.block[places],
            person=of_person[self.person[kept]],
            place=of_place[self.place[kept]],
            brings=self.brings[kept],
            points=self.points[kept],
            caps=tuple(Cap(one.name, one.group[people], one.most) for one in self.caps),
            locked=locked,
        )
        return smaller, kept


def feasible(problem: Problem, chosen: Ints) -> bool:
    """Whether no hard rule is broken by these pairs (each at most once)."""
    person, place = problem.person[chosen], problem.place[chosen]
    if len(person) and np.bincount(person).max() > 1:
        return False
    filled = np.bincount(place, minlength=len(problem.seats))
    leading = np.bincount(place, weights=problem.brings[chosen] & 1, minlength=len(problem.seats))
    if np.any(filled + (problem.leads & (leading == 0)) > problem.seats):
        return False
    for cap in problem.caps:
        group = cap.group[person]
        if np.any(np.bincount(group[group >= 0], minlength=len(cap.most)) > cap.most):
            return False
    return bool(np.isin(problem.locked, chosen).all())
