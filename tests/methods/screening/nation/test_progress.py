"""What somebody who waits for a country sees: how much is done, how fast it goes, how long it will take."""

from __future__ import annotations

import io
import re
import sys
import time

import pytest

from highground.methods.screening.nation.commands import told


class Terminal(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def test_the_bar_has_the_share_the_rate_the_time_left_and_the_province(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rate is that of this start: what had been done before is left out."""
    screen, clock = Terminal(), [100.0]
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "time", lambda: clock[0])
    with told("households") as progress:
        progress("CN-GX", 5_000_000, 10_000_000)
        for done in range(1, 5):
            clock[0] += 10
            progress("CN-GZ", 5_000_000 + done * 1_000_000, 10_000_000)
    last = re.split(r"[\r\n]", screen.getvalue().strip())[-1]
    assert "9000000/10000000" in last and "CN-GZ, 100,000 households a second" in last
    assert re.search(r"00:00:\d\d", last), "the time left"


def test_nothing_is_drawn_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = io.StringIO()
    monkeypatch.setattr(sys, "stderr", quiet)
    with told("provinces") as progress:
        progress("CN-GX", 1, 2)
    assert quiet.getvalue() == ""
