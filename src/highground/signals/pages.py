"""What people work through: the clues, and the households that nothing could be said about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.signals.enums import Queue
from highground.signals.places import areas_of, place_pills, places_in
from highground.signals.queries import (
    count_clues,
    open_clues,
    queue_counts,
    queue_of,
    shown,
)
from highground.signals.rulebooks import fact_label, latest_books, rule_words, said
from highground.signals.shell import keep_open_count, open_count
from highground.web.export import csv_response
from highground.web.lists import Pill, order_of, page_of, pill

ORDERS = {
    "due": ["due_on", "-severity", "kind", "pk"],
    "severity": ["-severity", "kind", "due_on", "pk"],
    "household": ["household__number", "pk"],
}


@require_GET
@sees(Sight.HOUSEHOLDS)
def clues(request: HttpRequest) -> HttpResponseBase:
    """The open clues in the area in view; `?show=`, `?rule=`, `?area=`, `?sort=`; as CSV with `?format=csv`."""
    today, show = timezone.localdate(), request.GET.get("show", "")
    area, chosen = areas_of(request)
    found = open_clues(request.user, chosen or area).filter(shown(show, today))
    rulebook, _colon, rule = request.GET.get("rule", "").partition(":")
    if rule:
        found = found.filter(rulebook=rulebook, rule=rule)
    sort, fields = order_of(request, ORDERS, "due")
    found = found.select_related("household__area__parent").annotate(cleared_on=F("cleared_by__as_of"))
    found = found.order_by(*fields)
    books = latest_books()
    if request.GET.get("format") == "csv":
        return csv_response("clues.csv", _clue_header(), _clue_rows(found, books))
    counts = count_clues(open_clues(request.user, area), area, today)
    by_kind, places = counts.by_kind(), places_in(area)
    by_place = {place.path: counts.count(place=place.path) for place in places}
    total = counts.count(show, place=chosen.path if chosen else "", rule=(rulebook, rule) if rule else None)
    keep_open_count(request, area, by_kind["all"])
    kinds = [
        (_("All"), None, "all"),
        (_("Overdue"), "overdue", "overdue"),
        (_("Due this week"), "week", "week"),
        (_("New"), "new", "new"),
        (_("Cleared since"), "cleared", "cleared"),
    ]
    context = {
        "page": page_of(request, found, total=total),
        "counts": by_kind,
        "queues": _queues(request, area, by_kind["all"], queue_counts(request.user, area)),
        "pills": [pill(request, label, show=value, count=by_kind[key]) for label, value, key in kinds],
        "rules": [
            *([pill(request, _("All"), rule=None)] if rule else []),
            *(
                pill(request, capfirst(rule_words(books.get(book), name)), rule=f"{book}:{name}", count=count)
                for book, name, count in counts.by_rule()
            ),
        ],
        "places": place_pills(request, places, by_place),
        "sort": sort,
        "books": books,
        "today": today,
        "area": area,
        "filtered": any(request.GET.get(name) for name in ("show", "rule", "area")),
    }
    return render(request, "signals/clues.html", context)


def _queues(
    request: HttpRequest, area: Area | None, clues: int, waiting: Mapping[str, Mapping[str, int]]
) -> list[Pill]:
    """The three lists of what is waiting in `area`, each with how much."""
    elsewhere = f"?{urlencode({'area': area.code})}" if area and area != area_in_view(request) else ""
    lists = [
        (_("Clues to follow"), reverse("signals:clues"), clues),
        (_("Cannot tell"), reverse("signals:cannot_tell"), sum(waiting[Queue.CANNOT_TELL].values())),
        (_("In no data at all"), reverse("signals:no_data"), sum(waiting[Queue.UNSEEN].values())),
    ]
    return [Pill(label, url + elsewhere, count, current=request.path == url) for label, url, count in lists]


def _clue_header() -> list[str]:
    return [
        _("Clue"), _("Household"), _("Pseudonym"), _("Township"), _("Village"), _("Reason"), _("Why"), _("Severity"),
        _("Opened"), _("Visit due"), _("Rulebook"), _("Cleared by the run of"),
    ]  # fmt: skip


def _clue_rows(found: QuerySet[Any], books: Any) -> Iterator[list[Any]]:
    for clue in found.iterator(chunk_size=2000):
        area = clue.household.area
        yield [
            clue.pk,
            clue.household.number,
            clue.household.key,
            str(area.parent) if area.parent else "",
            str(area),
            rule_words(books.get(clue.rulebook), clue.rule),
            said(clue.evidence.get("short")),
            clue.get_severity_display(),
            clue.opened_on,
            clue.due_on,
            clue.rulebook,
            clue.cleared_on,
        ]


@require_GET
@sees(Sight.HOUSEHOLDS)
def cannot_tell(request: HttpRequest) -> HttpResponseBase:
    """Households that the last run could not judge, with what is missing of each; as CSV with `?format=csv`."""
    return _queue(request, Queue.CANNOT_TELL, "signals/cannot_tell.html")


@require_GET
@sees(Sight.HOUSEHOLDS)
def no_data(request: HttpRequest) -> HttpResponseBase:
    """Households of whom nothing at all is known; as CSV with `?format=csv`."""
    return _queue(request, Queue.UNSEEN, "signals/no_data.html")


def _queue(request: HttpRequest, queue: Queue, template: str) -> HttpResponseBase:
    area, chosen = areas_of(request)
    found = queue_of(request.user, chosen or area, queue)
    found = found.select_related("household__area__parent").annotate(run_day=F("run__as_of"))
    found = found.order_by("household_id", "pk")
    books = latest_books()
    if request.GET.get("format") == "csv":
        return csv_response(f"{queue}.csv", _queue_header(), _queue_rows(found, books))
    waiting = queue_counts(request.user, area)
    by_place, total = waiting[queue], sum(waiting[queue].values())
    context = {
        "page": page_of(request, found, total=by_place.get(chosen.path, 0) if chosen else total),
        "total": total,
        "queues": _queues(request, area, open_count(request, area), waiting),
        "places": place_pills(request, places_in(area), by_place),
        "books": books,
        "area": area,
        "today": timezone.localdate(),
    }
    return render(request, template, context)


def _queue_header() -> list[str]:
    return [
        _("Household"),
        _("Pseudonym"),
        _("Township"),
        _("Village"),
        _("Never told"),
        _("Too old"),
        _("Run of"),
    ]


def _queue_rows(found: QuerySet[Any], books: Any) -> Iterator[list[Any]]:
    for verdict in found.iterator(chunk_size=2000):
        area, book = verdict.household.area, books.get(verdict.rulebook)
        yield [
            verdict.household.number,
            verdict.household.key,
            str(area.parent) if area.parent else "",
            str(area),
            "; ".join(said(fact_label(book, name)) for name in verdict.unheard),
            "; ".join(said(fact_label(book, name)) for name in verdict.outdated),
            verdict.run_day,
        ]
