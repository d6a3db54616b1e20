"""Reading plans, measures that are due, budgets, payments and loans."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from highground.areas.models import Area
from highground.cases.flow import past_due
from highground.cases.models import Case
from highground.people.queries import facts_as_of
from highground.signals.rulebooks import latest_books
from highground.support.enums import LineState, PaymentStatus
from highground.support.models import Budget, Credit, PaymentBatch, Plan, PlanLine


def plan_of(case: Case) -> Plan | None:
    """The plan of a case that the caller reached in scope. One query."""
    try:
        found: Plan = case.plan
    except Plan.DoesNotExist:
        return None
    return found


def lines_of(plan: Plan) -> list[PlanLine]:
    """The lines of a plan with everything that belongs to them. Four queries, however many lines."""
    return list(
        plan.lines.select_related("responsible")
        .prefetch_related("deliveries__payments", "credits", "claims")
        .order_by("due_on", "pk")
    )


def without_labour(case: Case, today: datetime.date) -> bool | None:
    """Whether the whole household cannot work, as known today; None is not known. Two queries."""
    for fact in facts_as_of([case.household], as_of=today):
        if fact.fact == "without_labour" and fact.member is None:
            return fact.value == "true"
    return None


def open_lines(user: Any, area: Area | None) -> QuerySet[PlanLine]:
    """The planned measures in an area that `user` sees."""
    found: QuerySet[PlanLine] = PlanLine.objects.visible_to(user).filter(state=LineState.PLANNED)
    return found.filter(plan__case__household__area__path__startswith=area.path) if area else found.none()


def shown(show: str, user: Any, today: datetime.date) -> Q:
    """Which of the planned measures a filter shows: all, mine, overdue, due in a week."""
    week = today + datetime.timedelta(days=7)
    return {
        "mine": Q(responsible=user),
        "overdue": past_due(latest_books(), today, due="due_on", rulebook="plan__case__rulebook"),
        "week": Q(due_on__range=(today, week)),
    }.get(show, Q())


def counts_of(lines: QuerySet[PlanLine], user: Any, today: datetime.date) -> dict[str, int]:
    """How many each filter would show. One query."""
    found: dict[str, int] = lines.aggregate(
        all=Count("pk"),
        **{name: Count("pk", filter=shown(name, user, today)) for name in ("mine", "overdue", "week")},
    )
    return found


def overdue_loans(loans: QuerySet[Credit], today: datetime.date) -> QuerySet[Credit]:
    """Those of these loans that should have been repaid by now."""
    rulebook = "line__plan__case__rulebook"
    return loans.filter(past_due(latest_books(), today, due="due_on", rulebook=rulebook))


def credits_of(user: Any, area: Area | None) -> QuerySet[Credit]:
    """The loans in an area that `user` sees and that are not repaid."""
    found: QuerySet[Credit] = Credit.objects.visible_to(user).filter(repaid__lt=F("principal"))
    return (
        found.filter(line__plan__case__household__area__path__startswith=area.path) if area else found.none()
    )


def budgets_of(user: Any, area: Area | None, year: int) -> QuerySet[Budget]:
    """The budgets of a year in an area, and of the county it lies in."""
    found: QuerySet[Budget] = Budget.objects.visible_to(user).filter(year=year)
    return found.filter(area__path__startswith=area.path) if area else found.none()


def batches_of(user: Any, area: Area | None) -> QuerySet[PaymentBatch]:
    """The payment batches of an area, each with how many payments are answered."""
    found: QuerySet[PaymentBatch] = PaymentBatch.objects.visible_to(user)
    found = found.filter(area__path__startswith=area.path) if area else found.none()
    return found.annotate(
        paid=Count("lines", filter=Q(lines__status=PaymentStatus.PAID)),
        failed=Count("lines", filter=Q(lines__status=PaymentStatus.FAILED)),
        paid_amount=Sum("lines__amount", filter=Q(lines__status=PaymentStatus.PAID), default=0),
    )
