"""One event about a thing of a village."""

from __future__ import annotations

from typing import Any

from highground.accounts.models import User
from highground.areas.models import Area
from highground.audit.actions import record


def record_in(event: str, area: Area, by: User, subject_kind: str, subject_id: str, /, **data: Any) -> None:
    """Record that `by` did something to a thing that belongs to an area."""
    record(
        event, by=str(by.pk), subject_kind=subject_kind, subject_id=subject_id, area_path=area.path, data=data
    )
