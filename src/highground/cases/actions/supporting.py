"""What the room of support tells a case: the day on which the first help arrived."""

from __future__ import annotations

import datetime

from django.db.models import Q

from highground.cases.models import Case


def note_support(case: Case, day: datetime.date) -> None:
    """Keep the earliest day on which help reached the household in this case. Within the caller's transaction."""
    cases = Case.objects.everywhere(reason="a case that the caller reached in scope and has locked")
    earlier = cases.filter(pk=case.pk).filter(Q(supported_on=None) | Q(supported_on__gt=day))
    if earlier.update(supported_on=day):
        case.supported_on = day
