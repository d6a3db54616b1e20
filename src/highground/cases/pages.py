"""The inbox: which cases wait for me, which are late, which wait for others."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.cases.inbox import (
    cases_of,
    count_cases,
    count_steps,
    csv_header,
    csv_rows,
    of_person,
    rows_of,
    tabs,
    turns_of,
)
from highground.cases.shell import keep_waiting
from highground.signals.places import areas_of, place_pills, places_in
from highground.signals.rulebooks import latest_books, said
from highground.web.export import csv_response
from highground.web.lists import Pill, order_of, page_of, pill

HOUSEHOLDS: dict[str, list[Any]] = {
    "household": ["household__number", "pk"],
    "-household": ["-household__number", "-pk"],
}
LISTS = ("mine", "overdue", "others", "monitored", "exited", "closed")


def _order(sort: str, due: str) -> list[Any]:
    """The columns to sort by; what has no day comes last either way."""
    if sort in HOUSEHOLDS:
        return HOUSEHOLDS[sort]
    first = F(due).desc(nulls_last=True) if sort.startswith("-") else F(due).asc(nulls_last=True)
    return [first, "-pk" if sort.startswith("-") else "pk"]


@require_GET
@sees(Sight.CASES)
def inbox(request: HttpRequest) -> HttpResponseBase:
    """The cases in the area in view; `?show=`, `?step=`, `?area=`, `?sort=`; as CSV with `?format=csv`."""
    user, today, books = request.user, timezone.localdate(), latest_books()
    area, chosen = areas_of(request, Sight.CASES)
    show = request.GET.get("show", "mine")
    show = show if show in LISTS else "mine"
    everything = cases_of(user, area, books, today)
    counts = count_cases(everything, area, books, today)
    turns = turns_of(user, books, today)
    mine = turns.filter(of_person(user, today))
    found = everything.filter(tabs(books, today)[show])
    if chosen:
        found = found.filter(household__area__path__startswith=chosen.path)
    steps = count_steps(mine if show == "mine" else turns, found)
    rulebook, _colon, step = request.GET.get("step", "").partition(":")
    if step:
        at_step = turns.filter(case=OuterRef("pk"), step=step)
        found = found.filter(Exists(at_step), rulebook=rulebook)
    sort = order_of(request, {"due": [], "household": []}, "due")[0]
    found = found.order_by(*_order(sort, "my_due" if show == "mine" else "due_on")).select_related(
        "household__area__parent", "rulebook_version"
    )
    found = found.defer("rulebook_version__content")
    shown_turns = mine if show == "mine" else turns
    if request.GET.get("format") == "csv":
        return csv_response("cases.csv", csv_header(), csv_rows(found, user, today, shown_turns))
    totals = {name: sum(places.values()) for name, places in counts.items()}
    keep_waiting(request, area, totals["mine"])
    page = page_of(request, found, total=_total(steps, rulebook, step, chosen, counts[show], totals[show]))
    places = places_in(area)
    context = {
        "page": page,
        "rows": rows_of(page.rows, user, today, shown_turns),
        "totals": totals,
        "show": show,
        "lists": _lists(request, totals, show),
        "places": place_pills(request, places, counts[show]),
        "steps": _steps(request, steps, books, step),
        "sort": sort,
        "area": area,
        "filtered": bool(step or chosen),
    }
    return render(request, "cases/inbox.html", context)


def _total(steps: Any, rulebook: str, step: str, chosen: Any, places: Any, total: int) -> int:
    """How many rows the list has, from what was counted already."""
    if step:
        return sum(count for book, name, count in steps if (book, name) == (rulebook, step))
    return places[chosen.path] if chosen else total


def _lists(request: HttpRequest, totals: dict[str, int], show: str) -> list[Pill]:
    labels = {
        "mine": _("Waiting for me"),
        "overdue": _("Overdue"),
        "others": _("Waiting for others"),
        "monitored": _("Monitored"),
        "exited": _("Exited"),
        "closed": _("Closed"),
    }
    return [
        Pill(
            label,
            pill(request, label, show=None if name == "mine" else name, step=None).url,
            totals[name],
            current=name == show,
        )
        for name, label in labels.items()
    ]


def _steps(request: HttpRequest, steps: Any, books: Any, chosen: str) -> list[Pill]:
    """The menu of steps, each with in how many cases it can be taken."""
    found = [pill(request, _("All"), step=None)] if chosen else []
    for rulebook, name, count in steps:
        book = books.get(rulebook)
        known = book.procedure.steps.get(name) if book and book.procedure else None
        label = capfirst(said(known.label)) if known else name
        found.append(pill(request, label, step=f"{rulebook}:{name}", count=count))
    return found
