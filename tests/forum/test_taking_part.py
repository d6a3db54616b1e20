"""Nominate, register, be accepted, choose days, print a badge: and what is refused with a reason."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import replace

import pytest
from django.test import Client

from highground.cases.models import PublicUse
from highground.cases.public import brake
from highground.forum import keys
from highground.forum.actions.letters import write_answers
from highground.forum.actions.taking_part import (
    Person,
    answer_questions,
    answer_requests,
    choose_days,
    invite_delegation,
    nominate,
    note_printed,
    register,
    withdraw,
)
from highground.forum.badges import badge_of, mark_of, outdated
from highground.forum.enums import ForumStatus, Mode, Part, TakingPart
from highground.forum.ground import ForumError, may_organise
from highground.forum.models import Participant
from highground.forum.pages import REGISTERED_FROM
from highground.forum.pages import register as register_pages
from highground.forum.queries import people_of
from highground.outbox.models import Letter
from tests.forum.assembly import DAY, NOW, add_forum, link
from tests.support.pages import check_source
from tests.support.places import add_area, add_person

pytestmark = pytest.mark.django_db

KHIN = Person("ခင်မာလာ", "Cooperative", "MM", latin="Khin Mar Lar", email="khin@example.org")


def test_a_delegation_nominates_no_more_than_its_seats_and_one_head(assembly) -> None:
    small = invite_delegation(
        assembly.forum, country="TH", organisation="Office", contact="th@example.org", seats=2, by=assembly.organiser,
        today=DAY,
    )  # fmt: skip
    head = Person("Head", "Office", "TH", part=Part.HEAD)
    first = nominate(small, head, days={DAY: Mode.ROOM}, by="test", today=DAY)
    with pytest.raises(ForumError, match="head already"):
        nominate(small, head, days={}, by="test", today=DAY)
    nominate(small, Person("Second", "Office", "TH"), days={}, by="test", today=DAY)
    with pytest.raises(ForumError, match="All 2 seats"):
        nominate(small, Person("Third", "Office", "TH"), days={}, by="test", today=DAY)
    withdraw(first, by="test")
    nominate(small, head, days={}, by="test", today=DAY)


def test_who_registers_twice_is_told_and_stored_once(assembly) -> None:
    register(assembly.forum, KHIN, days={DAY: Mode.ONLINE})
    with pytest.raises(ForumError, match="registered under this e-mail"):
        register(assembly.forum, KHIN, days={DAY: Mode.ROOM})
    people = Participant.objects.everywhere(reason="test").filter(email=KHIN.email)
    assert [one.days.get().mode for one in people] == [Mode.ONLINE]


@pytest.mark.parametrize(
    ("person", "days", "words"),
    [
        (Person("A", "B", "CN", time_zone="Asia/Atlantis"), {}, "no time zone called Asia/Atlantis"),
        (Person("A", "B", "CN"), {datetime.date(2020, 1, 1): "room"}, "does not take place on 2020-01-01"),
    ],
)
def test_what_cannot_be_is_refused(assembly, person, days, words) -> None:
    with pytest.raises(ForumError, match=words):
        register(assembly.forum, person, days=days)


def test_nobody_registers_for_a_forum_that_is_over(assembly) -> None:
    assembly.forum.status = ForumStatus.CLOSED
    with pytest.raises(ForumError, match="not open"):
        register(assembly.forum, KHIN, days={})


def test_declining_needs_a_reason_and_another_office_answers_nobody(assembly) -> None:
    made = register(assembly.forum, KHIN, days={})
    with pytest.raises(ForumError, match="Say why"):
        answer_requests(assembly.forum, [made.pk], accept=False, by=assembly.organiser, today=DAY)
    stranger = add_person("elsewhere", "organiser", add_area("Elsewhere", "county"))
    assert not may_organise(stranger, assembly.forum, DAY)
    with pytest.raises(ForumError, match="Only an organiser"):
        answer_requests(assembly.forum, [made.pk], accept=True, by=stranger, today=DAY)
    assert answer_requests(assembly.forum, [made.pk], accept=True, by=assembly.organiser, today=DAY) == 1
    made.refresh_from_db()
    assert made.status == TakingPart.ACCEPTED


def test_questions_come_after_acceptance(assembly) -> None:
    made = register(assembly.forum, KHIN, days={})
    with pytest.raises(ForumError, match="once the organisers have accepted"):
        answer_questions(made, {"diet": "no pork"}, by="test")
    answer_questions(assembly.people[0], {"diet": "no pork", "visa": "yes", "other": "x"}, by="test")
    assembly.people[0].refresh_from_db()
    kept = {name: value for name, value in assembly.people[0].answers.items() if value}
    assert kept == {"diet": "no pork", "visa": "yes"}


def test_days_are_chosen_anew(assembly) -> None:
    one = assembly.people[0]
    later = DAY + datetime.timedelta(days=1)
    choose_days(one, {later: Mode.ONLINE}, by="test")
    assert [(kept.day, kept.mode) for kept in one.days.all()] == [(later, Mode.ONLINE)]


def test_a_badge_shows_a_name_in_burmese_and_is_found_when_it_is_out_of_date(assembly) -> None:
    made = register(assembly.forum, KHIN, days={})
    answer_requests(assembly.forum, [made.pk], accept=True, by=assembly.organiser, today=DAY)
    page = Client().get(f"/forum/me/{link(keys.PERSON, made)}/badge/")
    check_source(page)
    text = page.content.decode()
    assert KHIN.name in text and KHIN.latin in text and made.badge in text and "<svg" in text
    note_printed([made], {made.pk: mark_of(made)}, by="test")
    made.refresh_from_db()
    assert outdated([made]) == []
    made.organisation = "Another cooperative"
    assert outdated([made]) == [made]
    assert "Myanmar" in badge_of(made).country


def test_a_link_opens_one_page_and_a_changed_one_nothing(assembly) -> None:
    one, other = assembly.people[:2]
    good = link(keys.PERSON, one)
    assert one.name in Client().get(f"/forum/me/{good}/").content.decode()
    for wrong in (
        f"{other.key}-{good.partition('-')[2]}",
        link(keys.DOOR, one),
        good[:-1],
        good.upper(),
    ):
        assert Client().get(f"/forum/me/{wrong}/").status_code == 404, wrong
    withdraw(one, by="test")
    assert Client().get(f"/forum/me/{good}/").status_code == 404


def test_a_forged_link_costs_no_query(assembly, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert Client().get(f"/forum/me/{'a' * 16}-{'b' * 16}/opening/live").status_code == 404


def test_register_by_the_form_then_the_office_sees_and_accepts(assembly) -> None:
    browser = Client()
    page = browser.get("/forum/nanning-2027/register/")
    check_source(page)
    typed = {
        "name": KHIN.name, "latin": KHIN.latin, "organisation": KHIN.organisation, "country": "MM", "email": KHIN.email,
        "gender": "woman", "language": "my", "time_zone": "Asia/Yangon", f"day-{DAY}": "online",
    }  # fmt: skip
    answer = browser.post("/forum/nanning-2027/register/", typed, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    made = Participant.objects.everywhere(reason="test").get(email=KHIN.email)
    assert (made.time_zone, made.status) == ("Asia/Yangon", TakingPart.NOMINATED)
    office = Client()
    office.force_login(assembly.organiser)
    people = office.get("/forum/office/nanning-2027/people/?status=nominated")
    check_source(people)
    assert KHIN.name in people.content.decode()
    office.post("/forum/office/nanning-2027/people/", {"who": [made.pk], "do": "accept"})
    made.refresh_from_db()
    assert made.status == TakingPart.ACCEPTED
    base = "/forum/office/nanning-2027/"
    assert office.post(base, {"status": "closed", "call_theme": "Roads"}).status_code == 302
    assert (
        Client().post("/forum/nanning-2027/register/", {**typed, "email": "late@example.org"}).status_code
        == 422
    )
    assert office.post(base, {"status": "soon"}).status_code == 422
    for address in ("", "delegations/", "badges/", "doors/", "people/?format=csv"):
        assert office.get(f"/forum/office/nanning-2027/{address}").status_code == 200, address


def test_an_organiser_of_another_area_finds_nothing(assembly) -> None:
    client = Client()
    client.force_login(add_person("elsewhere", "organiser", add_area("Elsewhere", "county")))
    assert "nanning-2027" not in client.get("/forum/office/").content.decode()
    assert client.get("/forum/office/nanning-2027/people/").status_code == 404


@pytest.mark.parametrize("code", ["door", "office", "me", "delegation"])
def test_a_forum_is_never_called_like_an_address(code) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        add_forum(code=code).full_clean()


def test_who_has_withdrawn_may_register_again_and_who_was_declined_be_accepted(assembly) -> None:
    first = register(assembly.forum, KHIN, days={DAY: Mode.ONLINE})
    withdraw(first, by="test")
    second = register(assembly.forum, KHIN, days={DAY: Mode.ROOM})
    assert second.badge != first.badge and second.key != first.key
    who = {"by": assembly.organiser, "today": DAY}
    assert answer_requests(assembly.forum, [first.pk, second.pk], accept=False, reason="Full", **who) == 1
    office = Client()
    office.force_login(assembly.organiser)
    page = "/forum/office/nanning-2027/people/?status=declined"
    assert f'value="{second.pk}"' in office.get(page).content.decode()
    assert office.post(page, {"who": [second.pk], "do": "accept"}).status_code == 302
    second.refresh_from_db()
    assert (second.status, second.reason) == (TakingPart.ACCEPTED, "")
    first.refresh_from_db()
    assert first.status == TakingPart.WITHDRAWN


def test_the_office_reads_what_was_answered(assembly) -> None:
    one = assembly.people[0]
    answers = {"visa": "yes", "diet": "no pork", "interpretation": "lo", "arrives": "CZ323"}
    answer_questions(one, answers, by="test")
    office = Client()
    office.force_login(assembly.organiser)
    answer = office.get("/forum/office/nanning-2027/people/?format=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    row = next(row for row in csv.DictReader(io.StringIO(text)) if row["Name"] == one.name)
    assert (row["Visa letter"], row["Diet"], row["Interpretation into"]) == ("yes", "no pork", "lo")
    assert (row[str(DAY)], row[str(DAY + datetime.timedelta(days=1))]) == ("in the room", "")
    assert (row["E-mail"], row["Badge"]) == (one.email, one.badge)


def test_a_delegation_nominates_people_without_an_address_of_their_own(assembly) -> None:
    page = f"/forum/delegation/{link(keys.DELEGATION, assembly.delegation)}/"
    typed = {
        "do": "nominate", "organisation": "Ministry", "country": "LA", "gender": "man", "language": "lo", "part": "delegate",
        "time_zone": "Asia/Vientiane", f"day-{DAY}": "room",
    }  # fmt: skip
    for name in ("First", "Second"):
        answer = Client().post(page, {**typed, "name": name})
        assert answer.status_code == 302, answer.content.decode()
    write_answers(assembly.forum, site="https://example.org", by=assembly.organiser, now=NOW, today=DAY)
    letters = Letter.objects.filter(to=assembly.delegation.contact)
    assert letters.count() == 2 and all("/forum/me/" in one.body for one in letters)


def test_badges_that_did_not_fit_on_the_print_out_are_not_noted_as_printed(assembly, monkeypatch) -> None:
    from highground.forum.pages.office import days

    monkeypatch.setattr(days, "MOST", 2)
    office = Client()
    office.force_login(assembly.organiser)
    assert len(office.get("/forum/office/nanning-2027/badges/?new=1").context["badges"]) == 2
    assert office.post("/forum/office/nanning-2027/badges/?new=1").status_code == 302
    printed = Participant.objects.everywhere(reason="test").exclude(printed="")
    assert printed.count() == 2
    left = office.get("/forum/office/nanning-2027/badges/?new=1").context["badges"]
    assert [one.person.name for one in left] == ["Guest 2"]


def test_times_are_those_of_the_forums_place_wherever_the_office_is(assembly) -> None:
    assembly.forum.time_zone = "Asia/Vientiane"
    assembly.forum.save()
    one, office = assembly.people[0], Client()
    office.force_login(assembly.organiser)
    for client, address in (
        (Client(), f"/forum/me/{link(keys.PERSON, one)}/"),
        (Client(), f"/forum/me/{link(keys.PERSON, one)}/opening/"),
        (office, "/forum/office/nanning-2027/programme/"),
        (office, "/forum/office/nanning-2027/"),
    ):
        assert "22 June 2027 08:30" in client.get(address).content.decode(), address


def test_the_head_of_a_delegation_comes_first(assembly) -> None:
    for name, part in (("Aung", Part.DELEGATE), ("Zaw", Part.HEAD), ("Bo", Part.INTERPRETER)):
        nominate(assembly.delegation, Person(name, "Office", "LA", part=part), days={}, by="test", today=DAY)
    names = [one.name for one in people_of(assembly.forum, assembly.organiser, DAY)]
    assert names == ["Zaw", "Aung", "Bo", "Guest 0", "Guest 1", "Guest 2"]


def test_a_congress_hall_with_one_address_registers_and_takes_nothing_from_reports_of_needs(
    assembly,
) -> None:
    typed = {
        "name": "Guest", "organisation": "Office", "country": "LA", "gender": "man", "language": "lo",
        "time_zone": "Asia/Vientiane", f"day-{DAY}": "room",
    }  # fmt: skip
    for number in range(30):
        sent = {**typed, "email": f"n{number}@example.org"}
        assert Client().post("/forum/nanning-2027/register/", sent).status_code == 302
    assert not PublicUse.objects.exclude(key=brake._key(REGISTERED_FROM, "127.0.0.1")).exists()
    few = replace(REGISTERED_FROM, most=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(register_pages, "REGISTERED_FROM", few)
        answer = Client().post("/forum/nanning-2027/register/", {**typed, "email": "bot@example.org"})
    assert answer.status_code == 429 and "Try again in an hour" in answer.content.decode()
