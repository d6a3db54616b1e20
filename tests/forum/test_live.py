"""Questions and votes from both sides, in one queue: once each, in order, and never a flood."""

from __future__ import annotations

import datetime
import json

import pytest
from django.test import Client

from highground.forum import keys
from highground.forum.actions.live import MOST_QUESTIONS, join, settle, take_live
from highground.forum.enums import Mode, QuestionStatus
from highground.forum.ground import ForumError
from highground.forum.models import Attendance, LiveQuestion
from highground.forum.queries import attendance_of, queue_of
from tests.forum.assembly import DAY, NOW, add_people, link

pytestmark = pytest.mark.django_db


def ask(number: int, text: str = "") -> dict[str, str]:
    return {"ask": f"question-{number:04}", "text": text or f"What about {number}?"}


def test_both_sides_stand_in_one_queue_by_votes(assembly) -> None:
    room = assembly.people[0]
    (far,) = add_people(assembly, 1, Mode.ONLINE)
    take_live(assembly.session, room, [ask(1, "From the room")], now=NOW)
    take_live(assembly.session, far, [ask(2, "From afar")], now=NOW)
    late = LiveQuestion.objects.everywhere(reason="test").get(text="From afar")
    assert [one.text for one in queue_of(assembly.session)] == ["From the room", "From afar"]
    for one in assembly.people[:2]:
        take_live(assembly.session, one, [{"vote": late.pk}], now=NOW)
    first, second = queue_of(assembly.session, room)
    assert (first.text, first.mode, first.votes, first.voted, first.mine) == (
        "From afar",
        "online",
        2,
        True,
        False,
    )
    assert (second.text, second.mode, second.mine) == ("From the room", "room", True)


def test_sent_twice_counts_once(assembly) -> None:
    asker, voter = assembly.people[:2]
    for _time in range(2):
        done = take_live(assembly.session, asker, [ask(1)], now=NOW)
        assert done.kept == ["question-0001"]
    pk = LiveQuestion.objects.everywhere(reason="test").get().pk
    votes = [
        take_live(assembly.session, voter, [{"vote": pk}, {"vote": pk}], now=NOW).votes for _ in range(2)
    ]
    assert votes == [1, 0]
    # Nobody votes for their own question, nor for one that does not exist.
    assert take_live(assembly.session, asker, [{"vote": pk}, {"vote": pk + 1000}], now=NOW).votes == 0


def test_ten_thousand_questions_of_bots_stay_a_trickle(assembly, django_assert_num_queries) -> None:
    one = assembly.people[0]
    for batch in range(4):
        items = [ask(batch * 50 + number) for number in range(50)]
        done = take_live(assembly.session, one, items, now=NOW)
    assert "Vote for those of others" in next(iter(done.refused.values()))
    assert LiveQuestion.objects.everywhere(reason="test").count() == MOST_QUESTIONS
    with pytest.raises(ForumError, match="more than 50"):
        take_live(assembly.session, one, [ask(number) for number in range(51)], now=NOW)
    # Whoever has no link costs not even a query.
    with django_assert_num_queries(0):
        for number in range(200):
            address = f"/forum/me/{number:016}-{'a' * 16}/opening/live".replace("0", "a").replace("1", "b")
            assert Client().post(address, "[]", content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"vote": "1"},
        {"vote": True},
        {"vote": 2**63},
        {"ask": 7, "text": "x"},
        {"ask": "<b>", "text": "x"},
    ],
)
def test_what_is_neither_is_named(assembly, item) -> None:
    with pytest.raises(ForumError, match="Item 2 is neither"):
        take_live(assembly.session, assembly.people[0], [ask(1), item], now=NOW)
    assert queue_of(assembly.session) == []


def test_only_while_the_session_runs(assembly) -> None:
    for minutes in (-20, 61):
        with pytest.raises(ForumError, match="while the session runs"):
            take_live(
                assembly.session, assembly.people[0], [ask(1)], now=NOW + datetime.timedelta(minutes=minutes)
            )


def test_called_up_comes_first_and_taken_out_is_gone(assembly) -> None:
    for number, one in enumerate(assembly.people):
        take_live(assembly.session, one, [ask(number)], now=NOW + datetime.timedelta(seconds=number))
    rows = list(
        LiveQuestion.objects.everywhere(reason="test").order_by("pk").select_related("session__forum__area")
    )
    settle(rows[2], status=QuestionStatus.ASKED, by=assembly.organiser, today=DAY)
    settle(rows[0], status=QuestionStatus.HIDDEN, by=assembly.organiser, today=DAY)
    assert [one.pk for one in queue_of(assembly.session)] == [rows[2].pk, rows[1].pk]
    with pytest.raises(ForumError, match="cannot be done"):
        settle(rows[1], status="shouted", by=assembly.organiser, today=DAY)


def test_the_queue_is_sent_only_when_it_changed(assembly, monkeypatch) -> None:
    from highground.forum.pages import person

    monkeypatch.setattr(person.timezone, "now", lambda: NOW)
    address = f"/forum/me/{link(keys.PERSON, assembly.people[0])}/opening/live"
    client = Client()
    first = client.get(address)
    assert first.json() == {"queue": []}
    assert client.get(address, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    sent = client.post(address, json.dumps([ask(1, "<b>Why?</b>")]), content_type="application/json")
    assert sent.json()["kept"] == ["question-0001"]
    then = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert then.json()["queue"][0]["text"] == "<b>Why?</b>"
    assert "&lt;b&gt;Why?" in client.get(address.removesuffix("live")).content.decode()
    assert client.post(address, "{", content_type="application/json").status_code == 422


def test_a_poll_costs_one_query_while_nothing_changes(assembly, django_assert_num_queries) -> None:
    address = f"/forum/me/{link(keys.PERSON, assembly.people[0])}/opening/live"
    client = Client()
    tag = client.get(address)["ETag"]
    with django_assert_num_queries(1):
        assert client.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_attendance_counts_each_side_once(assembly) -> None:
    (far,) = add_people(assembly, 1, Mode.ONLINE)
    for one in (*assembly.people[:2], far, far):
        join(assembly.session, one, now=NOW)
    join(assembly.session, assembly.people[2], now=NOW - datetime.timedelta(hours=2))
    assert attendance_of(assembly.forum, assembly.organiser, DAY) == {assembly.session.pk: (2, 1)}
    assert Attendance.objects.everywhere(reason="test").count() == 3


@pytest.mark.parametrize("people", [1, 50])
def test_a_queue_costs_the_same_for_one_and_for_fifty(assembly, people, django_assert_num_queries) -> None:
    LiveQuestion.objects.bulk_create(
        LiveQuestion(
            session=assembly.session, participant=assembly.people[0], key=f"many-{number:06}", text="Why?", mode="room", at=NOW
        )
        for number in range(people)
    )  # fmt: skip
    with django_assert_num_queries(2):
        assert len(queue_of(assembly.session, assembly.people[1])) == people


def test_the_page_of_a_session_is_light(assembly) -> None:
    """With all that it loads, but for the font of a script, at most 60 KB compressed."""
    import gzip
    import re
    from pathlib import Path

    from django.contrib.staticfiles import finders

    page = Client().get(f"/forum/me/{link(keys.PERSON, assembly.people[0])}/opening/").content
    named = re.findall(r'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"', page.decode())
    files = [Path(str(finders.find(name))).read_bytes() for name in named]
    assert len(files) >= 5
    assert len(gzip.compress(page)) + sum(len(gzip.compress(one)) for one in files) <= 60_000
