"""What people work through: the clues, and the households that nothing could be said about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

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
from highground.accounts.queries import may_see
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.areas.queries import children
from highground.signals.enums import Queue
from highground.signals.queries import (
    clue_counts,
    counts_by_path,
    fold,
    open_clues,
    queue_counts,
    queue_of,
    rule_counts,
    shown,
)
from highground.signals.rulebooks import fact_label, latest_books, rule_words, said
from highground.signals.shell import open_count
from highground.web.export import csv_response
from highground.web.lists import Pill, order_of, page_of, pill

ORDERS = {
    "due": ["due_on", "-severity", "kind", "pk"],
    "severity": ["-severity", "kind", "due_on", "pk"],
    "household": ["household__number", "pk"],
}
MOST_PLACES = 60


@require_GET
@sees(Sight.HOUSEHOLDS)
def clues(request: HttpRequest) -> HttpResponseBase:
    """The open clues in the area in view; `?show=`, `?rule=`, `?area=`, `?sort=`; as CSV with `?format=csv`."""
    today, area = timezone.localdate(), _area(request)
    every = open_clues(request.user, area)
    places = _places(area)
    chosen = _chosen(request, places)
    found = open_clues(request.user, chosen or area).filter(shown(request.GET.get("show", ""), today))
    rulebook, _colon, rule = request.GET.get("rule", "").partition(":")
    if rule:
        found = found.filter(rulebook=rulebook, rule=rule)
    sort, fields = order_of(request, ORDERS, "due")
    found = found.select_related("household__area__parent").annotate(cleared_on=F("cleared_by__as_of"))
    found = found.order_by(*fields)
    books = latest_books()
    if request.GET.get("format") == "csv":
        return csv_response("clues.csv", _clue_header(), _clue_rows(found, books))
    counts = clue_counts(every, today)
    by_place = fold(counts_by_path(every), places)
    kinds = [
        (_("All"), None, "all"),
        (_("Overdue"), "overdue", "overdue"),
        (_("Due this week"), "week", "week"),
        (_("New"), "new", "new"),
        (_("Cleared since"), "cleared", "cleared"),
    ]
    context = {
        "page": page_of(request, found),
        "counts": counts,
        "queues": _queues(request, area),
        "pills": [pill(request, label, show=value, count=counts[key]) for label, value, key in kinds],
        "rules": [
            *([pill(request, _("All"), rule=None)] if rule else []),
            *(
                pill(request, capfirst(rule_words(books.get(book), name)), rule=f"{book}:{name}", count=count)
                for book, name, count in rule_counts(every)
            ),
        ],
        "places": _place_pills(request, places, by_place),
        "sort": sort,
        "books": books,
        "today": today,
        "area": area,
        "filtered": any(request.GET.get(name) for name in ("show", "rule", "area")),
    }
    return render(request, "signals/clues.html", context)


def _area(request: HttpRequest) -> Area | None:
    """What the list is of: the area in view, or one that `?area=` names elsewhere, if the person may look there.

    An area right below the one in view is a filter instead, so that the others stay beside it.
    """
    in_view, wanted = area_in_view(request), request.GET.get("area", "")
    named = Area.objects.filter(code=wanted).first() if wanted else None
    if named is None or (in_view and named.parent_id == in_view.pk):
        return in_view
    may_look = may_see(request.user, timezone.localdate(), Sight.HOUSEHOLDS, named.path)
    return named if may_look else in_view


def _queues(request: HttpRequest, area: Area | None) -> list[Pill]:
    """The three lists of what is waiting, each with how much."""
    waiting = queue_counts(request.user, area)
    lists = [
        (_("Clues to follow"), reverse("signals:clues"), open_count(request)),
        (_("Cannot tell"), reverse("signals:cannot_tell"), waiting.get(Queue.CANNOT_TELL, 0)),
        (_("In no data at all"), reverse("signals:no_data"), waiting.get(Queue.UNSEEN, 0)),
    ]
    return [Pill(label, url, count, current=request.path == url) for label, url, count in lists]


def _places(area: Area | None) -> list[Area]:
    """The areas right below the one in view; none where there are too many for a menu."""
    found = list(children(area)[: MOST_PLACES + 1]) if area else []
    return found if len(found) <= MOST_PLACES else []


def _chosen(request: HttpRequest, places: Sequence[Area]) -> Area | None:
    wanted = request.GET.get("area", "")
    return next((place for place in places if place.code == wanted), None)


def _place_pills(request: HttpRequest, places: Sequence[Area], counts: dict[str, int]) -> list[Pill]:
    if not places:
        return []
    return [
        *([pill(request, _("All"), area=None)] if "area" in request.GET else []),
        *(pill(request, str(place), area=place.code, count=counts[place.path]) for place in places),
    ]


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
    area = _area(request)
    every = queue_of(request.user, area, queue)
    places = _places(area)
    chosen = _chosen(request, places)
    found = queue_of(request.user, chosen or area, queue)
    found = found.select_related("household__area__parent").annotate(run_day=F("run__as_of"))
    found = found.order_by("household_id", "pk")
    books = latest_books()
    if request.GET.get("format") == "csv":
        return csv_response(f"{queue}.csv", _queue_header(), _queue_rows(found, books))
    by_path = counts_by_path(every)
    total = sum(by_path.values())
    by_place = fold(by_path, places)
    context = {
        "page": page_of(request, found, total=by_place[chosen.path] if chosen else total),
        "total": total,
        "queues": _queues(request, area),
        "places": _place_pills(request, places, by_place),
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
