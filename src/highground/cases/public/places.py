"""Choosing a place step by step, without a script: county, township, village. Areas are public knowledge."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Q

from highground.accounts.enums import SEES, Sight
from highground.accounts.models import Grant
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.areas.queries import ancestors, children, existing, find

FINE_ENOUGH = Level.TOWNSHIP
"""A message may be for a place of this level or below; one above it is a step on the way."""


@dataclass(frozen=True)
class Step:
    """What is chosen so far (`above`, the outermost first), what comes next, and `here` where that may be enough."""

    above: list[Area]
    areas: list[Area]
    here: Area | None = None


def place_named(code: str, today: datetime.date) -> Area | None:
    """The place with this code (as printed on notices and posters), if a message may be for it. Two queries at most."""
    found = _named(code, today)
    return found if found and _is_fine(found) else None


def step_at(code: str, today: datetime.date) -> Step:
    """The next step below the area with this code; the first step for a code that leads nowhere.

    A step with a single area is skipped. The first step shows the areas that somebody looks after who reads all messages.
    """
    at = _named(code, today)
    areas = list(children(at, on=today)) if at else _tops(today)
    while len(areas) == 1 and not _is_fine(areas[0]):
        at = areas[0]
        areas = list(children(at, on=today))
    if at is None:
        return Step([], areas)
    return Step([*ancestors(at), at], areas, at if _is_fine(at) else None)


def _named(code: str, today: datetime.date) -> Area | None:
    tidy = code.strip()[:40]
    found = (find(tidy) or find(tidy.upper())) if tidy else None
    return found if found and _exists(found, today) else None


def _exists(area: Area, today: datetime.date) -> bool:
    return (area.valid_from is None or area.valid_from <= today) and (
        area.valid_to is None or area.valid_to >= today
    )


def _is_fine(area: Area) -> bool:
    return Level(area.level).rank >= FINE_ENOUGH.rank


def _tops(today: datetime.date) -> list[Area]:
    """The outermost areas in which somebody reads all messages today; the countries where nobody does yet."""
    roles = [role for role, sights in SEES.items() if Sight.OBJECTORS in sights]
    held = Grant.objects.filter(role__in=roles, valid_from__lte=today, area__isnull=False).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=today)
    )
    areas = Area.objects.filter(existing(today), pk__in=held.values("area")).order_by("path")
    outermost: list[Area] = []
    for area in areas:
        if not outermost or not area.path.startswith(outermost[-1].path):
            outermost.append(area)
    return outermost or list(children(None, on=today))
