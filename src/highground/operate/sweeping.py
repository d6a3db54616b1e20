"""Sweep the store of files, and write down that it was done."""

from __future__ import annotations

from django.db import transaction

from highground.audit.actions import record
from highground.files.sweeping import Swept, sweep


def sweep_store(*, dry_run: bool = False) -> Swept:
    """Delete what nothing names any more; one event where something was deleted."""
    done = sweep(dry_run=dry_run)
    if done.files and not dry_run:
        with transaction.atomic():
            record(
                "files.sweep",
                by="command:files",
                subject_kind="files",
                subject_id="uploads",
                data={"count": done.files, "bytes": done.size},
            )
    return done
