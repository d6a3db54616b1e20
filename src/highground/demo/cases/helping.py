"""Budgets, plans, deliveries and follow-ups."""

from __future__ import annotations

import datetime
from decimal import Decimal

from highground.cases.actions.facts import FactValue
from highground.cases.actions.visiting import follow_up
from highground.cases.models import Case
from highground.demo.cases.scene import DAY, Scene, Steps
from highground.people.queries import facts_as_of
from highground.support.actions.delivering import deliver
from highground.support.actions.planning import NewLine, make_plan

BUDGETS = {
    "industry": 400_000,
    "employment": 200_000,
    "public_welfare_post": 260_000,
    "health": 300_000,
    "compulsory_education": 120_000,
    "social_assistance": 180_000,
    "housing_safety": 500_000,
}
"""What the county has in a year, by family of measures, in yuan."""


def _plan(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        risk = case.risks[0]
        make_plan(
            case,
            lines=[
                NewLine(
                    "serious_illness_claim",
                    scene.staff.contact,
                    day + 20 * DAY,
                    risk if risk == "illness" else "",
                ),
                NewLine("public_benefit_job", scene.staff.secretary, day + 14 * DAY, amount=Decimal(600)),
                NewLine("temporary_relief", scene.staff.contact, day + 10 * DAY, amount=Decimal(1500)),
            ],
            by=scene.staff.contact,
            today=day,
        )


def _deliver(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        for line in case.plan.lines.order_by("pk"):
            if line.measure == "temporary_relief":
                deliver(
                    line,
                    day=day,
                    key=f"demo-{line.pk}",
                    amount=Decimal(1500),
                    by=scene.staff.contact,
                    today=day,
                )


def _first_follow_up(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        follow_up(
            case, by=scene.staff.contact, day=day, today=day, values=_better(case, day), note="Work again."
        )


def _last_follow_up(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        values = [*_better(case, day), FactValue("spending_solved", value=True)]
        follow_up(case, by=scene.staff.contact, day=day, today=day, values=values, note="The family is well.")


def _better(case: Case, day: datetime.date) -> list[FactValue]:
    """What a family says when it is well again: incomes far above the line, everybody insured, children at school."""
    members = list(case.household.members.filter(present=True))
    born = {
        one.member: datetime.date.fromisoformat(one.value)
        for one in facts_as_of([case.household], as_of=day)
        if one.fact == "birth_date"
    }
    said = {
        "income_wage_12m": 18_000 * max(len(members), 1),
        "income_business_12m": 9_000,
        "cost_business_12m": 2_000,
        "income_property_12m": 600,
        "income_transfer_12m": 2_400,
        "out_of_pocket_12m": 800,
        "claims_12m": 0,
    }
    values = [FactValue(name, value) for name, value in said.items()]
    values += [FactValue(name, value=False) for name in ("dwelling_unsafe", "water_unsafe", "without_labour")]
    for member in members:
        age = (day - born[member.pk]).days // 365 if member.pk in born else 30
        values.append(FactValue("medical_insurance", value=True, member=member))
        if 6 <= age <= 16:
            values.append(FactValue("school_status", "in_school", member=member))
        elif 18 <= age < 60:
            values.append(FactValue("labour", "ordinary", member=member))
    return values


STEPS: Steps = {
    "plan": (22, _plan),
    "deliver": (30, _deliver),
    "follow_up": (40, _first_follow_up),
    "well": (194, _last_follow_up),
}
"""The steps while a family is helped: how many days after the household was noticed, and what is done then."""
