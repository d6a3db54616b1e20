"""The page of one area: how many clues and where, what lies below, and in a village the households."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.accounts.shell import area_in_view
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.home.cards import Card
from highground.home.drawing import area_url
from highground.home.households import household_list
from highground.home.overview import Overview, overview_of
from highground.home.pages import screened
from highground.home.queries import Figures, seen_area
from highground.signals.trails import area_trail
from highground.web.lists import order_of, page_of
from highground.web.numbers import number

ORDERS = {
    name: [name] for name in ("place", "clues", "overdue", "rate", "cannot_tell", "unseen", "households")
}


@require_GET
@sees(Sight.COUNTS)
def areas(request: HttpRequest) -> HttpResponseBase:
    """Go to the page of the area in view."""
    area = area_in_view(request)
    if area is None:
        raise Http404
    return redirect("home:area", code=area.code)


@require_GET
@sees(Sight.COUNTS)
def area(request: HttpRequest, code: str) -> HttpResponseBase:
    """Counts and a picture of one area, the areas below it (`?sort=`), and in a village its households (`?show=`)."""
    today, user = timezone.localdate(), request.user
    found = seen_area(user, code, today)
    if found is None:
        raise Http404
    overview = overview_of(request, found, today)
    opens = may_see(user, today, Sight.HOUSEHOLDS, found.path)
    sort, fields = order_of(request, ORDERS, "-clues")
    *above, _here = area_trail(user, found, today)
    context = {
        "area": found,
        "overview": overview,
        "trail": [*above, (str(found), "")],
        "title": headline_of(found, overview.figures),
        "sentence": capfirst(screened(overview.run, overview.figures)) if overview.run else "",
        "cards": area_cards(found, overview.figures, opens),
        "page": page_of(request, rows_below(overview, fields[0])),
        "sort": sort,
        "today": today,
        "households": household_list(request, found, today) if opens and lists_households(overview) else None,
        "in_view": area_in_view(request) == found,
    }
    return render(request, "home/area.html", context)


def headline_of(area: Area, figures: Figures) -> str:
    """The answer: how many clues, and how many of them are late."""
    words = {"area": area, "clues": number(figures.clues), "overdue": number(figures.overdue)}
    if not figures.clues and not figures.tallied:
        return _("%(area)s has not been screened yet") % words
    if not figures.clues:
        return _("No open clue in %(area)s") % words
    if not figures.overdue:
        return ngettext("%(clues)s clue in %(area)s", "%(clues)s clues in %(area)s", figures.clues) % words
    return (
        ngettext(
            "%(clues)s clue in %(area)s, %(overdue)s overdue",
            "%(clues)s clues in %(area)s, %(overdue)s overdue",
            figures.clues,
        )
        % words
    )


def area_cards(area: Area, figures: Figures, opens: bool) -> list[Card]:
    """The counts of an area; for those who may open households each leads to the list behind it."""
    if not figures.tallied and not figures.clues:
        return []
    place = urlencode({"area": area.code})

    def door(name: str, count: int, button: str) -> dict[str, Any]:
        return {"url": f"{reverse(name)}?{place}", "button": button} if opens and count else {}

    coming = _("%(late)s overdue, %(week)s due this week") % {
        "late": number(figures.overdue),
        "week": number(figures.week),
    }
    return [
        Card(
            _("Open clues"),
            figures.clues,
            coming if figures.clues else _("Nobody waits for a visit."),
            "clay" if figures.clues else "green",
            primary=True,
            **door("signals:clues", figures.clues, _("Follow them")),
        ),
        Card(
            _("Cannot tell yet"),
            figures.cannot_tell,
            _("Something is missing or too old.")
            if figures.cannot_tell
            else _("Enough is known of every household."),
            "plum" if figures.cannot_tell else "green",
            **door("signals:cannot_tell", figures.cannot_tell, _("See whom to ask")),
        ),
        Card(
            _("In no data at all"),
            figures.unseen,
            _("Nothing at all is known of these households.")
            if figures.unseen
            else _("Something is known of everybody."),
            "plum" if figures.unseen else "green",
            **door("signals:no_data", figures.unseen, _("See whom to visit")),
        ),
    ]


@dataclass(frozen=True)
class Row:
    """One area below, with its figures; the households that live in the area itself have a row without a link."""

    label: str
    level: str
    url: str
    figures: Figures
    place: int


def rows_below(overview: Overview, order: str) -> list[Row]:
    """The areas right below in the wanted order (a name of `Figures` or "place", backwards with "-")."""
    rows = [
        Row(str(one), str(Level(one.level).label), area_url(one), overview.by_path[one.path], place)
        for place, one in enumerate(overview.under.children, 1)
    ]
    if rows and (overview.own.tallied or overview.own.clues):
        label = _("%(area)s itself") % {"area": overview.area}
        rows.append(Row(label, _("not in an area below"), "", overview.own, len(rows) + 1))
    name = order.removeprefix("-")
    if name == "place":
        return rows[::-1] if order.startswith("-") else rows
    sign = -1 if order.startswith("-") else 1
    # What is not known stands last, whichever way the list is sorted.
    return sorted(
        rows,
        key=lambda row: (
            (value := getattr(row.figures, name)) is None or not row.figures.tallied,
            sign * (value or 0),
            row.place,
        ),
    )


def lists_households(overview: Overview) -> bool:
    """Whether the page names households: in a village, and wherever some live in the area itself."""
    own = overview.own.tallied or bool(overview.own.clues)
    return own or not overview.under.children or Level(overview.area.level).rank >= Level.VILLAGE.rank
