"""What is due: measures still to arrive, loans still to be repaid, and what Highground does by itself."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.cases.flow import procedure_for, today_for
from highground.methods.rules.reading import procedure_of
from highground.signals.places import areas_of
from highground.signals.rulebooks import latest_books, said
from highground.support.actions.ground import catalogue_for, to_major
from highground.support.automatic import always, deadlines_of, heading_of
from highground.support.models import Credit, PlanLine
from highground.support.pages import person
from highground.support.queries import counts_of, credits_of, open_lines, overdue_loans, shown
from highground.support.words import measure_label, risk_label
from highground.web.lists import Pill, page_of, pill
from highground.web.numbers import money

CASE = ("plan__case__household__area__parent", "plan__case__rulebook_version")
CONTENT = "plan__case__rulebook_version__content"
"""The text of a rulebook, which a list of many rows does without."""


@require_GET
@sees(Sight.CASES)
def measures(request: HttpRequest) -> HttpResponseBase:
    """The measures still to arrive in the area in view, those first that are due first; `?show=`, `?area=`."""
    user, today = person(request), timezone.localdate()
    area, chosen = areas_of(request, Sight.CASES)
    everything = open_lines(user, chosen or area)
    counts, show = counts_of(everything, user, today), request.GET.get("show", "")
    show = show if show in counts else "all"
    found = everything.filter(shown(show, user, today)).select_related("responsible", *CASE).defer(CONTENT)
    page = page_of(request, found.order_by("due_on", "pk"), total=counts[show])
    labels = {
        "all": _("All"),
        "mine": _("Mine"),
        "overdue": _("Late"),
        "week": _("Due this week"),
    }
    context = {
        "page": page,
        "rows": [_row(line) for line in page.rows],
        "counts": counts,
        "tabs": tabs(request, user, today),
        "pills": [
            pill(request, label, show=None if name == "all" else name, count=counts[name])
            for name, label in labels.items()
        ],
        "area": area,
    }
    return render(request, "support/measures.html", context)


def _row(line: PlanLine) -> dict[str, Any]:
    household = line.plan.case.household
    catalogue = catalogue_for(household.area.country)
    return {
        "line": line,
        "today": today_for(procedure_for(line.plan.case)),
        "household": household,
        "label": capfirst(measure_label(catalogue, line.measure)),
        "risk": risk_label(line.risk) if line.risk else "",
        "amount": money(to_major(line.amount, catalogue.minor_digits), catalogue.currency),
    }


@require_GET
@sees(Sight.CASES)
def loans(request: HttpRequest) -> HttpResponseBase:
    """The loans that are not repaid in the area in view, those first that are due first; `?show=overdue`."""
    user, today = person(request), timezone.localdate()
    area, chosen = areas_of(request, Sight.CASES)
    everything = credits_of(user, chosen or area)
    overdue = overdue_loans(everything, today)
    late, total = overdue.count(), everything.count()
    show = request.GET.get("show", "")
    found = overdue if show == "overdue" else everything
    found = found.select_related(*(f"line__{part}" for part in CASE)).defer(f"line__{CONTENT}")
    page = page_of(request, found.order_by("due_on", "pk"), total=late if show == "overdue" else total)
    context = {
        "page": page,
        "rows": [_loan(credit) for credit in page.rows],
        "late": late,
        "total": total,
        "tabs": tabs(request, user, today),
        "pills": [
            pill(request, _("All"), show=None, count=total),
            pill(request, _("Overdue"), show="overdue", count=late),
        ],
    }
    return render(request, "support/loans.html", context)


def _loan(credit: Credit) -> dict[str, Any]:
    household = credit.line.plan.case.household
    catalogue = catalogue_for(household.area.country)
    owed = credit.principal - credit.repaid
    return {
        "credit": credit,
        "household": household,
        "principal": money(to_major(credit.principal, catalogue.minor_digits), catalogue.currency),
        "owed": money(to_major(owed, catalogue.minor_digits), catalogue.currency),
        "today": today_for(procedure_for(credit.line.plan.case)),
    }


@require_GET
@sees(Sight.CASES, Sight.BUDGETS, Sight.RULEBOOKS)
def automatic(request: HttpRequest) -> HttpResponseBase:
    """Everything that happens without anybody asking for it, and why."""
    books = [book for book in latest_books().values() if book.procedure]
    context = {
        "groups": [
            (_("In every office"), always()),
            *((heading_of(said(book.title)), list(deadlines_of(procedure_of(book)))) for book in books),
        ],
        "tabs": tabs(request, request.user, timezone.localdate()),
    }
    return render(request, "support/automatic.html", context)


def tabs(request: HttpRequest, user: Any, today: datetime.date) -> list[Pill]:
    """The lists of support that the person may open."""
    places = [
        (_("Measures"), reverse("support:measures"), Sight.CASES),
        (_("Follow-ups"), reverse("support:follow_ups"), Sight.CASES),
        (_("Loans"), reverse("support:loans"), Sight.CASES),
        (_("Budgets"), reverse("support:budgets"), Sight.BUDGETS),
        (_("Payments"), reverse("support:payments"), Sight.BUDGETS),
        (_("By itself"), reverse("support:automatic"), Sight.RULEBOOKS),
    ]
    return [
        Pill(label, url, current=request.path == url)
        for label, url, sight in places
        if may_see(user, today, sight)
    ]
