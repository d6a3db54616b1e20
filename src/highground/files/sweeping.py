"""Sweep away stored files that nothing names any more: of entries that were withdrawn, of papers that were replaced.

All rooms keep their files in one store, under the hash of the content, and name them in columns of the kind `FileHash`. A file
that somebody stores anew is marked as young under a lock that sweeping takes alone, so it is never taken from under a row
that is about to be written. While a backup copies the files nothing is swept: its database may still name them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from django.apps import apps
from django.conf import settings

from highground.files.fields import SHA256, FileHash
from highground.files.uploads import FilesBusy, held

YOUNG = 24 * 60 * 60
"""Seconds in which the action that a file was stored for must have named it; far longer than any request lasts."""
BATCH = 500
"""Hashes that the database is asked about at a time."""
_FOLDER = re.compile(r"[0-9a-f]{2}")
_KEPT = re.compile(rf"[0-9a-f]{{{SHA256 - 2}}}")
_DRAFT = re.compile(rf"\.[0-9a-f]{{{SHA256 - 2}}}\.\d+\.[0-9a-f]+")


@dataclass(frozen=True)
class Swept:
    """How many files and bytes were deleted (or would be), how many unnamed ones are too young, and whether it had to stop."""

    files: int = 0
    size: int = 0
    young: int = 0
    stopped: bool = False


def sweep(*, now: float | None = None, dry_run: bool = False) -> Swept:
    """Delete what nothing names, folder by folder. Stops while a backup is being written: raises FilesBusy, or after the first
    folders says so.
    """
    until = (time.time() if now is None else now) - YOUNG
    store, done = Path(settings.HIGHGROUND_HOME) / "uploads", Swept()
    for folder in sorted(one for one in store.glob("*") if _FOLDER.fullmatch(one.name)):
        try:
            with held(alone=True):
                done = _swept(folder, until, done, dry_run)
        except FilesBusy:
            if not done.files:
                raise
            return replace(done, stopped=True)
    return done


def _swept(folder: Path, until: float, done: Swept, dry_run: bool) -> Swept:
    files, size, young = done.files, done.size, done.young
    for path in _unnamed(folder):
        found = path.stat()
        if found.st_mtime > until:
            young += 1
            continue
        files, size = files + 1, size + found.st_size
        if not dry_run:
            path.unlink()
    return Swept(files, size, young)


def _unnamed(folder: Path) -> list[Path]:
    """The stored files of a folder whose hash no column holds, and drafts that a killed process left behind."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    kept = {folder.name + path.name: path for path in files if _KEPT.fullmatch(path.name)}
    drafts = [path for path in files if _DRAFT.fullmatch(path.name)]
    named = _named(kept)
    return [*drafts, *(path for digest, path in kept.items() if digest not in named)]


def _named(digests: Iterable[str]) -> set[str]:
    """Those of the hashes that a row of any room names. Constant queries for each batch."""
    wanted, found = list(digests), set()
    for begin in range(0, len(wanted), BATCH):
        batch = wanted[begin : begin + BATCH]
        for model in apps.get_models():
            for column in (one for one in model._meta.local_fields if isinstance(one, FileHash)):
                rows = model._base_manager.filter(**{f"{column.name}__in": batch})
                found |= set(rows.values_list(column.name, flat=True))
    return found
