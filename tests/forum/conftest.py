"""A forum that the tests of this folder share."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.forum.assembly import Assembly


@pytest.fixture
def assembly(db) -> Assembly:
    """A forum with three people who were accepted."""
    from tests.forum.assembly import assemble

    return assemble()


@pytest.fixture
def call(assembly) -> Assembly:
    """The forum with a call that closed two months before."""
    from tests.forum.calling import CLOSES

    forum = assembly.forum
    forum.call_opens, forum.call_closes = CLOSES - datetime.timedelta(days=30), CLOSES
    forum.save()
    return assembly
