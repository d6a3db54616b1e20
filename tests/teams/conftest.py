"""An office with candidates of one county, and a home of its own for the folders of plans."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.homes import own_home

if TYPE_CHECKING:
    from highground.accounts.models import User
    from tests.support.register import Register

__all__ = ["own_home"]


@dataclass(frozen=True)
class Office:
    """The areas, the people who work there, and the files of Longhe county."""

    register: Register
    staff: dict[str, User]
    files: dict[str, Path]


@pytest.fixture
def office(db, tmp_path) -> Office:
    from tests.support.casework import add_staff
    from tests.support.register import add_register
    from tests.teams.office import write_files

    register = add_register({})
    staff = add_staff(register, sign_in=["weilan", "mofang"])
    return Office(register, staff, write_files(tmp_path))


@pytest.fixture
def imported(office) -> Office:
    """The same with everything imported."""
    from highground.teams.importing import import_table
    from tests.support.register import TODAY

    for kind, file in office.files.items():
        done = import_table(
            kind, file, None, area=office.register.areas["LONGHE"], by=office.staff["weilan"], today=TODAY
        )
        assert done.rejects == []
    return office
