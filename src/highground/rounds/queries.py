"""Reading the rounds: who is still to be visited, who was never seen, who is missed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from highground.areas.models import Area
from highground.cases.models import Visit
from highground.methods.facts.months import later
from highground.methods.risk import Missed, missed
from highground.people.enums import HouseholdStatus
from highground.people.models import Household
from highground.rounds.frame import COLUMNS, GROUPS, STRATA, fed_by_departments
from highground.rounds.models import AuditDraw, AuditVisit

MONTHS = 12
"""A household that nobody visited and no department told of for so many months was not seen."""


def audits_in(area: Area | None, user: Any, today: datetime.date) -> QuerySet[AuditVisit]:
    """The drawn households in an area that `user` sees."""
    found: QuerySet[AuditVisit] = AuditVisit.objects.visible_to(user, today)
    return found.filter(household__area__path__startswith=area.path) if area else found.none()


def never_seen(user: Any, area: Area | None, today: datetime.date) -> QuerySet[Household]:
    """The active households of an area without a visit and without any department's word for twelve months.

    They may be well: nobody can know. One query, two conditions that stop at the first row they find.
    """
    found: QuerySet[Household] = Household.objects.visible_to(user, today)
    return found.filter(_unseen(today), area__path__startswith=area.path) if area else found.none()


def unseen_in(area: Area, today: datetime.date) -> QuerySet[Household]:
    """The same for whoever works for no single person: all such households of an area."""
    found: QuerySet[Household] = Household.objects.everywhere(
        reason="the plan of visits is worked out for a whole county"
    )
    return found.filter(_unseen(today), area__path__startswith=area.path)


def _unseen(today: datetime.date) -> Q:
    since = later(today, -MONTHS)
    visits = Visit.objects.everywhere(reason="whether a household reached in scope was visited")
    visited = Exists(visits.filter(household=OuterRef("pk"), day__gt=since))
    return Q(~visited, ~fed_by_departments(since), status=HouseholdStatus.ACTIVE)


@dataclass(frozen=True)
class Estimate:
    """`draws` are those behind `result` (None: there is none yet); `under_way` those whose visits are not all made."""

    draws: Sequence[AuditDraw]
    under_way: Sequence[AuditDraw]
    result: Missed | None


def missed_of(area: Area, user: Any, today: datetime.date) -> Estimate:
    """Who is missed in an area, by the newest finished draws in it that do not overlap. Two queries.

    A draw is finished when every household of it has an outcome. Only draws of one rulebook are put together, that
    of the newest. Facts that nobody recorded are a group of their own.
    """
    draws: QuerySet[AuditDraw] = AuditDraw.objects.visible_to(user, today)
    known = list(
        draws.filter(area__path__startswith=area.path)
        .select_related("area")
        .annotate(open=Count("visits", filter=Q(visits__outcome="")))
        .order_by("-drawn_on", "-pk")
    )
    kept: list[AuditDraw] = []
    for one in known:
        if not one.open and not _overlaps(one, kept) and (not kept or one.rulebook == kept[0].rulebook):
            kept.append(one)
    under_way = [one for one in known if one.open]
    if not kept:
        return Estimate([], under_way, None)
    sample, totals = tables_of(kept, user, today)
    return Estimate(kept, under_way, missed(sample, totals, strata=["draw", *STRATA], by=[*GROUPS]))


def tables_of(draws: Sequence[AuditDraw], user: Any, today: datetime.date) -> tuple[pa.Table, pa.Table]:
    """The sample and the totals of these draws, as `methods.risk.missed` takes them. One query."""
    cells = {one.pk: one.cells for one in draws}
    visits = AuditVisit.counted.visible_to(user, today).filter(draw__in=list(cells)).order_by("pk")
    sample = [
        {
            "household": f"{draw}/{household}",
            "draw": str(draw),
            **{name: cells[draw][cell][name] for name in COLUMNS},
            "probability": probability,
            "outcome": outcome or None,
        }
        for draw, household, cell, probability, outcome in visits.values_list(
            "draw", "household", "cell", "probability", "outcome"
        )
    ]
    totals = [{"draw": str(one.pk), **cell} for one in draws for cell in one.cells]
    text = [(name, pa.string()) for name in ("draw", *COLUMNS)]
    return (
        pa.Table.from_pylist(
            sample,
            schema=pa.schema(
                [("household", pa.string()), *text, ("probability", pa.float64()), ("outcome", pa.string())]
            ),
        ),
        pa.Table.from_pylist(
            totals, schema=pa.schema([*text, ("unflagged", pa.int64()), ("found", pa.int64())])
        ),
    )


def _overlaps(one: AuditDraw, others: Sequence[AuditDraw]) -> bool:
    path = one.area.path
    return any(path.startswith(other.area.path) or other.area.path.startswith(path) for other in others)
