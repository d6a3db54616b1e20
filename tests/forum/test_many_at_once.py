"""The benchmark's play, small: twenty people at once against the real server, and nothing of it is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.serving import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("people", [20])
def test_nothing_is_lost(people) -> None:
    """The benchmark ends with 1 where a question or a counted vote is missing in the database."""
    command = [
        sys.executable, "benchmarks/forum.py", "--people", str(people), "--seconds", "6", "--questions", "8", "--votes", "40",
        "--port", str(free_port()),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"questions_sent": 8, "questions_kept": 8' in done.stdout
    assert '"lost": 0' in done.stdout
