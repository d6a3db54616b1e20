"""A few households from the database read just like the snapshot of the register."""

from __future__ import annotations

import pyarrow.parquet as pq

from highground.people.snapshot import write_snapshot
from highground.people.tables import tables_as_of
from tests.support.register import TODAY, add_register


def test_a_table_of_some_households_says_what_the_snapshot_says(db, tmp_path, settings, django_assert_num_queries):
    settings.HIGHGROUND_HOME = tmp_path
    register = add_register()
    folder = write_snapshot(as_of=TODAY, by="test", today=TODAY).folder
    wanted = [register.households[number] for number in ("2231", "0874", "2718", "9001")]
    with django_assert_num_queries(5):
        homes, _members = tables_as_of(wanted, as_of=TODAY)
    keys = {household.key for household in wanted}
    kept = {row["household"]: row for row in pq.read_table(folder / "households.parquet").to_pylist()}
    rows = homes.to_pylist()
    assert {row["household"] for row in rows} == keys
    for row in rows:
        for name, value in row.items():
            assert kept[row["household"]][name] == value, name
        assert {name for name, value in kept[row["household"]].items() if value is not None} <= set(row)
