"""Budgets, plans, deliveries and follow-ups."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal

from highground.cases.actions.exits import lacking_for_exit
from highground.cases.actions.facts import FactValue
from highground.cases.actions.needs import answer_need, family_says
from highground.cases.actions.visiting import follow_up
from highground.cases.enums import FamilySays
from highground.cases.models import Case
from highground.demo.cases.scene import DAY, Scene, Steps
from highground.methods.facts import load_dictionary
from highground.methods.facts.entering import canonical
from highground.people.queries import facts_as_of
from highground.support.actions.credits import note_claim_paid, send_claim
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
    """The money for the first weeks arrives, and what the family asked for is answered."""
    for case in scene.cases:
        _arrive(case, "temporary_relief", scene, day, Decimal(1500))
        for need in case.household.needs.filter(answered_on=None):
            answer_need(
                need, answer="已写进帮扶计划，月底前答复办理情况。", by=scene.staff.contact, today=day
            )


def _first_follow_up(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        _arrive(case, "public_benefit_job", scene, day, Decimal(600))
        _see(case, scene, day, _better(case, day), "Work again.")


def _last_follow_up(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        _claim(case, scene, day)
        values = [*_better(case, day), FactValue("spending_solved", value=True)]
        _see(case, scene, day, values, "The family is well.")
        for need in case.household.needs.filter(family_says=""):
            family_says(need, says=FamilySays.SOLVED, by=scene.staff.contact, today=day)


def _arrive(case: Case, measure: str, scene: Scene, day: datetime.date, amount: Decimal | None) -> None:
    for line in case.plan.lines.filter(measure=measure):
        deliver(line, day=day, key=f"demo-{line.pk}", amount=amount, by=scene.staff.contact, today=day)


def _claim(case: Case, scene: Scene, day: datetime.date) -> None:
    """The insurance has paid what was claimed."""
    contact = scene.staff.contact
    for line in case.plan.lines.filter(measure="serious_illness_claim"):
        claim = send_claim(line, amount=Decimal(3200), sent_on=day, by=contact, today=day)
        note_claim_paid(claim, paid=Decimal(2900), paid_on=day, by=contact, today=day)
    _arrive(case, "serious_illness_claim", scene, day, Decimal(2900))


def _see(case: Case, scene: Scene, day: datetime.date, values: list[FactValue], note: str) -> None:
    asked = _worth_asking(case, values, day)
    follow_up(case, by=scene.staff.contact, day=day, today=day, values=asked, note=note)


def _worth_asking(case: Case, values: list[FactValue], day: datetime.date) -> list[FactValue]:
    """As the form has it: what could still let the family leave, and what is known otherwise."""
    lacking = lacking_for_exit(case, today=day)
    known = {(one.member, one.fact): one.value for one in facts_as_of([case.household], as_of=day)}
    dictionary = load_dictionary()
    found = []
    for one in values:
        held = known.get((one.member.pk if one.member else None, one.fact))
        said = canonical(dictionary[one.fact], one.value, today=day)
        unknown = held is None and one.fact in lacking.parts
        if (
            lacking.wants(one.fact, one.member.key if one.member else "")
            or unknown
            or held not in (None, said)
        ):
            found.append(replace(one, confirmed=held == said))
    return found


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
