"""A home of its own for a test, and a day on which it takes place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any) -> None:
    """What this test writes stays in its own folder. Rooms take it into their conftest, where it holds for all of them."""
    settings.HIGHGROUND_HOME = tmp_path
    settings.SYNTHETIC_MARK = tmp_path / "synthetic"


@pytest.fixture
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today is the day of the register of `tests/support/register.py`."""
    from django.utils import timezone

    from tests.support.register import TODAY

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
