"""The first page of each role: what it counts, what it offers first, and what it says while there is nothing yet."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from highground.accounts.actions import grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.audit.models import AccessLog, Event
from highground.forum.actions.commitments import bring_evidence, promise
from highground.forum.actions.letters import write_answers
from highground.forum.actions.remaining import add_follow_up
from highground.forum.models import Participant
from highground.home.cards import account_cards, log_cards
from highground.home.forum_cards import forum_cards
from highground.home.pages import greeting
from highground.signals.models import Clue
from tests.forum.assembly import DAY, add_people, assemble
from tests.support.places import LONG_AGO, add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def enter(client, register):
    """Sign a person with a role in an area in; the first page's context."""

    def sign_in(role: Role | None, code: str = ""):
        client.force_login(add_person("ann", role, register.areas[code] if code else None))
        response = client.get("/")
        assert response.status_code == 200
        return response

    return sign_in


def cards_of(response) -> dict[str, tuple[object, str, bool]]:
    return {
        card.title: (card.figure, card.url, card.primary) for row in response.context["rows"] for card in row
    }


def first_row(response) -> dict[str, tuple[object, str, bool]]:
    return {card.title: (card.figure, card.url, card.primary) for card in response.context["rows"][0]}


def due(**days: int) -> None:
    """Move the deadlines of the clues of these households, by number, so many days from today."""
    for number, left in days.items():
        Clue.objects.everywhere(reason="test").filter(household__number=number.removeprefix("h")).update(
            due_on=timezone.localdate() + datetime.timedelta(days=left)
        )


def test_what_is_late_comes_first_with_the_oldest_named(run, enter) -> None:
    due(h2231=3, h0874=-2, h1410=-9, h9001=-99)
    response = enter(Role.COUNTY_OFFICER, "LONGHE")
    assert first_row(response) == {
        "Visits overdue": (2, "/clues/?show=overdue", True),
        "Due this week": (2, "/rounds/plan/", False),
        "Cannot tell yet": (1, "/clues/cannot-tell/", False),
    }
    assert "Oldest: household 1410, Heping village 1" in response.content.decode()
    assert "9001" not in response.content.decode()


def test_when_nothing_is_late_the_next_thing_is_the_first_button(run, enter) -> None:
    due(h2231=30, h0874=30, h1410=30)
    assert first_row(enter(Role.COUNTY_OFFICER, "LONGHE")) == {
        "Visits overdue": (0, "", False),
        "New clues": (4, "/clues/?show=new", True),
        "Cannot tell yet": (1, "/clues/cannot-tell/", False),
    }


def test_where_all_is_told_those_in_no_data_are_the_third_card(run, enter) -> None:
    response = enter(Role.TOWNSHIP_OFFICER, "HEPING")
    assert cards_of(response)["In no data at all"] == (1, "/clues/no-data/", False)


def test_the_sentence_says_when_the_last_screening_was_and_of_whom(run, enter) -> None:
    sentence = enter(Role.COUNTY_OFFICER, "LONGHE").context["sentence"]
    assert sentence.endswith("last screening as of 10 March 2026: 6 households, 4 new clues")


def test_who_is_shown_many_entries_finds_the_rare_ones_under_more_but_for_the_one_in_view(
    run, client, enter
) -> None:
    entries = enter(Role.COUNTY_OFFICER, "LONGHE").context["navigation"]
    rare = [one["key"] for one in entries if one["more"]]
    assert {"money", "phones", "runs", "rulebooks"} <= set(rare)
    assert [one["key"] for one in entries][-len(rare) :] == rare and entries[0]["key"] == "home"
    there = {one["key"]: one for one in client.get("/runs/").context["navigation"]}
    assert there["runs"]["current"] and not there["runs"]["more"] and there["money"]["more"]


def test_who_is_shown_few_entries_sees_them_all_in_the_row(run, enter) -> None:
    assert not any(one["more"] for one in enter(Role.AUDITOR).context["navigation"])


def test_the_picture_follows_the_area_in_view(run, client, enter) -> None:
    enter(Role.COUNTY_OFFICER, "LONGHE")
    client.post("/area/", {"area": "HEPING"})
    overview = client.get("/").context["overview"]
    assert (overview.area.code, overview.figures.clues) == ("HEPING", 1)


def test_an_analyst_sees_counts_and_no_way_to_a_household(run, enter) -> None:
    response = enter(Role.ANALYST, "LONGHE")
    assert cards_of(response) == {
        "Open clues": (4, "/areas/LONGHE/", True),
        "New in the last screening": (4, "/runs/", False),
        "Cannot tell yet": ("16.7 %", "/rulebooks/", False),
        "Cases under way": (0, "", False),
        "Cases overdue": (0, "", False),
        "From discovery to recognition": ("not known yet", "/cases/board/", False),
    }
    text = response.content.decode()
    assert "/clues/" not in text
    assert "/households/" not in text


def test_an_auditor_sees_what_was_done_and_who_looked_this_week(run, enter) -> None:
    now = timezone.now()
    for days in (1, 6, 8):
        AccessLog.objects.create(
            at=now - datetime.timedelta(days=days), by="1", page="x", subject_kind="household", subject_id="1"
        )
    response = enter(Role.AUDITOR)
    assert cards_of(response) == {
        "Events on record": (Event.objects.count(), "/events/", True),
        "Households looked at": (2, "/events/accesses/", False),
        "Rulebooks in use": (1, "/rulebooks/", False),
    }


