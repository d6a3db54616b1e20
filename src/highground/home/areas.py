"""An area as counts and a picture, down to the village."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.accounts.shell import area_in_view
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.home.pictures import area_picture, reason_bars, tally_bars
from highground.people.models import Household
from highground.signals.queries import last_run_of, open_clues, tally_of
from highground.signals.rulebooks import latest_books
from highground.signals.trails import area_trail
from highground.web.lists import page_of


@require_GET
@sees(Sight.COUNTS)
def areas(request: HttpRequest) -> HttpResponseBase:
    """The area in view."""
    area = area_in_view(request)
    if area is None:
        raise Http404
    return redirect("home:area", code=area.code)


@require_GET
@sees(Sight.COUNTS)
def area(request: HttpRequest, code: str) -> HttpResponseBase:
    """One area: how many households and clues, where and why; a village with its households."""
    user, today = request.user, timezone.localdate()
    found = Area.objects.filter(code=code).first()
    if found is None or not may_see(user, today, Sight.COUNTS, found.path):
        raise Http404
    households = may_see(user, today, Sight.HOUSEHOLDS, found.path)
    tally, picture = tally_of(user, found), area_picture(user, found)
    trail = area_trail(user, found, today)
    context = {
        "here": found,
        "trail": [*trail[:-1], (str(found), "")],
        "sees_households": households,
        "tally": tally,
        "picture": picture,
        "run": last_run_of(user, found),
        "reasons": reason_bars(user, found, linked=False),
        "verdicts": tally_bars(tally, linked=False),
        "level": found.get_level_display(),
        "today": today,
    }
    if households and found.level in (Level.VILLAGE, Level.GROUP):
        context |= _village(request, found)
    return render(request, "home/area.html", context)


def _village(request: HttpRequest, village: Area) -> dict[str, object]:
    """The village's clues by deadline, and its households."""
    clues = (
        open_clues(request.user, village).select_related("household").order_by("due_on", "-severity", "pk")
    )
    people = Household.objects.visible_to(request.user).filter(area__path__startswith=village.path)
    return {
        "clues": clues[:50],
        "books": latest_books(),
        "page": page_of(request, people.order_by("number", "pk")),
        "households_label": _("Households of the village"),
    }
