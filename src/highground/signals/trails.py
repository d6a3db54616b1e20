"""The way to a place: the areas above it that the person may open, each with its address."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.areas.models import Area
from highground.areas.queries import ancestors


def area_trail(user: Any, area: Area, today: datetime.date) -> list[tuple[str, str]]:
    """Name and address of the areas from the outermost that `user` sees down to `area` itself. One query."""
    return [
        (str(place), reverse("home:area", args=[place.code]))
        for place in (*ancestors(area), area)
        if may_see(user, today, Sight.COUNTS, place.path)
    ]
