"""Runs the commands of a page as its reader would: one installation, one process for each command.

Loading Python's packages for every command would take most of the time. So one process, `Machine`, loads them
once. For each reader it forks a process with that reader's environment and folder, which sets Django up; that
forks a child for each command. They speak JSON, one line a request.
"""

import importlib
import json
import os
import runpy
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OURS = ("HIGHGROUND_HOME", "DATABASE_URL", "DJANGO_SETTINGS_MODULE")
PACKAGES = (
    "django.contrib.auth.hashers",
    "django.db.models",
    "django.template",
    "duckdb",
    "openpyxl",
    "pandas",
    "sqlglot",
)
ROOMS = (
    "areas.commands",
    "methods.screening.commands",
    "methods.shocks.commands",
    "methods.world.commands",
    "operate.commands",
    "people.commands",
    "signals.commands",
    "signals.imports.commands",
)
LIMIT = 120


class Machine:
    """The process that has everything loaded. One reader at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.commands"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request and wait for its answer."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def stop(self) -> None:
        """End the process."""
        self._process.communicate(timeout=LIMIT)


class Reader:
    """Someone who follows a page in `folder`: environment variables that are exported hold from then on."""

    def __init__(self, folder: Path, machine: Machine) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment["COLUMNS"] = "100"
        self._machine = machine
        self._open = False

    def run(self, command: str) -> tuple[int, str]:
        """What a line typed by the reader ends with and prints, both streams in one."""
        words = shlex.split(command)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environment[name] = value
            self.close()
            return 0, ""
        if words[:2] in (["./run", "highground"], ["./run", "python"]):
            if not self._open:
                self._machine.ask({"folder": str(self.folder), "environment": self.environment})
                self._open = True
            answer = self._machine.ask({"words": words[1:]})
            return answer["code"], answer["output"]
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
        )
        return done.returncode, done.stdout.removeprefix("\ufeff")  # a mark that no terminal shows

    def close(self) -> None:
        """End the process that runs this reader's commands."""
        if self._open:
            self._machine.ask({"close": True})
            self._open = False


# --- within the machine ---------------------------------------------------------------------------------


def _answer(**content: Any) -> None:
    print(json.dumps(content), flush=True)


def _listen() -> None:
    """Load what every reader needs, then fork a process for each reader."""
    import pyarrow

    for package in (*PACKAGES, "highground.methods.screening.commands"):
        importlib.import_module(package)
    pyarrow.array([1])  # Arrow looks for pandas at its first array
    for line in sys.stdin:
        request = json.loads(line)
        if (reader := os.fork()) == 0:
            os.environ.clear()
            os.environ.update(request["environment"], DJANGO_SETTINGS_MODULE="highground.settings")
            os.chdir(request["folder"])
            _serve()
            os._exit(0)
        os.waitpid(reader, 0)
        _answer(closed=True)


def _serve() -> None:
    """Set one reader's installation up, then fork a child for each command until the reader leaves."""
    import django

    django.setup()
    for room in ROOMS:
        importlib.import_module(f"highground.{room}")
    _answer(open=True)
    while line := sys.stdin.readline():
        request = json.loads(line)
        if "close" in request:
            return
        with tempfile.TemporaryFile() as said:
            if (child := os.fork()) == 0:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                _child(request["words"])
            _, status = os.waitpid(child, 0)
            said.seek(0)
            output = said.read().decode("utf-8", errors="replace")
        _answer(code=os.waitstatus_to_exitcode(status), output=output)


def _child(words: list[str]) -> None:
    """One command; ends the process with its exit code."""
    code = 70  # an exception that nobody caught; it stands in the output
    try:
        code = _run(words)
    except Exception:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(words: list[str]) -> int:
    import highground.cli

    try:
        if words[0] == "python":
            sys.argv = words[1:]
            runpy.run_path(words[1], run_name="__main__")
            return 0
        highground.cli.main(words[1:])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)


if __name__ == "__main__":
    _listen()
