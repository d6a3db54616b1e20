"""Nobody judges whom they work with, wrote with, were supervised or paid by, or are related to: under any of their names."""

from __future__ import annotations

import pytest
from django.test import Client

from highground.accounts.enums import Role
from highground.forum import keys
from highground.forum.actions.reviewing import ask_reviewers, declare_ties, propose, review
from highground.forum.conflicts import Ties, called
from highground.forum.enums import ReviewStatus, Tie
from highground.forum.ground import ForumError
from highground.forum.models import Review
from highground.forum.queries import could_review
from highground.knowledge.actions.experts import Suggested, add_lines
from highground.knowledge.actions.merging import merge, undo_merge
from highground.knowledge.enums import LineKind, LineStatus
from highground.knowledge.models import Expert
from tests.forum.assembly import DAY, NOW, link
from tests.forum.calling import CLOSES, GOOD, OPEN, expert, handed_in, reviewer
from tests.support.pages import check_source
from tests.support.places import add_person

pytestmark = pytest.mark.django_db


def wrote(one: Expert, key: str, year: int, status: str = LineStatus.CONFIRMED) -> None:
    line = Suggested(LineKind.PUBLICATION, "Cows", key, year=year, source="openalex")
    add_lines(one, [line], by="test", today=DAY, status=status)


def between(call, who, entry) -> str:
    return Ties([who], [entry], year=call.forum.year).between(who, entry)


def given_to(call, entry, who) -> bool:
    """Whether the panel gives it, or an organiser could."""
    found = propose(call.forum, by=call.organiser, today=DAY, seconds=2)
    given = (str(entry.pk), str(who.pk)) in found.pairs
    try:
        ask_reviewers(call.forum, [(str(entry.pk), str(who.pk))], by=call.organiser, today=DAY)
    except ForumError:
        assert not given
        return False
    return True


@pytest.mark.parametrize("kind", Tie.values)
@pytest.mark.parametrize("who", ["entrant1@EXAMPLE.org", "Souk, Entrant 1", "COOPERATIVE 1", "Lao Fund"])
def test_what_is_declared_is_hard_whatever_it_is_called(call, kind, who) -> None:
    entry = handed_in(call.forum, parties=["Lao Fund"])
    barred, free = reviewer(call, 1, ties={kind: [who]}), reviewer(call, 2)
    assert between(call, barred, entry) == kind
    assert not given_to(call, entry, barred) and given_to(call, entry, free)


def test_the_reason_is_said(call) -> None:
    entry = handed_in(call.forum)
    barred = reviewer(call, 1, ties={"supervisor": ["Entrant 1 Souk"]})
    with pytest.raises(ForumError, match="with entry 1: supervisors, and those supervised"):
        ask_reviewers(call.forum, [(str(entry.pk), str(barred.pk))], by=call.organiser, today=DAY)


@pytest.mark.parametrize(
    ("year", "status", "tied"),
    [
        (2027, LineStatus.SUGGESTED, True),
        (2023, LineStatus.CONFIRMED, True),
        (2022, LineStatus.CONFIRMED, False),
        (2027, LineStatus.REFUSED, False),
    ],
)
def test_coauthors_of_four_years_are_found_without_being_declared(call, year, status, tied) -> None:
    entry = handed_in(call.forum)
    mine, entrants = expert("Malee Chai"), expert("Entrant 1 Souk")
    wrote(mine, "10.1/a", year, status)
    wrote(entrants, "10.1/a", year)
    one = reviewer(call, 1, expert=mine)
    assert between(call, one, entry) == (Tie.COAUTHOR if tied else "")
    assert given_to(call, entry, one) is not tied


def test_merged_profiles_are_one_person_with_all_names_employers_and_papers(call) -> None:
    curator = add_person("lin", Role.CURATOR)
    entry = handed_in(call.forum)
    kept, gone = expert("Malee Chai", "Chiang Mai"), expert("M. Chaiyo", "Cooperative 1")
    one = reviewer(call, 1, expert=kept)
    assert given_to(call, entry, one)
    review(one, entry, GOOD, "It lasts", now=NOW)
    merged = merge(kept, gone, by=curator, today=DAY)
    assert between(call, one, entry) == Tie.EMPLOYER
    # What was written before it was known counts no more, and is not given back.
    assert (str(entry.pk), str(one.pk)) not in propose(
        call.forum, by=call.organiser, today=DAY, seconds=2
    ).pairs
    ask_reviewers(call.forum, [], by=call.organiser, today=DAY)
    assert Review.objects.everywhere(reason="test").get().status == ReviewStatus.CONFLICT
    undo_merge(merged, by=curator, today=DAY)
    assert between(call, one, entry) == ""
    # The entrant's other name is the entrant's as well: the co-author is found under it.
    wrote(kept, "10.1/b", 2026)
    renamed = expert("Souk Before", "Elsewhere")
    wrote(renamed, "10.1/b", 2026)
    assert between(call, one, entry) == ""
    merge(expert("Entrant 1 Souk"), renamed, by=curator, today=DAY)
    assert between(call, one, entry) == Tie.COAUTHOR


