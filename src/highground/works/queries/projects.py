"""Projects as somebody sees them: the whole of those they hold a role for, of others what lies in their areas."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from highground.accounts.enums import Sight
from highground.accounts.models import Grant
from highground.accounts.queries import may_see, scope_of
from highground.accounts.scoping import within
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.works.held import PROJECT, projects_held
from highground.works.models import Figure, Project, ProjectSite

BY_GRANT = "projects for which the person holds a role"


def opens_works(request: HttpRequest) -> bool:
    """Whether somebody sees villages: in an area, or through a role for a project that there is."""
    today = timezone.localdate()
    if may_see(request.user, today, Sight.WORKS):
        return True
    held = projects_held(request.user, today)
    every = Project.objects.everywhere(reason=BY_GRANT)
    return bool(held) and every.filter(code__in=held).exists()


def projects_of(user: Any, today: datetime.date) -> QuerySet[Project]:
    """The projects that work in an area of the person, and those for which they hold a role."""
    ids = Project.objects.visible_to(user, today).values("pk")
    held = projects_held(user, today)
    every: QuerySet[Project] = Project.objects.everywhere(reason=BY_GRANT)
    return every.filter(Q(pk__in=ids) | Q(code__in=held)).order_by("country", "code")


def seen_sites(projects: Iterable[Project], user: Any, today: datetime.date) -> list[ProjectSite]:
    """The villages of these projects that the person sees, in the order of the tree. One query."""
    held = projects_held(user, today)
    inside = within("area__path", scope_of(user, today, Sight.WORKS))
    sites = ProjectSite.objects.everywhere(reason=BY_GRANT).filter(project__in=list(projects))
    found = sites.filter(inside | Q(project__code__in=held)).select_related("area__parent", "project")
    return list(found.order_by("area__path"))


def paths_of(project: Project) -> list[str]:
    """Where a project works: its villages' paths, for the event log."""
    return list(project.sites.order_by("area__path").values_list("area__path", flat=True))


def roles_for(project: Project, today: datetime.date) -> QuerySet[Grant]:
    """The roles that are held for a project today, the longest held first."""
    found: QuerySet[Grant] = Grant.objects.filter(
        target_kind=PROJECT, target_id=project.code, valid_from__lte=today
    )
    still = Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    return found.filter(still, user__is_active=True).select_related("user").order_by("valid_from", "pk")


def sites_held(user: Any, today: datetime.date) -> QuerySet[ProjectSite]:
    """The villages of the projects for which a person holds a role."""
    found: QuerySet[ProjectSite] = ProjectSite.objects.everywhere(reason=BY_GRANT)
    return found.filter(project__code__in=projects_held(user, today))


def seen_village(user: Any, code: str, today: datetime.date) -> Area | None:
    """A village that the person sees: in an area of theirs, or a site of a project for which they hold a role."""
    inside = within("path", scope_of(user, today, Sight.WORKS))
    sites = sites_held(user, today)
    villages = Area.objects.filter(code=code, level__in=(Level.VILLAGE, Level.GROUP))
    return villages.filter(inside | Q(pk__in=sites.values("area"))).select_related("parent").first()


@dataclass(frozen=True)
class Series:
    """What was published of one indicator in one place, the earliest date first."""

    label: dict[str, str]
    unit: dict[str, str]
    kind: str
    place: Area | None
    figures: list[Figure]


def series_of(project: Project, user: Any, today: datetime.date) -> list[Series]:
    """The published figures of a project, side by side by indicator and place. One query.

    Figures of villages that the person does not see are left out.
    """
    own = projects_held(user, today)
    figures = project.figures.select_related("area", "reference", "component")
    if project.code not in own:
        figures = figures.filter(
            Q(area__isnull=True) | within("area__path", scope_of(user, today, Sight.WORKS))
        )
    found: dict[tuple[str, int | None], Series] = {}
    for figure in figures.order_by("kind", "pk"):
        key = (figure.indicator, figure.area_id)
        if key not in found:
            found[key] = Series(figure.label, figure.unit, figure.kind, figure.area, [])
        found[key].figures.append(figure)
    for one in found.values():
        one.figures.sort(key=lambda figure: figure.day)
    return list(found.values())
