"""Letters about registering, being accepted and a changed programme: looked at first, each once, in the language of each."""

from __future__ import annotations

import datetime

import pytest
from django.core import mail
from django.test import Client
from icalendar import Calendar

from highground.forum.actions.letters import write_answers, write_changes
from highground.forum.actions.programme import keep_session, release_programme
from highground.forum.actions.taking_part import Person, answer_requests, nominate, register
from highground.forum.enums import Mode
from highground.forum.ground import ForumError
from highground.outbox.actions import drop, release, send_due
from highground.outbox.models import Letter
from tests.forum.assembly import DAY, NOW

pytestmark = pytest.mark.django_db
SITE = "https://example.org"


def given(assembly) -> dict:
    return {"site": SITE, "by": assembly.organiser, "now": NOW, "today": DAY}


def test_each_stands_where_they_stand_once(assembly) -> None:
    forum = assembly.forum
    days = {DAY: Mode.ROOM}
    waits = register(forum, Person("Noy", "Office", "LA", email="noy@example.org"), days=days)
    chinese = Person("覃浩", "办公室", "CN", email="qin@example.org", language="zh")
    declined = nominate(assembly.delegation, chinese, days=days, by="test", today=DAY)
    answer_requests(forum, [declined.pk], accept=False, reason="人满了", by=assembly.organiser, today=DAY)
    assert write_answers(forum, **given(assembly)) == len(assembly.people) + 2
    assert write_answers(forum, **given(assembly)) == 0
    letters = {one.to: one for one in Letter.objects.all()}
    assert "The organisers will answer you" in letters["noy@example.org"].body
    assert "You are expected" in letters["guest0@example.org"].body
    assert f"{SITE}/forum/me/" in letters["guest0@example.org"].body
    assert "人满了" in letters["qin@example.org"].body and "/forum/me/" not in letters["qin@example.org"].body
    assert letters["qin@example.org"].language == "zh"
    # Once the answer is there, one more letter.
    answer_requests(forum, [waits.pk], accept=True, by=assembly.organiser, today=DAY)
    assert write_answers(forum, **given(assembly)) == 1
    office = Client()
    office.force_login(assembly.organiser)
    assert office.post("/forum/office/nanning-2027/letters/", {"do": "answers"}).status_code == 302
    assert "You are expected" in office.get("/forum/office/nanning-2027/letters/").content.decode()


def test_who_is_on_duty_hears_of_a_change_with_their_own_calendar(assembly) -> None:
    forum, (lan, sok, third) = assembly.forum, assembly.people
    who = {"by": assembly.organiser, "today": DAY}

    def keep(code: str, hour: int, *people) -> None:
        keep_session(
            forum, code=code, titles={"en": code.title()}, languages=["en"], room=assembly.rooms[0], minutes=60,
            starts=NOW.replace(hour=hour), duties={(one.pk, "speaker"): {} for one in people}, **who,
        )  # fmt: skip

    keep("roads", 12, lan)
    keep("markets", 14, sok)
    with pytest.raises(ForumError, match="nothing has changed"):
        write_changes(forum, **given(assembly))
    release_programme(forum, now=NOW, **who)
    keep("roads", 16, lan)
    release_programme(forum, now=NOW + datetime.timedelta(hours=1), **who)
    assert write_changes(forum, **given(assembly)) == 1
    assert write_changes(forum, **given(assembly)) == 0
    letter = Letter.objects.get()
    assert letter.to == lan.email and third.email != letter.to
    assert "“Roads” moves from 2027-06-22 12:30, Hall to 2027-06-22 16:30, Hall." in letter.body
    assert "Markets" not in letter.body
    office = Client()
    office.force_login(assembly.organiser)
    page = office.get("/forum/office/nanning-2027/letters/").content.decode()
    assert page.count("A calendar of their sessions goes with it.") == 1
    release(Letter.objects.all(), by="test", now=NOW)
    assert send_due(now=NOW) == (1, 0)
    (attached,) = mail.outbox[0].attachments
    events = Calendar.from_ical(attached[1]).walk("VEVENT")
    assert [(str(one["SUMMARY"]), one["SEQUENCE"], one.get("ORGANIZER")) for one in events] == [
        ("Roads", 1, None)
    ]


def test_a_version_without_letters_is_told_with_the_next_one(assembly) -> None:
    forum, (lan, *_others) = assembly.forum, assembly.people
    who = {"by": assembly.organiser, "today": DAY}

    def version(hour: int) -> None:
        keep_session(
            forum, code="roads", titles={"en": "Roads"}, languages=["en"], room=assembly.rooms[0], minutes=60,
            starts=NOW.replace(hour=hour), duties={(lan.pk, "speaker"): {}}, **who,
        )  # fmt: skip
        release_programme(forum, now=NOW + datetime.timedelta(hours=hour), **who)

    version(12)
    version(14)  # nobody writes to anybody
    assembly.session.fixed = True
    assembly.session.titles = {"en": "Grand opening"}
    assembly.session.save()
    release_programme(forum, now=NOW + datetime.timedelta(hours=15), **who)
    assert write_changes(forum, **given(assembly)) == 1
    letter = Letter.objects.get()
    assert "“Roads” moves from 2027-06-22 12:30, Hall to 2027-06-22 14:30, Hall." in letter.body
    drop(Letter.objects.all(), by="test")
    version(16)
    assert write_changes(forum, **given(assembly)) == 1
    newest = Letter.objects.exclude(pk=letter.pk).get()
    assert "moves from 2027-06-22 12:30, Hall to 2027-06-22 16:30" in newest.body
    version(18)
    assert write_changes(forum, **given(assembly)) == 1
    assert (
        "moves from 2027-06-22 16:30, Hall to 2027-06-22 18:30" in Letter.objects.order_by("pk").last().body
    )
