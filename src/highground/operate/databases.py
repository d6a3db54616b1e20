"""Copying a whole database out and in again, while others use it, in the way its vendor recommends.

SQLite: the online backup API, which copies a consistent state even while somebody writes. PostgreSQL:
`pg_dump` in its custom format, put back by `pg_restore` and `psql` in a single transaction.
"""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import connection

DUMP_NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
MEND = "install PostgreSQL's client programs (Debian: apt-get install postgresql-client)"
EMPTY_SCHEMA = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


class DatabaseToolError(RuntimeError):
    """The database's own tool failed; the message says what it said."""


def dump_name() -> str:
    """The name of the dump inside a backup, which also tells its vendor."""
    return DUMP_NAMES[connection.vendor]


def dump(target: Path) -> None:
    """Write the whole database, as one consistent state, to the new file `target`."""
    if connection.vendor == "sqlite":
        _copy_sqlite(Path(connection.settings_dict["NAME"]), target)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load_postgresql(source: Path) -> None:
    """Replace everything in the database by the dump `source`, or change nothing."""
    connection.close()
    script = source.with_suffix(".sql")
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", f"--file={script}", str(source))
    _run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        f"--command={EMPTY_SCHEMA}",
        f"--file={script}",
    )


def check_sqlite(path: Path) -> str:
    """`ok`, or what SQLite finds wrong with a database file."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        found: str = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    database.close()
    return found


def _copy_sqlite(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    origin = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    try:
        origin.backup(copy)
        # The copy is one file that needs no log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
        origin.close()


def _run(name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the configured database; the password stays off the command line."""
    program = shutil.which(name)
    if program is None:
        raise DatabaseToolError(f"{name} was not found: {MEND}")
    given = connection.settings_dict
    named = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    environment = os.environ | {
        variable: str(given[key]) for variable, key in named.items() if given.get(key)
    }
    if sslmode := given.get("OPTIONS", {}).get("sslmode"):
        environment["PGSSLMODE"] = sslmode
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise DatabaseToolError(
            f"{name} failed: {done.stderr.strip().splitlines()[0] if done.stderr else 'no reason given'}"
        )
