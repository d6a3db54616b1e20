"""Check-in: sent twice or from two doors in any order, every scan is kept once and every person counted once."""

from __future__ import annotations

import datetime
import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from highground.forum import keys
from highground.forum.actions.door import close_door, open_door, take_scans
from highground.forum.actions.taking_part import withdraw
from highground.forum.enums import Mode
from highground.forum.ground import ForumError
from highground.forum.models import Attendance, Scan
from highground.forum.queries import came_twice, day_counts
from tests.forum.assembly import DAY, NOW, link

pytestmark = pytest.mark.django_db


def scan(code: str, key: str, minutes: int = 0) -> dict[str, str]:
    return {"key": key, "code": code, "at": (NOW + datetime.timedelta(minutes=minutes)).isoformat()}


@pytest.fixture
def doors(assembly):
    return [
        open_door(assembly.forum, name=name, by=assembly.organiser, today=DAY) for name in ("North", "South")
    ]


def test_a_code_used_twice_counts_once_and_says_when_before(assembly, doors) -> None:
    badge = assembly.people[0].badge
    later = NOW + datetime.timedelta(hours=2)
    assert [one.state for one in take_scans(doors[0], [scan(badge, "first-scan")], now=later)] == ["in"]
    (again,) = take_scans(doors[1], [scan(badge, "other-scan", 30)], now=later)
    assert (again.state, again.first_at) == ("again", NOW)
    assert day_counts(assembly.forum, [DAY], assembly.organiser, DAY)[0].came == 1
    (twice,) = came_twice(assembly.forum, assembly.organiser, DAY)
    assert (twice["participant__badge"], twice["times"], twice["first"]) == (badge, 2, NOW)


def test_what_is_sent_again_is_stored_once_and_answered_the_same(assembly, doors) -> None:
    batch = [scan(one.badge, f"key-of-{one.pk:08}") for one in assembly.people]
    before = [(one.key, one.state) for one in take_scans(doors[0], batch, now=NOW)]
    assert before == [(one.key, one.state) for one in take_scans(doors[0], batch, now=NOW)]
    assert Scan.objects.everywhere(reason="test").count() == len(batch)


def test_unknown_wrong_and_withdrawn_codes_have_a_clear_answer(assembly, doors) -> None:
    stranger = keys.new_badge()
    withdraw(assembly.people[0], by="test")
    states = take_scans(
        doors[0],
        [
            scan(stranger, "stranger-1"),
            scan("not a code", "wrong-0001"),
            scan(assembly.people[0].badge, "gone-00001"),
        ],
        now=NOW,
    )
    assert [one.state for one in states] == ["unknown", "unknown", "refused"]
    assert day_counts(assembly.forum, [DAY], assembly.organiser, DAY)[0].came == 0


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"key": "x", "code": "y", "at": "z"},
        {"key": "long-enough", "code": "y", "at": "2027-06-22T09:00:00"},
    ],
)
def test_what_is_no_scan_is_refused(doors, item) -> None:
    with pytest.raises(ForumError, match="a key, a code and a time"):
        take_scans(doors[0], [item], now=NOW)


def test_a_clock_that_is_ahead_is_not_believed(assembly, doors) -> None:
    take_scans(doors[0], [scan(assembly.people[0].badge, "tomorrow-1", 60 * 24)], now=NOW)
    assert Scan.objects.everywhere(reason="test").get().at == NOW


def test_a_door_of_a_session_counts_those_in_the_room(assembly) -> None:
    door = open_door(assembly.forum, name="Hall", session=assembly.session, by=assembly.organiser, today=DAY)
    take_scans(door, [scan(assembly.people[0].badge, "in-the-hall")], now=NOW)
    there = Attendance.objects.everywhere(reason="test").get()
    assert (there.session, there.participant, there.mode) == (assembly.session, assembly.people[0], Mode.ROOM)


@pytest.mark.parametrize("people", [1, 50])
def test_a_batch_costs_the_same_for_one_and_for_fifty(
    assembly, doors, people, django_assert_max_num_queries
) -> None:
    batch = [scan(assembly.people[0].badge, f"same-person-{number:04}") for number in range(people)]
    with django_assert_max_num_queries(14):
        take_scans(doors[0], batch, now=NOW)


def test_the_door_speaks_json_and_a_closed_one_is_shut(assembly, doors) -> None:
    client, header = Client(), {"HTTP_AUTHORIZATION": f"Door {link(keys.DOOR, doors[0])}"}
    known = client.get("/forum/door/people", **header).json()
    assert {one["badge"] for one in known["people"]} == {one.badge for one in assembly.people}
    sent = json.dumps([scan(assembly.people[0].badge, "by-the-wire")])
    answer = client.post("/forum/door/scans", sent, content_type="application/json", **header)
    assert answer.json()["scans"][0]["state"] == "in"
    assert (
        client.post("/forum/door/scans", "{}", content_type="application/json", **header).status_code == 422
    )
    assert client.get("/forum/door/people").status_code == 401
    close_door(doors[0], by=assembly.organiser, today=DAY)
    assert client.get("/forum/door/people", **header).status_code == 401
    assert (
        client.post("/forum/door/scans", sent, content_type="application/json", **header).status_code == 401
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_and_any_repetition_ends_the_same(assembly, doors, data) -> None:
    """Two doors scan the same people in any order, each batch sent any number of times: scans once, people once."""
    from django.db import transaction

    badges = [one.badge for one in assembly.people]
    scans = data.draw(
        st.lists(
            st.tuples(st.integers(0, 1), st.sampled_from(badges), st.integers(0, 90)), min_size=1, max_size=8
        )
    )
    sent = data.draw(st.permutations([*range(len(scans))] * 2))
    with transaction.atomic():
        for number in sent:
            door, badge, minutes = scans[number]
            take_scans(
                doors[door],
                [scan(badge, f"drawn-{number:05}", minutes)],
                now=NOW + datetime.timedelta(hours=3),
            )
        assert Scan.objects.everywhere(reason="test").count() == len(scans)
        came = day_counts(assembly.forum, [DAY], assembly.organiser, DAY)[0].came
        assert came == len({badge for _door, badge, _minutes in scans})
        transaction.set_rollback(True)
