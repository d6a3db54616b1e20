"""Cases at every step of the way, so that each role finds real work at first sign-in.

Cohorts of households began on different days and went as far as their time allows, by the same actions that people
use, each dated when it would have happened. Invented, like everything in the demonstration.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from decimal import Decimal

from highground.accounts.models import User
from highground.areas.models import Area
from highground.cases.actions.opening import assign, open_case
from highground.demo.cases import entering, helping, leaving
from highground.demo.cases.entering import open_for
from highground.demo.cases.helping import BUDGETS
from highground.demo.cases.people import county_of, households_of, name_heads, others_of, staff_of
from highground.demo.cases.scene import DAY, RULEBOOK, Cohort, Scene
from highground.support.actions.budgets import set_budget

COHORTS = (
    Cohort("Baiyun", 3, 4, "assign"),
    Cohort("Baiyun", 2, 3, "visit"),
    Cohort("Baiyun", 2, 3, "apply"),
    Cohort("Baiyun", 2, 6, "compare"),
    Cohort("Baiyun", 3, 9, "call"),
    Cohort("Baiyun", 3, 11, "hang", "objection"),
    Cohort("Baiyun", 2, 14, "notice"),
    Cohort("Baiyun", 2, 15, "review"),
    Cohort("Baiyun", 1, 15, "decide"),
    Cohort("Baiyun", 2, 40, "plan"),
    Cohort("Baiyun", 1, 2, "aid", "emergency"),
    Cohort("Baiyun", 1, 21, "decide", "emergency"),
    Cohort("Baiyun", 2, 64, "follow_up"),
    Cohort("Baiyun", 1, 90, "follow_up", "upheld"),
    Cohort("Baiyun", 1, 60, "visit", "dismissed"),
    Cohort("Baiyun", 1, 60, "appraise", "excluded"),
    Cohort("Baiyun", 2, 204, "exit_family"),
    Cohort("Baiyun", 1, 209, "exit_hang"),
    Cohort("Baiyun", 1, 240, "exit_decide"),
    Cohort("Baiyun", 1, 320, "exit_decide", "again"),
    Cohort("", 3, 5, "assign"),
    Cohort("", 3, 8, "compare"),
    Cohort("", 3, 14, "notice"),
    Cohort("", 2, 15, "review"),
    Cohort("", 2, 45, "plan"),
    Cohort("", 2, 100, "follow_up"),
    Cohort("", 1, 230, "exit_decide"),
)
"""The second half belongs to a second village of the same township."""


STEPS = {**entering.STEPS, **helping.STEPS, **leaving.STEPS}
"""Every step in turn: how many days after the household was noticed, and what is done then."""


def add_cases(today: datetime.date, users: Mapping[str, User]) -> Iterator[float]:
    """Open the cases and bring each as far as its cohort says; yields each time the share that was just done."""
    baiyun = Area.objects.get(names__en="Baiyun", level="village", synthetic=True)
    other = Area.objects.filter(parent=baiyun.parent).exclude(pk=baiyun.pk).order_by("path").first()
    assert other is not None
    staff = {baiyun.pk: staff_of(users, {}), other.pk: staff_of(users, others_of(other, today))}
    for year in {today.year, (today - 330 * DAY).year}:
        for family, amount in BUDGETS.items():
            set_budget(
                area=county_of(baiyun),
                family=family,
                year=year,
                amount=Decimal(amount),
                by=users["weilan"],
                today=today,
            )
    waiting = {area.pk: households_of(area) for area in (baiyun, other)}
    named = 0
    for cohort in COHORTS:
        area = baiyun if cohort.village else other
        start = today - cohort.age * DAY
        chosen = [one for _ in range(cohort.number) if (one := next(waiting[area.pk], None)) is not None]
        named = name_heads(chosen, named, start)
        cases = [open_for(household, start, staff[area.pk]) for household in chosen]
        if cases:
            _go(Scene(cohort, area, staff[area.pk], start, cases), today)
        yield 1 / len(COHORTS)


def _go(scene: Scene, today: datetime.date) -> None:
    """Every step of the way up to the cohort's last, each on its day."""
    for name, (after, step) in STEPS.items():
        if name == "aid" and scene.cohort.turn != "emergency":
            continue
        step(scene, min(max(scene.start + after * DAY, scene.now or scene.start), today))
        if name == scene.cohort.until or not scene.cases:
            break
    if scene.cohort.turn == "again":
        for case in scene.cases:
            fresh = open_case(
                household=case.household, rulebook=RULEBOOK, by=scene.staff.worker, today=today - DAY
            )
            assign(fresh, contact=scene.staff.contact, by=scene.staff.worker, today=today - DAY)
