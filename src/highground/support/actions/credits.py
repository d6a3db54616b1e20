"""Microcredits and claims: money that a bank or an insurer pays. What is overdue follows from the day."""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.db import transaction

from highground.accounts.models import User
from highground.audit.actions import record
from highground.cases.flow import locked
from highground.cases.models import Case
from highground.methods.facts.months import later
from highground.methods.rules.procedure.graph import Through
from highground.support.actions.ground import (
    SupportError,
    acting,
    catalogue_for_case,
    happened,
    roles_of,
    to_major,
    to_minor,
)
from highground.support.actions.planning import locked_line
from highground.support.enums import LineState
from highground.support.models import Claim, Credit, PlanLine


@transaction.atomic
def grant_credit(
    line: PlanLine,
    *,
    principal: Decimal,
    granted_on: datetime.date,
    due_on: datetime.date,
    by: User,
    today: datetime.date,
) -> Credit:
    """Record a loan that a bank gave (`principal` in major units); one event.

    Raises SupportError for a measure that is no loan, more or longer than the catalogue's terms, or a day to come.
    """
    case, now = _ground(line, by, today)
    catalogue = catalogue_for_case(case)
    measure = catalogue.measures.get(now.measure)
    if measure is None or measure.credit is None:
        raise SupportError("measure", f"'{now.measure}' is no loan")
    happened(granted_on, today)
    minor, terms = to_minor(principal, catalogue), measure.credit
    if minor == 0:
        raise SupportError("amount", "a loan is above 0")
    if terms.most is not None and principal > terms.most:
        raise SupportError(
            "amount", f"{principal} is above {terms.most}, the most that '{measure.id}' allows"
        )
    if due_on <= granted_on:
        raise SupportError("due", f"the loan is due on {due_on}, not after it was granted on {granted_on}")
    if terms.months is not None and due_on > later(granted_on, terms.months):
        raise SupportError("due", f"'{measure.id}' runs for {terms.months} months at most")
    made: Credit = Credit.objects.create(
        line=now, principal=minor, granted_on=granted_on, due_on=due_on, by=str(by.pk)
    )
    _event(
        "support.grant_credit", case, by, {"credit": made.pk, "line": now.pk, "due_on": due_on.isoformat()}
    )
    return made


@transaction.atomic
def note_repaid(
    credit: Credit, *, repaid: Decimal, day: datetime.date, by: User, today: datetime.date
) -> Credit:
    """Record how much of a loan is repaid by `day` in all, in major units: the same again changes nothing. One event.

    Raises SupportError for more than was lent, or a day to come or before the loan.
    """
    case, _line = _ground(credit.line, by, today)
    loans = Credit.objects.everywhere(reason="a loan that the caller reached in scope is locked by its id")
    now: Credit = loans.select_for_update().get(pk=credit.pk)
    catalogue = catalogue_for_case(case)
    minor = to_minor(repaid, catalogue)
    happened(day, today)
    if day < now.granted_on:
        raise SupportError("back_dated", f"{day} lies before the loan, which was granted on {now.granted_on}")
    if minor > now.principal:
        lent = to_major(now.principal, catalogue.minor_digits)
        raise SupportError("amount", f"{repaid} is more than was lent ({lent})")
    if (now.repaid, now.repaid_on) == (minor, day):
        return now
    now.repaid, now.repaid_on = minor, day
    now.save(update_fields=["repaid", "repaid_on"])
    _event("support.repaid", case, by, {"credit": now.pk, "day": day.isoformat()})
    return now


@transaction.atomic
def send_claim(
    line: PlanLine, *, amount: Decimal, sent_on: datetime.date, by: User, today: datetime.date
) -> Claim:
    """Record that a claim was sent to who pays it (`amount` in major units); one event. Raises SupportError."""
    case, now = _ground(line, by, today)
    catalogue = catalogue_for_case(case)
    measure = catalogue.measures.get(now.measure)
    if measure is None or not measure.claim:
        raise SupportError("measure", f"'{now.measure}' is no claim")
    happened(sent_on, today)
    minor = to_minor(amount, catalogue)
    if minor == 0:
        raise SupportError("amount", "a claim is above 0")
    made: Claim = Claim.objects.create(line=now, amount=minor, sent_on=sent_on, by=str(by.pk))
    _event("support.send_claim", case, by, {"claim": made.pk, "line": now.pk})
    return made


@transaction.atomic
def note_claim_paid(
    claim: Claim, *, paid: Decimal, paid_on: datetime.date, by: User, today: datetime.date
) -> Claim:
    """Record what a claim brought (0 when it was refused); one event. Raises SupportError for a second answer."""
    case, _line = _ground(claim.line, by, today)
    claims = Claim.objects.everywhere(reason="a claim that the caller reached in scope is locked by its id")
    now: Claim = claims.select_for_update().get(pk=claim.pk)
    minor = to_minor(paid, catalogue_for_case(case))
    if now.paid_on is not None:
        if (now.paid, now.paid_on) == (minor, paid_on):
            return now
        raise SupportError("state", f"the claim was answered on {now.paid_on} already")
    happened(paid_on, today)
    if paid_on < now.sent_on:
        raise SupportError("back_dated", f"{paid_on} lies before the claim, which was sent on {now.sent_on}")
    now.paid, now.paid_on = minor, paid_on
    now.save(update_fields=["paid", "paid_on"])
    _event("support.claim_paid", case, by, {"claim": now.pk, "day": paid_on.isoformat()})
    return now


def _ground(line: PlanLine, by: User, today: datetime.date) -> tuple[Case, PlanLine]:
    """The case and the line, locked, for somebody who may deliver in it."""
    case = locked(line.plan.case_id)
    roles = roles_of(case, Through.DELIVERY) or roles_of(case, Through.PLAN)
    acting(by, roles, case.household.area.path, today, "recording loans and claims")
    now = locked_line(line)
    if now.state == LineState.DROPPED:
        raise SupportError("state", "the measure was dropped")
    return case, now


def _event(kind: str, case: Case, by: User, data: dict[str, object]) -> None:
    record(
        kind,
        by=str(by.pk),
        subject_kind="case",
        subject_id=str(case.pk),
        area_path=case.household.area.path,
        data={"household": case.household.key, **data},
    )
