"""Plans: who is responsible for what by when, what it costs, what is promised; and what a plan may not be."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from highground.areas.models import Area
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.flow import Changed
from highground.cases.models import Case, Turn
from highground.methods.rules.procedure.path import NotAllowed
from highground.support.actions.budgets import set_budget
from highground.support.actions.ground import SupportError
from highground.support.actions.planning import NewLine, add_lines, change_line, drop_line, make_plan
from highground.support.models import Budget, Plan, PlanLine
from tests.support.case_path import Office

DAY = datetime.timedelta(days=1)


def budget(office: Office, family: str, amount: Any, code: str = "LONGHE", **options: Any) -> Budget:
    who = {"LONGHE": "county", "PINGNAN": "neighbour"}[code]
    fields = {
        "area": Area.objects.get(code=code),
        "family": family,
        "year": office.today.year,
        "amount": amount,
        "by": office.staff[who],
        "today": office.today,
    }
    return set_budget(**{**fields, **options})


def figures(held: Budget) -> tuple[int, int, int]:
    held.refresh_from_db()
    return held.amount, held.committed, held.spent


def line(office: Office, measure: str = "training", **options: Any) -> NewLine:
    fields = {"responsible": office.staff["contact"], "due_on": office.today + 10 * DAY}
    return NewLine(measure, **{**fields, **options})


def plan(office: Office, case: Case, *lines: NewLine, **options: Any) -> Plan:
    fields = {"by": office.staff["contact"], "today": office.today}
    return make_plan(case, lines=lines, **{**fields, **options})


def lines_of(made: Plan) -> list[PlanLine]:
    return list(PlanLine.objects.everywhere(reason="test").filter(plan=made).order_by("pk"))


def test_a_plan_is_made_and_the_step_taken(office: Office) -> None:
    case = office.recognise()
    health = budget(office, "other_education", 10_000)
    made = plan(
        office,
        case,
        line(office, "medical_assistance", risk="illness", amount=Decimal("12000.50")),
        line(office, "vocational_grant", quantity=2, note=" for the elder son "),
        line(office, "training"),
        seen=case.version,
    )
    claim, grant, training = lines_of(made)
    assert (claim.family, claim.risk, claim.amount, claim.committed) == ("health", "illness", 1_200_050, 0)
    assert (grant.amount, grant.committed, grant.budget, grant.note) == (
        600_000,
        600_000,
        health,
        "for the elder son",
    )
    assert (training.amount, training.committed, training.budget) == (None, 0, None), "not known is not zero"
    assert figures(health) == (1_000_000, 600_000, 0)
    case.refresh_from_db()
    assert case.next_step == "deliver"
    step = case.steps.get(step="plan")
    assert step.data == {"plan": made.pk, "lines": 3}
    assert Event.objects.get(kind="cases.plan").data["plan"] == made.pk
    assert verify().sound


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"responsible": None}, "responsible", "line 2 .training.: name the person responsible"),
    ({"due_on": None}, "due", "give the day by which it is done"),
    ({"due_on": datetime.date(2026, 1, 1)}, "due", "lies before the plan"),
    ({"measure": "wishes"}, "measure", "line 2: the catalogue has no measure 'wishes'"),
    ({"risk": "disaster"}, "risk", "'disaster' is no risk of this case .illness."),
    ({"quantity": 0}, "quantity", "at least 1"),
    ({"amount": Decimal("1.005")}, "amount", "more decimals than CNY"),
    ({"amount": Decimal(-1)}, "amount", "below zero"),
    (
        {"amount": Decimal(50)},
        "no_budget",
        "LONGHE has no budget for 'employment' in 2026; a county officer sets one",
    ),
]


def test_a_line_that_cannot_be_is_refused_and_nothing_is_kept(office: Office) -> None:
    case = office.recognise()
    health = budget(office, "other_education", 10_000)
    before = Event.objects.count()
    for wrong, why, said in WRONG:
        with pytest.raises(SupportError, match=said) as refused:
            plan(office, case, line(office, "vocational_grant"), line(office, **wrong))
        assert refused.value.why == why
        assert figures(health) == (1_000_000, 0, 0)
    assert not Plan.objects.everywhere(reason="test").exists()
    assert Event.objects.count() == before


def test_somebody_who_cannot_see_the_household_is_not_responsible(office: Office) -> None:
    case = office.recognise()
    with pytest.raises(SupportError, match="does not see this household"):
        plan(office, case, line(office, responsible=office.staff["neighbour"]))


def test_an_empty_plan_is_no_plan(office: Office) -> None:
    with pytest.raises(SupportError, match="at least one line"):
        plan(office, office.recognise())


def test_who_may_plan_and_when(office: Office) -> None:
    early = office.open("0874")
    with pytest.raises(NotAllowed) as refused:
        plan(office, early, line(office))
    assert refused.value.why == "status"
    case = office.recognise()
    with pytest.raises(NotAllowed) as refused:
        plan(office, case, line(office), by=office.staff["county"])
    assert refused.value.why == "role"
    with pytest.raises(Changed):
        plan(office, case, line(office), seen=case.version - 1)
    plan(office, case, line(office))
    with pytest.raises(NotAllowed) as refused:
        plan(office, case, line(office))
    assert refused.value.why == "not_now"
    assert Plan.objects.everywhere(reason="test").get().lines.count() == 1


def test_a_plan_grows_changes_and_drops_lines(office: Office) -> None:
    case = office.recognise()
    held = budget(office, "social_assistance", 1_000)
    made = plan(office, case, line(office))
    who = {"by": office.staff["contact"], "today": office.today}
    (relief,) = add_lines(made, lines=[line(office, "temporary_relief", amount=Decimal(600))], **who)
    assert figures(held) == (100_000, 60_000, 0)
    with pytest.raises(SupportError, match=r"has 400.00 CNY left, not 401.00"):
        add_lines(made, lines=[line(office, "temporary_relief", amount=Decimal(401))], **who)
    with pytest.raises(SupportError, match=r"has 1000.00 CNY left, not 1001.00"):
        change_line(relief, amount=Decimal(1001), **who)
    assert figures(held) == (100_000, 60_000, 0)
    change_line(relief, amount=Decimal(1000), responsible=office.staff["worker"], note="twice", **who)
    assert figures(held) == (100_000, 100_000, 0)
    with pytest.raises(SupportError, match="say why"):
        drop_line(relief, reason=" ", **who)
    dropped = drop_line(relief, reason="The family got help elsewhere.", **who)
    assert (dropped.state, dropped.committed, dropped.responsible) == ("dropped", 0, office.staff["worker"])
    assert figures(held) == (100_000, 0, 0)
    with pytest.raises(SupportError, match="dropped already"):
        change_line(relief, quantity=2, **who)
    with pytest.raises(NotAllowed):
        drop_line(lines_of(made)[0], reason="x", by=office.staff["analyst"], today=office.today)
    assert verify().sound


def test_what_was_promised_to_a_household_that_left_can_be_freed(office: Office) -> None:
    case = office.recognise()
    held = budget(office, "social_assistance", 1_000)
    made = plan(office, case, line(office, "temporary_relief", amount=Decimal(600)))
    who = {"by": office.staff["contact"], "today": office.today}
    for status in ("exited", "closed"):
        Case.objects.everywhere(reason="test").filter(pk=case.pk).update(status=status)
        (relief,) = lines_of(made)
        with pytest.raises(SupportError, match="only while the household is monitored"):
            change_line(relief, quantity=2, **who)
        with pytest.raises(SupportError, match="only while the household is monitored"):
            add_lines(made, lines=[line(office)], **who)
    assert figures(held) == (100_000, 60_000, 0)
    with pytest.raises(NotAllowed):
        drop_line(relief, reason="It left.", by=office.staff["analyst"], today=office.today)
    drop_line(relief, reason="The household has left.", **who)
    assert figures(held) == (100_000, 0, 0)


def test_a_line_that_moves_into_the_next_year_is_promised_there(office: Office) -> None:
    case = office.recognise()
    this, following = (
        budget(office, "social_assistance", 1_000),
        budget(office, "social_assistance", 700, year=2027),
    )
    made = plan(office, case, line(office, "temporary_relief", amount=Decimal(600)))
    change_line(
        lines_of(made)[0], due_on=datetime.date(2027, 2, 1), by=office.staff["contact"], today=office.today
    )
    assert figures(this) == (100_000, 0, 0)
    assert figures(following) == (70_000, 60_000, 0)


def test_the_inbox_follows(office: Office) -> None:
    case = office.recognise()
    plan(office, case, line(office))
    steps = set(Turn.objects.everywhere(reason="test").filter(case=case).values_list("step", flat=True))
    assert "plan" not in steps and {"deliver", "follow_up"} <= steps
