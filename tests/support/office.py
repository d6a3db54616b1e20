"""An installation of its own for a test: a home folder, a database, and the command line in a process.

office = new_office()
office.run("migrate")
office.run("rulebook", "check", exit_code=2)
"""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Office:
    """One installation; `database_url` None means the SQLite file in its home."""

    home: Path
    database_url: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables under which this installation's processes run."""
        mine = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        mine |= {"HIGHGROUND_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "highground.settings"}
        mine["PYTHONPATH"] = str(ROOT / "src")
        if self.database_url:
            mine["DATABASE_URL"] = self.database_url
        return mine

    def python(self, code: str) -> str:
        """Run Python code with this installation's Django set up; what it printed."""
        program = f"import django\ndjango.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", program], env=self.environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(
        self, *arguments: str, exit_code: int = 0, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `highground ARGUMENTS` and check how it ended; both streams are text."""
        done = subprocess.run(
            [sys.executable, "-m", "highground", *arguments],
            env=self.environment,
            cwd=cwd or self.home.parent,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == exit_code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done


class Offices:
    """Makes installations; the first migrated one is the template of the others."""

    def __init__(self, folder: Callable[[], Path], url: str | None) -> None:
        self._folder = folder
        self._url = url
        self._count = itertools.count(1)
        self._template: Office | None = None

    def __call__(self, *, migrated: bool = False, like: Office | None = None) -> Office:
        """A new installation: empty, with its tables (`migrated`), or a copy of another (`like`)."""
        if migrated and self._template is None:
            self._template = self()
            self._template.run("migrate")
        source = like or (self._template if migrated else None)
        made = Office(
            home=self._folder() / "home",
            database_url=self._new_database(source.database_url if source else None),
        )
        if source:
            shutil.copytree(source.home, made.home)
        return made

    def _new_database(self, template: str | None = None) -> str | None:
        """A new PostgreSQL database beside the run's own, empty or a copy; its URL, None on SQLite."""
        if self._url is None:
            return None
        import psycopg

        name = f"office_{os.getpid()}_{next(self._count)}"
        source = f' TEMPLATE "{_database_of(template)}"' if template else ""
        with psycopg.connect(self._url, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"{source}')
        parts = urlsplit(self._url)
        return urlunsplit(parts._replace(path=f"/{name}"))


def _database_of(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
