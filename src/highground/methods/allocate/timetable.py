"""A timetable for sessions in rooms: nobody in two places, nobody from afar at an unreasonable hour where that can be helped.

Sessions, rooms and starting times go in; a place for each session comes out, with what it costs and a lower bound of that.
What people have fixed stays. A session that finds no place is named with what stands in its way, never dropped in silence.

The search: CP-SAT of OR-tools (extra [solve]), started from a greedy timetable and no longer than it is given; without the
extra the greedy timetable is the answer, and says that nothing is proven.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from highground.methods.allocate.solving import solver_within

UNPLACED = 10_000
"""What it costs that a session finds no place: more than any hour."""


Where = tuple[str, datetime.datetime]
"""A room and when it begins there."""


@dataclass(frozen=True)
class Place:
    """A room with so many interpretation channels."""

    code: str
    channels: int = 2


@dataclass(frozen=True)
class Event:
    """A session. `people` are all who must be there; `remote` gives the time zone of those who are far away.

    `fixed`: the room and start that stay. `absent`: spans in which one of the people is not free.
    """

    code: str
    minutes: int
    people: frozenset[str] = frozenset()
    remote: Mapping[str, str] | None = None
    channels: int = 0
    fixed: tuple[str, datetime.datetime] | None = None
    absent: tuple[tuple[datetime.datetime, datetime.datetime], ...] = ()


@dataclass(frozen=True)
class Clash:
    """Two fixed sessions that cannot both be right: `why` is `room` or `person`, `who` the room or the person."""

    first: str
    second: str
    why: str
    who: str


@dataclass(frozen=True)
class Timetable:
    """`places`: room and start by session. `left_out`: what stands in the way (`channels`, `time` or `rooms`) by session."""

    places: Mapping[str, tuple[str, datetime.datetime]]
    cost: int
    bound: int
    proven: bool
    left_out: Mapping[str, str]
    clashes: tuple[Clash, ...]


def hour_cost(start: datetime.datetime, minutes: int, zone: str) -> int:
    """How unreasonable an hour is where somebody sits: 0 from 8 to 20 o'clock, 2 an hour around that, 10 at night."""
    local = start.astimezone(ZoneInfo(zone))
    end = (start + datetime.timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    begin_at = local.hour + local.minute / 60
    end_at = begin_at + (end - local).total_seconds() / 3600
    if begin_at >= 8 and end_at <= 20:
        return 0
    if begin_at >= 7 and end_at <= 22:
        return 2
    return 10


def cost_of(event: Event, start: datetime.datetime) -> int:
    """What a start costs those who are far away."""
    return sum(hour_cost(start, event.minutes, zone) for zone in (event.remote or {}).values())


def overlap(one: Event, start: datetime.datetime, other: Event, begin: datetime.datetime) -> bool:
    """Whether two sessions run at the same time."""
    return start < begin + datetime.timedelta(minutes=other.minutes) and begin < start + datetime.timedelta(
        minutes=one.minutes
    )


def clashes_of(events: Sequence[Event], places: Mapping[str, tuple[str, datetime.datetime]]) -> list[Clash]:
    """Every pair of placed sessions that share a room or a person at one time."""
    placed = sorted((places[one.code][1], one.code, one) for one in events if one.code in places)
    found = []
    for number, (start, code, one) in enumerate(placed):
        for begin, other_code, other in placed[number + 1 :]:
            if not overlap(one, start, other, begin):
                continue
            if places[code][0] == places[other_code][0]:
                found.append(Clash(code, other_code, "room", places[code][0]))
            found += [Clash(code, other_code, "person", who) for who in sorted(one.people & other.people)]
    return found


def plan_timetable(
    events: Sequence[Event],
    rooms: Sequence[Place],
    starts: Sequence[datetime.datetime],
    *,
    ends: Iterable[tuple[datetime.datetime, datetime.datetime]] = (),
    now: Mapping[str, Where] | None = None,
    seconds: float = 10.0,
) -> Timetable:
    """Place the sessions. `starts` are when a session may begin (aware), `ends` spans within which it must lie (the days).

    `now`: where they stand. Of timetables that cost the same, the one in which the fewest move is taken, and what has no
    place yet begins as early as it can. Fixed sessions that clash with each other are named and kept where they are: people
    put them there.
    """
    spans = list(ends)
    open_for = {one.code: open_to(one, rooms, starts, spans) for one in events}
    fixed = {one.code: one.fixed for one in events if one.fixed}
    stand = {code: where for code, where in (now or {}).items() if where in open_for.get(code, ())}
    start_from = _greedy(events, open_for, fixed, stand)
    places, bound, proven = _search(events, open_for, fixed, start_from, stand, seconds)
    places = _earlier(events, open_for, places, {*fixed, *stand})
    cost = sum(cost_of(one, places[one.code][1]) if one.code in places else UNPLACED for one in events)
    left_out = {one.code: _why(one, rooms, starts, spans) for one in events if one.code not in places}
    clashes = tuple(clashes_of([one for one in events if one.fixed], fixed))
    return Timetable(places, cost, min(bound, cost), proven, left_out, clashes)


def open_to(
    event: Event,
    rooms: Sequence[Place],
    starts: Sequence[datetime.datetime],
    spans: Sequence[tuple[datetime.datetime, datetime.datetime]],
) -> list[Where]:
    """Where a session may stand if it were alone."""
    if event.fixed:
        return [event.fixed]
    return [
        (room.code, start)
        for room in rooms
        if room.channels >= event.channels
        for start in starts
        if _fits(event, start, spans)
    ]


def _fits(
    event: Event,
    start: datetime.datetime,
    spans: Sequence[tuple[datetime.datetime, datetime.datetime]],
) -> bool:
    end = start + datetime.timedelta(minutes=event.minutes)
    inside = not spans or any(begin <= start and end <= last for begin, last in spans)
    return inside and all(end <= begin or last <= start for begin, last in event.absent)


def _why(
    event: Event,
    rooms: Sequence[Place],
    starts: Sequence[datetime.datetime],
    spans: Sequence[tuple[datetime.datetime, datetime.datetime]],
) -> str:
    if all(room.channels < event.channels for room in rooms):
        return "channels"
    if not any(_fits(event, start, spans) for start in starts):
        return "time"
    return "rooms"


def _greedy(
    events: Sequence[Event],
    open_for: Mapping[str, Sequence[Where]],
    fixed: Mapping[str, Where],
    stand: Mapping[str, Where],
) -> dict[str, Where]:
    """What stands where it costs least stays; then the session with the fewest open places, at the cheapest and earliest."""
    places: dict[str, Where] = dict(fixed)
    by_code = {one.code: one for one in events}
    order = sorted(events, key=lambda one: (len(open_for[one.code]), -len(one.people), one.code))
    for one in order:
        there = stand.get(one.code)
        least = min((cost_of(one, where[1]) for where in open_for[one.code]), default=UNPLACED)
        if (
            there
            and one.code not in places
            and cost_of(one, there[1]) == least
            and _free(one, there, places, by_code)
        ):
            places[one.code] = there
    for one in order:
        if one.code in places:
            continue
        for where in _by_cost(one, open_for[one.code]):
            if _free(one, where, places, by_code):
                places[one.code] = where
                break
    return places


def _by_cost(one: Event, places: Sequence[Where]) -> list[Where]:
    return sorted(places, key=lambda where: (cost_of(one, where[1]), where[1], where[0]))


def _free(one: Event, where: Where, places: Mapping[str, Where], by_code: Mapping[str, Event]) -> bool:
    """Whether a session can stand there beside the others that have a place."""
    return not any(
        overlap(one, where[1], by_code[code], there[1])
        and (there[0] == where[0] or one.people & by_code[code].people)
        for code, there in places.items()
        if code != one.code
    )


def _earlier(
    events: Sequence[Event],
    open_for: Mapping[str, Sequence[Where]],
    places: dict[str, Where],
    stays: set[str],
) -> dict[str, Where]:
    """The same timetable without needless gaps: what had no place before moves to the earliest one that costs no more."""
    found, by_code = dict(places), {one.code: one for one in events}
    for code in sorted(set(places) - stays, key=lambda code: (places[code][1], code)):
        one, there = by_code[code], found[code]
        for where in sorted(open_for[code], key=lambda where: (where[1], where[0])):
            if where[1] >= there[1]:
                break
            if cost_of(one, where[1]) <= cost_of(one, there[1]) and _free(one, where, found, by_code):
                found[code] = where
                break
    return found


def _search(
    events: Sequence[Event],
    open_for: Mapping[str, Sequence[Where]],
    fixed: Mapping[str, Where],
    start: dict[str, Where],
    stand: Mapping[str, Where],
    seconds: float,
) -> tuple[dict[str, Where], int, bool]:
    by_code = {one.code: one for one in events}
    least = sum(
        min((cost_of(one, where[1]) for where in open_for[one.code]), default=UNPLACED) for one in events
    )
    if sum(cost_of(by_code[code], where[1]) for code, where in start.items()) == least and len(start) == len(
        events
    ):
        return start, least, True
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        return start, least, False
    model = cp_model.CpModel()
    chosen = {(one.code, where): model.new_bool_var("") for one in events for where in open_for[one.code]}
    missing = {one.code: model.new_bool_var("") for one in events}
    for one in events:
        model.add_exactly_one([chosen[one.code, where] for where in open_for[one.code]] + [missing[one.code]])
    # At every moment at which something may begin, a room holds one session and a person is in one.
    moments = sorted({where[1] for places in open_for.values() for where in places})
    for moment in moments:
        in_room: dict[str, list[tuple[str, Where]]] = defaultdict(list)
        in_person: dict[str, list[tuple[str, Where]]] = defaultdict(list)
        for key in chosen:
            code, (room, begin) = key
            if begin <= moment < begin + datetime.timedelta(minutes=by_code[code].minutes):
                in_room[room].append(key)
                for who in by_code[code].people:
                    in_person[who].append(key)
        for keys in (*in_room.values(), *in_person.values()):
            # What people have fixed stays, even where it clashes; nothing else is put on top of it.
            fixed_here = [key for key in keys if key[0] in fixed]
            others = [chosen[key] for key in keys if key[0] not in fixed]
            if fixed_here:
                model.add(sum(others) == 0)
            elif len(others) > 1:
                model.add_at_most_one(others)
    for code, where in fixed.items():
        model.add(chosen[code, where] == 1)
    for (code, where), variable in chosen.items():
        model.add_hint(variable, start.get(code) == where)
    # The cost first, then how many move: together they never weigh as much as a cost of one.
    weight = len(stand) + 1
    model.minimize(
        weight
        * sum(cost_of(by_code[code], where[1]) * variable for (code, where), variable in chosen.items())
        + weight * sum(UNPLACED * variable for variable in missing.values())
        + sum(1 - chosen[code, where] for code, where in stand.items())
    )
    solver = solver_within(seconds)
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, least, False
    found = {code: where for (code, where), variable in chosen.items() if solver.value(variable)}
    return found, max(least, int(solver.best_objective_bound) // weight), status == cp_model.OPTIMAL
