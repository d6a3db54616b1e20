"""The plan of the coming days: what calls for a visit, who may go, what is set by hand, and what it costs."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.accounts.enums import Role
from highground.cases.actions.needs import record_need
from highground.cases.models import Case, Turn
from highground.rounds.actions import draw
from highground.rounds.enums import Kind
from highground.rounds.models import Absence, MovedVisit, PlanSetting
from highground.rounds.planning import DayPlan, Round, days_of, made_of, plan_of, units_of
from highground.signals.models import Clue
from tests.support.casework import lead, start
from tests.support.places import add_person
from tests.support.register import BOOK, TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def planned(settled, code: str = "LONGHE", **options) -> DayPlan:
    return plan_of(settled.register.areas[code], TODAY, **options)


def by_number(found: DayPlan) -> dict[str, Round]:
    return {one.call.number: one for one in found.rounds}


def test_every_flagged_household_is_planned_once_before_its_deadline(settled) -> None:
    found = planned(settled)
    clues = Clue.objects.everywhere(reason="test").filter(household__area__path__startswith=found.unit.path)
    flagged = set(clues.values_list("household__number", flat=True))
    rounds = [one for one in found.rounds if one.call.kind == Kind.CLUE]
    assert sorted(one.call.number for one in rounds) == sorted(flagged)
    for one in rounds:
        assert one.planned and one.planned.late is None and one.planned.day <= one.call.due
        assert (
            found.people[one.planned.visitor].area.path
            == one.call.path[: len(found.people[one.planned.visitor].area.path)]
        )


def test_a_county_is_one_plan_and_its_neighbour_another(settled) -> None:
    areas = settled.register.areas
    assert [one.code for one in units_of(areas["BAIYUN"])] == ["LONGHE"]
    assert [one.code for one in units_of(areas["LONGHE"])] == ["LONGHE"]
    assert [one.code for one in units_of(areas["CN-ZZ"])] == ["LONGHE", "PINGNAN"]
    assert not {one.call.number for one in planned(settled, "PINGNAN").rounds} & set(
        by_number(planned(settled))
    )
    assert "antang" not in {one.user.username for one in planned(settled).people.values()}


def test_weekends_and_holidays_are_no_days_of_a_plan(settled) -> None:
    days = days_of(settled.register.areas["LONGHE"], datetime.date(2026, 4, 30))
    assert days[0] == datetime.date(2026, 4, 30) and datetime.date(2026, 5, 1) not in days
    assert {day.weekday() for day in days_of(settled.register.areas["LONGHE"], TODAY)} == {0, 1, 2, 3, 4}


def test_a_case_goes_before_its_clue_and_to_its_contact_officer(settled) -> None:
    case = lead(start(settled.households["F0"], settled.staff["weilan"]), settled.staff, to="visit")
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(contact=settled.staff["qinhao"])
    one = by_number(planned(settled))["F0"]
    assert one.call.kind == Kind.VISIT and one.planned
    assert one.planned.visitor == str(settled.staff["qinhao"].pk) and one.planned.why == "preferred"


def test_who_had_a_hand_in_what_the_visit_checks_does_not_go(settled) -> None:
    from highground.rounds.planning import Eligible, grants_in

    eligible = Eligible(grants_in(settled.register.areas["LONGHE"], TODAY))
    call, staff = by_number(planned(settled))["F0"].call, settled.staff
    workers = dataclasses.replace(call, roles=(Role.VILLAGE_WORKER, Role.FIRST_SECRETARY))
    assert set(eligible.of(workers)) == {str(staff["huangmei"].pk), str(staff["weisheng"].pk)}
    barred = dataclasses.replace(workers, barred=frozenset({str(staff["huangmei"].pk)}))
    assert eligible.of(barred) == (str(staff["weisheng"].pk),)
    officers = dataclasses.replace(call, roles=(Role.CONTACT_OFFICER,))
    assert eligible.of(officers) == (str(staff["qinhao"].pk),)
    assert eligible.of(dataclasses.replace(officers, contact=staff["liguo"].pk)) == ()


def test_a_follow_up_comes_when_its_turn_does(settled) -> None:
    case = lead(start(settled.households["F0"], settled.staff["weilan"]), settled.staff, to="follow_up")
    turns = Turn.objects.everywhere(reason="test").filter(case=case, step="follow_up")
    turns.update(due_on=TODAY + 9 * DAY)
    one = by_number(planned(settled))["F0"]
    assert one.call.kind == Kind.FOLLOW_UP and one.planned and one.planned.day <= TODAY + 9 * DAY
    turns.update(due_on=TODAY + 40 * DAY)
    assert Kind.FOLLOW_UP not in {one.call.kind for one in planned(settled).rounds}


def test_a_need_calls_until_somebody_went_there_since(settled) -> None:
    record_need(
        settled.households["Q001"],
        words="the roof leaks",
        by=settled.staff["huangmei"],
        day=TODAY - DAY,
        today=TODAY,
    )
    assert by_number(planned(settled))["Q001"].call.kind == Kind.NEED
    from highground.cases.actions.visiting import record_look

    record_look(settled.households["Q001"], by=settled.staff["huangmei"], day=TODAY, today=TODAY)
    assert "Q001" not in by_number(planned(settled))


def test_the_audit_has_its_share_and_whom_nobody_has_seen_the_rest_of_it(settled) -> None:
    found = planned(settled)
    assert [one.call.kind for one in found.rounds].count(Kind.UNSEEN) == 1
    made = draw(settled.register.areas["LONGHE"], rulebook=BOOK, seed=5, share=0.1, by="test", today=TODAY)
    kinds = [one.call.kind for one in planned(settled).rounds]
    assert kinds.count(Kind.AUDIT) == made.drawn and Kind.UNSEEN not in kinds
    PlanSetting.objects.create(
        area=settled.register.areas["LONGHE"], visits_a_day=2, share=0.5, set_on=TODAY, by="test"
    )
    kinds = [one.call.kind for one in planned(settled).rounds]
    assert kinds.count(Kind.AUDIT) + kinds.count(Kind.UNSEEN) == max(made.drawn, 4)


def test_what_is_set_nearest_counts(settled) -> None:
    areas = settled.register.areas
    PlanSetting.objects.create(area=areas["CN-ZZ"], visits_a_day=9, share=0.1, set_on=TODAY, by="test")
    PlanSetting.objects.create(area=areas["NALONG"], visits_a_day=2, share=0.1, set_on=TODAY, by="test")
    found = planned(settled)
    assert found.share == 0.1
    assert {one.user.username: one.a_day for one in found.people.values()}["huangmei"] == 2
    assert {one.user.username: one.a_day for one in found.people.values()}["weilan"] == 9


def test_nobody_goes_who_is_away_and_what_that_costs_is_said(settled) -> None:
    for name, user in settled.staff.items():
        if name != "antang":
            Absence.objects.create(user=user, first=TODAY, set_on=TODAY, by="test")
    found = planned(settled)
    assert not [one for one in found.rounds if one.planned]
    assert {one.left.why for one in found.rounds if one.left} == {"away"}


def test_what_is_set_by_hand_stands(settled) -> None:
    one = by_number(planned(settled))["F0"]
    day = planned(settled).days[2]
    MovedVisit.objects.create(
        task=one.call.task, household=settled.households["F0"], visitor=settled.staff["liguo"], day=day,
        set_on=TODAY, by="test",
    )  # fmt: skip
    moved = by_number(planned(settled))["F0"].planned
    assert moved and (moved.visitor, moved.day, moved.why) == (str(settled.staff["liguo"].pk), day, "by_hand")


def test_fifty_households_cost_as_many_queries_as_one(settled) -> None:
    costs = []
    for share in (0.02, 1):
        draw(settled.register.areas["LONGHE"], rulebook=BOOK, seed=5, share=share, by="test", today=TODAY)
        for number in range(int(share * 10)):
            add_person(f"more{share}{number}", Role.VILLAGE_WORKER, settled.register.areas["BAIYUN"])
        planned(settled)
        with CaptureQueriesContext(connection) as captured:
            planned(settled)
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 16


def test_the_same_work_is_planned_once_and_every_change_is_seen(settled) -> None:
    made_of.cache_clear()
    first, again = planned(settled), planned(settled)
    assert (made_of.cache_info().misses, made_of.cache_info().hits) == (1, 1)
    assert again.rounds == first.rounds
    worker = settled.staff["huangmei"]
    assert first.of(str(worker.pk))
    Absence.objects.create(user=worker, first=TODAY, set_on=TODAY, by="test")
    assert not planned(settled).of(str(worker.pk))
    Clue.objects.everywhere(reason="test").filter(household=settled.households["F0"]).update(status="closed")
    assert by_number(planned(settled))["F0"].call.kind == Kind.UNSEEN
    # A name is no part of what is kept.
    worker.display_name = "Huang Meili"
    worker.save()
    assert planned(settled).people[str(worker.pk)].user.display_name == "Huang Meili"
