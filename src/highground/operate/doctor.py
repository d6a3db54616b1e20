"""What an installation or a machine lacks, each with its mend.

`essential` parts are those without which an office can't work; the others are named because a feature
(PostgreSQL, Stata files) or the tests (Chromium, fonts) need them.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 40)
ROOM_NEEDED = 2 * 2**30
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Finding:
    """One line of the report. `mark` is ok, note (works without) or missing (essential)."""

    mark: str
    name: str
    says: str
    mend: str = ""


def ok(name: str, says: str) -> Finding:
    """All is well."""
    return Finding("ok", name, says)


def note(name: str, says: str, mend: str) -> Finding:
    """Something is absent that not everybody needs."""
    return Finding("note", name, says, mend)


def missing(name: str, says: str, mend: str) -> Finding:
    """Something essential is absent."""
    return Finding("missing", name, says, mend)


def examine() -> list[Finding]:
    """Look at everything once; never raises and changes nothing but a trial file in the home folder."""
    findings = [_python()]
    settings = _settings()
    findings.append(settings)
    if settings.mark == "ok":
        findings += [_home(), _room(), *_database(), _keys()]
    return [*findings, _postgres_client(), _stata(), _chromium(), _fonts()]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return missing("Python", f"{version} is too old", "install Python 3.11 or newer")
    return ok("Python", version)


def _settings() -> Finding:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "highground.settings")
    try:
        import django

        django.setup()
    except Exception as error:  # whatever it is, it is what the person must hear
        return missing(
            "settings", f"{type(error).__name__}: {error}", "check HIGHGROUND_HOME and DATABASE_URL"
        )
    from django.conf import settings

    return ok(
        "settings", f"home {settings.HIGHGROUND_HOME}, database {settings.DATABASES['default']['ENGINE']}"
    )


def _home() -> Finding:
    from django.conf import settings

    home: Path = settings.HIGHGROUND_HOME
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=home) as trial:
            trial.write(b"trial")
    except OSError as error:
        return missing(
            "home folder",
            f"{home} can't be written ({error.strerror})",
            "set HIGHGROUND_HOME to a folder that belongs to this user",
        )
    if home.stat().st_mode & 0o077:
        return note("home folder", f"other users of this machine can look into {home}", f"chmod 700 {home}")
    return ok("home folder", f"{home} can be written")


def _room() -> Finding:
    from django.conf import settings

    free = shutil.disk_usage(settings.HIGHGROUND_HOME).free
    says = f"{free / 2**30:.1f} GiB free"
    if free < ROOM_NEEDED:
        return note("disk", says, "free at least 2 GiB: imports, snapshots and backups are written there")
    return ok("disk", says)


def _database() -> list[Finding]:
    from django.db import connection

    try:
        connection.ensure_connection()
    except Exception as error:  # drivers raise what they like
        said = str(error).strip().splitlines()[0]
        return [
            missing("database", f"does not answer ({said})", "check DATABASE_URL, and that the server runs")
        ]
    return [_version(), *_tables()]


def _version() -> Finding:
    from django.db import connection

    if connection.vendor == "sqlite":
        import sqlite3

        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            return missing(
                "database", f"SQLite {sqlite3.sqlite_version}", "use a Python with SQLite 3.40 or newer"
            )
        return ok("database", f"SQLite {sqlite3.sqlite_version}")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0])
    if number < 150000:
        return missing("database", f"PostgreSQL {number // 10000}", "use PostgreSQL 15 or newer")
    return ok("database", f"PostgreSQL {number // 10000}.{number % 10000}")


def _tables() -> list[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return [missing("tables", f"{len(waiting)} migration(s) are waiting", "highground migrate")]
    return [ok("tables", "up to date"), _triggers()]


def _triggers() -> Finding:
    from django.db import connection

    from highground.audit.triggers import missing_triggers

    absent = missing_triggers(connection)
    if absent:
        return missing(
            "event log guards", f"missing: {', '.join(absent)}", "highground migrate makes them again"
        )
    return ok("event log guards", "updates and deletes are refused")


def _keys() -> Finding:
    from django.conf import settings

    folder: Path = settings.HIGHGROUND_HOME / "keys"
    files = [path for path in folder.glob("*") if path.is_file()] if folder.is_dir() else []
    if not files:
        return note(
            "keys",
            f"{folder} is empty",
            "it is made when the first name or number is stored; then copy it apart",
        )
    open_files = [path.name for path in files if path.stat().st_mode & 0o077]
    if open_files:
        return missing(
            "keys",
            f"other users can read {', '.join(open_files)}",
            f"chmod 600 {folder}/* and look who read them",
        )
    return ok("keys", f"{len(files)} file(s), readable by this user only; keep a copy apart from the backups")


def _postgres_client() -> Finding:
    absent = [name for name in ("pg_dump", "pg_restore", "psql") if shutil.which(name) is None]
    mend = "install it (Debian: apt-get install postgresql-client)"
    if "postgres" not in os.environ.get("DATABASE_URL", ""):
        return (
            note("PostgreSQL client", "absent; SQLite needs none", mend)
            if absent
            else ok("PostgreSQL client", "found")
        )
    if importlib.util.find_spec("psycopg") is None:
        return missing("PostgreSQL client", "psycopg is not installed", "pip install 'highground[postgres]'")
    if absent:
        return missing("PostgreSQL client", f"no {', '.join(absent)}: backup and restore need them", mend)
    return ok("PostgreSQL client", "found")


def _stata() -> Finding:
    if importlib.util.find_spec("pandas") is None:
        return note("Stata files", "can't be read", "pip install 'highground[stata]'")
    return ok("Stata files", "can be read")


def _chromium() -> Finding:
    if any(map(shutil.which, BROWSERS)):
        return ok("Chromium", "found")
    return note("Chromium", "absent; only the tests of pages need it", "Debian: apt-get install chromium")


def _fonts() -> Finding:
    name = "fonts"
    mend = "Debian: apt-get install fonts-noto-core fonts-noto-cjk"
    if shutil.which("fc-list") is None:
        return note(name, "fontconfig is absent, so nothing is known of them", mend)
    absent = [language for language in ("zh", "lo", "km", "my", "th", "ta") if not _has_font(language)]
    if absent:
        return note(name, f"none for {', '.join(absent)}; only screenshots and PDF made here need them", mend)
    return ok(name, "every script has one")


def _has_font(language: str) -> bool:
    listed = subprocess.run(["fc-list", f":lang={language}", "family"], capture_output=True, check=False)  # noqa: S603, S607
    return bool(listed.stdout.strip())
