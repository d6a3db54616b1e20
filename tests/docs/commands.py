"""Runs the commands of a page as its reader would: one installation, one process for each command.

Starting Python and Django for every command would take most of the time, so a process that has loaded them
forks a child for each. It is started in the page's folder with the reader's environment, and speaks JSON.
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
ROOMS = (
    "areas.commands",
    "methods.screening.commands",
    "operate.commands",
    "people.commands",
    "signals.commands",
    "signals.imports.commands",
)
LIMIT = 120


class Reader:
    """Someone who follows a page in `folder`: environment variables that are exported hold from then on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environment |= {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))), "COLUMNS": "100"}
        self._server: subprocess.Popen[str] | None = None

    def run(self, command: str) -> tuple[int, str]:
        """What a line typed by the reader ends with and prints, both streams in one."""
        words = shlex.split(command)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.environment[name] = value
            self.close()
            return 0, ""
        if words[:2] in (["./run", "highground"], ["./run", "python"]):
            return self._ask(words[1:])
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

    def _ask(self, words: list[str]) -> tuple[int, str]:
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.docs.commands"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps(words) + "\n")
        self._server.stdin.flush()
        answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer["code"], answer["output"]

    def close(self) -> None:
        """End the process that runs the commands."""
        if self._server is not None:
            self._server.communicate(timeout=LIMIT)
            self._server = None


def _child(words: list[str]) -> int:
    """One command in a forked process; its exit code."""
    import highground.cli

    try:
        if words[0] == "python":
            sys.argv = words[1:]
            runpy.run_path(words[1], run_name="__main__")
            return 0
        highground.cli.main(words[1:])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)


def _serve() -> None:
    """Fork a child for each line of standard input and answer with its exit code and output."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "highground.settings"
    import django
    import pyarrow

    django.setup()
    for room in ROOMS:
        importlib.import_module(f"highground.{room}")  # loaded once, for all children
    pyarrow.array([1])  # and so is pandas, which Arrow looks for at its first array
    for line in sys.stdin:
        with tempfile.TemporaryFile() as said:
            child = os.fork()
            if child == 0:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                code = 70  # an exception that nobody caught; it stands in the output
                try:
                    code = _child(json.loads(line))
                finally:
                    sys.stdout.flush()
                    if sys.exc_info()[0] is not None:
                        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
                    sys.stderr.flush()
                    os._exit(code)
            _, status = os.waitpid(child, 0)
            said.seek(0)
            output = said.read().decode("utf-8", errors="replace")
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "output": output}), flush=True)


if __name__ == "__main__":
    _serve()
