"""The programme: what clashes, a timetable within its time, versions that say what changed, and the formats of others."""

from __future__ import annotations

import datetime
import json
import time

import pytest
from django.test import Client

from highground.forum.actions.opening import set_forum
from highground.forum.actions.programme import (
    keep_session,
    propose_timetable,
    release_programme,
    sessions_of,
    stand_in_the_way,
    take_frab,
    take_timetable,
)
from highground.forum.actions.taking_part import choose_days, withdraw
from highground.forum.enums import Mode, SessionKind
from highground.forum.exports import json_ld_of
from highground.forum.ground import ForumError
from highground.forum.models import Session
from highground.forum.programme import warnings_of
from tests.forum.assembly import DAY, NOW, add_people
from tests.support.pages import check_source

pytestmark = pytest.mark.django_db


def keep(assembly, code: str, speakers=(), **more) -> Session:
    given = {"minutes": 60, "languages": ["en"], "room": assembly.rooms[0], "starts": NOW}
    on_duty = {(one.pk, "speaker"): {"online": one.time_zone != "Asia/Shanghai"} for one in speakers}
    titles = {"en": code.title()}
    return keep_session(
        assembly.forum,
        code=code,
        titles=titles,
        duties=on_duty,
        by=assembly.organiser,
        today=DAY,
        **given | more,
    )


def release(assembly, **more):
    return release_programme(
        assembly.forum, by=assembly.organiser, today=DAY, now=more.pop("now", NOW), **more
    )


def test_a_clash_of_room_speaker_channels_and_hour_is_said(assembly) -> None:
    lan, far = assembly.people[:2]
    far.time_zone = "Europe/Rome"
    far.save()
    keep(assembly, "opening", [lan])
    keep(
        assembly,
        "second",
        [lan, far],
        starts=NOW + datetime.timedelta(minutes=30),
        channels=["zh", "lo", "th"],
    )
    found = [one.text for one in warnings_of(sessions_of(assembly.forum))]
    assert found == [
        "Hall is needed by “Opening” and “Second” at one time.",
        f"{lan.name} is needed by “Opening” and “Second” at one time.",
        "“Second” is interpreted into 3 languages; Hall has 2 channels.",
        f"For {far.name}, “Second” begins at 04:00 at night (Europe/Rome).",
    ]
    with pytest.raises(ForumError, match="Not released: Hall is needed"):
        release(assembly)


def test_thirty_sessions_two_rooms_two_days_eleven_zones_in_ten_seconds(assembly) -> None:
    pytest.importorskip("ortools")
    zones = (
        "Asia/Yangon Asia/Vientiane Asia/Manila Asia/Jakarta Asia/Jayapura Asia/Kolkata Asia/Kathmandu Europe/Rome "
        "Africa/Nairobi Pacific/Fiji Asia/Shanghai"
    ).split()
    people = add_people(assembly, 30)
    for number, one in enumerate(people):
        one.time_zone = zones[number % len(zones)]
        one.save(update_fields=["time_zone"])
        choose_days(one, {DAY: Mode.ROOM, DAY + datetime.timedelta(days=1): Mode.ONLINE}, by="test")
    keep(assembly, "opening", fixed=True)
    for number in range(29):
        speakers = [people[number], people[(number * 7 + 3) % 30]]
        keep(assembly, f"s{number}", speakers, room=None, starts=None, channels=["zh"])
    begin = time.monotonic()
    found = propose_timetable(assembly.forum, by=assembly.organiser, today=DAY, seconds=10)
    assert (
        time.monotonic() - begin < 20
    )  # the search itself ends after ten seconds, whatever the machine does
    assert not found.left_out and found.bound <= found.cost
    assert take_timetable(assembly.forum, found, by=assembly.organiser, today=DAY) == 29
    sessions = sessions_of(assembly.forum)
    assert [one.text for one in warnings_of(sessions) if one.hard] == []
    assert next(one for one in sessions if one.code == "opening").starts == NOW
    print(f"\ntimetable: cost {found.cost}, bound {found.bound}, proven {found.proven}")


