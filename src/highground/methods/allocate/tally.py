"""What the hard rules count, kept up to date change by change."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from highground.methods.allocate.arrays import Ints
from highground.methods.allocate.problem import Problem


@dataclass(frozen=True)
class Tally:
    """What the hard rules count, kept up to date chain by chain: looking at a whole country for each would take too long."""

    problem: Problem
    posts: Ints  # of each person
    filled: Ints  # of each place
    leading: Ints
    used: tuple[Ints, ...]  # of each group of each cap
    locked: frozenset[int]

    @classmethod
    def of(cls, problem: Problem, chosen: Ints) -> Tally:
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
        self.add(go, -1)
        self.add(come, 1)
        both = self.problem.place[[*come, *go]], self.problem.person[[*come, *go]]
        if self.holds_at(set(both[0].tolist()), set(both[1].tolist())):
            return True
        self.add(come, -1)
        self.add(go, 1)
        return False

    def would_hold(self, come: list[int], go: list[int]) -> bool:
        """Whether no hard rule would break by this change, which is not made."""
        held = self.change(come, go)
        if held:
            self.add(come, -1)
            self.add(go, 1)
        return held

    def add(self, pairs: Iterable[int], by: int) -> None:
        """Count these pairs as coming to be (`by` 1) or as ending (-1)."""
        problem = self.problem
        for pair in pairs:
            person, place = problem.person[pair], problem.place[pair]
            self.posts[person] += by
            self.filled[place] += by
            self.leading[place] += by * int(problem.brings[pair] & 1)
            for cap, used in zip(problem.caps, self.used, strict=True):
                if cap.group[person] >= 0:
                    used[cap.group[person]] += by

    def holds_at(self, places: Collection[int], people: Collection[int]) -> bool:
        """Whether the rules hold at these places and for these people."""
        problem = self.problem
        for place in places:
            kept_free = bool(problem.leads[place]) and not self.leading[place]
            if self.filled[place] + kept_free > problem.seats[place]:
                return False
        for person in people:
            if self.posts[person] > 1:
                return False
            for cap, used in zip(problem.caps, self.used, strict=True):
                group = cap.group[person]
                if group >= 0 and used[group] > cap.most[group]:
                    return False
        return True
