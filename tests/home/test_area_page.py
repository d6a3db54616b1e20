"""The page of an area: counts added up the tree, the picture, the areas below, and in a village the households."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from highground.accounts.enums import Role
from highground.areas.models import Area
from highground.home.queries import Figures, below, figures_by_path, fold
from highground.signals.models import AreaTally, Clue, HouseholdVerdict
from tests.home.crowd import add_crowd
from tests.support.places import add_area, add_person

pytestmark = pytest.mark.django_db
BEFORE = datetime.date(2020, 1, 1)


@pytest.fixture
def county(client, register):
    """A county officer of Longhe, signed in."""
    user = add_person("lan", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    client.force_login(user)
    return user


def rows_of(response) -> list[tuple[str, int]]:
    return [(row.label, row.figures.clues) for row in response.context["page"].rows]


def texts_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("code", ["PINGNAN", "ANTANG", "ANTANG-1", "CN-9901", "CN", "NOWHERE", "0001"])
def test_what_lies_beside_or_above_is_answered_like_what_does_not_exist(run, county, client, code) -> None:
    assert client.get(f"/areas/{code}/").status_code == 404


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR])
def test_areas_are_closed_to_those_who_see_no_counts(run, register, client, role) -> None:
    client.force_login(add_person("ann", role))
    assert client.get("/areas/LONGHE/").status_code == 403
    assert client.get("/areas/").status_code == 403


def test_areas_leads_to_the_area_in_view(run, county, client) -> None:
    assert client.get("/areas/").headers["Location"] == "/areas/LONGHE/"
    client.post("/area/", {"area": "NALONG"})
    assert client.get("/areas/").headers["Location"] == "/areas/NALONG/"


def test_the_headline_is_the_answer(run, register, county, client) -> None:
    today = timezone.localdate()
    Clue.objects.everywhere(reason="test").update(due_on=today)
    late = Clue.objects.everywhere(reason="test").filter(household__number="0874")
    assert client.get("/areas/NALONG/").context["title"] == "3 clues in Nalong"
    late.update(due_on=today - datetime.timedelta(days=1))
    assert client.get("/areas/NALONG/").context["title"] == "3 clues in Nalong, 1 overdue"
    assert client.get("/areas/HEPING-1/").context["title"] == "1 clue in Heping village 1"
    late.update(status="closed")
    assert client.get("/areas/DATANG/").context["title"] == "No open clue in Datang village"


def test_before_a_run_the_headline_does_not_say_that_all_is_well(register, county, client) -> None:
    response = client.get("/areas/LONGHE/")
    assert response.context["title"] == "Longhe county has not been screened yet"
    assert "No screening has looked at Longhe county yet." in texts_of(response)


def test_figures_add_up_the_tree_and_leave_the_neighbour_out(run, register) -> None:
    user = add_person("lan", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    today = timezone.localdate()
    everything, _rules = figures_by_path(user, register.areas["CN"], today)
    assert set(everything) == {register.areas[code].path for code in ("BAIYUN", "DATANG", "HEPING-1")}
    added = fold(everything, [register.areas[code] for code in ("CN", "LONGHE", "NALONG", "PINGNAN")])
    counts = {
        area.code: (added[area.path].households, added[area.path].clues, added[area.path].cannot_tell)
        for area in register.areas.values()
        if area.path in added
    }
    assert counts == {"CN": (6, 4, 1), "LONGHE": (6, 4, 1), "NALONG": (4, 3, 1), "PINGNAN": (0, 0, 0)}
    assert added[register.areas["LONGHE"].path].unseen == 1


def test_a_household_that_two_rulebooks_looked_at_is_one_household(run, register) -> None:
    for tally in list(AreaTally.objects.everywhere(reason="test")):
        tally.pk, tally.rulebook = None, "another"
        tally.save()
    user = add_person("lan", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    figures, _rules = figures_by_path(user, register.areas["BAIYUN"], timezone.localdate())
    assert figures[register.areas["BAIYUN"].path].households == 2


@pytest.mark.parametrize(
    ("figures", "rate"),
    [
        (Figures(clues=3, households=140, tallied=True), 2.1),
        (Figures(clues=14, households=140, tallied=True), 10),
        (Figures(clues=0, households=140, tallied=True), 0),
        (Figures(clues=2), None),
    ],
)
def test_the_rate_is_short_enough_for_a_square(figures: Figures, rate: float | None) -> None:
    assert figures.rate == rate


def test_a_village_that_nobody_screened_is_not_known_and_an_empty_one_is_zero(
    run, register, county, client
) -> None:
    unseen = add_area("Unseen village", "village", register.areas["NALONG"])
    empty = add_area("Empty village", "village", register.areas["NALONG"])
    AreaTally.objects.create(
        area=empty, rulebook=run.rulebook, run=run, households=0, possible=0, cannot_tell=0, unseen=0
    )
    (group,) = client.get("/areas/NALONG/").context["overview"].squares.groups
    values = {square.label: (square.value, square.note) for square in group.squares}
    assert values == {
        "Baiyun village": (100, "2 clues, 2 households"),
        "Datang village": (50, "1 clue, 2 households"),
        str(unseen): (None, "0 clues, not screened yet"),
        str(empty): (0, "0 clues, 0 households"),
    }


def test_villages_are_drawn_from_the_country_down_and_a_township_without_any_is_a_square(
    run, register
) -> None:
    bare = add_area("Bare township", "township", register.areas["LONGHE"])
    add_area("Group 1", "group", register.areas["BAIYUN"])
    today = timezone.localdate()
    for code in ("CN", "CN-ZZ", "LONGHE"):
        drawn = {area.code for area in below(register.areas[code], {}, today).drawn}
        outside = {"ANTANG-1"} if code != "LONGHE" else set()
        assert drawn == {"BAIYUN", "DATANG", "HEPING-1", bare.code} | outside
    assert [area.level for area in below(register.areas["BAIYUN"], {}, today).drawn] == ["group"]


def test_too_many_villages_are_drawn_as_their_townships(run, register, monkeypatch) -> None:
    monkeypatch.setattr("highground.home.queries.MOST_SQUARES", 3)
    today = timezone.localdate()
    assert {area.code for area in below(register.areas["CN"], {}, today).drawn} == {
        "NALONG",
        "HEPING",
        "ANTANG",
    }
    monkeypatch.setattr("highground.home.queries.MOST_SQUARES", 0)
    nothing = below(register.areas["LONGHE"], {}, today)
    assert (nothing.drawn, [area.code for area in nothing.children]) == ([], ["NALONG", "HEPING"])


def test_an_area_that_ended_is_shown_only_while_somebody_lives_there(run, register) -> None:
    ended = [register.areas[code].pk for code in ("NALONG", "BAIYUN", "HEPING-1")]
    Area.objects.filter(pk__in=ended).update(valid_to=BEFORE)
    today = timezone.localdate()
    lived = {register.areas["BAIYUN"].path: Figures(households=1, tallied=True)}
    shown = {area.code for area in below(register.areas["LONGHE"], lived, today).drawn}
    assert shown == {"BAIYUN", "DATANG", "HEPING"}


def test_areas_below_are_sorted_and_what_is_not_known_stands_last(run, register, county, client) -> None:
    add_area("Unseen township", "township", register.areas["LONGHE"])
    assert rows_of(client.get("/areas/LONGHE/")) == [("Nalong", 3), ("Heping", 1), ("Unseen township", 0)]
    assert rows_of(client.get("/areas/LONGHE/?sort=clues")) == [
        ("Heping", 1),
        ("Nalong", 3),
        ("Unseen township", 0),
    ]
    assert [name for name, _ in rows_of(client.get("/areas/LONGHE/?sort=-place"))] == [
        "Unseen township", "Heping", "Nalong",
    ]  # fmt: skip
    assert rows_of(client.get("/areas/LONGHE/?sort=names")) == rows_of(client.get("/areas/LONGHE/"))


def test_households_that_live_in_a_township_itself_are_not_lost(run, register, county, client) -> None:
    moved = register.households["2231"]
    type(moved).objects.everywhere(reason="test").filter(pk=moved.pk).update(area=register.areas["NALONG"])
    response = client.get("/areas/NALONG/")
    assert ("Nalong itself", 2) in rows_of(response)
    assert [row.household.number for row in response.context["households"].rows] == ["2231"]
    assert response.context["overview"].figures.clues == 3


def test_a_village_lists_its_households_with_those_who_wait_first(run, register, county, client) -> None:
    shown = client.get("/areas/BAIYUN/").context["households"]
    assert [(row.household.number, row.tags) for row in shown.rows] == [
        (
            "2231",
            [("possible: household in sudden severe difficulty", "clay"), ("high medical spending of one's own", "gold")],
        ),
        ("3096", [("Cannot tell", "plum")]),
    ]  # fmt: skip
    assert [(pill.label, pill.count) for pill in shown.pills] == [
        ("All", 2), ("With a clue", 1), ("Cannot tell", 1), ("In no data at all", 0),
    ]  # fmt: skip
    assert [row.tags for row in client.get("/areas/DATANG/").context["households"].rows][-1] == [
        ("nothing found", "green")
    ]


@pytest.mark.parametrize(
    ("code", "show", "numbers"),
    [
        ("BAIYUN", "clues", ["2231"]),
        ("BAIYUN", "cannot_tell", ["3096"]),
        ("BAIYUN", "no_data", []),
        ("HEPING-1", "no_data", ["2718"]),
        ("BAIYUN", "other", ["2231", "3096"]),
    ],
)
def test_the_list_of_households_is_filtered(run, county, client, code, show, numbers) -> None:
    shown = client.get(f"/areas/{code}/?show={show}").context["households"]
    assert [row.household.number for row in shown.rows] == numbers
    assert shown.page.total == len(numbers)


def test_a_household_that_moved_away_is_not_listed(run, register, county, client) -> None:
    gone = register.households["3096"]
    type(gone).objects.everywhere(reason="test").filter(pk=gone.pk).update(status="moved")
    shown = client.get("/areas/BAIYUN/").context["households"]
    assert [row.household.number for row in shown.rows] == ["2231"]


def test_before_a_run_households_are_said_to_wait_for_one(register, county, client) -> None:
    shown = client.get("/areas/BAIYUN/").context["households"]
    assert {text for row in shown.rows for text, _ in row.tags} == {"not screened yet"}


def test_an_analyst_sees_the_counts_of_a_village_and_no_household(run, register, client) -> None:
    client.force_login(add_person("ann", Role.ANALYST, register.areas["LONGHE"]))
    response = client.get("/areas/BAIYUN/")
    assert response.context["title"].startswith("2 clues in Baiyun village")
    assert response.context["households"] is None
    text = texts_of(response)
    for hidden in ("2231", "3096", "/households/", "/clues/", register.households["2231"].key):
        assert hidden not in text


def test_the_buttons_lead_to_lists_of_just_this_area(run, register, county, client) -> None:
    for code, numbers in (
        ("BAIYUN", {"2231"}),
        ("NALONG", {"2231", "0874"}),
        ("LONGHE", {"2231", "0874", "1410"}),
    ):
        card = client.get(f"/areas/{code}/").context["cards"][0]
        assert card.url == f"/clues/?area={code}"
        page = client.get(card.url).context["page"]
        assert {clue.household.number for clue in page.rows} == numbers
    reason = client.get("/areas/BAIYUN/").context["overview"].reasons[0]
    assert [clue.household.number for clue in client.get(reason.url).context["page"].rows] == ["2231"]
    asked = client.get("/areas/BAIYUN/").context["cards"][1]
    assert [one.household.number for one in client.get(asked.url).context["page"].rows] == ["3096"]


def test_the_list_of_an_area_beyond_the_persons_own_is_the_list_of_their_own(run, county, client) -> None:
    mine, theirs = client.get("/clues/").context["page"], client.get("/clues/?area=ANTANG-1").context["page"]
    assert [clue.pk for clue in theirs.rows] == [clue.pk for clue in mine.rows]


def test_the_way_here_begins_at_the_persons_own_area(run, county, client) -> None:
    trail = client.get("/areas/BAIYUN/").context["trail"]
    assert trail == [
        ("Longhe county", "/areas/LONGHE/"), ("Nalong", "/areas/NALONG/"), ("Baiyun village", ""),
    ]  # fmt: skip


def test_names_are_in_the_readers_language(run, county, client) -> None:
    response = client.get("/areas/NALONG/", headers={"Accept-Language": "zh-hans"})
    assert "白云村" in texts_of(response)


@pytest.mark.parametrize(("role", "code"), [(Role.COUNTY_OFFICER, "LONGHE"), (Role.PROVINCE_OFFICER, "CN")])
@pytest.mark.parametrize("address", ["/", "/areas/{code}/", "/areas/NALONG/", "/areas/BAIYUN/"])
def test_fifty_villages_cost_as_many_queries_as_one(
    run, register, client, django_assert_num_queries, role, code, address
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(add_person("ann", role, register.areas[code]))
    address = address.format(code=code)
    client.get(address)  # reads the rulebook once per process
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    add_crowd(run, register.areas["LONGHE"], townships=5, villages=10, today=timezone.localdate())
    _fill_baiyun(run, register)
    with django_assert_num_queries(len(few)):
        response = client.get(address)
    assert response.status_code == 200


def _fill_baiyun(run, register) -> None:
    """Fifty more households with clues and verdicts in one village."""
    household = register.households["2231"]
    clue = Clue.objects.everywhere(reason="test").filter(household=household).first()
    verdict = HouseholdVerdict.objects.everywhere(reason="test").filter(household=household).first()
    for place in range(50):
        household.pk, household.key, household.number = None, f"M{place:03}-AAAA", f"m{place}"
        household.save()
        clue.pk, clue.household = None, household
        clue.save()
        verdict.pk, verdict.household = None, household
        verdict.save()
