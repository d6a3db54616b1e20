"""One SQLite file for an index, which says by what it was made: nothing made otherwise may be compared with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from highground.methods.search.errors import SearchError


def open_index(
    path: Path | None, tables: str, what: str, maker: str, refused: Callable[[str], str]
) -> sqlite3.Connection:
    """The file with its `tables`, made where it is not there; in memory without a path.

    The table `meta` keeps the `maker` under `what`. Raises SearchError, with what `refused` says of the other maker,
    for a file of another one.
    """
    database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        if path:
            database.execute("PRAGMA journal_mode = WAL")
        database.executescript(f"BEGIN; {tables} COMMIT;")
        database.execute("INSERT INTO meta VALUES (?, ?)", [what, maker])
    (made_by,) = database.execute("SELECT value FROM meta WHERE name = ?", [what]).fetchone()
    if made_by != maker:
        raise SearchError(f"{path}: {refused(made_by)}")
    return database
