"""An office with households that nothing flags, in two counties, some of them in a department's data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.support.homes import own_home

if TYPE_CHECKING:
    from highground.accounts.models import User
    from highground.people.models import Household
    from tests.support.register import Register

__all__ = ["own_home"]


@dataclass(frozen=True)
class Settled:
    """The register, its people by name, its households by number."""

    register: Register
    staff: dict[str, User]

    @property
    def households(self) -> dict[str, Household]:
        return self.register.households


@pytest.fixture
def settled(db) -> Settled:
    """30 quiet households in Baiyun, 20 in Datang, 12 next door in Pingnan, and four that a screening flags.

    A department knows every third; the heads of every second are women; nobody says which ethnicity they are of.
    """
    from highground.signals.actions import screen_register
    from tests.rounds.feeding import add_heads, feed
    from tests.support.casework import add_staff
    from tests.support.register import BILLS, BOOK, FAMILY, TODAY, add_register

    places = {f"Q{number:03}": ("BAIYUN", FAMILY) for number in range(30)}
    places |= {f"Q{number:03}": ("DATANG", FAMILY) for number in range(30, 50)}
    places |= {f"Q{number:03}": ("ANTANG-1", FAMILY) for number in range(50, 62)}
    places |= {f"F{number}": ("BAIYUN", BILLS) for number in range(4)}
    register = add_register(places)
    feed([number for place, number in enumerate(places) if place % 3 == 0], TODAY)
    add_heads({number: "female" if place % 2 else "male" for place, number in enumerate(places)})
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    staff = add_staff(register, sign_in=["weilan", "huangmei", "antang"])
    return Settled(register, staff)
