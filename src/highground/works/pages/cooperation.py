"""What partners write of a project, one form for each kind of thing."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.areas.models import Area
from highground.works.actions.cooperation import (
    add_figure,
    add_group,
    add_group_year,
    add_money,
    add_partner,
)
from highground.works.actions.roles import end_project_role, give_project_role
from highground.works.forms.projects import (
    FigureForm,
    GroupForm,
    MoneyForm,
    PartnerForm,
    ProjectForm,
    RoleForm,
    YearForm,
)
from highground.works.ground import WorksError, may_give_roles, may_keep, may_write_of
from highground.works.models import Project, told
from highground.works.pages import door, form_page, person
from highground.works.queries.projects import Series, projects_of, roles_for, seen_sites, series_of

Writing = tuple[str, type[ProjectForm], Callable[..., Any]]


def _writings() -> dict[str, Writing]:
    return {
        "group": (_("Add a user group"), GroupForm, add_group),
        "year": (_("Write a year of a user group"), YearForm, add_group_year),
        "figure": (_("Write a figure down"), FigureForm, add_figure),
        "money": (_("Write money down"), MoneyForm, add_money),
        "partner": (_("Add a partner"), PartnerForm, add_partner),
    }


def writings_for(
    user: Any, project: Project, villages: list[Area], today: datetime.date
) -> list[tuple[str, str]]:
    """What a person may write of a project, with its words: those who only keep a village, of its groups."""
    if may_write_of(user, project, today):
        names = ["figure", "money", "partner", "group", "year"]
    else:
        names = ["group", "year"] if any(may_keep(user, one, today) for one in villages) else []
    return [(name, _writings()[name][0]) for name in names]


def counted_in(series: Iterable[Series]) -> dict[str, tuple[str, str]]:
    """What was counted of a project: its name and its unit, by its code."""
    return {one.figures[0].indicator: (told(one.label), told(one.unit)) for one in series}


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
    options = {"counted": counted_in(series_of(found, user, today))} if what == "figure" else {}
    form = kind(request.POST or None, villages=villages, groups=groups, country=found.country, **options)
    problem = ""
    if what == "year" and not groups:
        problem = _("No user group is written down yet. Add one first.")
    if request.method == "POST" and form.is_valid():
        try:
            verb(found, **form.cleaned_data, by=user, today=today)
            messages.success(request, _("Written down."))
            return redirect("works:project", code)
        except WorksError as error:
            problem = str(error)
    trail = [
        (_("Projects"), reverse("works:projects")),
        (str(found), reverse("works:project", args=[code])),
        (label, ""),
    ]
    return form_page(request, form, problem, title=label, sentence=str(found), button=label, trail=trail)


@require_http_methods(["GET", "POST"])
@door
def roles(request: HttpRequest, code: str) -> HttpResponseBase:
    """Who holds a role for a project, for those who give and end them."""
    user, today = person(request), timezone.localdate()
    found = projects_of(user, today).filter(code=code).first()
    if found is None or not may_give_roles(user, found, today):
        raise Http404
    giving = request.POST.get("do") == "give"
    form, problem = RoleForm(request.POST if giving else None), ""
    if request.method == "POST" and (not giving or form.is_valid()):
        try:
            if giving:
                give_project_role(found, **form.cleaned_data, by=user, today=today)
            else:
                number = request.POST.get("end", "")
                end_project_role(found, number=int(number) if number.isdecimal() else 0, by=user, today=today)
            messages.success(request, _("Written down."))
            return redirect(request.path)
        except WorksError as error:
            problem = str(error)
    context = {
        "project": found,
        "held": list(roles_for(found, today)),
        "form": form,
        "problem": problem,
        "trail": [
            (_("Projects"), reverse("works:projects")),
            (str(found), reverse("works:project", args=[code])),
            (_("Roles"), ""),
        ],
    }
    wrong = request.method == "POST" and (problem or form.errors)
    return render(request, "works/roles.html", context, status=422 if wrong else 200)