def test_nobody_is_asked_to_speak_on_a_day_without_them_and_what_cannot_be_is_said(assembly) -> None:
    pytest.importorskip("ortools")
    second = DAY + datetime.timedelta(days=1)
    lan = assembly.people[0]
    choose_days(lan, {second: Mode.ROOM}, by="test")
    keep(assembly, "talk", [lan])
    soft = [one.text for one in warnings_of(sessions_of(assembly.forum)) if not one.hard]
    assert soft == ["Guest 0 does not take part on 22 June 2027, the day of “Talk”."]
    found = propose_timetable(assembly.forum, by=assembly.organiser, today=DAY, seconds=3)
    assert found.places["talk"][1].date() == second and not found.left_out
    # Ten hours of one speaker on one day of nine.
    for number in range(10):
        keep(assembly, f"s{number}", [lan], room=None, starts=None)
    found = propose_timetable(assembly.forum, by=assembly.organiser, today=DAY, seconds=5)
    said = stand_in_the_way(assembly.forum, found, seconds=20)
    assert len(said) == len(found.left_out) == 2
    assert all("These cannot hold together:" in one and "and 4 more take place;" in one for one in said)
    assert all("Guest 0 is in one place at a time" in one for one in said)
    office = Client()
    office.force_login(assembly.organiser)
    page = office.post("/forum/office/nanning-2027/programme/", {"do": "propose"}, follow=True)
    check_source(page)
    assert "Guest 0 is in one place at a time" in page.content.decode()


def test_versions_say_what_changed(assembly) -> None:
    lan, mei = assembly.people[:2]
    keep(assembly, "opening", [lan])
    keep(assembly, "gone", starts=NOW + datetime.timedelta(hours=3))
    release(assembly)
    with pytest.raises(ForumError, match="Nothing changed since version 1"):
        release(assembly)
    keep(assembly, "opening", [mei], room=assembly.rooms[1])
    keep(assembly, "gone", starts=NOW + datetime.timedelta(hours=3), cancelled=True)
    keep(assembly, "fresh", starts=NOW + datetime.timedelta(hours=5))
    release(assembly, words="Rooms changed")
    page = Client().get("/forum/nanning-2027/programme/")
    check_source(page)
    text = page.content.decode()
    for words in (
        "New: “Fresh”, 2027-06-22 14:30, Hall.",
        "“Opening” moves from 2027-06-22 09:30, Hall to 2027-06-22 09:30, Room 2.",
        f"“Opening”: {lan.name} is not there any more.",
        f"“Opening”: {mei.name} is new.",
        "“Gone” is called off.",
    ):
        assert words in text, words


def test_what_takes_place_after_all_and_another_talk_are_changes_too(assembly) -> None:
    lan = assembly.people[0]
    keep(assembly, "opening", [lan])
    keep(assembly, "gone", starts=NOW + datetime.timedelta(hours=3), cancelled=True)
    release(assembly)
    keep(assembly, "gone", starts=NOW + datetime.timedelta(hours=4), cancelled=False)
    lan.duties.update(talk="Roads that last", online=True)
    release(assembly)
    text = Client().get("/forum/nanning-2027/programme/").content.decode()
    assert "“Gone” takes place after all: 2027-06-22 13:30, Hall." in text
    assert f"“Opening”: the part or the talk of {lan.name} changed, or from where." in text
    assert "moves from" not in text


def test_a_session_moved_after_badges_were_printed_says_so_and_badges_stay_good(assembly) -> None:
    from highground.forum.actions.taking_part import note_printed
    from highground.forum.badges import mark_of, outdated

    note_printed(assembly.people, {one.pk: mark_of(one) for one in assembly.people}, by="test")
    keep(assembly, "opening", assembly.people)
    release(assembly)
    keep(assembly, "opening", assembly.people, starts=NOW + datetime.timedelta(hours=1))
    release(assembly)
    assert outdated(assembly.people) == []
    assert "moves from" in Client().get("/forum/nanning-2027/programme/").content.decode()


def test_the_calendar_is_read_by_an_independent_reader(assembly) -> None:
    icalendar = pytest.importorskip("icalendar")
    one = assembly.people[0]
    one.name = "ခင်မာလာ, with; a \\ and a long name " * 3
    one.save()
    keep(assembly, "opening", [one], link="https://example.org/join?a=1,2")
    keep(assembly, "gone", starts=NOW + datetime.timedelta(hours=3))
    release(assembly)
    Session.objects.filter(code="gone").delete()
    keep(
        assembly,
        "opening",
        [one],
        link="https://example.org/join?a=1,2",
        starts=NOW + datetime.timedelta(hours=1),
    )
    release(assembly)
    body = Client().get("/forum/nanning-2027/programme.ics").content
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    events = {str(event["summary"]): event for event in icalendar.Calendar.from_ical(body).walk("VEVENT")}
    opening, gone = events["Opening"], events["Gone"]
    assert opening.decoded("dtstart") == NOW + datetime.timedelta(hours=1)
    assert (opening["sequence"], str(opening["status"]), opening["summary"].params["LANGUAGE"]) == (
        1,
        "CONFIRMED",
        "en",
    )
    assert (
        one.name.strip() in str(opening["description"])
        and str(opening["url"]) == "https://example.org/join?a=1,2"
    )
    assert str(gone["status"]) == "CANCELLED"


