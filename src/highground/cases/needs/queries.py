"""Reading needs. A need is open until the family itself says that it is solved."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet

from highground.areas.models import Area
from highground.cases.enums import FamilySays
from highground.cases.models import Need

OPEN = ~Q(family_says=FamilySays.SOLVED)
LISTS = {
    "open": OPEN,
    "answer": OPEN & Q(answer=""),
    "family": OPEN & ~Q(answer="") & Q(family_says=FamilySays.NOT_ASKED),
    "again": Q(family_says__in=[FamilySays.PARTLY, FamilySays.NOT_SOLVED]),
    "solved": Q(family_says=FamilySays.SOLVED),
}
"""The lists of needs: all that are open; without an answer; answered, the family not asked yet; where the family says
that it is not solved; solved."""


def needs_seen_by(user: Any, area: Area | None = None) -> QuerySet[Need]:
    """The needs of the households that `user` sees, in `area` (anywhere without it)."""
    found: QuerySet[Need] = Need.objects.visible_to(user)
    return found.filter(household__area__path__startswith=area.path) if area else found


def waits(need: Need, today: datetime.date) -> int | None:
    """For how many days the family has waited; None once it says that the need is solved."""
    return None if need.family_says == FamilySays.SOLVED else (today - need.asked_on).days
