"""Reading the tree of areas."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from highground.areas.enums import Level
from highground.areas.models import SEGMENT, Area


def subtree(area: Area) -> QuerySet[Area]:
    """The area and everything below it, in the order of the tree."""
    return Area.objects.filter(path__startswith=area.path).order_by("path")


def ancestor_paths(path: str) -> list[str]:
    """The paths from the country down to, and without, the area at `path`."""
    return [path[:end] for end in range(SEGMENT, len(path), SEGMENT)]


def levels_apart(path: str, other: str) -> int:
    """How many levels one must climb from the deeper of two places to reach one that holds both; 0 for the same."""
    common, both = 0, min(len(path), len(other))
    while common < both and path[common : common + SEGMENT] == other[common : common + SEGMENT]:
        common += SEGMENT
    return (max(len(path), len(other)) - common) // SEGMENT


def ancestors(area: Area) -> QuerySet[Area]:
    """The areas above, the country first. One query however deep the area lies."""
    return Area.objects.filter(path__in=ancestor_paths(area.path)).order_by("path")


def children(area: Area | None, *, on: datetime.date | None = None) -> QuerySet[Area]:
    """The areas right below (the countries for None); with `on`, only those that exist on that day."""
    found = Area.objects.filter(parent=area).order_by("path")
    return found.filter(existing(on)) if on else found


def existing(on: datetime.date) -> Q:
    """A condition on areas (and on area codes): they exist on that day."""
    return (Q(valid_from__isnull=True) | Q(valid_from__lte=on)) & (
        Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    )


def at_level(area: Area, level: Level) -> QuerySet[Area]:
    """The areas of one level within an area."""
    return subtree(area).filter(level=level)


def count_below(areas: Iterable[Area]) -> dict[str, int]:
    """How many areas lie below each of these, by path. One query for all of them."""
    tops = [area.path for area in areas]
    within = Q(pk__in=[])
    for path in tops:
        within |= Q(path__startswith=path)
    counts: Counter[str] = Counter()
    for path in Area.objects.filter(within).values_list("path", flat=True):
        for above in ancestor_paths(path):
            counts[above] += 1
    return {path: counts[path] for path in tops}


def find(code: str, scheme: str | None = None, *, on: datetime.date | None = None) -> Area | None:
    """The area with this code: our own code, else the ISO code, else (with `scheme`) the scheme's code."""
    if scheme is None:
        return Area.objects.filter(code=code).first() or Area.objects.filter(iso=code).exclude(iso="").first()
    known = Area.objects.filter(codes__scheme=scheme, codes__code=code)
    if on:
        known = known.filter(
            Q(codes__valid_from__isnull=True) | Q(codes__valid_from__lte=on),
            Q(codes__valid_to__isnull=True) | Q(codes__valid_to__gte=on),
        )
    return known.order_by("path").first()
