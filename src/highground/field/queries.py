"""Reading what the phone's room keeps."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, QuerySet

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.areas.queries import ancestor_paths
from highground.field.models import TakenForm


def forms_for(user: Any, today: datetime.date) -> QuerySet[TakenForm]:
    """Every version of the forms taken in for the areas where this person works, or for one around or within them."""
    found = TakenForm.objects.everywhere(reason="forms of the areas around those where a person works")
    wanted = Q(pk__in=[])
    for path in scope_of(user, today, Sight.CASES):
        wanted |= Q(area__path__in=[*ancestor_paths(path), path]) | Q(area__path__startswith=path)
    return found.filter(wanted).select_related("area").order_by("taken_at", "pk")
