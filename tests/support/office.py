"""An installation of its own for a test: a home folder, a database, and the command line in a process.

office = new_office()
office.run("migrate")
office.run("rulebook", "check", exit_code=2)
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
