"""Villages: the list of an area, and the page of one."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from highground.areas.models import Area
from highground.works.pages import door, person, tabs
from highground.works.queries.projects import projects_of, seen_village


def village_or_404(request: HttpRequest, code: str) -> Area:
    """A village that the person sees."""
    found = seen_village(person(request), code, timezone.localdate())
    if found is None:
        raise Http404
    return found


@require_safe
@door
def villages(request: HttpRequest) -> HttpResponseBase:
    """The villages of the area in view."""
    context: dict[str, Any] = {"tabs": tabs(request)}
    return render(request, "works/villages.html", context)


@require_safe
@door
def village(request: HttpRequest, code: str) -> HttpResponseBase:
    """A village: what it has, what is built, who earns there, and which projects work there."""
    user, today = person(request), timezone.localdate()
    found = village_or_404(request, code)
    context = {
        "village": found,
        "projects": projects_of(user, today).filter(sites__area=found),
        "tabs": tabs(request),
    }
    return render(request, "works/village.html", context)
