"""Everything that `./run check` looks at, as tests, so that `./run test` leaves nothing out."""

import pytest

from tools.check import CHECKS


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    assert CHECKS[name]() == ""
