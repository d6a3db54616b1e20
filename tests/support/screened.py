"""A screened register in a home of its own: `register`, `run`, and `own_home`, which every test of a room gets.

A room takes what it needs in its `conftest.py`:

    from tests.support.screened import own_home, register, run
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.homes import own_home

if TYPE_CHECKING:
    from highground.signals.models import Run
    from tests.support.register import Register

__all__ = ["own_home", "register", "run"]


@pytest.fixture
def register(db) -> Register:
    from tests.support.register import add_register

    return add_register()


@pytest.fixture
def run(register) -> Run:
    from highground.signals.actions import screen_register
    from tests.support.register import BOOK, TODAY

    return screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
