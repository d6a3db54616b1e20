"""Numbers that say what changed after an index was written."""

from __future__ import annotations

from django.db.models import F

from highground.knowledge.models import Mark


def next_mark() -> int:
    """The number of a change, in the transaction of that change; other changes wait until it is over."""
    Mark.objects.get_or_create(pk=1)
    Mark.objects.filter(pk=1).update(number=F("number") + 1)
    return Mark.objects.values_list("number", flat=True).get(pk=1)


def last_mark() -> int:
    """The number of the last change that was committed. One query."""
    return Mark.objects.filter(pk=1).values_list("number", flat=True).first() or 0
