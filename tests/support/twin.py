"""The same database tests on PostgreSQL, in a second process beside the run on SQLite.

`pytest --database=both` starts a twin of itself with `--database=postgres`, which runs the tests that use the
database, and then its share of those that need none (`sharing.py`). When the SQLite run is through, the twin's
results are read back into it, so that there is one summary, one count and one exit code.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

ENDS = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}
BY_FIXTURE = {"db", "transactional_db", "live_server", "django_db_reset_sequences", "new_office"}


def uses_database(item: pytest.Item) -> bool:
    """True when the test touches the database, by its mark or by a fixture."""
    return item.get_closest_marker("django_db") is not None or bool(
        BY_FIXTURE & set(getattr(item, "fixturenames", ()))
    )


def uses_browser(item: pytest.Item) -> bool:
    """True when the test drives the browser. These run once, on SQLite: a page looks the same on both."""
    return "browser" in getattr(item, "fixturenames", ())


def belongs(item: pytest.Item, database: str) -> bool:
    """Whether a test is part of the run on `database` (sqlite, postgres or both)."""
    if database == "postgres":
        return uses_database(item) and not uses_browser(item) and not item.get_closest_marker("sqlite_only")
    return database == "sqlite" or not item.get_closest_marker("postgres_only")


class Recorder:
    """In the twin: writes each test report to a file, one JSON object a line, and `done` at the end."""

    def __init__(self, config: pytest.Config, path: Path) -> None:
        self._config = config
        self._path = path
        self._shared: set[str] = set()

    @property
    def marks(self) -> Path:
        """The folder in which both processes mark what they took (`sharing.py`)."""
        return self._path.with_name("marks")

    def _write(self, what: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep one phase of one test."""
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._write({"report": data, "shared": report.nodeid in self._shared})

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know which tests would be the same in the other process."""
        self._shared = {item.nodeid for item in session.items if not uses_database(item)}

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Say that nothing is missing from the file."""
        self._write({"done": int(exitstatus), "collected": session.testscollected})


class Twin:
    """In the first process: runs the twin and reads its results back."""

    def __init__(self, config: pytest.Config, environment: dict[str, str]) -> None:
        self._config = config
        self._folder = tempfile.TemporaryDirectory(prefix="highground-twin-")
        self._reports = Path(self._folder.name) / "reports.jsonl"
        self._output = Path(self._folder.name) / "output.txt"
        own = [word for word in config.invocation_params.args if not str(word).startswith("--database")]
        command = [sys.executable, "-m", "pytest", *map(str, own)]
        command += ["--database=postgres", f"--twin-reports={self._reports}", "-p", "no:cacheprovider"]
        inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=inherited | environment,
                cwd=config.invocation_params.dir,
            )

    @property
    def marks(self) -> Path:
        """As `Recorder.marks`."""
        return self._reports.with_name("marks")

    def stop(self) -> None:
        """End the twin if it still runs, and remove its files."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)
        self._folder.cleanup()

    def join(self, session: pytest.Session) -> None:
        """Wait for the twin and count its results as this session's own."""
        self._process.wait()
        lines = self._reports.read_text(encoding="utf-8").splitlines() if self._reports.exists() else []
        entries = [json.loads(line) for line in lines]
        ends = [entry for entry in entries if "done" in entry]
        session.testscollected += ends[0]["collected"] if ends else 0
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter:
            reporter.ensure_newline()
            reporter.write_line("The database tests again, on PostgreSQL:")
        for entry in entries:
            if "report" in entry:
                self._replay(entry["report"], shared=entry["shared"])
        if not ends or ends[0]["done"] not in ENDS:
            said = self._output.read_text(errors="replace")[-8000:]
            broken = pytest.CollectReport(
                "run on PostgreSQL", "failed", f"The run broke off. It said:\n{said}", []
            )
            self._config.hook.pytest_collectreport(report=broken)

    def _replay(self, data: dict[str, Any], *, shared: bool) -> None:
        report = self._config.hook.pytest_report_from_serializable(config=self._config, data=data)
        if not shared:
            report.nodeid += " (PostgreSQL)"
        if report.skipped and isinstance(report.longrepr, list):
            report.longrepr = tuple(report.longrepr)  # JSON has no tuples, and pytest insists on one here
        self._config.hook.pytest_runtest_logreport(report=report)