def test_frab_goes_out_and_comes_in_again(assembly) -> None:
    keep(assembly, "opening", assembly.people[:1], minutes=75)
    keep(assembly, "late", starts=NOW + datetime.timedelta(days=1), room=assembly.rooms[1])
    release(assembly)
    schedule = Client().get("/forum/nanning-2027/schedule.json").json()
    assert [day["date"] for day in schedule["schedule"]["conference"]["days"]] == ["2027-06-22", "2027-06-23"]
    before = {
        one.code: (one.title, one.room.name, one.starts, one.minutes) for one in sessions_of(assembly.forum)
    }
    Session.objects.all().delete()
    assert take_frab(assembly.forum, schedule, by=assembly.organiser, today=DAY) == 2
    after = {
        one.code: (one.title, one.room.name, one.starts, one.minutes) for one in sessions_of(assembly.forum)
    }
    assert after == before
    duty = Session.objects.get(code="opening").duties.get()
    assert (duty.participant, duty.duty) == (assembly.people[0], "speaker")
    assert assembly.people[0].name not in Session.objects.get(code="opening").abstract


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ({}, "no schedule in frab"),
        (
            {"schedule": {"conference": {"days": [{"rooms": {"A": [{"title": "X", "date": "soon"}]}}]}}},
            "Session 1 .X.",
        ),
        ({"schedule": {"conference": {"days": [{"rooms": {"A": "talk"}}]}}}, "Session 1 is no session"),
    ],
)
def test_what_is_no_schedule_is_refused(assembly, schedule, words) -> None:
    with pytest.raises(ForumError, match=words):
        take_frab(assembly.forum, schedule, by=assembly.organiser, today=DAY)


def test_a_schedule_from_elsewhere_leaves_titles_and_kinds_that_it_does_not_know(assembly) -> None:
    talk = {
        "code": "opening", "title": "Opening anew", "date": NOW.isoformat(), "duration": "00:30", "language": "en",
        "persons": ["nobody", {"name": "Noy"}],
    }  # fmt: skip
    nameless = {**talk, "code": "开幕", "guid": "", "id": 7}
    keep(assembly, "opening")
    Session.objects.filter(code="opening").update(
        titles={"en": "Opening", "zh-hans": "开幕"}, kind=SessionKind.OPENING
    )
    schedule = {"schedule": {"conference": {"days": [{"rooms": {"Hall": [talk, nameless]}}]}}}
    assert take_frab(assembly.forum, schedule, by=assembly.organiser, today=DAY) == 2
    one = Session.objects.get(code="opening")
    assert one.titles == {"en": "Opening anew", "zh-hans": "开幕"} and one.kind == SessionKind.OPENING
    assert one.abstract == "Noy" and not one.duties.exists() and Session.objects.filter(code="7").exists()


def test_json_ld_is_read_without_a_network(assembly) -> None:
    rdflib = pytest.importorskip("rdflib")
    keep(assembly, "opening", assembly.people[:1])
    made = release(assembly)
    graph = rdflib.Graph().parse(
        data=json.dumps(json_ld_of(assembly.forum, made, "https://example.org/forum/")), format="json-ld"
    )
    schema = rdflib.Namespace("https://schema.org/")
    (begins,) = graph.objects(rdflib.URIRef("https://example.org/forum/#opening"), schema.startDate)
    assert begins.toPython() == NOW or str(begins) == NOW.isoformat()
    assert len(list(graph.subjects(rdflib.RDF.type, schema.Event))) == 2


def test_the_office_edits_proposes_and_releases(assembly) -> None:
    client = Client()
    client.force_login(assembly.organiser)
    base = "/forum/office/nanning-2027/programme/"
    for address in (base, f"{base}new/", f"{base}opening/"):
        check_source(client.get(address))
    assert client.post(base, {"do": "room", "name": "Tent", "channels": 1}).status_code == 302
    assert client.post(base, {"do": "room", "name": "", "channels": 1}).status_code == 422
    assert assembly.forum.rooms.get(name="Tent").channels == 1
    typed = {
        "code": "talks", "title": "Talks", "title_zh": "报告", "kind": "talks", "minutes": "90", "room": assembly.rooms[1].pk,
        "starts": "2027-06-22T14:00", "languages": ["en", "zh"], "channels": ["lo"],
    }  # fmt: skip
    answer = client.post(f"{base}new/", typed)
    assert answer.status_code == 302, answer.content.decode()
    made = Session.objects.get(code="talks")
    assert made.starts == NOW.replace(hour=14, minute=0)
    assert answer["Location"].endswith("/programme/talks/")
    assert client.post(base, {"do": "release"}).status_code == 302
    assert "Talks" in Client().get("/forum/nanning-2027/programme/").content.decode()
    assert Client().get("/forum/nanning-2027/event.jsonld").json()["subEvent"]


