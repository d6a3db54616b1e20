"""An office that supports monitored households; tests of the room `support` (tests/support holds what tests share)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.homes import own_home

if TYPE_CHECKING:
    from tests.support.case_path import Office

__all__ = ["own_home"]


@pytest.fixture
def office(db) -> Office:
    from highground.signals.actions import screen_register
    from tests.support.case_path import open_office
    from tests.support.register import BOOK, TODAY, add_register

    register = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return open_office(register)
