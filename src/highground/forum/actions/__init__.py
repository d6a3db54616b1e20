"""Verbs of the forum. Each is one transaction and one event; what everybody does at once (votes, scans) is taken in batches."""

from __future__ import annotations

from typing import Any

from highground.audit.actions import record
from highground.forum.ground import area_path
from highground.forum.models import Forum


def note(kind: str, forum: Forum, by: str, **data: Any) -> None:
    """One event about a forum."""
    record(
        kind,
        by=by,
        subject_kind="forum",
        subject_id=forum.code,
        area_path=area_path(forum),
        data=data or None,
    )
