"""Deliveries: what reached the family, on which day, on what evidence. The same delivery twice is one."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa
from django.db import transaction

from highground.accounts.models import User
from highground.audit.actions import record
from highground.cases.actions.facts import OFFICE
from highground.cases.actions.supporting import note_support
from highground.cases.enums import CaseStatus
from highground.cases.flow import locked, procedure_for, state_of, take_step
from highground.cases.models import Case
from highground.methods.facts import load_dictionary
from highground.methods.facts.entering import items_of
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Through
from highground.people.actions import record_observations, source_of
from highground.people.bulk import OBSERVATIONS, moment
from highground.people.enums import SourceKind
from highground.people.models import Household, Observation
from highground.people.queries import facts_as_of
from highground.support.actions.budgets import find_budget, spend
from highground.support.actions.ground import (
    SupportError,
    acting,
    catalogue_for_case,
    county_of,
    happened,
    roles_of,
    to_minor,
)
from highground.support.actions.planning import leading_on, locked_line, paid_by_others
from highground.support.catalogue import Catalogue
from highground.support.enums import LineState
from highground.support.models import Delivery, PlanLine

DELIVERED = "measures_delivered"


@transaction.atomic
def deliver(
    line: PlanLine,
    *,
    day: datetime.date,
    key: str,
    by: User,
    today: datetime.date,
    quantity: int = 1,
    amount: Decimal | None = None,
    last: bool = True,
    evidence: str = "",
    note: str = "",
    seen: int | None = None,
) -> Delivery:
    """Record that something of a line arrived on `day`; `amount` is in major units, `evidence` a SHA-256.

    `key` is made by whoever sends: the same key again gives the delivery that is there already. `last` ends the line,
    and what was promised beyond is free again. The first delivery of a case takes the procedure's step for it. Money is
    spent out of the line's budget; the register learns the family of the measure. Raises SupportError, and NotAllowed
    and Changed as `take_step` does.
    """
    case = locked(line.plan.case_id)
    if not key.strip():
        raise SupportError("key", "a delivery needs a key, so that it is not counted twice")
    known: Delivery | None = (
        Delivery.objects.everywhere(reason="the delivery with this key").filter(key=key).first()
    )
    if known is not None:
        if known.line_id != line.pk:
            raise SupportError("key", "this key belongs to the delivery of another line; open the page again")
        return known
    now = locked_line(line)
    roles = roles_of(case, Through.DELIVERY) or roles_of(case, Through.PLAN)
    acting(by, roles, case.household.area.path, today, "recording a delivery")
    _may_arrive(now, case, day, today)
    catalogue = catalogue_for_case(case)
    minor = None if amount is None else to_minor(amount, catalogue)
    measure = catalogue.measures.get(now.measure)
    cash = bool(measure and measure.cash)
    if cash and not minor:
        raise SupportError("amount", f"'{now.measure}' is paid to the household: give the amount")
    if quantity < 1:
        raise SupportError("quantity", f"{quantity}: give how many arrived, at least 1")
    if not (measure and paid_by_others(measure)):
        _pay(now, case, minor or 0, day, last, catalogue)
    if last:
        now.state = LineState.DELIVERED
    now.save()
    made: Delivery = Delivery.objects.create(
        line=now,
        day=day,
        quantity=quantity,
        amount=minor,
        cash=cash,
        evidence=evidence,
        note=note.strip(),
        key=key,
        recorded_at=moment(today),
        by=str(by.pk),
    )
    note_support(case, day)
    if case.status == CaseStatus.MONITORED:
        _take_step(case, made, by, today, seen)
        add_family(case.household, now.family, day=day, by=by, today=today)
    record(
        "support.deliver",
        by=str(by.pk),
        subject_kind="case",
        subject_id=str(case.pk),
        area_path=case.household.area.path,
        data={
            "household": case.household.key,
            "line": now.pk,
            "delivery": made.pk,
            "day": day.isoformat(),
            "evidence": evidence,
        },
    )
    return made


def _may_arrive(line: PlanLine, case: Case, day: datetime.date, today: datetime.date) -> None:
    happened(day, today)
    if line.state != LineState.PLANNED:
        raise SupportError("state", f"the measure is {line.get_state_display()} already")
    if day < line.plan.made_on:
        raise SupportError("back_dated", f"{day} lies before the plan, which was made on {line.plan.made_on}")
    # What runs when a household exits (a loan, a school year) goes on to its end.
    if case.status not in (CaseStatus.MONITORED, CaseStatus.EXITED):
        raise SupportError("status", "measures are delivered to households that were recognised")


def _pay(
    line: PlanLine, case: Case, amount: int, day: datetime.date, last: bool, catalogue: Catalogue
) -> None:
    """Spend the amount: first what was promised, then what the budget has besides; the last one frees the rest."""
    covered = min(amount, line.committed)
    release = line.committed if last else covered
    if not amount and not release:
        return
    budget = line.budget or find_budget(county_of(case.household.area), line.family, day.year)
    spend(budget, amount, catalogue, release=release)
    line.budget, line.committed = budget, line.committed - release


def _take_step(case: Case, made: Delivery, by: User, today: datetime.date, seen: int | None) -> None:
    procedure, state = procedure_for(case), state_of(case)
    for step in procedure.through(Through.DELIVERY):
        if path.is_ready(procedure, state, step):
            take_step(
                case,
                step=step.id,
                outcome=leading_on(step),
                by=by,
                day=made.day,
                today=today,
                data={"line": made.line_id, "delivery": made.pk},
                seen=seen,
            )
            return


def add_family(
    household: Household, family: str, *, day: datetime.date, by: User, today: datetime.date
) -> None:
    """Say in the register that a measure of this family had arrived by `day`, also where later days are known already."""
    rows = Observation.objects.everywhere(reason="statements of a household that the caller has scoped")
    later = rows.filter(household=household, member=None, fact=DELIVERED, valid_from__gt=day).exclude(
        value=None
    )
    days = [day, *sorted(set(later.values_list("valid_from", flat=True)))]
    order = list(load_dictionary()[DELIVERED].values)
    told = []
    for when in days:
        held = _held(household, when)
        if family not in held:
            value = ";".join(name for name in order if name in {*held, family})
            told.append((household.pk, None, DELIVERED, value, when, None))
    if told:
        columns = [
            pa.array(column, kind)
            for column, kind in zip(zip(*told, strict=True), OBSERVATIONS.types, strict=True)
        ]
        record_observations(
            pa.table(columns, schema=OBSERVATIONS),
            by=str(by.pk),
            source=source_of(kind=SourceKind.VISIT, name=OFFICE, day=day),
            today=today,
            area_path=household.area.path,
        )


def _held(household: Household, day: datetime.date) -> set[str]:
    known = (
        one for one in facts_as_of([household], as_of=day) if one.fact == DELIVERED and one.member is None
    )
    found = next(known, None)
    return set() if found is None else set(items_of(found.value))
