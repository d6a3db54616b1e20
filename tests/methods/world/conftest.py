"""One country for all tests of the world: a county of full size, as known on a fixed day."""

import datetime

import pytest

from highground.methods.world import Country, make_country

TODAY = datetime.date(2026, 11, 23)


@pytest.fixture(scope="session")
def country() -> Country:
    """The country of seed 1."""
    return make_country(1, TODAY)
