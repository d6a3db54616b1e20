"""Why somebody is posted where they are, and why not somewhere else: arithmetic on the plan, told as reasons.

The figures are points for the plan as a whole. They are never what a person is worth, and are not to be shown as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from highground.methods.allocate.arrays import InputError, Ints
from highground.methods.allocate.building import Task, find_pairs
from highground.methods.allocate.certificate import roles
from highground.methods.allocate.problem import FIRST_NEED, LANGUAGE, LEAD, WOMAN
from highground.methods.allocate.tables import place_in

NEXT_BEST = 3


@dataclass(frozen=True)
class Reason:
    """One reason: its kind, the words that go into it, and the points that it moves (0 for a rule)."""

    kind: str
    values: tuple[str, ...] = ()
    points: int = 0

    def __str__(self) -> str:
        return WORDS[self.kind].format(*self.values, points=self.points)


WORDS = {
    "posted": "posted to {0} as {1}",
    "no_post": "has no post in this plan",
    "needs": "meets {0} of {1} needs ({2})",
    "only": "is the only one in the team who brings: {0}",
    "language": "speaks the language of the village ({0})",
    "distance": "{0} km from home",
    "paired": "the unit is paired with this village",
    "stays": "was there before",
    "locked": "was posted by hand",
    "not_eligible": "may not be posted to {0}: the pair is not on the list",
    "home": "{0} is the home village",
    "locked_elsewhere": "was posted by hand to {0}",
    "there": "is posted there",
    "unit_full": "unit {0} already releases as many as it may",
    "spouse": "the spouse is posted",
    "better_alone": "scores {points:+} points more there",
    "worse_alone": "scores {points:+} points there",
    "loses": "{0} would lose {1} ({points:+})",
    "displaces": "{0} would have to leave {1} ({points:+})",
    "vacancy": "{0} would be left with a vacant seat",
    "net": "in all the plan would change by {points:+} points",
}


@dataclass(frozen=True)
class Other:
    """Another village for a person: why they are not there."""

    village: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Explanation:
    """Why a person is where they are, and their next best villages."""

    person: str
    reasons: tuple[Reason, ...]
    others: tuple[Other, ...]


class Explainer:
    """Answers questions about one plan of one task."""

    def __init__(self, task: Task, chosen: Ints) -> None:
        self._task, self._problem = task, task.problem
        self._pair = np.full(task.problem.people, -1, dtype=np.int64)
        self._pair[task.problem.person[chosen]] = chosen
        self._chosen = chosen
        self._people = task.tables.people
        self._villages = task.tables.villages

    def explain(self, person: object) -> Explanation:
        """Why this person is posted where they are (or not at all), and the three next best villages.

        Raises InputError for somebody who is not in the tables.
        """
        number = self._number(person)
        mine = np.flatnonzero(self._problem.person == number)
        best = mine[np.argsort(-self._problem.points[mine], kind="stable")]
        others = [one for one in best.tolist() if one != self._pair[number]][:NEXT_BEST]
        reasons = tuple(self._why(number))
        return Explanation(
            str(person),
            reasons,
            tuple(
                Other(self._village(int(self._problem.place[one])), tuple(self._against(number, one)))
                for one in others
            ),
        )

    def why_not(self, person: object, village: object) -> tuple[Reason, ...]:
        """Why this person is not posted to this village. Raises InputError where one of them is not in the tables."""
        number = self._number(person)
        place = int(place_in(_one(village), self._villages.column("village"))[0])
        if place < 0:
            raise InputError(f"there is no village '{village}'")
        pair = int(find_pairs(self._problem, np.array([number]), np.array([place]))[0])
        if pair >= 0:
            return tuple(self._against(number, pair))
        fixed = self._pair[number]
        if fixed >= 0 and fixed in self._problem.locked:
            return (Reason("locked_elsewhere", (self._village(int(self._problem.place[fixed])),)),)
        home = self._people.column("home_village")[number].as_py()
        told = [Reason("not_eligible", (str(village),))]
        if home == self._villages.column("village")[place].as_py():
            told.append(Reason("home", (str(village),)))
        return tuple(told)

    def _number(self, person: object) -> int:
        found = int(place_in(_one(person), self._people.column("person"))[0])
        if found < 0:
            raise InputError(f"there is no person '{person}'")
        return found

    def _village(self, place: int) -> str:
        return str(self._villages.column("village")[place])

    def _names(self, place: int, bits: int) -> list[str]:
        """The words for what a village wants."""
        needs = self._villages.column("needs")[place].as_py() or []
        found = [need for rank, need in enumerate(needs) if bits >> (FIRST_NEED + rank) & 1]
        if bits >> LANGUAGE & 1:
            found.append(str(self._villages.column("language")[place]))
        if bits >> WOMAN & 1:
            found.append("a woman")
        if bits >> LEAD & 1:
            found.append("a first secretary")
        return found

    def _why(self, number: int) -> Iterator[Reason]:
        pair = int(self._pair[number])
        if pair < 0:
            yield Reason("no_post")
            return
        problem, place = self._problem, int(self._problem.place[pair])
        role = str(roles(self._task, np.array(self._team(place)))[self._team(place).index(pair)]).replace(
            "_", " "
        )
        yield Reason("posted", (self._village(place), role))
        if pair in problem.locked:
            yield Reason("locked")
        if pair in self._task.previous:
            yield Reason("stays")
        brings = int(problem.brings[pair])
        needs = self._villages.column("needs")[place].as_py() or []
        met = [need for rank, need in enumerate(needs) if brings >> (FIRST_NEED + rank) & 1]
        if needs:
            yield Reason("needs", (str(len(met)), str(len(needs)), ", ".join(met) or "none"))
        if brings >> LANGUAGE & 1:
            yield Reason("language", (str(self._villages.column("language")[place]),))
        rest = self._brought(self._team(place, without=pair))
        only = brings & ~rest
        if only:
            yield Reason("only", (", ".join(self._names(place, only)),))
        far = self._kilometres(number, place)
        if far is not None:
            yield Reason("distance", (f"{far:.0f}",))
        if self._paired(number, place):
            yield Reason("paired")

    def _kilometres(self, number: int, place: int) -> float | None:
        """From where a person lives to a village, None where one of the places is not known."""
        person, village = (
            [table.column(one)[row].as_py() for one in ("x", "y")]
            for table, row in ((self._people, number), (self._villages, place))
        )
        if None in person or None in village:
            return None
        return float(np.hypot(person[0] - village[0], person[1] - village[1]))

    def _paired(self, number: int, place: int) -> bool:
        units = self._task.tables.units
        row = int(place_in(_one(self._people.column("unit")[number].as_py()), units.column("unit"))[0])
        villages = [] if row < 0 else units.column("paired_villages")[row].as_py() or []
        return self._villages.column("village")[place].as_py() in villages

    def _team(self, place: int, without: int = -1) -> list[int]:
        return [
            one for one in self._chosen[self._problem.place[self._chosen] == place].tolist() if one != without
        ]

    def _brought(self, team: list[int]) -> int:
        return int(np.bitwise_or.reduce(self._problem.brings[team])) if team else 0

    def _value(self, place: int, team: list[int]) -> int:
        lost = self._problem.lost(np.array([place]), np.array([self._brought(team)]))
        return int(self._problem.points[team].sum()) - int(lost[0])

    def _fits(self, place: int, team: list[int]) -> bool:
        lead = self._brought(team) & 1
        return len(team) <= int(self._problem.seats[place]) - (bool(self._problem.leads[place]) and not lead)

    def _against(self, number: int, pair: int) -> Iterator[Reason]:
        """What stands against a pair that may be."""
        problem, place, own = self._problem, int(self._problem.place[pair]), int(self._pair[number])
        if own == pair:
            yield Reason("there")
            return
        if own in problem.locked:
            yield Reason("locked_elsewhere", (self._village(int(problem.place[own])),))
            return
        if own < 0:
            yield from self._full(number)
        alone = int(problem.points[pair]) - (int(problem.points[own]) if own >= 0 else 0)
        if own >= 0:
            yield Reason("better_alone" if alone > 0 else "worse_alone", (), alone)
        left = self._leaving(own) if own >= 0 else (0, [])
        came, out = self._coming(pair)
        yield from left[1]
        if out >= 0:
            named = str(self._people.column("person")[int(problem.person[out])])
            yield Reason("displaces", (named, self._village(place)), came)
        yield Reason("net", (), left[0] + came)

    def _full(self, number: int) -> Iterator[Reason]:
        for cap in self._problem.caps:
            group = int(cap.group[number])
            used = int((cap.group[self._problem.person[self._chosen]] == group).sum()) if group >= 0 else 0
            if group >= 0 and used >= cap.most[group]:
                named = str(self._people.column("unit")[number])
                yield Reason("unit_full", (named,)) if cap.name == "unit" else Reason("spouse")

    def _leaving(self, own: int) -> tuple[int, list[Reason]]:
        """What the own village loses, refilled as well as can be by somebody who has no post."""
        problem, place = self._problem, int(self._problem.place[own])
        team = self._team(place, without=own)
        idle = np.flatnonzero((problem.place == place) & (self._pair[problem.person] < 0))
        idle = np.array(
            [one for one in idle.tolist() if not any(True for _ in self._full(int(problem.person[one])))],
            np.int64,
        )
        before = self._value(place, [*team, own])
        best, by = self._value(place, team), -1
        for one in idle.tolist():
            if self._fits(place, [*team, one]) and (by < 0 or self._value(place, [*team, one]) > best):
                best, by = self._value(place, [*team, one]), one
        now = [*team, by] if by >= 0 else team
        lost = self._brought([*team, own]) & ~self._brought(now)
        told = []
        if by < 0:
            told.append(Reason("vacancy", (self._village(place),)))
        what = ", ".join(self._names(place, lost)) or "points"
        told.append(Reason("loses", (self._village(place), what), best - before))
        return best - before, told

    def _coming(self, pair: int) -> tuple[int, int]:
        """What the other village gains, and the pair that would have to end there (-1: there is a vacancy)."""
        problem, place = self._problem, int(self._problem.place[pair])
        team = self._team(place)
        before = self._value(place, team)
        if self._fits(place, [*team, pair]):
            return self._value(place, [*team, pair]) - before, -1
        best: tuple[int, int] | None = None
        for one in team:
            after = [two for two in team if two != one] + [pair]
            if one not in problem.locked and self._fits(place, after):
                gain = self._value(place, after) - before
                best = max(best or (gain, one), (gain, one))
        return best or (0, -1)


def _one(value: object) -> pa.Array:
    return pa.array([value])


def explain(task: Task, chosen: Ints, person: object) -> Explanation:
    """Why a person is posted where they are; see `Explainer`."""
    return Explainer(task, chosen).explain(person)
