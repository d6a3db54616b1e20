"""One SQLite file for an index, which says by what it was made: nothing made otherwise may be compared with it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from highground.methods.search.errors import SearchError


class Database:
    """A SQLite file with a connection for each thread, so that one who asks does not wait for another.

    What is held in memory, without a path, has one connection for all.
    """

    def __init__(self, path: Path | None) -> None:
        self._path, self._every, self._local = path, list[sqlite3.Connection](), threading.local()
        self._shared = self._connect() if path is None else None

    @property
    def here(self) -> sqlite3.Connection:
        """The connection of this thread."""
        if self._shared is not None:
            return self._shared
        if not hasattr(self._local, "connection"):
            self._local.connection = self._connect()
        connection: sqlite3.Connection = self._local.connection
        return connection

    def close(self) -> None:
        """Let the file go."""
        for connection in self._every:
            connection.close()
        self._every.clear()

    def _connect(self) -> sqlite3.Connection:
        made = sqlite3.connect(
            self._path or ":memory:", isolation_level=None, check_same_thread=False, timeout=60
        )
        self._every.append(made)
        return made


def open_index(
    path: Path | None, tables: str, what: str, maker: str, refused: Callable[[str], str]
) -> Database:
    """The file with its `tables`, made where it is not there; in memory without a path.

    The table `meta` keeps the `maker` under `what`. Raises SearchError, with what `refused` says of the other maker,
    for a file of another one.
    """
    database = Database(path)
    here = database.here
    if not here.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        if path:
            here.execute("PRAGMA journal_mode = WAL")
        here.executescript(f"BEGIN; {tables} COMMIT;")
        here.execute("INSERT INTO meta VALUES (?, ?)", [what, maker])
    (made_by,) = here.execute("SELECT value FROM meta WHERE name = ?", [what]).fetchone()
    if made_by != maker:
        database.close()
        raise SearchError(f"{path}: {refused(made_by)}")
    return database
