"""A forum is opened on a page and its dates are set there; lists go out as tables; everybody reads their own time."""

from __future__ import annotations

import csv
import datetime
import io
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from highground.accounts.enums import Role
from highground.forum import keys
from highground.forum.actions.opening import set_forum
from highground.forum.actions.programme import keep_session, release_programme
from highground.forum.ground import ForumError
from highground.forum.models import Forum, Participant, Session
from tests.forum.assembly import DAY, NOW, add_forum, link
from tests.forum.calling import handed_in
from tests.support.pages import check_source
from tests.support.places import add_area, add_person

pytestmark = pytest.mark.django_db

TYPED = {
    "code": "kunming-2028", "name": "Forum in Kunming", "name_zh": "昆明论坛", "place": "Kunming", "country": "CN",
    "time_zone": "Asia/Shanghai", "first_day": "2028-05-01", "days": "3", "call_opens": "2028-01-01", "call_closes": "2028-03-31",
}  # fmt: skip


@pytest.fixture
def office(assembly) -> Client:
    client = Client()
    client.force_login(assembly.organiser)
    return client


def test_an_organiser_opens_a_forum_where_they_organise(assembly, office) -> None:
    area = assembly.forum.area
    check_source(office.get("/forum/office/new/"))
    elsewhere = office.post("/forum/office/new/", {**TYPED, "area": add_area("Elsewhere", "county").code})
    assert elsewhere.status_code == 422 and "in which you are an organiser" in elsewhere.content.decode()
    assert office.post("/forum/office/new/", TYPED).status_code == 422  # the whole country
    made = office.post("/forum/office/new/", {**TYPED, "area": area.code})
    assert made.headers["Location"] == "/forum/office/kunming-2028/"
    forum = Forum.objects.get(code="kunming-2028")
    assert (forum.names["zh-hans"], str(forum.last_day)) == ("昆明论坛", "2028-05-03")
    assert f"{forum.call_closes.astimezone(datetime.UTC):%Y-%m-%d %H:%M}" == "2028-03-31 16:00"
    again = office.post("/forum/office/new/", {**TYPED, "area": area.code})
    assert again.status_code == 422 and "already exists" in again.content.decode()
    country = Client()
    country.force_login(add_person("all", Role.ORGANISER))
    assert country.post("/forum/office/new/", {**TYPED, "code": "whole"}).status_code == 302


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"area": "X1"}, "No area has the code X1"),
        ({"code": "new"}, "beginning of another address"),
        ({"days": "15"}, "less than or equal to 14"),
        ({"call_closes": "2027-12-01"}, "call_closes_after_it_opens|is violated"),
        ({"time_zone": "Mars"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said(assembly, office, changed, words) -> None:
    answer = office.post("/forum/office/new/", {**TYPED, "area": assembly.forum.area.code, **changed})
    assert answer.status_code == 422
    import re

    assert re.search(words, answer.content.decode())
    assert Forum.objects.count() == 1


def test_dates_are_set_at_the_forums_place(call, office) -> None:
    typed = {
        "status": "open", "call_theme": "Roads", "anonymous": "on", "first_day": "2027-06-23", "last_day": "2027-06-24",
        "call_opens": "2027-01-01T09:00", "call_closes": "2027-03-01T18:30",
    }  # fmt: skip
    assert office.post("/forum/office/nanning-2027/", typed).status_code == 302
    forum = Forum.objects.get()
    assert (str(forum.first_day), forum.call_theme) == ("2027-06-23", "Roads")
    assert forum.themes == {}
    themed = {**typed, "theme": "What lasts", "theme_zh": "持久"}
    assert office.post("/forum/office/nanning-2027/", themed).status_code == 302
    assert Forum.objects.get().themes == {"en": "What lasts", "zh-hans": "持久"}
    assert f"{forum.call_closes.astimezone(datetime.UTC):%H:%M}" == "10:30"
    for wrong in (
        {"last_day": "2027-06-22"},
        {"call_closes": "2026-01-01T00:00"},
        {"last_day": "2027-08-22"},
    ):
        answer = office.post("/forum/office/nanning-2027/", {**typed, **wrong})
        assert answer.status_code == 422
    with pytest.raises(ForumError, match="closes after it opens"):
        set_forum(
            forum, status="open", call_theme="", anonymous=True, call_opens=None, by=call.organiser, today=DAY
        )


def table(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_lists_go_out_as_tables(call, office) -> None:
    handed_in(call.forum, organisation="=cmd|' /C calc'!A0")
    keep_session(
        call.forum, code="opening", titles={"en": "Opening"}, languages=["en"], by=call.organiser, today=DAY,
        duties={(call.people[0].pk, "speaker"): {}}, room=call.rooms[0], starts=NOW,
    )  # fmt: skip
    release_programme(call.forum, by=call.organiser, today=DAY, now=NOW)
    (entry,) = table(office.get("/forum/office/nanning-2027/entries/?format=csv"))
    assert entry["Title"] == "Cattle banks" and entry["Mean of the reviews (0 to 12)"] == ""
    assert not entry["Organisation"].startswith("=")
    (session,) = table(Client().get("/forum/nanning-2027/programme/?format=csv"))
    assert (session["Begins"], session["Who speaks"]) == ("2027-06-22T09:30:00+08:00", "Guest 0")
    assert table(Client().get("/forum/nanning-2027/commitments/?format=csv")) == []


def test_a_reader_elsewhere_sees_the_own_time(assembly) -> None:
    release_programme(assembly.forum, by=assembly.organiser, today=DAY, now=NOW)
    page = Client().get("/forum/nanning-2027/programme/?zone=America/New_York")
    check_source(page)
    assert "21:30, 21 June 2027 your time" in page.content.decode()
    for plain in ("", "?zone=Asia/Shanghai", "?zone=Mars"):
        assert (
            "your time</span>" not in Client().get(f"/forum/nanning-2027/programme/{plain}").content.decode()
        )
    one = assembly.people[0]
    Participant.objects.everywhere(reason="test").filter(pk=one.pk).update(time_zone="Asia/Yangon")
    for tail in ("", "opening/"):
        assert (
            "08:00 your time" in Client().get(f"/forum/me/{link(keys.PERSON, one)}/{tail}").content.decode()
        )


@pytest.mark.parametrize(("day", "begins"), [(27, "14:30"), (28, "13:30")])
def test_a_place_with_daylight_saving_and_a_reader_without(assembly, day, begins) -> None:
    rome = ZoneInfo("Europe/Rome")
    Forum.objects.update(
        time_zone="Europe/Rome", first_day=datetime.date(2027, 3, day), last_day=datetime.date(2027, 3, day)
    )
    Session.objects.update(starts=datetime.datetime(2027, 3, day, 9, tzinfo=rome))
    assembly.forum.refresh_from_db()
    release_programme(assembly.forum, by=assembly.organiser, today=DAY, now=NOW)
    page = Client().get("/forum/nanning-2027/programme/?zone=Asia/Yangon").content.decode()
    assert "09:00–10:00" in page and f"{begins} your time" in page
    calendar = Client().get("/forum/nanning-2027/programme.ics").content.decode()
    assert f"DTSTART:202703{day}T0{8 if day == 27 else 7}0000Z" in calendar


def test_an_office_says_what_fits_where_it_stands(assembly, office) -> None:
    add_forum("nanning-2007", area=assembly.forum.area, place="", first_day=None, last_day=None, year=2007)
    assert "· 2007" not in office.get("/forum/office/").content.decode()
    page = office.get("/forum/office/nanning-2007/programme/").content.decode()
    assert "Propose a better timetable" not in page and "Add a session" in page
    page = office.get("/forum/office/nanning-2027/people/?status=declined").content.decode()
    assert "Nobody is found so." in page and "register themselves" not in page
    page = office.get("/forum/office/nanning-2007/people/").content.decode()
    assert "People come by nomination or register themselves." in page
