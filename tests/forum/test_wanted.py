"""What is asked of reviewers beside having no conflict: the field, women, countries, the days."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from highground.forum import keys
from highground.forum.actions.reviewing import Wanted, of_the_field, propose, set_away
from highground.forum.ground import ForumError
from highground.forum.models import Review, Reviewer
from tests.forum.assembly import DAY, link
from tests.forum.calling import expert, handed_in, reviewer
from tests.support.pages import check_source

pytestmark = pytest.mark.django_db
WEEK = {"begins": DAY, "ends": DAY + datetime.timedelta(days=6)}


def who(call, **wanted) -> set[str]:
    """The names of those who would review."""
    found = propose(call.forum, by=call.organiser, today=DAY, wanted=Wanted(**wanted), seconds=2)
    names = {str(one.pk): one.name for one in call.forum.reviewers.all()}
    return {names[reviewer] for _entry, reviewer in found.pairs}


def test_an_entry_goes_to_those_of_its_field(call) -> None:
    handed_in(call.forum, field="health")
    for number, fields in enumerate([["finance"], ["health"], ["tourism"], ["health", "finance"], []]):
        reviewer(call, number, fields=fields)
    assert who(call, seats=2) == {"Reviewer 1", "Reviewer 3"}
    found = propose(call.forum, by=call.organiser, today=DAY, seconds=2)
    assert len(found.pairs) == 3 and of_the_field(call.forum, found.pairs) == 2


def test_the_field_of_the_profile_counts_as_well(call) -> None:
    handed_in(call.forum, field="health")
    reviewer(call, 1, fields=["finance"])
    reviewer(call, 2, fields=[], expert=expert("Nurse Noy", fields=["health"]))
    assert who(call, seats=1) == {"Reviewer 2"}


def test_what_is_no_field_is_refused(call) -> None:
    for make in (lambda: handed_in(call.forum, field="cows"), lambda: reviewer(call, 1, fields=["cows"])):
        with pytest.raises(ForumError, match="cows is no field"):
            make()


def test_women_are_wished_for_and_countries_are_many(call) -> None:
    handed_in(call.forum)
    for number, (country, gender) in enumerate(
        [("TH", "man"), ("TH", "man"), ("TH", "unstated"), ("VN", "woman"), ("MM", "man")]
    ):
        reviewer(call, number, country=country, gender=gender)
    assert "Reviewer 3" in who(call, seats=1, women=1)
    three = who(call, seats=3, of_country=1)
    assert three >= {"Reviewer 3", "Reviewer 4"} and len(three) == 3
    found = propose(call.forum, by=call.organiser, today=DAY, wanted=Wanted(seats=4, of_country=1), seconds=2)
    assert sum(found.empty.values()) == 1 and found.relief["countries"] == 1


def test_who_is_away_all_the_time_is_not_asked(call) -> None:
    handed_in(call.forum)
    here, away = reviewer(call, 1), reviewer(call, 2)
    set_away(away, away_from=WEEK["begins"], away_until=WEEK["ends"])
    set_away(here, away_from=WEEK["begins"], away_until=WEEK["begins"])
    assert who(call, seats=2, **WEEK) == {"Reviewer 1"}
    found = propose(call.forum, by=call.organiser, today=DAY, wanted=Wanted(seats=2, **WEEK), seconds=2)
    assert found.relief["time"] == 1
    assert who(call, seats=2) == {"Reviewer 1", "Reviewer 2"}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"seats": 0}, "1 to 9 reviews"),
        ({"of_country": 0}, "At least one reviewer"),
        ({"seats": 2, "women": 3}, "As many women"),
        ({"begins": DAY}, "give both, or none"),
        ({"begins": DAY, "ends": DAY - datetime.timedelta(days=1)}, "give both, or none"),
    ],
)
def test_what_cannot_be_asked_is_refused(call, wanted, words) -> None:
    with pytest.raises(ForumError, match=words):
        Wanted(**wanted).check()


def test_the_page_offers_it_and_says_what_was_found(call) -> None:
    handed_in(call.forum)
    reviewer(call, 1, gender="woman")
    reviewer(call, 2)
    client = Client()
    client.force_login(call.organiser)
    base = "/forum/office/nanning-2027/entries/"
    check_source(client.get(base))
    answer = client.post(base, {"seats": 2, "women": 9, "of_country": ""})
    assert answer.status_code == 422 and "As many women" in answer.content.decode()
    assert client.post(base, {"seats": "many"}).status_code == 422
    asked = {"seats": 2, "women": 1, "of_country": 1, "begins": "2027-06-01", "ends": "2027-06-10"}
    said = client.post(base, asked, follow=True).content.decode()
    assert "Reviews asked: 1. By somebody of the entry&#x27;s field: 1 of 1 in all." in said
    assert "Reviews that find nobody: 1. So many" in said and "so many of one country at most 1" in said
    assert Review.objects.everywhere(reason="test").get().reviewer.gender == "woman"


def test_nothing_is_said_of_fields_where_no_entry_names_one(call) -> None:
    handed_in(call.forum)
    call.forum.entries.update(field="")
    reviewer(call, 1)
    client = Client()
    client.force_login(call.organiser)
    base = "/forum/office/nanning-2027/entries/"
    said = client.post(base, {"seats": 1, "women": 0}, follow=True).content.decode()
    assert "Reviews asked: 1." in said and "By somebody of" not in said


def test_a_reviewer_says_when_away_and_reads_what_is_only_found_by_hand(call) -> None:
    one = reviewer(call, 1)
    page = f"/forum/review/{link(keys.REVIEWER, one)}/"
    assert "Supervisors, funders, family and friends are never found" in Client().get(page).content.decode()
    assert Client().post(page, {"do": "away", "away_from": "2027-05-01"}).status_code == 422
    typed = {"do": "away", "away_from": "2027-05-01", "away_until": "2027-05-31"}
    assert Client().post(page, typed).status_code == 302
    kept = Reviewer.objects.everywhere(reason="test").get()
    assert (kept.away_from, kept.away_until) == (datetime.date(2027, 5, 1), datetime.date(2027, 5, 31))
    client = Client()
    client.force_login(call.organiser)
    office = client.get("/forum/office/nanning-2027/reviewers/").content.decode()
    assert "away 1 May 2027 – 31 May 2027" in office
    assert "Supervisors, funders, family and friends are never found" in office
