"""What cannot hold together is named, and nothing that could stay: checked by trying every timetable there is."""

from __future__ import annotations

import datetime
import random
from dataclasses import replace
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from highground.methods.allocate.demands import Demand, cannot_hold, demands_of
from highground.methods.allocate.timetable import Event, Place, clashes_of, plan_timetable

pytest.importorskip("ortools")
ZONE = ZoneInfo("Asia/Shanghai")


def at(hour: int) -> datetime.datetime:
    return datetime.datetime(2027, 6, 22, hour, tzinfo=ZONE)


ROOMS = [Place("Hall", 2), Place("Room 2", 0)]
STARTS = [at(hour) for hour in (9, 10, 11)]


def possible(events: list[Event], demands: set[Demand]) -> bool:
    """Whether these demands can hold, by trying every place of every session."""
    wanted = [one for one in events if Demand("session", one.code) in demands]
    choices = []
    for one in wanted:
        if one.fixed and Demand("fixed", one.code) in demands:
            choices.append([one.fixed])
            continue
        needs = one.channels if Demand("channels", one.code) in demands else 0
        away = one.absent if Demand("absent", one.code) in demands else ()
        length = datetime.timedelta(minutes=one.minutes)
        choices.append(
            [
                (room.code, start)
                for room in ROOMS
                if room.channels >= needs
                for start in STARTS
                if all(start + length <= begin or last <= start for begin, last in away)
            ]
        )
    asked = [
        replace(one, people=frozenset(who for who in one.people if Demand("person", who) in demands))
        for one in wanted
    ]
    rooms = Demand("rooms") in demands
    for places in product(*choices):
        found = clashes_of(asked, {one.code: where for one, where in zip(wanted, places, strict=True)})
        if not [one for one in found if one.why == "person" or rooms]:
            return True
    return False


def explained(events: list[Event]) -> list[tuple[Event, set[Demand]]]:
    found = plan_timetable(events, ROOMS, STARTS, seconds=10)
    said = cannot_hold(events, ROOMS, STARTS, found, seconds=60)
    assert set(said) == set(found.left_out)
    by_code = {one.code: one for one in events}
    return [(by_code[code], set(one.demands)) for code, one in said.items() if one.smallest]


def test_a_speaker_who_cannot_be_in_two_places_is_named_with_the_sessions() -> None:
    morning = (at(10), at(18))
    lan = frozenset({"lan"})
    events = [
        Event("keynote", 60, lan, absent=(morning,)),
        Event("panel", 60, lan, absent=(morning,)),
        Event("other", 60, frozenset({"sok"})),
    ]
    ((session, demands),) = explained(events)
    assert session.code in ("keynote", "panel")
    assert demands == {
        Demand("person", "lan"),
        *(Demand(kind, code) for kind in ("session", "absent") for code in ("keynote", "panel")),
    }


def test_one_session_that_alone_asks_too_much() -> None:
    ((session, demands),) = explained([Event("tongues", 60, channels=3), Event("other", 60)])
    assert (session.code, demands) == (
        "tongues",
        {Demand("session", "tongues"), Demand("channels", "tongues")},
    )


def test_too_few_rooms_for_all() -> None:
    events = [Event(f"s{number}", 60) for number in range(7)]
    found = plan_timetable(events, ROOMS, STARTS, seconds=5)
    (said,) = cannot_hold(events, ROOMS, STARTS, found, seconds=20).values()
    assert not said.smallest
    assert set(said.demands) == {Demand("rooms"), *(Demand("session", one.code) for one in events)}


def test_nothing_is_said_of_a_timetable_that_holds() -> None:
    events = [Event(f"s{number}", 60) for number in range(7)]
    whole = plan_timetable(events[:6], ROOMS, STARTS, seconds=5)
    assert cannot_hold(events[:6], ROOMS, STARTS, whole) == {}


@pytest.mark.parametrize("seed", range(12))
def test_by_every_timetable_there_is(seed) -> None:
    """What is named cannot hold; without any one of it the rest can."""
    drawn = random.Random(seed)
    people = ["a", "b", "c"]
    events = [
        Event(
            f"s{number}",
            drawn.choice([60, 60, 120]),
            frozenset(drawn.sample(people, drawn.choice([1, 2]))),
            channels=drawn.choice([0, 0, 2, 2]),
            absent=((at(drawn.choice([9, 10])), at(11)),) if drawn.random() < 0.5 else (),
        )
        for number in range(5)
    ]
    assert possible(events, set(demands_of(events))) is not bool(
        plan_timetable(events, ROOMS, STARTS).left_out
    )
    for _session, demands in explained(events):
        assert not possible(events, demands)
        for one in demands:
            assert possible(events, demands - {one}), one
