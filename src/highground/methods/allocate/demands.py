"""Which demands of a timetable cannot hold together: a smallest set of them that is impossible, so that people know what to move.

A session that finds no place is seldom alone to blame: three sessions want one speaker who is there for two hours, or thirty-one
sessions want thirty slots. The set is found by QuickXplain (Junker, AAAI 2004), which halves the demands again and again and asks
CP-SAT of OR-tools (extra [solve]) each time whether the rest can hold: first of rooms and people, then of the sessions.
"""

from __future__ import annotations

import datetime
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from highground.methods.allocate.solving import solver_within
from highground.methods.allocate.timetable import Event, Place, Timetable, Where, open_to

KINDS = ("rooms", "person", "fixed", "absent", "channels", "session")


@dataclass(frozen=True, order=True)
class Demand:
    """`kind` with whom it is about: `session` (finds a place), `fixed` (stays where it is), `absent` (its people are away then),
    `channels` (needs so many) of a session; `person` (is in one place at a time); `rooms` (hold one session each), about nobody.
    """

    kind: str
    who: str = ""


class OutOfTime(Exception):
    """Whether demands can hold together was not found out in the time given."""


def demands_of(events: Sequence[Event]) -> list[Demand]:
    """Every demand that these sessions make, those that most often stand in the way last."""
    often: dict[str, int] = defaultdict(int)
    for one in events:
        for who in one.people:
            often[who] += 1
    found = [Demand("session", one.code) for one in events]
    found += [Demand("channels", one.code) for one in events if one.channels]
    found += [Demand("absent", one.code) for one in events if one.absent]
    found += [Demand("fixed", one.code) for one in events if one.fixed]
    found += [Demand("person", who) for who in sorted(often) if often[who] > 1]
    return [*found, Demand("rooms")]


@dataclass(frozen=True)
class Conflict:
    """Demands that cannot hold together. `smallest`: without any one of them the others can; else the time ended before."""

    demands: tuple[Demand, ...]
    smallest: bool


def cannot_hold(
    events: Sequence[Event],
    rooms: Sequence[Place],
    starts: Sequence[datetime.datetime],
    found: Timetable,
    *,
    ends: Sequence[tuple[datetime.datetime, datetime.datetime]] = (),
    seconds: float = 10.0,
) -> dict[str, Conflict]:
    """For each session that a timetable left out: demands of it and of those that were placed that cannot hold together.

    None for a session where there are none, or where none were found in time; none at all without OR-tools. Where the rooms alone
    are too few for the sessions, all sessions are named: which of them are too many is for people to say.
    """
    placed = [one for one in events if one.code in found.places]
    until = time.monotonic() + seconds
    said: dict[str, Conflict] = {}
    for code in found.left_out:
        these = [*placed, *(one for one in events if one.code == code)]
        question = _Question(these, rooms, starts, list(ends), until)
        try:
            smallest = _narrow(question, demands_of(these))
        except (OutOfTime, ImportError):
            smallest = False
        if question.impossible:
            in_order = sorted(question.impossible, key=lambda one: KINDS.index(one.kind))
            said[code] = Conflict(tuple(in_order), smallest)
    return said


def _narrow(question: _Question, demands: Sequence[Demand]) -> bool:
    """Narrow down what is impossible; whether it came to an end."""
    if question.hold(demands):
        return False
    rooms = Demand("rooms")
    sessions = [one for one in demands if one.kind == "session"]
    others = [one for one in demands if one.kind not in ("session", "rooms")]
    if not question.hold([*sessions, rooms]):
        return False
    kept = _explain(question, sessions, [], [*others, rooms])
    _explain(question, kept, [rooms], sessions)
    return True


def _explain(
    question: _Question, behind: list[Demand], added: list[Demand], demands: list[Demand]
) -> list[Demand]:
    if added and not question.hold(behind):
        return []
    if len(demands) == 1:
        return demands
    half = len(demands) // 2
    first, second = demands[:half], demands[half:]
    of_second = _explain(question, behind + first, first, second)
    of_first = _explain(question, behind + of_second, of_second, first)
    return of_first + of_second


@dataclass
class _Question:
    """Whether demands can hold together, asked again and again."""

    events: Sequence[Event]
    rooms: Sequence[Place]
    starts: Sequence[datetime.datetime]
    ends: Sequence[tuple[datetime.datetime, datetime.datetime]]
    until: float
    impossible: Sequence[Demand] = ()

    def hold(self, demands: Sequence[Demand]) -> bool:
        """Whether there is a timetable in which these demands hold; the fewest that cannot are kept. Raises OutOfTime."""
        holds = self._hold(demands)
        if not holds and (not self.impossible or len(demands) < len(self.impossible)):
            self.impossible = list(demands)
        return holds

    def _hold(self, demands: Sequence[Demand]) -> bool:
        from ortools.sat.python import cp_model

        wanted = set(demands)
        events = [_asked(one, wanted) for one in self.events if Demand("session", one.code) in wanted]
        places = {one.code: open_to(one, self.rooms, self.starts, self.ends) for one in events}
        if any(not found for found in places.values()):
            return False
        model = cp_model.CpModel()
        chosen = {(one.code, where): model.new_bool_var("") for one in events for where in places[one.code]}
        # How few must be left out is asked, not whether none must: that too many sessions want too few slots is seen by the
        # linear relaxation at once, and by a search for a timetable hardly ever.
        missing = [model.new_bool_var("") for _one in events]
        for one, left in zip(events, missing, strict=True):
            model.add_exactly_one([left, *(chosen[one.code, where] for where in places[one.code])])
        for keys in self._together(events, places, wanted):
            model.add_at_most_one(chosen[key] for key in keys)
        model.minimize(sum(missing))
        solver = solver_within(self.until - time.monotonic())
        status = solver.solve(model)
        if status == cp_model.OPTIMAL or (status == cp_model.FEASIBLE and solver.best_objective_bound > 0.5):
            return bool(solver.objective_value == 0)
        raise OutOfTime

    def _together(
        self, events: Sequence[Event], places: Mapping[str, Sequence[Where]], wanted: set[Demand]
    ) -> list[list[tuple[str, Where]]]:
        """Of which choices at most one can be made: in a room, or of a person, at one moment."""
        moments = sorted({where[1] for found in places.values() for where in found})
        groups: dict[tuple[str, str, datetime.datetime], list[tuple[str, Where]]] = defaultdict(list)
        rooms = Demand("rooms") in wanted
        for one in events:
            length = datetime.timedelta(minutes=one.minutes)
            known = [who for who in one.people if Demand("person", who) in wanted]
            for room, begin in places[one.code]:
                for moment in moments:
                    if begin <= moment < begin + length:
                        key = (one.code, (room, begin))
                        if rooms:
                            groups["room", room, moment].append(key)
                        for who in known:
                            groups["person", who, moment].append(key)
        return [keys for keys in groups.values() if len({code for code, _where in keys}) > 1]


def _asked(event: Event, wanted: set[Demand]) -> Event:
    """The session without what is not demanded of it."""
    return replace(
        event,
        fixed=event.fixed if Demand("fixed", event.code) in wanted else None,
        absent=event.absent if Demand("absent", event.code) in wanted else (),
        channels=event.channels if Demand("channels", event.code) in wanted else 0,
    )
