"""The synthetic nation: what is written is whole, in order, repeatable, and of the sizes and margins it says."""

import json
from pathlib import Path

import duckdb
import pytest

from highground.methods.world.nation import make_nation, make_plan

HOUSEHOLDS, MONTHS = 20_000, 4


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A nation of 20,000 households with four months of feeds."""
    root = tmp_path_factory.mktemp("nation")
    make_nation(make_plan(HOUSEHOLDS, MONTHS, 7), root)
    return root


def one(root: Path, query: str) -> tuple:  # type: ignore[type-arg]
    """The first row of a query; `{root}` is the folder of the nation."""
    found = duckdb.connect().execute(query.format(root=root)).fetchone()
    assert found is not None
    return found


def test_every_province_has_its_files_and_the_counts_agree(nation: Path) -> None:
    world = json.loads((nation / "world.json").read_text())
    assert world["complete"] and world["synthetic"]
    assert len(world["provinces"]) == 31 and sum(world["provinces"].values()) == HOUSEHOLDS
    assert world["register_months"] == ["2026-10", "2026-11"]
    assert world["feed_months"] == ["2026-08", "2026-09", "2026-10", "2026-11"]
    for code in world["provinces"]:
        for month in world["register_months"]:
            assert (nation / "register" / month / code / "households.parquet").is_file()
        for feed in world["feeds"]:
            for month in world["feed_months"]:
                assert (nation / "feeds" / feed / month / f"{code}.parquet").is_file()
    counted = one(nation, "SELECT count(*) FROM '{root}/register/*/*/households.parquet'")[0]
    assert counted == world["rows"]["households"] == 2 * HOUSEHOLDS
