"""The plan of a case as a list of tasks, and the form with one line for each measure."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import holds
from highground.audit.actions import log_access
from highground.cases.case_page import case_in_scope
from highground.cases.enums import CaseStatus
from highground.cases.flow import is_over, procedure_for, today_for
from highground.cases.forms.base import REFUSED
from highground.cases.joined import CaseCard
from highground.cases.models import Case
from highground.methods.rules.procedure.graph import Through
from highground.signals.rulebooks import said
from highground.signals.trails import area_trail
from highground.support.actions.ground import SupportError, catalogue_for_case, roles_of, to_major
from highground.support.actions.planning import add_lines, make_plan
from highground.support.catalogue import Catalogue
from highground.support.enums import LineState
from highground.support.findings import Answered, Finding, Kind, answers, findings_of
from highground.support.forms import line_forms, offered
from highground.support.models import Plan, PlanLine
from highground.support.pages import person
from highground.support.queries import lines_of, plan_of, without_labour
from highground.support.words import family_label, family_words, measure_label, refusal, risk_label
from highground.web.numbers import day, money, number

MORE = 3
"""Empty lines that "more lines" adds."""


@require_GET
@sees(Sight.CASES)
def plan(request: HttpRequest, number: int) -> HttpResponseBase:
    """What is to be done for a household, by whom and by when, and what arrived. The look is logged."""
    user, case = person(request), case_in_scope(request, number)
    today = today_for(procedure_for(case))
    _look(request, case, "support.plan")
    try:
        catalogue = catalogue_for_case(case)
    except SupportError as error:
        messages.error(request, str(error))
        return redirect("cases:case", number=case.pk)
    made = plan_of(case)
    lines = lines_of(made) if made else []
    kept = [line for line in lines if line.state != LineState.DROPPED]
    context = {
        "case": case,
        "plan": made,
        "title": _title(case, made, lines),
        "sentence": _sentence(case, made, kept, catalogue),
        "trail": trail_of(case, user, today, _("Support plan")),
        "rows": [row_of(line, catalogue, today) for line in kept],
        "dropped": [row_of(line, catalogue, today) for line in lines if line.state == LineState.DROPPED],
        "answers": [answer_row(one) for one in _answers(case, kept, catalogue)],
        "findings": [finding_words(one) for one in _findings(case, kept, catalogue, today)] if made else [],
        "plans": may_plan(case, user, today),
        "delivers": may_deliver(case, user, today),
        "today": today,
        "url": reverse("support:write", args=[case.pk]),
    }
    return render(request, "support/plan.html", context)


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def write(request: HttpRequest, number: int) -> HttpResponseBase:
    """The form of a plan: make it, or add measures to the one that stands. The look is logged."""
    user, case = person(request), case_in_scope(request, number)
    today = today_for(procedure_for(case))
    _look(request, case, "support.write")
    made = plan_of(case)
    back = reverse("support:plan", args=[case.pk])
    if not may_plan(case, user, today):
        trail = trail_of(case, user, today, _("Write the plan"), plan=True)
        why = _("This plan cannot be changed now, or your role does not change it.")
        return refused(request, _("Write the plan"), trail, why, back)
    choices = offered(case, today)
    answered = set() if made is None else {line.risk for line in lines_of(made)}
    risks = [risk for risk in case.risks if risk not in answered]
    if request.method == "POST" and "more" not in request.POST:
        forms = line_forms(request.POST, choices, today, risks=risks, count=0)
        seen = request.POST.get("seen", "")
        if forms.is_valid():
            try:
                if made is None:
                    version = int(seen) if seen.isdecimal() else None
                    make_plan(case, lines=forms.lines(), by=user, today=today, seen=version)
                else:
                    add_lines(made, lines=forms.lines(), by=user, today=today)
            except REFUSED as error:
                forms.refused = refusal(error)
            else:
                messages.success(request, _("The plan is kept."))
                return redirect(back)
        return _form_page(request, case, made, forms, back, today, 422)
    if request.method == "POST":
        data = request.POST.copy()
        shown = data.get("line-TOTAL_FORMS", "")
        data["line-TOTAL_FORMS"] = str(min(40, (int(shown) if shown.isdecimal() else 0) + MORE))
        forms = line_forms(data, choices, today, risks=risks, count=0)
        return _form_page(request, case, made, forms, back, today, 200)
    forms = line_forms(None, choices, today, risks=risks, count=max(1, len(risks)) + (made is None))
    return _form_page(request, case, made, forms, back, today, 200)


def _form_page(
    request: HttpRequest,
    case: Case,
    made: Plan | None,
    forms: Any,
    back: str,
    today: datetime.date,
    status: int,
) -> HttpResponse:
    checked = request.method == "POST" and "more" not in request.POST
    catalogue = catalogue_for_case(case)
    context = {
        "case": case,
        "forms": forms,
        "checked": checked,
        "title": _("What helps household %(number)s?") % {"number": case.household.number}
        if made is None
        else _("What else helps household %(number)s?") % {"number": case.household.number},
        "sentence": _(
            "One line for each measure: who sees to it, and by when. Leave out what is not needed."
        ),
        "trail": trail_of(case, request.user, today, _("Write the plan"), plan=True),
        "back": back,
        "hints": [
            (capfirst(risk_label(risk)), capfirst(family_words(catalogue.answering(risk))))
            for risk in case.risks
        ],
        "made": made,
    }
    return render(request, "support/write.html", context, status=status)


def refused(request: HttpRequest, title: str, trail: Any, why_not: str, back: str) -> HttpResponse:
    """A page that asks for nothing, because the person may not do this or nobody can now."""
    context = {"title": title, "trail": trail, "why_not": why_not, "back": back}
    return render(request, "support/refused.html", context, status=403 if request.method == "POST" else 200)


# --- Who may, and the way here ------------------------------------------------------------------


def may_plan(case: Case, user: Any, today: datetime.date, *, over: bool = False) -> bool:
    """Whether the person may make or change the plan of this case now; with `over`, drop a measure of it."""
    if case.status != CaseStatus.MONITORED and not (over and is_over(case)):
        return False
    return holds(user, today, roles_of(case, Through.PLAN), case.household.area.path) is not None


def may_deliver(case: Case, user: Any, today: datetime.date) -> bool:
    """Whether the person may record deliveries in this case now."""
    if case.status not in (CaseStatus.MONITORED, CaseStatus.EXITED):
        return False
    roles = roles_of(case, Through.DELIVERY) or roles_of(case, Through.PLAN)
    return holds(user, today, roles, case.household.area.path) is not None


def trail_of(
    case: Case, user: Any, today: datetime.date, label: str, *, plan: bool = False
) -> list[tuple[str, str]]:
    """The way to a page about a case. One query."""
    return [
        (_("Cases"), reverse("cases:inbox")),
        *area_trail(user, case.household.area, today)[-1:],
        (
            _("Household %(number)s") % {"number": case.household.number},
            reverse("cases:case", args=[case.pk]),
        ),
        *([(_("Support plan"), reverse("support:plan", args=[case.pk]))] if plan else []),
        (label, ""),
    ]


def _look(request: HttpRequest, case: Case, page: str) -> None:
    log_access(
        by=str(request.user.pk),
        page=page,
        subject_kind="household",
        subject_id=case.household.key,
        area_path=case.household.area.path,
    )


# --- What the page says -------------------------------------------------------------------------


def _title(case: Case, made: Plan | None, lines: list[PlanLine]) -> str:
    if made is None:
        return _("No plan yet for household %(number)s") % {"number": case.household.number}
    waiting = sum(line.state == LineState.PLANNED for line in lines)
    if not waiting:
        return _("Everything planned has arrived")
    return ngettext("%(count)s measure still to arrive", "%(count)s measures still to arrive", waiting) % {
        "count": number(waiting)
    }


def _sentence(case: Case, made: Plan | None, kept: list[PlanLine], catalogue: Catalogue) -> str:
    if made is None:
        return _("The household is helped once somebody writes down what, who sees to it, and by when.")
    planned = sum(line.amount or 0 for line in kept)
    return _("Plan of %(day)s for household %(number)s; %(amount)s planned.") % {
        "day": day(made.made_on),
        "number": case.household.number,
        "amount": money(to_major(planned, catalogue.minor_digits), catalogue.currency),
    }


def row_of(line: PlanLine, catalogue: Catalogue, today: datetime.date) -> dict[str, Any]:
    """A line of a plan for a table."""
    digits, measure = catalogue.minor_digits, catalogue.measures.get(line.measure)
    late = line.state == LineState.PLANNED and line.due_on < today
    arrived = [
        {
            "delivery": one,
            "amount": money(to_major(one.amount, digits), catalogue.currency)
            if one.amount is not None
            else "",
            "payments": list(one.payments.all()) if one.cash else [],
        }
        for one in line.deliveries.all()
    ]
    colour = {"delivered": "green", "dropped": "grey"}.get(line.state, "clay" if late else "gold")
    return {
        "line": line,
        "label": capfirst(measure_label(catalogue, line.measure)),
        "family": capfirst(family_label(line.family)),
        "risk": risk_label(line.risk) if line.risk else "",
        "by": said(measure.delivered_by) if measure else "",
        "amount": money(to_major(line.amount, digits), catalogue.currency),
        "state": (str(_("late")) if late else str(line.get_state_display()), colour),
        "arrived": arrived,
        "loans": [loan_row(one, catalogue, today) for one in line.credits.all()],
        "claims": [
            {
                "claim": one,
                "amount": money(to_major(one.amount, digits), catalogue.currency),
                "paid": money(to_major(one.paid, digits), catalogue.currency),
            }
            for one in line.claims.all()
        ],
        "verified": measure is not None and measure.verified,
    }


def loan_row(credit: Any, catalogue: Catalogue, today: datetime.date) -> dict[str, Any]:
    """A loan with what is still owed."""
    owed = credit.principal - credit.repaid
    return {
        "credit": credit,
        "principal": money(to_major(credit.principal, catalogue.minor_digits), catalogue.currency),
        "owed": money(to_major(owed, catalogue.minor_digits), catalogue.currency),
        "over": owed == 0,
        "overdue": owed > 0 and credit.due_on < today,
    }


def _answers(case: Case, kept: list[PlanLine], catalogue: Catalogue) -> list[Answered]:
    delivered = [line.family for line in kept if line.deliveries.all()]
    return answers(case.risks, [line.family for line in kept], delivered, catalogue)


def _findings(case: Case, kept: list[PlanLine], catalogue: Catalogue, today: datetime.date) -> list[Finding]:
    labour = without_labour(case, today)
    return findings_of(case.risks, [line.family for line in kept], labour, catalogue)


def answer_row(one: Answered) -> dict[str, Any]:
    """A risk, and how far it is answered."""
    if one.delivered:
        state = (str(_("answered")), "green")
    elif one.planned:
        state = (str(_("planned")), "gold")
    else:
        state = (str(_("nothing answers it yet")), "clay")
    return {
        "risk": capfirst(risk_label(one.risk)),
        "state": state,
        "families": family_words(one.delivered or one.planned or one.families),
    }


def finding_words(one: Finding) -> dict[str, Any]:
    """A finding as a sentence with its colour."""
    words = {"risk": risk_label(one.risk), "families": family_words(one.families)}
    text, colour = {
        Kind.UNMATCHED: (_("Nothing in this plan answers the risk: %(risk)s. What would: %(families)s."), "clay"),
        Kind.SECURITY_ONLY: (
            _("People in this household can work, and the plan holds comprehensive security alone. What would help "
              "them earn: %(families)s."),
            "clay",
        ),
        Kind.NOT_DEVELOPMENTAL: (
            _("People in this household can work, and nothing in the plan helps them earn more: %(families)s."),
            "gold",
        ),
        Kind.LABOUR_UNKNOWN: (
            _("Whether anybody here can work is not known, so nobody can tell if a measure that helps to earn is "
              "missing. Ask at the next visit."),
            "plum",
        ),
    }[one.kind]  # fmt: skip
    return {"text": text % words, "colour": colour, "verified": one.verified}


def plan_card(case: Case, user: Any, today: datetime.date) -> CaseCard | None:
    """The plan on the page of a case: its lines and how far they are. Six queries at most."""
    if case.status not in (CaseStatus.MONITORED, CaseStatus.EXITED):
        return None
    made = plan_of(case)
    if made is None:
        return None
    try:
        catalogue = catalogue_for_case(case)
    except SupportError:
        return None
    kept = [line for line in lines_of(made) if line.state != LineState.DROPPED]
    return CaseCard(
        title=_("Support plan"),
        template="support/card.html",
        context={
            "rows": [row_of(line, catalogue, today) for line in kept],
            "url": reverse("support:plan", args=[case.pk]),
            "findings": [finding_words(one) for one in _findings(case, kept, catalogue, today)],
            "today": today,
        },
    )


def plan_door(case: Case, _step: Any) -> str:
    """Where the step of planning is taken."""
    return reverse("support:write", args=[case.pk])


def delivery_door(case: Case, _step: Any) -> str:
    """Where deliveries are recorded: at the measures of the plan."""
    return reverse("support:plan", args=[case.pk])
