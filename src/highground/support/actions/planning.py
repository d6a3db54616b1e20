"""A support plan: one line per measure, a person responsible and a day for each, money promised for what costs."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.accounts.queries import may_see
from highground.audit.actions import record
from highground.cases.enums import CaseStatus
from highground.cases.flow import is_over, locked, procedure_for, state_of, take_step
from highground.cases.models import Case, HandOver
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Effect, Step, Through
from highground.people.bulk import moment
from highground.support.actions.budgets import commit, find_budget
from highground.support.actions.ground import (
    SupportError,
    acting,
    catalogue_for_case,
    county_of,
    roles_of,
    to_minor,
)
from highground.support.catalogue import Catalogue, Measure
from highground.support.enums import LineState
from highground.support.models import Plan, PlanLine


@dataclass(frozen=True)
class NewLine:
    """A line as somebody writes it. `amount` is in major units; without it the catalogue's unit cost counts, if known."""

    measure: str
    responsible: User | None
    due_on: datetime.date | None
    risk: str = ""
    quantity: int = 1
    amount: Decimal | None = None
    note: str = ""


@transaction.atomic
def make_plan(
    case: Case,
    *,
    lines: Sequence[NewLine],
    by: User,
    today: datetime.date,
    day: datetime.date | None = None,
    seen: int | None = None,
) -> Plan:
    """Make the plan of a case and take the step for it; promise what it costs out of the county's budgets.

    Raises SupportError for a plan without lines, a line without a person responsible or a day, an unknown measure, a
    risk that the case has not, and money that is not there; NotAllowed and Changed as `take_step` does.
    """
    held, when = locked(case.pk), day or today
    if not lines:
        raise SupportError("empty", "a plan has at least one line: name a measure")
    step = _plan_step(held)
    plan: Plan = _plans().get_or_create(
        case=held, defaults={"made_on": when, "recorded_at": moment(today), "by": str(by.pk)}
    )[0]
    added = _add(plan, held, lines, today)
    take_step(
        case,
        step=step.id,
        outcome=leading_on(step),
        by=by,
        day=when,
        today=today,
        data={"plan": plan.pk, "lines": len(added)},
        seen=seen,
    )
    return plan


@transaction.atomic
def add_lines(plan: Plan, *, lines: Sequence[NewLine], by: User, today: datetime.date) -> list[PlanLine]:
    """Add lines to a plan that was made; one event. Raises as `make_plan` does."""
    case = locked(plan.case_id)
    if not lines:
        raise SupportError("empty", "name at least one measure")
    _may_plan(case, by, today)
    added = _add(plan, case, lines, today)
    _event("support.add_lines", case, by, {"plan": plan.pk, "lines": [line.pk for line in added]})
    return added


@transaction.atomic
def change_line(
    line: PlanLine,
    *,
    by: User,
    today: datetime.date,
    responsible: User | None = None,
    due_on: datetime.date | None = None,
    quantity: int | None = None,
    amount: Decimal | None = None,
    note: str | None = None,
) -> PlanLine:
    """Change what is given (None leaves it as it is); what is promised follows. One event. Raises as `make_plan` does."""
    case = locked(line.plan.case_id)
    _may_plan(case, by, today)
    now = locked_line(line)
    _still_planned(now)
    catalogue = catalogue_for_case(case)
    if quantity is not None:
        now.quantity = _counted(quantity)
    if responsible is not None:
        _check_responsible(responsible, case, today)
        now.responsible = responsible
    if due_on is not None and due_on < now.plan.made_on:
        raise SupportError("due", f"{due_on} lies before the plan, which was made on {now.plan.made_on}")
    moved = due_on is not None and due_on.year != now.due_on.year
    now.due_on = due_on or now.due_on
    now.note = now.note if note is None else note.strip()
    if amount is not None or moved:
        if now.budget and now.committed:
            commit(now.budget, -now.committed, catalogue)
        now.amount = to_minor(amount, catalogue) if amount is not None else now.amount
        _promise(now, case, catalogue, already=_spent(now))
    now.save()
    _event("support.change_line", case, by, {"line": now.pk, "due_on": now.due_on.isoformat()})
    return now


@transaction.atomic
def drop_line(line: PlanLine, *, reason: str, by: User, today: datetime.date) -> PlanLine:
    """Take a line out of a plan, for a reason; what was promised for it is free again. One event.

    This may be done when the case is over too: money promised to a household that has left would stay locked.
    """
    case = locked(line.plan.case_id)
    _may_plan(case, by, today, over=True)
    now = locked_line(line)
    _still_planned(now)
    if not reason.strip():
        raise SupportError("reason", "say why the measure is dropped")
    if now.budget and now.committed:
        commit(now.budget, -now.committed, catalogue_for_case(case))
    now.state, now.dropped_because, now.committed = LineState.DROPPED, reason.strip(), 0
    now.save()
    _event("support.drop_line", case, by, {"line": now.pk})
    return now


def leading_on(step: Step) -> str:
    """The outcome of a step by which the case goes on."""
    return next(one.id for one in step.outcomes.values() if one.effect == Effect.NEXT)


def locked_line(line: PlanLine) -> PlanLine:
    """The line as it is now, locked; the case must be locked before."""
    lines = PlanLine.objects.everywhere(reason="a line that the caller reached in scope is locked by its id")
    return lines.select_for_update(of=("self",)).select_related("plan", "budget").get(pk=line.pk)  # type: ignore[no-any-return]


