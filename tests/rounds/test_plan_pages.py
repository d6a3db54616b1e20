"""The page of the plan, and what people set on it."""

from __future__ import annotations

import csv
import datetime
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from highground.accounts.enums import Role
from highground.audit.models import Event
from highground.cases.models import Case
from highground.rounds.actions import RoundsError, draw
from highground.rounds.models import Absence, AuditDraw, AuditVisit, MovedVisit, PlanSetting
from highground.rounds.plan_actions import hand_over, mark_away, move
from highground.rounds.plan_pages import MOST_PEOPLE
from highground.rounds.planning import DayPlan, Round, plan_of
from tests.support.casework import lead, start
from tests.support.pages import check_source
from tests.support.places import add_person
from tests.support.register import BOOK, TODAY

pytestmark = pytest.mark.django_db
DOOR = "/rounds/plan/"
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    from django.utils import timezone

    noon = datetime.datetime.combine(TODAY, datetime.time(12), tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)


def client_of(settled, name: str) -> Client:
    client = Client()
    client.force_login(settled.staff[name])
    return client


def text(response) -> str:
    assert response.status_code == 200
    check_source(response)
    return response.content.decode()


def plan(settled) -> DayPlan:
    return plan_of(settled.register.areas["LONGHE"], TODAY)


def visit_to(settled, number: str) -> Round:
    return next(one for one in plan(settled).rounds if one.call.number == number)


def pk(settled, name: str) -> str:
    return str(settled.staff[name].pk)


def events(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


def test_the_page_says_who_goes_where_and_why(settled) -> None:
    shown = text(client_of(settled, "weilan").get(DOOR + "?show=all"))
    one = visit_to(settled, "F0").planned
    assert one and f"{plan(settled).people[one.visitor].user}" in shown
    for words in (
        "Household F0",
        "Every deadline of these days is kept",
        "the shortest way that day",
        "Who goes",
    ):
        assert words in shown
    assert "Household F3" in text(client_of(settled, "huangmei").get(DOOR + "?show=all"))


def test_next_door_sees_another_plan_and_a_province_chooses_a_county(settled) -> None:
    shown = text(client_of(settled, "antang").get(DOOR + "?show=all&area=LONGHE"))
    assert "Household F0" not in shown and "Longhe county" not in shown
    where = text(client_of(settled, "chenxi").get(DOOR))
    assert "Longhe county" in where and "Pingnan county" in where
    assert "Household F0" in text(client_of(settled, "chenxi").get(DOOR + "?show=all&area=LONGHE"))


def test_the_table_has_a_row_for_each_visit(settled) -> None:
    response = client_of(settled, "weilan").get(DOOR + "?show=all&format=csv")
    body = b"".join(response.streaming_content).decode().lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert sorted(row["Household"] for row in rows) == sorted(one.call.number for one in plan(settled).rounds)


def test_a_leader_moves_a_visit_and_leaves_it_to_the_rule_again(settled) -> None:
    client, one = client_of(settled, "liguo"), visit_to(settled, "F0")
    assert "Who goes to household F0?" in text(client.get(DOOR + f"?move={one.call.task}"))
    day = plan(settled).days[3]
    sent = {"do": "move", "task": one.call.task, "visitor": pk(settled, "tangyu"), "day": day.isoformat()}
    assert "Saved" in text(client.post(DOOR, sent, follow=True))
    moved = visit_to(settled, "F0").planned
    assert moved and (moved.visitor, moved.day) == (pk(settled, "tangyu"), day) and events("rounds.move") == 1
    client.post(DOOR, {"do": "let_go", "task": one.call.task})
    assert not MovedVisit.objects.everywhere(reason="test").exists() and events("rounds.let_go") == 1


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("huangmei", {}, "Your role does not lead"),
        ("chenxi", {}, "Your role does not lead"),
        ("antang", {}, "Nothing calls for this visit"),
        ("liguo", {"visitor": "weilan"}, "may not make this visit"),
        ("liguo", {"day": "2026-03-14"}, "no working day"),
        ("liguo", {"day": "tomorrow"}, "no date"),
        ("liguo", {"task": "clue:0"}, "Nothing calls for this visit"),
        ("liguo", {"do": "dance"}, "Nothing was chosen"),
    ],
)
def test_what_cannot_be_moved_is_said_and_nothing_is_stored(
    settled, name: str, change: dict, words: str
) -> None:
    sent = {"do": "move", "task": visit_to(settled, "F0").call.task, "visitor": "tangyu", **change}
    sent["visitor"] = pk(settled, sent["visitor"])
    area = "?area=LONGHE" if name == "chenxi" else ""
    assert words in client_of(settled, name).post(DOOR + area, sent, follow=True).content.decode()
    assert not MovedVisit.objects.everywhere(reason="test").exists()


