"""Papers of a case to be printed: the application, the assessment, the case file. Each look is logged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.audit.actions import log_access
from highground.cases.case_page import case_in_scope
from highground.cases.flow import procedure_for, today_for
from highground.cases.models import Case
from highground.cases.papers import application_of, assessment_of, file_of
from highground.signals.rulebooks import book_of

PAPERS: dict[str, Callable[..., dict[str, Any]]] = {
    "application": application_of,
    "assessment": assessment_of,
    "file": file_of,
}


@require_GET
@sees(Sight.CASES)
def papers(request: HttpRequest, number: int) -> HttpResponseBase:
    """The papers of a case, and what each is for."""
    found = case_in_scope(request, number)
    _log(request, found, "cases.papers")
    listed = [
        (
            "application",
            _("Application and authorisation"),
            _("For the family to sign: who belongs to it, what it asks for, that registers may be asked."),
        ),
        (
            "assessment",
            _("Assessment"),
            _("What is known with day and source, how the income is reckoned, what the rulebook says."),
        ),
        (
            "file",
            _("Case file"),
            _("Everything that happened, every decision with its reason, what registers said."),
        ),
    ]
    return render(request, "cases/papers.html", {"case": found, "papers": listed})


@require_GET
@sees(Sight.CASES)
def paper(request: HttpRequest, number: int, kind: str) -> HttpResponseBase:
    """One paper, filled in as far as anything is known; 404 for a kind that there is not."""
    if kind not in PAPERS:
        raise Http404
    found = case_in_scope(request, number)
    today = today_for(procedure_for(found))
    _log(request, found, f"cases.paper_{kind}")
    context = PAPERS[kind](found, request.user, today)
    context |= {"case": found, "household": found.household, "today": today}
    context["book"] = book_of(found.rulebook_version.hash)
    return render(request, f"cases/paper_{kind}.html", context)


def _log(request: HttpRequest, case: Case, page: str) -> None:
    household = case.household
    log_access(
        by=str(request.user.pk),
        page=page,
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
    )
