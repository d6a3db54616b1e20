"""A county screened again says what a run of the changed register would say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from highground.methods.rules import load_rulebook
from highground.methods.screening.nation.county import CountyScreen
from highground.methods.screening.nation.running import screen_country
from highground.methods.store import Store
from tests.methods.screening.nation.small import landed
from tests.methods.screening.nation.test_agreement import tables
from tests.methods.screening.random_world import AS_OF

BOOK = load_rulebook("cn-2021")
CHANGES = ("new", "continuing", "cleared", "held")


def flagged_of(store: Store, run: str, county: str) -> pa.Table:
    """What the run keeps of a county, without those about whom there is nothing to say but that they cleared."""
    whole = pa.concat_tables(pq.read_table(path) for path in sorted(store.run(run).glob("*/flagged.parquet")))
    stand = pc.not_equal(pc.bit_wise_or(whole["yes"], whole["maybe"]), 0)
    return whole.filter(pc.and_(pc.equal(whole["county"], county), stand)).drop(list(CHANGES))


def same(one: pa.Table, other: pa.Table) -> bool:
    """Whether two tables hold the same, whatever the width of their integers."""
    return one.drop([name for name in CHANGES if name in one.column_names]).cast(other.schema).equals(other)


def test_without_changes_each_county_is_as_in_the_run(tmp_path: Path) -> None:
    store = landed(tmp_path, BOOK, *tables(7, BOOK), month="2024-06", as_of=AS_OF)
    run = screen_country(store, BOOK, AS_OF)["id"]
    with CountyScreen(store, run) as screen:
        for county in (county for one in screen.plan.provinces for county, _ in one.counties):
            assert county is not None
            found = screen.again(county)
            assert same(found, flagged_of(store, run, county))
            assert not any(
                pc.any(pc.not_equal(found[name], 0)).as_py() for name in ("new", "cleared", "held")
            )
        with pytest.raises(KeyError):
            screen.again("nowhere")


def test_a_change_at_the_door_shows_at_once(tmp_path: Path) -> None:
    households, members = tables(8, BOOK)
    (tmp_path / "now").mkdir()
    store = landed(tmp_path / "now", BOOK, households, members, month="2024-06", as_of=AS_OF)
    run = screen_country(store, BOOK, AS_OF)["id"]
    county = households[0]["county"]
    mine = [row for row in households if row["county"] == county][:12]
    changed: dict[str, dict[str, Any]] = {
        row["household"]: {
            "income_wage_12m": 1_234_500 * number,
            "dwelling_unsafe": number % 2 == 0,
            "risks": ["illness"] if number % 3 else [],
            "household_type": "lifted_out",
        }
        for number, row in enumerate(mine)
    }
    later = [
        {**row, **_as_landed(changed[row["household"]])} if row["household"] in changed else row
        for row in households
    ]
    (tmp_path / "later").mkdir()
    other = landed(tmp_path / "later", BOOK, later, members, month="2024-06", as_of=AS_OF)
    expected = screen_country(other, BOOK, AS_OF)["id"]
    with CountyScreen(store, run) as screen:
        for _ in range(2):  # the changes of a call are those that it names
            found = screen.again(county, changed)
            assert same(found, flagged_of(other, expected, county))
            assert pc.any(pc.not_equal(found["new"], 0)).as_py()
            assert same(screen.again(county), flagged_of(store, run, county))
        for wrong in ({"none": {"dwelling_unsafe": True}}, {mine[0]["household"]: {"no_such_fact": 1}}):
            with pytest.raises(KeyError):
                screen.again(county, wrong)


def _as_landed(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as a register gives them: money in major units, seen on the day."""
    days = {f"{name}__date": AS_OF for name in facts}
    return {**facts, "income_wage_12m": facts["income_wage_12m"] / 100, **days}