def _plan_step(case: Case) -> Step:
    """The step by which the plan is made. The one that is ready, if there are several."""
    procedure = procedure_for(case)
    steps = list(procedure.through(Through.PLAN))
    if not steps:
        raise SupportError("no_step", "the rulebook's procedure makes no plan")
    state = state_of(case)
    return next((step for step in steps if path.is_ready(procedure, state, step)), steps[0])


def _add(plan: Plan, case: Case, lines: Iterable[NewLine], today: datetime.date) -> list[PlanLine]:
    catalogue = catalogue_for_case(case)
    added = []
    for number, new in enumerate(lines, start=1):
        line = _line(plan, case, new, number, catalogue, today)
        added.append(line)
    for line in sorted(added, key=lambda one: (one.family, one.due_on.year)):
        # In one order, so that two plans that promise at once never wait for each other.
        _promise(line, case, catalogue)
    for line in added:
        line.save(force_insert=True)
    return added


def _line(
    plan: Plan, case: Case, new: NewLine, number: int, catalogue: Catalogue, today: datetime.date
) -> PlanLine:
    measure = catalogue.measures.get(new.measure)
    where = f"line {number}"
    if measure is None:
        raise SupportError("measure", f"{where}: the catalogue has no measure '{new.measure}'")
    if new.responsible is None:
        raise SupportError("responsible", f"{where} ({measure.id}): name the person responsible")
    _check_responsible(new.responsible, case, today)
    if new.due_on is None:
        raise SupportError("due", f"{where} ({measure.id}): give the day by which it is done")
    if new.due_on < plan.made_on:
        raise SupportError(
            "due", f"{where} ({measure.id}): {new.due_on} lies before the plan ({plan.made_on})"
        )
    if new.risk and new.risk not in case.risks:
        known = ", ".join(case.risks) or "none"
        raise SupportError("risk", f"{where} ({measure.id}): '{new.risk}' is no risk of this case ({known})")
    quantity = _counted(new.quantity)
    amount = new.amount
    if amount is None and measure.unit_cost is not None:
        amount = measure.unit_cost * quantity
    return PlanLine(
        plan=plan,
        measure=measure.id,
        family=measure.family,
        risk=new.risk,
        responsible=new.responsible,
        due_on=new.due_on,
        quantity=quantity,
        amount=None if amount is None else to_minor(amount, catalogue),
        note=new.note.strip(),
    )


def after_hand_over(*, changes: Sequence[HandOver], **_: Any) -> None:
    """What the contact officer before was still to do in the plans of these cases is up to the new one now.

    One statement per pair of people, within the transaction of the hand-over, which is the event.
    """
    lines = PlanLine.objects.everywhere(reason="the plans of cases that have just been handed over")
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one in changes:
        pairs[one.former_id, one.contact_id].append(one.case_id)
    for (former, contact), cases in pairs.items():
        mine = lines.filter(plan__case__in=cases, responsible=former, state=LineState.PLANNED)
        mine.update(responsible=contact)


def _promise(line: PlanLine, case: Case, catalogue: Catalogue, already: int = 0) -> None:
    """Promise what the line still costs out of its budget. Loans and claims are paid by others."""
    measure, line.committed = catalogue.measures.get(line.measure), 0
    owed = max(0, (line.amount or 0) - already)
    if owed and not (measure and paid_by_others(measure)):
        line.budget = find_budget(county_of(case.household.area), line.family, line.due_on.year)
        commit(line.budget, owed, catalogue)
        line.committed = owed


def paid_by_others(measure: Measure) -> bool:
    """Whether a bank or an insurer pays: then no budget of the county does."""
    return measure.claim or measure.credit is not None


def _spent(line: PlanLine) -> int:
    """What deliveries of the line cost so far, in minor units."""
    return sum(amount or 0 for amount in line.deliveries.values_list("amount", flat=True))


def _check_responsible(user: User, case: Case, today: datetime.date) -> None:
    if not may_see(user, today, Sight.CASES, case.household.area.path):
        raise SupportError(
            "responsible", f"user {user.pk} does not see this household, so cannot be responsible"
        )


def _counted(quantity: int) -> int:
    if quantity < 1:
        raise SupportError("quantity", f"{quantity}: give how many, at least 1")
    return quantity


def _still_planned(line: PlanLine) -> None:
    if line.state != LineState.PLANNED:
        raise SupportError("state", f"the measure is {line.get_state_display()} already")


def _may_plan(case: Case, by: User, today: datetime.date, *, over: bool = False) -> None:
    """Whether the plan may be changed by this person; `over` says that it may after the case has ended too."""
    acting(by, roles_of(case, Through.PLAN), case.household.area.path, today, "changing a plan")
    if case.status != CaseStatus.MONITORED and not (over and is_over(case)):
        raise SupportError("status", "the plan changes only while the household is monitored")


def _plans() -> Any:
    return Plan.objects.everywhere(reason="the plan of a case that the caller reached in scope")


def _event(kind: str, case: Case, by: User, data: dict[str, Any]) -> None:
    record(
        kind,
        by=str(by.pk),
        subject_kind="case",
        subject_id=str(case.pk),
        area_path=case.household.area.path,
        data={"household": case.household.key, **data},
    )
