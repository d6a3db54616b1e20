"""Real parts that a machine may lack: PostgreSQL, Chromium, the shared data.

A test that needs an absent part skips and says which. `HIGHGROUND_REQUIRE=postgres,chromium` names the
parts that must be there: their absence is then a failure, so that nothing real is skipped by accident.
"""

import os
from typing import NoReturn

import pytest

absent: dict[str, str] = {}
"""Part -> why it is absent and the mend; printed at the end of the run."""


def required() -> set[str]:
    """The parts that must not be skipped."""
    return {part.strip() for part in os.environ.get("HIGHGROUND_REQUIRE", "").split(",") if part.strip()}


def note_absent(part: str, reason: str) -> None:
    """Remember an absent part; a usage error when it is required."""
    absent.setdefault(part, reason)
    if part in required():
        raise pytest.UsageError(f"HIGHGROUND_REQUIRE names {part}, but {reason}")


def skip_without(part: str, reason: str) -> NoReturn:
    """Skip the running test because `part` is absent; fail it when the part is required."""
    absent.setdefault(part, reason)
    if part in required():
        pytest.fail(f"HIGHGROUND_REQUIRE names {part}, but {reason}", pytrace=False)
    pytest.skip(f"no {part}: {reason}")