def test_people_come_on_duty_one_by_one_and_editing_a_session_leaves_them(assembly) -> None:
    chair, speaker, far = assembly.people
    client = Client()
    client.force_login(assembly.organiser)
    page = "/forum/office/nanning-2027/programme/opening/"

    def add(who, duty: str, **more):
        return client.post(page, {"do": "add", "who": who.pk, "duty": duty, **more}).status_code

    assert add(chair, "chair") == 302
    assert add(speaker, "speaker", talk="Cattle banks") == 302
    assert add(far, "speaker", online="on") == add(far, "interpreter") == 302
    assert add(speaker, "dancer") == 422
    withdraw(chair, by="test")
    assert add(chair, "speaker") == 422
    form = client.get(page).context["session_form"]
    typed = {name: value for name, value in form.initial.items() if value not in (None, "", False)}
    assert client.post(page, {**typed, "title": "Opening and more", "code": "other"}).status_code == 302
    session = assembly.forum.sessions.get()
    assert (session.code, session.title) == ("opening", "Opening and more")
    found = {(one.participant_id, one.duty, one.online, one.talk): one for one in session.duties.all()}
    assert set(found) == {
        (chair.pk, "chair", False, ""),
        (speaker.pk, "speaker", False, "Cattle banks"),
        (far.pk, "speaker", True, ""),
        (far.pk, "interpreter", False, ""),
    }
    gone = found[far.pk, "interpreter", False, ""]
    assert client.post(page, {"do": "remove", "duty": gone.pk}).status_code == 302
    assert client.post(page, {"do": "remove", "duty": gone.pk}).status_code == 302
    assert session.duties.count() == 3
    session.duties.filter(participant=speaker).update(practice="a-practice")
    kept = found[speaker.pk, "speaker", False, "Cattle banks"]
    answer = client.post(page, {"do": "remove", "duty": kept.pk})
    assert answer.status_code == 422 and "a practice already" in answer.content.decode()
    check_source(client.get(page))


def test_a_new_session_never_takes_the_place_of_another(assembly) -> None:
    client = Client()
    client.force_login(assembly.organiser)
    typed = {"title": "Another", "kind": "talks", "minutes": "30", "languages": ["en"]}
    for code in ("opening", "new"):
        answer = client.post("/forum/office/nanning-2027/programme/new/", {**typed, "code": code})
        assert answer.status_code == 422 and "short name already" in answer.content.decode()
    assert assembly.forum.sessions.get(code="opening").title == "Opening"


def test_a_forum_that_is_put_off_shows_what_stayed_behind_and_plans_anew(assembly) -> None:
    keep(assembly, "opening", assembly.people[:1])
    week = datetime.timedelta(days=7)
    set_forum(
        assembly.forum, status="open", call_theme="", anonymous=True, by=assembly.organiser, today=DAY,
        first_day=DAY + week, last_day=DAY + week,
    )  # fmt: skip
    said = [one.text for one in warnings_of(sessions_of(assembly.forum)) if one.hard]
    assert said == ["“Opening” is on 22 June 2027, which is no day of the forum."]
    with pytest.raises(ForumError, match="no day of the forum"):
        release(assembly)
    # People chose days of before: nobody may be taken for absent because of that.
    found = propose_timetable(assembly.forum, by=assembly.organiser, today=DAY, seconds=5)
    assert not found.left_out and found.places["opening"][1].date() == DAY + week


def test_the_schedule_is_read_by_the_tools_of_schedule_apps(assembly) -> None:
    voc = pytest.importorskip("voc.schedule")
    keep(assembly, "opening", assembly.people[:1], minutes=75)
    keep(assembly, "late", starts=NOW + datetime.timedelta(days=1), room=assembly.rooms[1])
    release(assembly)
    read = voc.Schedule(json=Client().get("/forum/nanning-2027/schedule.json").json())
    assert read.rooms() == ["Hall", "Room 2"]
    assert len(list(read.days())) == 2
    found = []
    read.foreach_event(lambda event: found.append((event["title"], event["start"], event["duration"])) or [])
    assert found == [("Opening", "09:30", "01:15"), ("Late", "09:30", "01:00")]
