"""An office with three townships of villages, the people who work there, and the projects that come with Highground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.homes import own_home

if TYPE_CHECKING:
    from django.test import Client

    from highground.accounts.models import User
    from tests.support.register import Register

__all__ = ["own_home"]


@pytest.fixture(autouse=True)
def today(on_the_day: None) -> None:
    """Every test of the room takes place on the day of the register."""


@dataclass(frozen=True)
class Office:
    """The areas and who works there."""

    register: Register
    staff: dict[str, User]

    def area(self, code: str) -> Any:
        return self.register.areas[code]


@pytest.fixture
def office(db) -> Office:
    from tests.support.casework import add_staff
    from tests.support.register import add_register

    register = add_register({})
    return Office(register, add_staff(register, sign_in=()))


@pytest.fixture
def same(office) -> dict[str, Any]:
    """Who acts, and when."""
    from tests.support.register import TODAY

    return {"by": office.staff["weilan"], "today": TODAY}


@pytest.fixture
def blocks(office) -> Any:
    """Three blocks of four villages."""
    from tests.works.studied import add_blocks

    return add_blocks(office.area("LONGHE"))


@pytest.fixture
def six_villages(db) -> list[Any]:
    """The projects in the six villages."""
    from highground.works.actions.projects import load_project
    from highground.works.project_files import shipped_projects
    from tests.support.register import TODAY

    return [load_project(told, by="test", today=TODAY).project for told in shipped_projects()]


@pytest.fixture
def enter(office):
    """A client for somebody of the office."""

    def as_(name: str) -> Client:
        from django.test import Client

        client = Client()
        client.force_login(office.staff[name])
        return client

    return as_