def test_who_is_away_is_not_given_a_visit(settled) -> None:
    found, by = plan(settled), settled.staff["liguo"]
    person = found.people[pk(settled, "tangyu")]
    mark_away(person, first=TODAY, last=TODAY + 2 * DAY, by=settled.staff["tangyu"], today=TODAY)
    with pytest.raises(RoundsError, match="away"):
        task = visit_to(settled, "F0").call.task
        move(plan(settled), task, visitor=pk(settled, "tangyu"), day=TODAY, by=by)


def test_days_away_are_marked_by_oneself_or_a_leader_and_taken_back(settled) -> None:
    sent = {"do": "away", "visitor": pk(settled, "huangmei"), "first": "2026-03-10", "last": "2026-03-12"}
    assert "does not lead" in client_of(settled, "qinhao").post(DOOR, sent, follow=True).content.decode()
    assert "Saved" in client_of(settled, "huangmei").post(DOOR, sent, follow=True).content.decode()
    assert TODAY in plan(settled).people[pk(settled, "huangmei")].away
    client = client_of(settled, "weisheng")
    shown = text(client.get(f"{DOOR}?visitor={pk(settled, 'huangmei')}"))
    assert "10 March 2026 to 12 March 2026" in shown and "away" in shown
    for wrong, words in (({"last": "2026-03-09"}, "before the first"), ({"first": ""}, "first day")):
        assert words in client.post(DOOR, {**sent, **wrong}, follow=True).content.decode()
    absence = Absence.objects.get()
    client.post(DOOR, {"do": "back", "visitor": pk(settled, "huangmei"), "absence": str(absence.pk)})
    assert not Absence.objects.exists() and events("rounds.away") == events("rounds.back") == 1


def test_everything_of_somebody_who_leaves_goes_to_one_successor(settled) -> None:
    """Cases, visits and visits of the audit; the leaver is planned no more."""
    case = lead(start(settled.households["F0"], settled.staff["weilan"]), settled.staff, to="visit")
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(contact=settled.staff["huangmei"])
    draw(settled.register.areas["LONGHE"], rulebook=BOOK, seed=5, share=0.5, by="test", today=TODAY)
    leaver, heir = pk(settled, "huangmei"), pk(settled, "weisheng")
    before = {one.call.task for one in plan(settled).of(leaver)}
    assert f"case:{case.pk}:visit" in before and any(task.startswith("audit:") for task in before)
    sent = {"do": "hand_over", "visitor": leaver, "successor": heir}
    assert "does not lead" in client_of(settled, "qinhao").post(DOOR, sent, follow=True).content.decode()
    assert (
        "Handed over. Cases: 1" in client_of(settled, "liguo").post(DOOR, sent, follow=True).content.decode()
    )
    after = plan(settled)
    assert not after.of(leaver) and before <= {one.call.task for one in after.of(heir)}
    case.refresh_from_db()
    assert case.contact == settled.staff["weisheng"]
    assert events("rounds.hand_over") == events("cases.hand_over_all") == 1
    with pytest.raises(RoundsError):
        hand_over(after, leaver, leaver, by=settled.staff["liguo"])


def test_a_township_sets_its_visits_a_day(settled) -> None:
    client = client_of(settled, "liguo")
    for wrong in ({"visits_a_day": "0"}, {"visits_a_day": "21"}, {"share": "51"}, {"share": "x"}):
        client.post(DOOR, {"do": "set", "visits_a_day": "2", "share": "10", **wrong})
    assert not PlanSetting.objects.everywhere(reason="test").exists()
    client.post(DOOR, {"do": "set", "visits_a_day": "2", "share": "10"})
    kept = PlanSetting.objects.everywhere(reason="test").get()
    assert (kept.area.code, kept.visits_a_day, kept.share) == ("NALONG", 2, 0.1)
    assert (
        "Your role"
        in client_of(settled, "weisheng")
        .post(DOOR, {"do": "set", "visits_a_day": "2", "share": "10"}, follow=True)
        .content.decode()
    )


def test_fifty_rows_cost_as_many_queries_as_one(settled) -> None:
    client, costs = client_of(settled, "weilan"), []
    for share in (0.02, 1):
        AuditVisit.objects.everywhere(reason="test").delete()
        AuditDraw.objects.everywhere(reason="test").delete()
        draw(settled.register.areas["LONGHE"], rulebook=BOOK, seed=5, share=share, by="test", today=TODAY)
        client.get(DOOR + "?show=all")
        with CaptureQueriesContext(connection) as captured:
            client.get(DOOR + "?show=all")
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_of_many_visitors_those_with_the_most_visits_are_listed_and_the_others_counted(settled) -> None:
    for number in range(MOST_PEOPLE):
        add_person(f"more{number}", Role.VILLAGE_WORKER, settled.register.areas["HEPING"])
    shown = text(client_of(settled, "weilan").get(DOOR, {"show": "all"}))
    busy = {one.planned.visitor for one in plan(settled).rounds if one.planned}
    assert busy and all(f"visitor={one}" in shown for one in busy)
    assert "more have fewer visits. Choose a smaller area" in shown
    here = text(client_of(settled, "weilan").get(DOOR, {"show": "all", "area": "NALONG"}))
    assert "fewer visits" not in here