def test_an_auditor_of_one_county_counts_only_what_happened_there(run, register) -> None:
    user = add_person("ann", Role.AUDITOR, register.areas["PINGNAN"])
    for code in ("PINGNAN", "LONGHE", "ANTANG-1"):
        path = register.areas[code].path
        AccessLog.objects.create(by="1", page="x", subject_kind="household", subject_id="1", area_path=path)
    _events, looks = log_cards(user, timezone.now(), timezone.localdate())
    assert looks.figure == 2


def test_an_operator_sees_who_holds_nothing_and_whose_role_ends(register, django_user_model) -> None:
    today = timezone.localdate()
    add_person("ann", Role.OPERATOR)
    add_person("idle")
    gone = add_person("gone", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    django_user_model.objects.filter(pk=gone.pk).update(is_active=False)
    for name, days in (("soon", 29), ("later", 30), ("over", -1)):
        person = add_person(name)
        last = today + datetime.timedelta(days=days)
        area = register.areas["LONGHE"]
        grant_role(person, role=Role.VILLAGE_WORKER, area=area, valid_from=LONG_AGO, valid_to=last, by="test")
    people, ending = account_cards(today)
    assert (people.figure, people.sentence) == (5, "2 of them hold no role and see nothing")
    assert (ending.figure, ending.button) == (1, "See whose")


def test_somebody_with_two_roles_sees_the_first_steps_of_both(run, register, client) -> None:
    user = add_person("ann", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    grant_role(user, role=Role.AUDITOR, area=None, valid_from=LONG_AGO, by="test")
    client.force_login(user)
    rows = client.get("/").context["rows"]
    assert [len(row) for row in rows] == [3, 3, 3]
    assert [card.title for row in rows for card in row if card.primary] == ["Visits overdue"]


@pytest.mark.parametrize(
    ("role", "code", "lacks", "says"),
    [
        (None, "", "role", "You do not look after any area yet."),
        (Role.COUNTY_OFFICER, "CN-ZZ", "run", "No screening has looked at Yunjiang province yet."),
        (Role.ANALYST, "CN-ZZ", "run", "No screening has looked at Yunjiang province yet."),
        (Role.COUNTY_OFFICER, "EMPTY", "households", "No household of Empty county is on the register yet."),
    ],
)
def test_what_is_not_there_yet_is_said_with_what_comes_first(
    register, enter, role, code, lacks, says
) -> None:
    from tests.support.places import add_area

    empty = add_area("Empty county", "county", register.areas["CN-9901"])
    register.areas["EMPTY"] = empty
    response = enter(role, code)
    assert response.context["lacks"] == lacks
    assert says in response.content.decode()


@pytest.mark.parametrize(
    ("hour", "words"),
    [(3, "evening"), (4, "morning"), (11, "morning"), (12, "afternoon"), (17, "afternoon"), (18, "evening")],
)
def test_the_greeting_fits_the_hour(hour: int, words: str) -> None:
    now = datetime.datetime.combine(TODAY, datetime.time(hour, 30))
    assert greeting(now, "Wei Lan") == f"Good {words}, Wei Lan"


def test_an_organiser_sees_what_waits_in_the_forums(client, django_assert_max_num_queries) -> None:
    made = assemble(2)
    client.force_login(made.organiser)
    page = client.get("/")
    assert first_row(page) == {
        "People who wait for an answer": (0, "", False),
        "Letters to look at": (0, "", False),
        "Evidence to look at": (0, "", False),
    }
    add_people(made, 3)
    Participant.objects.everywhere(reason="test").filter(name__in=["Guest 2", "Guest 3"]).update(
        status="nominated"
    )
    given = {"countries": ["LA"], "who": "Bank", "what": "Groups", "promised_on": DAY}
    promised = promise(made.forum, by=made.organiser, today=DAY, **given)
    for by in ("partner:1", str(made.organiser.pk)):
        bring_evidence(
            promised, day=DAY, text="Eleven groups", source="Visit", status="kept", by=by, today=DAY
        )
    write_answers(made.forum, site="", by=made.organiser, now=timezone.now(), today=DAY)
    late = timezone.localdate() - datetime.timedelta(days=1)
    add_follow_up(
        made.forum, text="Send the papers", owner="Qin Fang", due_on=late, by=made.organiser, today=DAY
    )
    page = client.get("/")
    office = "/forum/office/nanning-2027/"
    assert first_row(page) == {
        "People who wait for an answer": (2, f"{office}people/", True),
        "Letters to look at": (5, f"{office}letters/", False),
        "Evidence to look at": (1, f"{office}commitments/", False),
        "Follow-ups that are late": (1, f"{office}after/", False),
    }
    organiser = User.objects.get(pk=made.organiser.pk)
    with django_assert_max_num_queries(6):
        forum_cards(organiser, timezone.localdate())


def test_an_organiser_without_a_forum_opens_the_first_one(enter) -> None:
    page = enter(Role.ORGANISER)
    assert first_row(page) == {"Forums that you run": (0, "/forum/office/", False)}
