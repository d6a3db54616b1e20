"""A forum that the tests of this folder share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.forum.assembly import Assembly


@pytest.fixture
def assembly(db) -> Assembly:
    """A forum with three people who were accepted."""
    from tests.forum.assembly import assemble

    return assemble()
