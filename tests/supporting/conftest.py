"""An office that supports monitored households; tests of the room `support` (tests/support holds what tests share)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.case_path import Office


@pytest.fixture(autouse=True)
def own_home(tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path
    settings.SYNTHETIC_MARK = tmp_path / "synthetic"


@pytest.fixture
def office(db) -> Office:
    from highground.signals.actions import screen_register
    from tests.support.case_path import open_office
    from tests.support.register import BOOK, TODAY, add_register

    register = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return open_office(register)
