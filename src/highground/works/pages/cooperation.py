"""What partners write of a project, one form for each kind of thing."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.areas.models import Area
from highground.works.actions.cooperation import add_group, add_group_year, add_money, add_partner
from highground.works.forms.projects import GroupForm, MoneyForm, PartnerForm, ProjectForm, YearForm
from highground.works.ground import WorksError, may_keep, may_write_of
from highground.works.models import Project
from highground.works.pages import door, form_page, person
from highground.works.queries.projects import projects_of, seen_sites

Writing = tuple[str, type[ProjectForm], Callable[..., Any]]


def _writings() -> dict[str, Writing]:
    return {
        "group": (_("Add a user group"), GroupForm, add_group),
        "year": (_("Write a year of a user group"), YearForm, add_group_year),
        "money": (_("Write money down"), MoneyForm, add_money),
        "partner": (_("Add a partner"), PartnerForm, add_partner),
    }


def writings_for(
    user: Any, project: Project, villages: list[Area], today: datetime.date
) -> list[tuple[str, str]]:
    """What a person may write of a project, with its words: those who only keep a village, of its groups."""
    if may_write_of(user, project, today):
        names = ["group", "year", "money", "partner"]
    else:
        names = ["group", "year"] if any(may_keep(user, one, today) for one in villages) else []
    return [(name, _writings()[name][0]) for name in names]


@require_http_methods(["GET", "POST"])
@door
def write(request: HttpRequest, code: str, what: str) -> HttpResponseBase:
    """Write down a user group, one of its years, money or a partner of a project."""
    user, today = person(request), timezone.localdate()
    found = projects_of(user, today).filter(code=code).first()
    if found is None or what not in _writings():
        raise Http404
    label, kind, verb = _writings()[what]
    villages = [site.area for site in seen_sites([found], user, today)]
    groups = list(
        found.groups.filter(area__in=villages).select_related("area").order_by("area__path", "name")
    )
    form = kind(request.POST or None, villages=villages, groups=groups, country=found.country)
    problem = ""
    if what == "year" and not groups:
        problem = _("No user group is written down yet. Add one first.")
    if request.method == "POST" and form.is_valid():
        try:
            verb(found, **form.cleaned_data, by=user, today=today)
            return redirect("works:project", code)
        except WorksError as error:
            problem = str(error)
    trail = [
        (_("Projects"), reverse("works:projects")),
        (str(found), reverse("works:project", args=[code])),
        (label, ""),
    ]
    return form_page(request, form, problem, title=label, sentence=str(found), button=label, trail=trail)
