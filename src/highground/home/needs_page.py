"""Needs near me: which causes the monitored households of an area name, and for each what has worked and whom to ask."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.home.queries import seen_area
from highground.knowledge.cards import card_of, person_of
from highground.knowledge.causes import Causes, causes_beside, causes_in
from highground.knowledge.hiding import Band, Column, Told
from highground.knowledge.languages import reading
from highground.knowledge.matching import Wanted, count_shown, look_for, with_texts
from highground.knowledge.pages import language_pills, tabs
from highground.knowledge.reading import causes as known_causes
from highground.knowledge.words import (
    cause_word,
    filled,
    in_language,
    language_of,
    marked,
    own_word,
    said,
    words_for,
)
from highground.signals.trails import area_trail
from highground.web.numbers import number, percent
from highground.web.pictures import Bar

MATCHED = 3
"""Causes for which practices and people stand on the page; the others are one click away."""
PRACTICES = PEOPLE = 2
INCOME = {
    "BN": "high", "CN": "upper_middle", "ID": "upper_middle", "KH": "lower_middle", "LA": "lower_middle",
    "MM": "lower_middle", "MY": "upper_middle", "PH": "lower_middle", "SG": "high", "TH": "upper_middle",
    "VN": "lower_middle",
}  # fmt: skip
"""The World Bank's income groups of 2025, not verified: what is tried in a country of like income stands a little higher."""


@dataclass(frozen=True)
class Need:
    """One cause with its count, what has worked, and whom to ask."""

    cause: str
    label: str
    count: int
    share: str
    url: str
    all_worked: str
    practices: list[dict[str, Any]]
    people: list[dict[str, Any]]


@require_GET
@sees(Sight.COUNTS)
def here(request: HttpRequest) -> HttpResponseBase:
    """Go to the needs of the area in view, in the language that the address asks for."""
    area = area_in_view(request)
    if area is None:
        raise Http404
    asked = request.META.get("QUERY_STRING", "")
    return redirect(reverse("home:needs", args=[area.code]) + (f"?{asked}" if asked else ""))


@require_GET
@sees(Sight.COUNTS)
def needs(request: HttpRequest, code: str) -> HttpResponseBase:
    """The causes of an area, the most common first, each one click from practices and people; and what is told of others."""
    user: Any = request.user
    today, reader = timezone.localdate(), reading(request)
    found = seen_area(user, code, today)
    if found is None:
        raise Http404
    words = words_for(reader)
    causes = causes_in(found, user, today)
    rows = [
        _need(request, found, cause, causes, place, reader, words, today)
        for place, cause in enumerate(causes.counts)
    ]
    as_of, beside = causes_beside(found, user, today)
    *above, _here = area_trail(user, found, today)
    context = {
        "area": found,
        "trail": [*above, (str(found), reverse("home:area", args=[found.code])), (_("Needs"), "")],
        "title": _title(found, causes, rows, reader),
        "sentence": said("needs_intro", reader),
        "needs": [one for one in rows if one.practices],
        "bars": [Bar(one.label, one.count, "clay", one.url) for one in rows],
        "beside": _beside(found, beside, [one.cause for one in rows], reader) if beside else None,
        "as_of": as_of,
        "languages_read": language_pills(request),
        "words": marked(words, reader),
        "reader": reader,
        "tabs": tabs(request, today),
    }
    return render(request, "home/needs.html", context)


def _title(area: Area, causes: Causes, rows: list[Need], reader: str) -> str:
    if not causes.households:
        return _("No household is monitored in %(area)s") % {"area": area}
    if not rows:
        return _("The monitored households of %(area)s name no cause yet") % {"area": area}
    words = own_word("needs_title", reader) or ngettext(
        "%(cause)s: named by %(count)s of %(all)s monitored household in %(area)s",
        "%(cause)s: named by %(count)s of %(all)s monitored households in %(area)s",
        causes.households,
    )
    title = filled(
        words, cause=rows[0].label, count=number(rows[0].count), all=number(causes.households), area=area
    )
    return in_language(title, language_of("needs_title", reader))


def _need(
    request: HttpRequest,
    area: Area,
    cause: str,
    causes: Causes,
    place: int,
    reader: str,
    words: dict[str, str],
    today: datetime.date,
) -> Need:
    """A cause, for the first of them with practices and people. A fixed number of queries."""
    income = INCOME.get(area.country, "")
    query = {"cause": cause, "lang": reader, **({"income": income} if income else {})}
    count = causes.counts[cause]
    practices: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    if place < MATCHED and cause in known_causes():
        wanted = Wanted(cause=cause, income=income)
        answered = look_for(wanted, reader)
        practices = [
            card_of(one, wanted, reader, words) for one in with_texts(answered.practices[:PRACTICES], reader)
        ]
        people = [person_of(one, reader) for one in answered.people[:PEOPLE]]
        count_shown([one.expert.pk for one in answered.people[:PEOPLE]], today)
    label = in_language(cause_word(cause, reader), reader)
    return Need(
        cause, label, count, percent(count / causes.households), f"{reverse('knowledge:search')}?{urlencode(query)}",
        said("all_worked", reader, cause=label), practices, people,
    )  # fmt: skip


@dataclass(frozen=True)
class Beside:
    """What is told of the areas around: their names, and of each cause the words of each cell and of all together."""

    parent: Area
    areas: list[Area]
    rows: list[tuple[str, list[str], str]]


def _beside(area: Area, columns: dict[str, Column], first: list[str], reader: str) -> Beside | None:
    """A row for each cause, the area's own first; areas in their order. One query."""
    if area.parent is None:
        return None
    areas = list(
        Area.objects.filter(parent=area.parent, path__in=next(iter(columns.values())).cells).order_by("path")
    )
    ordered = [*(one for one in first if one in columns), *(one for one in columns if one not in first)]
    rows = [
        (
            in_language(cause_word(cause, reader), reader),
            [_told(columns[cause].cells[one.path]) for one in areas],
            _told(columns[cause].total),
        )
        for cause in ordered
    ]
    return Beside(area.parent, areas, rows)


def _told(value: Told) -> str:
    if value is None:
        return _("hidden")
    if isinstance(value, Band):
        return _("%(low)s to %(high)s") % {"low": number(value.low), "high": number(value.high)}
    return number(value)
