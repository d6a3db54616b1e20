"""The households of a village: those with a clue first, each with why, when the visit is due, or what is missing."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _

from highground.areas.enums import Level
from highground.areas.models import Area
from highground.people.enums import HouseholdStatus
from highground.people.models import Household
from highground.signals.enums import ClassVerdict, ClueKind, ClueStatus, Queue
from highground.signals.models import Clue, HouseholdVerdict
from highground.signals.rulebooks import latest_books, rule_label, said
from highground.web.lists import ListPage, Pill, order_of, page_of, pill

SHOWN = {"clues": Q(waits=True), "cannot_tell": Q(asked=True), "no_data": Q(unseen=True)}
ORDERS = {"due": ["-waits", "due", "number", "pk"], "household": ["number", "pk"]}


@dataclass(frozen=True)
class HouseholdRow:
    """One household: tags say what is possible or missing, dates of the clue that is due first."""

    household: Household
    tags: list[tuple[str, str]]
    opened: datetime.date | None
    due: datetime.date | None


@dataclass(frozen=True)
class HouseholdList:
    """A page of the list with its filters."""

    page: ListPage
    rows: list[HouseholdRow]
    pills: list[Pill]
    sort: str


def household_list(request: HttpRequest, area: Area, today: datetime.date) -> HouseholdList:
    """The households on the register in a village, or that live in a larger area itself. Four queries."""
    user = request.user
    found = _waiting(user, _living_in(user, area), today)
    counts = found.aggregate(
        all=Count("pk"), **{name: Count("pk", filter=condition) for name, condition in SHOWN.items()}
    )
    shown = request.GET.get("show", "")
    if shown in SHOWN:
        found = found.filter(SHOWN[shown])
    sort, fields = order_of(request, ORDERS, "due")
    page = page_of(request, found.order_by(*fields), total=counts[shown if shown in SHOWN else "all"])
    labels = [
        (_("All"), None, "all"),
        (_("With a clue"), "clues", "clues"),
        (_("Cannot tell"), "cannot_tell", "cannot_tell"),
        (_("In no data at all"), "no_data", "no_data"),
    ]
    pills = [pill(request, label, show=value, count=counts[key]) for label, value, key in labels]
    return HouseholdList(page, _rows(user, page.rows), pills, sort)


def _living_in(user: Any, area: Area) -> QuerySet[Household]:
    found = Household.objects.visible_to(user).filter(status=HouseholdStatus.ACTIVE)
    if Level(area.level).rank >= Level.VILLAGE.rank:
        return found.filter(area__path__startswith=area.path)
    return found.filter(area=area)


def _waiting(user: Any, households: QuerySet[Household], today: datetime.date) -> QuerySet[Household]:
    """With `waits`, `due`, `asked` and `unseen`: whether a clue is open, until when, and the queues."""
    mine = {"household": OuterRef("pk")}
    clues = Clue.objects.visible_to(user, today).filter(**mine, status=ClueStatus.OPEN)
    queued = HouseholdVerdict.objects.visible_to(user, today).filter(**mine)
    first = clues.order_by().values("household").annotate(first=Min("due_on")).values("first")
    return households.annotate(
        waits=Exists(clues),
        due=Subquery(first),
        asked=Exists(queued.filter(queue=Queue.CANNOT_TELL)),
        unseen=Exists(queued.filter(queue=Queue.UNSEEN)),
    )


def _rows(user: Any, households: list[Household]) -> list[HouseholdRow]:
    """What stands beside each household of the page. Three queries."""
    shown = [household.pk for household in households]
    books = latest_books()
    clues: dict[int, list[Clue]] = defaultdict(list)
    verdicts: dict[int, list[HouseholdVerdict]] = defaultdict(list)
    open_here = Clue.objects.visible_to(user).filter(household__in=shown, status=ClueStatus.OPEN)
    for clue in open_here.order_by("due_on", "-severity", "pk"):
        clues[clue.household_id].append(clue)
    for verdict in HouseholdVerdict.objects.visible_to(user).filter(household__in=shown).order_by("pk"):
        verdicts[verdict.household_id].append(verdict)
    return [
        HouseholdRow(
            household,
            _tags(clues[household.pk], verdicts[household.pk], books),
            opened=clues[household.pk][0].opened_on if clues[household.pk] else None,
            due=clues[household.pk][0].due_on if clues[household.pk] else None,
        )
        for household in households
    ]


def _tags(clues: list[Clue], verdicts: list[HouseholdVerdict], books: Any) -> list[tuple[str, str]]:
    tags = []
    for clue in sorted(clues, key=lambda one: (-one.severity, one.due_on)):
        label = said(rule_label(books.get(clue.rulebook), clue.rule))
        if clue.kind == ClueKind.CLASS:
            tags.append((_("possible: %(label)s") % {"label": label}, "clay"))
        else:
            tags.append((label, "gold"))
    queues = {verdict.queue for verdict in verdicts}
    if Queue.CANNOT_TELL in queues:
        tags.append((_("Cannot tell"), "plum"))
    if Queue.UNSEEN in queues:
        tags.append((_("In no data at all"), "plum"))
    if tags:
        return tags
    if not verdicts:
        return [(_("not screened yet"), "grey")]
    if any(verdict.class_verdict == ClassVerdict.YES for verdict in verdicts):
        return [(_("clue closed"), "grey")]
    return [(_("nothing found"), "green")]
