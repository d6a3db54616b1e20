"""The page on which one step of a case is taken: prefilled, asking only what is needed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Role, Sight
from highground.accounts.queries import names_of_users
from highground.audit.actions import log_access
from highground.cases.case_page import case_in_scope, case_trail, class_rows, clues_of, compared_with
from highground.cases.conditions import conditions_of, open_needs
from highground.cases.enums import CaseStatus
from highground.cases.flow import Changed, procedure_for, state_of, today_for
from highground.cases.forms import FORMS, StepForm
from highground.cases.forms.base import REFUSED, Visited, explain
from highground.cases.models import Case
from highground.cases.next_step import may_take, question_of, sentence, voices_of
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Phase, Through
from highground.signals.rulebooks import said
from highground.web.numbers import listed


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def step(request: HttpRequest, number: int, step: str) -> HttpResponseBase:
    """Ask for what a step needs, and take it. The look is logged.

    404 for a step that the procedure does not have, or that is taken elsewhere. Whoever may not take it reads who may.
    """
    user, case = request.user, case_in_scope(request, number)
    procedure = procedure_for(case)
    today = today_for(procedure)
    known = procedure.steps.get(step)
    if known is None or known.through not in FORMS:
        raise Http404
    log_access(
        by=str(user.pk),
        page="cases.step",
        subject_kind="household",
        subject_id=case.household.key,
        area_path=case.household.area.path,
    )
    state = state_of(case)
    holds_role, barred = may_take(case, known, state, user, today)
    ready = path.is_ready(procedure, state, known)
    context: dict[str, Any] = {
        "case": case,
        "step": known,
        "title": question_of(case, known),
        "trail": case_trail(case, user, today, capfirst(said(known.label))),
        "back": reverse("cases:case", args=[case.pk]),
    }
    if not ready or not holds_role or barred:
        context["why_not"] = _why_not(known, ready=ready, barred=holds_role and barred)
        return render(request, "cases/step.html", context)
    visited = Visited(case, procedure, state, known, user, today)
    kind = FORMS[known.through]
    data = request.POST if request.method == "POST" else None
    form = kind(data, visited=visited, outcome=request.GET.get("outcome", ""))
    status = 200
    if request.method == "POST":
        if form.is_valid() and _taken(request, form, case, context):
            messages.success(request, _("Recorded: %(step)s") % {"step": said(known.label)})
            return redirect(context["back"])
        status = 422
    context |= {"form": form, "sentence": _sentence(visited), **_beside(visited, form)}
    return render(request, "cases/step.html", context, status=status)


def _taken(request: HttpRequest, form: StepForm, case: Case, context: dict[str, Any]) -> bool:
    """Take the step. What refuses it is said on the page, above what was typed."""
    try:
        form.take()
    except Changed as error:
        names = names_of_users(one.by for one in error.steps)
        context["changed"] = explain(error, form.visited.procedure, names)
        case.refresh_from_db(fields=["version"])
        form.moved_on()
        return False
    except REFUSED as error:
        for text in explain(error, form.visited.procedure, {}):
            form.add_error(None, text)
        return False
    return True


def _why_not(step: Any, *, ready: bool, barred: bool) -> str:
    if not ready:
        return _(
            "This step stands already, or others must be taken first. The timeline of the case says which."
        )
    if barred:
        return _("You had a hand in a step that this one checks: somebody else must take it.")
    roles = listed([str(Role(role).label) for role in step.roles])
    return _("This step is taken by: %(roles)s.") % {"roles": roles}


def _sentence(visited: Visited) -> str:
    """What was said so far, for those who decide."""
    if visited.step.through != Through.DECISION:
        return ""
    voices = voices_of(visited.procedure, visited.state)
    return sentence(voices)


def _beside(visited: Visited, form: StepForm) -> dict[str, Any]:
    """What stands beside the form: what is known and fresh, what others said, what must hold."""
    case, through = visited.case, visited.step.through
    found: dict[str, Any] = {
        "book": visited.book,
        "clues": clues_of(case, visited.user),
        "classes": class_rows(case, visited.book, visited.user),
    }
    if through in (Through.VISIT, Through.FOLLOW_UP):
        found["known"] = form.known_rows()  # type: ignore[attr-defined]
        found["asks"] = bool(form.questions.asked)  # type: ignore[attr-defined]
    if through == Through.DECISION:
        found["comparisons"] = compared_with(case, visited.user)
    if visited.step.phase == Phase.EXIT and case.status == CaseStatus.MONITORED:
        found["exits"] = conditions_of(case, visited.user, visited.today)
        found["open_needs"] = open_needs(case)
    return found
