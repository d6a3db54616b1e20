"""Clues that people have answered. A screening opens clues and never closes one."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction

from highground.audit.actions import record
from highground.signals.enums import ClueStatus
from highground.signals.models import Clue


@transaction.atomic
def close_clues(clues: Sequence[int], *, why: str, by: str, today: datetime.date) -> int:
    """Close those of these clues (ids) that are open; how many. `why` is a word for the log, such as `recognised`."""
    rows = Clue.objects.everywhere(reason="clues of a case that people have decided")
    found = rows.filter(pk__in=clues, status=ClueStatus.OPEN)
    ids = sorted(found.values_list("pk", flat=True))
    if not ids:
        return 0
    area = (
        Clue.objects.everywhere(reason="where these clues are")
        .filter(pk=ids[0])
        .values_list("household__area__path")
    )
    found.update(status=ClueStatus.CLOSED)
    record(
        "signals.close_clues",
        by=by,
        subject_kind="clue",
        subject_id=str(ids[0]),
        area_path=area[0][0],
        data={"clues": ids, "why": why, "day": today.isoformat()},
    )
    return len(ids)
