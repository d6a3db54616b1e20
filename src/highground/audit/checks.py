"""A system check: the event table is guarded (`check --database default`, and before every migrate)."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import connections

from highground.audit.triggers import missing_triggers, table_exists


@register(Tags.database)
def events_are_guarded(databases: Sequence[str] | None = None, **options: Any) -> list[CheckMessage]:
    """Warn about each trigger that is missing."""
    # A warning, because an error would stop the migrate that makes the trigger again.
    return [
        Warning(
            f"The event table of database {alias} has no trigger {name}: events could be changed unseen.",
            hint="Run `highground migrate`, then `highground audit verify`.",
            id="audit.W001",
        )
        for alias in databases or []
        if table_exists(connections[alias])
        for name in missing_triggers(connections[alias])
    ]
