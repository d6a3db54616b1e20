"""One county of a run screened again on demand, after a change at a door: by the ranks, feeds and rulebook of the run.

    with CountyScreen(store, run) as screen:
        flagged = screen.again("450121", {"H1": {"dwelling_unsafe": True}})

The first call for a province sums its feeds, the first for a county reads it from the store, the first of all compiles
the rules; what a run read never changes. From then on a call takes in the changes and asks the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from highground.methods.facts import Fact
from highground.methods.facts.literals import path as path_sql
from highground.methods.facts.readings import SQL_TYPES
from highground.methods.screening.nation.checking import plan_of
from highground.methods.screening.nation.columns import fed_columns
from highground.methods.screening.nation.duck import DuckGroup, read, verdict_query, with_before
from highground.methods.screening.nation.groups import Block, Group
from highground.methods.screening.nation.plan import ProvinceInputs
from highground.methods.screening.nation.stored import stored_facts
from highground.methods.store.engine import Limits, connect
from highground.methods.store.layout import MANIFEST, Store
from highground.methods.store.publishing import read_json

Changed = Mapping[str, Mapping[str, Any]]
"""Facts by household and name as they were found at a door, in the units of the engine (money in minor units)."""


class CountyScreen:
    """Screens counties of a run again. Raises StoreError where the run or an input that it read is not there."""

    def __init__(self, store: Store, run: str, limits: Limits | None = None) -> None:
        manifest = read_json(store.run(run) / MANIFEST)
        self.plan = plan_of(store, run, manifest)
        self.folder = store.run(run)
        self.book = self.plan.book.ranked(manifest["ranks"])
        self.limits = limits
        self._where = {county: given for given in self.plan.provinces for county, _ in given.counties}
        self._province: ProvinceInputs | None = None
        self._county: str | None = None
        self._compiled = False

    def __enter__(self) -> Self:
        self.reading = connect(self.limits)
        self.reading.execute("SET parquet_metadata_cache = true")
        # Of a few thousand rows the best plan costs more than it saves.
        self.answering = self.reading.cursor()
        self.answering.execute("PRAGMA disable_optimizer")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.answering.close()
        self.reading.close()

    def again(self, county: str, changed: Changed | None = None) -> pa.Table:
        """The flagged households of a county, with the columns of a run's `flagged.parquet`.

        `new`, `continuing`, `cleared` and `held` compare with the run itself: what the changes have brought. Raises
        KeyError for a county, household or fact that the run does not know.
        """
        if county != self._county:
            self._read(county)
        self.reading.execute("DELETE FROM county")
        self.reading.execute("INSERT INTO county SELECT * FROM county_of_run")
        for household, facts in (changed or {}).items():
            for name, value in facts.items():
                self._change(household, self.book.dictionary[name], value)
        found: pa.Table = self.answering.sql("EXECUTE verdicts").to_arrow_table()
        return found

    def _read(self, county: str) -> None:
        """The households of a county as the run saw them, with the bits that stood in it."""
        given = self._where[county]
        if given is not self._province:
            self._open(given)
        block = Block(county, county, 0, whole=False)
        # The engine must know how few they are: it would else build its tables of everybody in the province.
        self.reading.execute(
            f"CREATE OR REPLACE TABLE stored AS SELECT * FROM {read(self._queries.files)} AS r{block.where('r')}"
        )
        known = with_before(f"({self._queries.known(block, source='stored')})", "stood")
        self.reading.execute(f"CREATE OR REPLACE TABLE county_of_run AS FROM {known}")
        if not self._compiled:
            self.reading.execute("CREATE TABLE county AS SELECT * FROM county_of_run LIMIT 0")
            verdicts = verdict_query(self.plan.statement, self.book, self.plan.as_of, "county")
            self.answering.execute(f"PREPARE verdicts AS {verdicts}")
            self._compiled = True
        self._county = county

    def _open(self, given: ProvinceInputs) -> None:
        """Sum the feeds of a province, and read what stood in the run."""
        files = [stored_facts(self.plan, given, self.limits)]
        self._queries = DuckGroup(self.reading, self.plan, Group((given,), ()), files)
        flagged = path_sql(self.folder / given.province / "flagged.parquet")
        stood = (
            f"SELECT household, yes | held AS before FROM read_parquet({flagged}) WHERE yes <> 0 OR held <> 0"
        )
        self.reading.execute(f"CREATE OR REPLACE TABLE stood AS {stood}")
        self._province = given

    def _change(self, household: str, fact: Fact, value: Any) -> None:
        columns = fed_columns(fact, "given.value", self.plan.as_of)
        names = [column.rpartition(" AS ")[2] for column in columns]
        found = self.reading.execute(
            f"UPDATE county SET {', '.join(f'{name} = new.{name}' for name in names)}"
            f" FROM (SELECT {', '.join(columns)} FROM (SELECT CAST(? AS {SQL_TYPES[fact.type]}) AS value) AS given) AS new"
            " WHERE household = ?",
            [value, household],
        ).fetchall()
        if not found[0][0]:
            raise KeyError(f"household {household} is not in the county")
