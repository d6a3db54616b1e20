"""One demonstration for all tests of it: its first start is interrupted, its second one fills it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.office import Office, Offices


@dataclass(frozen=True)
class Filled:
    """A filled demonstration: `outer` is the installation beside it, `office` itself; what was printed."""

    outer: Office
    office: Office
    interrupted: str
    printed: str

    def logins(self) -> dict[str, str]:
        """Passwords by user name, as printed."""
        rows = [line.split() for line in self.printed.splitlines() if line.startswith("  ")]
        return {row[0]: row[1] for row in rows}


def start(outer: Office, *options: str) -> subprocess.Popen[str]:
    """Start the demonstration of an installation; its output comes line by line."""
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "highground", "demo", *options],
        env=outer.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def interrupt_at(process: subprocess.Popen[str], word: str) -> str:
    """Press Ctrl-C once a line with `word` is printed; everything that was printed."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if word in line:
            os.kill(process.pid, signal.SIGINT)
            break
    rest, _ = process.communicate(timeout=60)
    return "".join(lines) + rest


@pytest.fixture(scope="session")
def filled(new_office: Offices) -> Filled:
    """The demonstration at full size, filled on the second attempt."""
    outer = Office(new_office().home)
    outer.home.mkdir(parents=True)
    interrupted = interrupt_at(start(outer, "--no-serve"), "Recording")
    printed = outer.run("demo", "--no-serve").stdout
    return Filled(outer, Office(outer.home / "demo"), interrupted, printed)


def files_below(folder: Path) -> set[str]:
    """Names of all files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
