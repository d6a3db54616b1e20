"""The page on which another contact officer is named."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.audit.actions import log_access
from highground.cases.actions.contacts import hand_over, may_hand_over
from highground.cases.case_page import case_in_scope, case_trail
from highground.cases.flow import procedure_for, today_for
from highground.cases.forms.base import REFUSED, explain
from highground.cases.forms.village import HandOverForm
from highground.cases.models import Case


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def contact(request: HttpRequest, number: int) -> HttpResponseBase:
    """Ask who looks after the household from now on. The look is logged; whoever may not decide it reads so."""
    user: Any = request.user
    case = case_in_scope(request, number)
    today = today_for(procedure_for(case))
    log_access(
        by=str(user.pk),
        page="cases.contact",
        subject_kind="household",
        subject_id=case.household.key,
        area_path=case.household.area.path,
    )
    back = reverse("cases:case", args=[case.pk])
    context: dict[str, Any] = {
        "case": case,
        "title": _("Who looks after household %(number)s from now on?") % {"number": case.household.number},
        "trail": case_trail(case, user, today, _("Name another contact officer")),
        "back": back,
    }
    if not may_hand_over(case, user, today):
        context["why_not"] = _(
            "Another contact officer is named by those who name the first, while a case with one is under way."
        )
        return render(request, "cases/step.html", context)
    form = HandOverForm(request.POST if request.method == "POST" else None, case=case, user=user, today=today)
    if not form.people:
        context["why_not"] = _("Nobody else holds a role here in which they could visit this household.")
        return render(request, "cases/step.html", context)
    if form.is_bound and form.is_valid():
        try:
            hand_over(case, to=form.contact(), by=user, today=today, former=form.cleaned_data["seen"])
        except REFUSED as error:
            form = _as_it_is_now(request, case, user, today)
            for text in explain(error, procedure_for(case), {}):
                form.add_error(None, text)
        else:
            messages.success(
                request, _("%(name)s looks after this household from now on.") % {"name": form.contact()}
            )
            return redirect(back)
    context |= {
        "form": form,
        "sentence": _("Now it is %(name)s.") % {"name": case.contact},
    }
    return render(request, "cases/step.html", context, status=422 if form.errors else 200)


def _as_it_is_now(request: HttpRequest, case: Case, user: Any, today: datetime.date) -> HandOverForm:
    """The question asked anew of the case as it stands now, with what was chosen."""
    case.refresh_from_db(fields=["contact"])
    data = request.POST.copy()
    data["seen"] = str(case.contact_id or "")
    form = HandOverForm(data, case=case, user=user, today=today)
    form.full_clean()
    return form
