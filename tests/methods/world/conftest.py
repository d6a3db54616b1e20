"""One country for all tests of the world: a county of full size, as known on a fixed day."""

import datetime

import pyarrow as pa
import pytest

from highground.methods.world import Country, make_country, register_on

TODAY = datetime.date(2026, 11, 23)


@pytest.fixture(scope="session")
def country() -> Country:
    """The country of seed 1."""
    return make_country(1, TODAY)


@pytest.fixture(scope="session")
def before(country: Country) -> tuple[pa.Table, pa.Table]:
    """Households and members as registered on the day of the first run."""
    return register_on(country, country.first_run)


@pytest.fixture(scope="session")
def today(country: Country) -> tuple[pa.Table, pa.Table]:
    """Households and members as registered today."""
    return register_on(country, TODAY)
