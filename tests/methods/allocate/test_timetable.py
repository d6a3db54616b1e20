"""A timetable: nobody in two places, hours that people can bear, and what cannot be is named."""

from __future__ import annotations

import datetime
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from benchmarks.timetable import LENGTHS, draw
from benchmarks.timetable import ROOMS as DRAWN_ROOMS
from highground.methods.allocate.timetable import (
    UNPLACED,
    Event,
    Place,
    clashes_of,
    cost_of,
    hour_cost,
    plan_timetable,
)

ZONE = ZoneInfo("Asia/Shanghai")


def at(hour: int, minute: int = 0, day: int = 22) -> datetime.datetime:
    return datetime.datetime(2027, 6, day, hour, minute, tzinfo=ZONE)


ROOMS = [Place("Hall", 3), Place("Room 2", 1)]
STARTS = [at(hour) for hour in (9, 10, 11)]


@pytest.mark.parametrize(
    ("hour", "zone", "cost"),
    [
        (9, "Asia/Shanghai", 0),
        (9, "Asia/Yangon", 2),
        (9, "Europe/Rome", 10),
        (15, "Europe/Rome", 0),
        (9, "America/New_York", 2),
    ],
)
def test_an_hour_is_judged_where_people_sit(hour, zone, cost) -> None:
    """Half an hour of an offset counts (Yangon), and summer time where there is one (Rome, New York)."""
    assert hour_cost(at(hour), 60, zone) == cost


def test_a_speaker_from_afar_gets_the_hour_that_others_do_not_need() -> None:
    events = [Event(f"near-{number}", 60, frozenset({f"n{number}"})) for number in range(2)]
    events.append(Event("far", 60, frozenset({"rome"}), {"rome": "Europe/Rome"}))
    found = plan_timetable(events, ROOMS[:1], [at(9), at(10), at(15)])
    assert found.places["far"][1] == at(15)
    assert (found.cost, found.bound, found.left_out) == (0, 0, {})


def test_nobody_is_in_two_places_and_what_is_fixed_stays() -> None:
    events = [Event(f"s{number}", 60, frozenset({"lan", f"p{number}"})) for number in range(3)]
    events[1] = Event("s1", 60, frozenset({"lan"}), fixed=("Room 2", at(10)))
    found = plan_timetable(events, ROOMS, STARTS)
    assert found.places["s1"] == ("Room 2", at(10))
    assert sorted(start for _room, start in found.places.values()) == STARTS
    assert clashes_of(events, found.places) == []


def test_as_cheap_as_the_cheapest_of_all() -> None:
    pytest.importorskip("ortools")
    zones = ["Europe/Rome", "Asia/Yangon", "America/New_York", "Pacific/Fiji"]
    events = [Event(zone, 60, frozenset({zone}), {zone: zone}) for zone in zones]
    starts = [at(hour) for hour in (8, 9, 15, 20)]
    best = min(
        sum(cost_of(one, start) for one, start in zip(events, order, strict=True))
        for order in permutations(starts)
    )
    found = plan_timetable(events, ROOMS[:1], starts)
    assert (found.cost, found.bound, found.proven) == (best, best, True)


def test_what_finds_no_place_is_named_with_the_reason() -> None:
    away = (at(0), at(23))
    events = [
        Event("many tongues", 60, channels=4),
        Event("away", 60, absent=(away,)),
        *(Event(f"full-{number}", 60) for number in range(4)),
    ]
    found = plan_timetable(events, ROOMS[:1], STARTS)
    reasons = dict(found.left_out)
    assert (reasons.pop("many tongues"), reasons.pop("away")) == ("channels", "time")
    assert list(reasons.values()) == ["rooms"]
    assert found.cost >= 3 * UNPLACED


def test_fixed_sessions_that_clash_are_named_and_left_alone() -> None:
    events = [
        Event("one", 90, frozenset({"lan"}), fixed=("Hall", at(9))),
        Event("two", 60, frozenset({"lan"}), fixed=("Hall", at(10))),
        Event("three", 60),
    ]
    found = plan_timetable(events, ROOMS[:1], [*STARTS, at(12)])
    assert {(one.why, one.who) for one in found.clashes} == {("room", "Hall"), ("person", "lan")}
    assert found.places["one"] == ("Hall", at(9)) and found.places["two"] == ("Hall", at(10))
    assert found.places["three"][1] >= at(11)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["roomy", "tight", "full"])
def test_thirty_sessions_with_speakers_in_eleven_time_zones(seed, name) -> None:
    """Whatever the draw: nobody in two places, inside the days, enough channels, and no cheaper than the bound says."""
    pytest.importorskip("ortools")
    events, starts, spans = draw(seed, LENGTHS[name])
    found = plan_timetable(events, DRAWN_ROOMS, starts, ends=spans, seconds=10)
    assert clashes_of(events, found.places) == []
    assert set(found.places) | set(found.left_out) == {one.code for one in events}
    channels = {one.code: one.channels for one in DRAWN_ROOMS}
    for one in events:
        if one.code in found.places:
            room, start = found.places[one.code]
            assert channels[room] >= one.channels and start in starts
            end = start + datetime.timedelta(minutes=one.minutes)
            assert any(begin <= start and end <= last for begin, last in spans)
    cost = sum(cost_of(one, found.places[one.code][1]) for one in events if one.code in found.places)
    assert found.cost == cost + UNPLACED * len(found.left_out) >= found.bound
    assert found.bound == found.cost or not found.proven
    if name == "roomy":
        assert not found.left_out


def test_what_has_no_place_yet_begins_early_and_without_gaps() -> None:
    starts = [at(hour, day=day) for day in (22, 23) for hour in range(9, 18)]
    for people in (frozenset(), frozenset({"a"})):
        events = [Event(str(number), 60, people) for number in range(4)]
        found = plan_timetable(events, ROOMS[:1], starts)
        assert sorted(where[1] for where in found.places.values()) == [at(hour) for hour in (9, 10, 11, 12)]
        assert found.proven and found.cost == 0


def test_what_stands_well_is_not_moved() -> None:
    starts = [at(hour) for hour in range(9, 18)]
    events = [Event(name, 60, frozenset({"a"})) for name in "abcde"]
    now = {"a": ("Hall", at(15)), "b": ("Hall", at(11)), "c": ("Hall", at(11)), "d": ("Room 2", at(9, 30))}
    found = plan_timetable(events, ROOMS, starts, now=now)
    assert found.places["a"] == now["a"] and at(9, 30) not in {where[1] for where in found.places.values()}
    assert sum(found.places[code] == now[code] for code in "bc") == 1 and len(found.places) == 5
    # A cheaper hour is worth a move, and of several only as many move as must.
    far = Event("far", 60, remote={"x": "Europe/Rome"})
    events = [far, Event("near", 60), Event("other", 60)]
    now = {"far": ("Hall", at(9)), "near": ("Hall", at(15)), "other": ("Hall", at(10))}
    found = plan_timetable(events, ROOMS[:1], [at(9), at(10), at(15)], now=now)
    assert found.places["far"][1] == at(15) and found.places["other"] == now["other"]
    assert (found.cost, found.bound, found.proven) == (0, 0, True)
    # Two from afar want the one good hour: the cost is what it must be, and is proven with the moves beside it.
    events = [far, Event("too", 60, remote={"y": "Europe/Rome"})]
    found = plan_timetable(
        events, ROOMS[:1], [at(9), at(15)], now={"too": ("Hall", at(15)), "far": ("Hall", at(9))}
    )
    assert (found.cost, found.bound, found.proven) == (10, 10, True) and found.places["too"][1] == at(15)
