"""Studies in somebody's scope, and what stands on their pages."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import QuerySet

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.accounts.scoping import within
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.works.models import FrozenPlan, Study
from highground.works.queries.projects import sites_held


def studies_of(user: Any, today: datetime.date) -> QuerySet[Study]:
    """The studies that the person sees, the latest first."""
    found: QuerySet[Study] = Study.objects.visible_to(user, today)
    return found.select_related("made_in", "project").order_by("-pk")


def villages_to_choose(user: Any, today: datetime.date, most: int) -> list[Area]:
    """Villages that the person sees: those of their areas and of projects for which they hold a role. Two queries."""
    sites = sites_held(user, today)
    inside = within("path", scope_of(user, today, Sight.WORKS))
    villages = Area.objects.filter(level__in=(Level.VILLAGE,)).select_related("parent").order_by("path")
    own = list(villages.filter(inside)[:most])
    known = {one.pk for one in own}
    return own + [one for one in villages.filter(pk__in=sites.values("area"))[:most] if one.pk not in known]


def plan_of(study: Study) -> FrozenPlan | None:
    """The plan that holds: the last one frozen."""
    found: FrozenPlan | None = study.plans.order_by("-number").first()
    return found
