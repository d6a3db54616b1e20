"""The causes that monitored households name: exactly in one's own area, and in a table that never changes for others."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.areas.models import SEGMENT, Area
from highground.cases.enums import CaseStatus
from highground.cases.models import Case
from highground.knowledge.hiding import Column, tell
from highground.knowledge.models import CauseTable

BESIDE = (
    "counts of the areas beside one's own are told in bands, none of fewer than ten households (hiding.py)"
)


@dataclass(frozen=True)
class Causes:
    """Monitored households of an area, and how many of them name each cause, the most common first."""

    households: int
    counts: dict[str, int]


def causes_in(area: Area, user: Any, today: datetime.date) -> Causes:
    """The causes of the households that are monitored now, for somebody who sees counts there. Two queries.

    Those who hold a role in the area see them exactly: the same people read its case board.
    """
    rows = Case.counted.visible_in(area.path, user, today).filter(status=CaseStatus.MONITORED)
    return Causes(rows.values("household").distinct().count(), dict(_tally(rows).most_common()))


def _tally(rows: QuerySet[Case]) -> Counter[str]:
    """How many households name each cause. The database counts each set of causes; there are few of them."""
    counts: Counter[str] = Counter()
    for risks, count in (
        rows.order_by().values_list("risks").annotate(count=Count("household", distinct=True))
    ):
        for risk in risks:
            if risk != "other":
                counts[risk] += count
    return counts


def end_of_quarter(today: datetime.date) -> datetime.date:
    """The last day of the last quarter that is over."""
    first = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
    return first - datetime.timedelta(days=1)


def causes_beside(area: Area, user: Any, today: datetime.date) -> tuple[datetime.date, dict[str, Column]]:
    """What is told of the areas beside an area, by cause; the day it is of. Empty for an area without a parent."""
    as_of = end_of_quarter(today)
    if area.parent is None:
        return as_of, {}
    cells = table_of(area.parent, as_of)
    own = {child for child in cells if may_see(user, today, Sight.COUNTS, child)}
    causes = sorted({cause for row in cells.values() for cause in row})
    return as_of, {
        cause: tell({child: row.get(cause, 0) for child, row in cells.items()}, own) for cause in causes
    }


def table_of(parent: Area, as_of: datetime.date) -> dict[str, dict[str, int]]:
    """Counts by the path of each area right below and by cause, as they were first told for this day."""
    held = CauseTable.objects.everywhere(reason=BESIDE).filter(area=parent, as_of=as_of).first()
    if held is None:
        try:
            with transaction.atomic():
                held = CauseTable.objects.create(area=parent, as_of=as_of, cells=_count_below(parent, as_of))
        except IntegrityError:  # somebody else asked at the same moment
            held = CauseTable.objects.everywhere(reason=BESIDE).get(area=parent, as_of=as_of)
    return dict(held.cells)


def _count_below(parent: Area, as_of: datetime.date) -> dict[str, dict[str, int]]:
    """Households that were monitored on a day, by the area right below `parent` and by cause."""
    children = Area.objects.filter(parent=parent).values_list("path", flat=True)
    found: dict[str, Counter[str]] = {path: Counter() for path in children}
    monitored = (
        Q(recognised_on__lte=as_of)
        & (Q(exited_on__isnull=True) | Q(exited_on__gt=as_of))
        & (Q(closed_on__isnull=True) | Q(closed_on__gt=as_of))
    )
    rows = Case.counted.everywhere(reason=BESIDE).filter(
        monitored, household__area__path__startswith=parent.path
    )
    below = Substr("household__area__path", 1, len(parent.path) + SEGMENT)
    grouped = rows.order_by().annotate(below=below).values_list("below", "risks")
    for path, risks, count in grouped.annotate(count=Count("household", distinct=True)):
        for risk in risks:
            if path in found and risk != "other":
                found[path][risk] += count
    return {path: dict(counts) for path, counts in found.items()}