def test_what_stands_on_the_profile_counts(call) -> None:
    entry = handed_in(call.forum)
    one = reviewer(call, 1, expert=expert("Malee Chai", conflicts="I advise Cooperative 1 and others."))
    assert between(call, one, entry) == "stated"
    assert not given_to(call, entry, one)


def test_one_person_reviews_once_even_under_two_addresses(call) -> None:
    entry = handed_in(call.forum)
    curator, first, second = add_person("lin", Role.CURATOR), expert("Malee Chai"), expert("M. Chaiyo")
    rows = [reviewer(call, 1, expert=first), reviewer(call, 2, expert=second)]
    found = propose(call.forum, by=call.organiser, today=DAY, seconds=2)
    assert {(str(entry.pk), str(one.pk)) for one in rows} == found.pairs
    merge(first, second, by=curator, today=DAY)
    assert len(propose(call.forum, by=call.organiser, today=DAY, seconds=2).pairs) == 1
    with pytest.raises(ForumError, match="there already"):
        reviewer(call, 3, expert=first)


def test_a_reviewer_declares_ties_and_what_falls_under_them_goes_to_others(call) -> None:
    entries = [handed_in(call.forum, number) for number in (1, 2)]
    one = reviewer(call, 1)
    ask_reviewers(
        call.forum, [(str(entry.pk), str(one.pk)) for entry in entries], by=call.organiser, today=DAY
    )
    address = f"/forum/review/{link(keys.REVIEWER, one)}/"
    answer = Client().post(address, {"do": "ties", "tie-kin": "Entrant 2 Souk\n\n", "tie-funder": "A bank"})
    assert answer.status_code == 302
    one.refresh_from_db()
    assert one.ties == {"kin": ["Entrant 2 Souk"], "funder": ["A bank"]}
    page = Client().get(address)
    check_source(page)
    assert "Entry 1" in page.content.decode() and "Entry 2" not in page.content.decode()
    assert {row.entry.number: row.status for row in Review.objects.everywhere(reason="test")} == {
        1: "asked",
        2: "conflict",
    }
    with pytest.raises(ForumError, match="At most 200"):
        declare_ties(one, {"kin": [str(number) for number in range(201)]})
    with pytest.raises(ForumError, match="no kind of tie"):
        declare_ties(one, {"friend": ["x"]})


@pytest.mark.parametrize("count", [1, 12])
def test_ties_cost_the_same_for_one_and_for_many(call, count, django_assert_num_queries) -> None:
    entries = [handed_in(call.forum, number) for number in range(count)]
    people = [reviewer(call, number, expert=expert(f"Expert {number}")) for number in range(count)]
    wrote(people[0].expert, "10.1/a", 2027)
    with django_assert_num_queries(5):
        Ties(people, entries, year=2027)


def test_experts_who_read_the_languages_are_offered_and_fill_the_form(call) -> None:
    handed_in(call.forum)
    one, other = expert("Malee Chai", "Chiang Mai"), expert("Zhou Min", "Kunming")
    Expert.objects.filter(pk=other.pk).update(languages=["zh"])
    assert could_review(call.forum) == [one]
    assert could_review(call.forum, "kunMING") == [other]
    client = Client()
    client.force_login(call.organiser)
    page = client.get("/forum/office/nanning-2027/reviewers/?expert=malee-chai")
    check_source(page)
    assert 'value="Malee Chai"' in page.content.decode() and 'value="Chiang Mai"' in page.content.decode()
    typed = {
        "expert": "malee-chai", "name": "Malee Chai", "email": "m@example.org", "country": "TH", "organisation": "Chiang Mai",
        "languages": ["lo"], "gender": "woman", "most": "4", "tie-funder": "A bank",
    }  # fmt: skip
    assert client.post("/forum/office/nanning-2027/reviewers/", typed).status_code == 302
    made = call.forum.reviewers.get()
    assert (made.expert, made.ties) == (one, {"funder": ["A bank"]})
    assert could_review(call.forum) == []


def test_the_order_of_given_and_family_name_does_not_count() -> None:
    assert called("Souk,  Entrant") == called("ENTRANT Souk") == called("Entrant Souk")


def test_an_entrant_names_who_else_has_a_part_until_the_call_closes(call, monkeypatch) -> None:
    from highground.forum.pages import entry as page

    entry, one, client = handed_in(call.forum), reviewer(call, 1, organisation="Lao Fund"), Client()
    address = f"/forum/entry/{link(keys.ENTRY, entry)}/"
    assert between(call, one, entry) == ""
    monkeypatch.setattr(page.timezone, "now", lambda: OPEN)
    assert client.post(address, {"do": "parties", "parties": "Noy\n\n LAO fund"}).status_code == 302
    entry.refresh_from_db()
    assert entry.parties == ["Noy", "LAO fund"]
    assert between(call, one, entry) == Tie.EMPLOYER
    shown = client.get(address)
    check_source(shown)
    assert "LAO fund" in shown.content.decode()
    monkeypatch.setattr(page.timezone, "now", lambda: CLOSES)
    assert client.post(address, {"do": "parties", "parties": ""}).status_code == 422
