"""A group of provinces on DuckDB: a block of counties at a time, so that memory is bounded whatever their size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import path as path_sql
from highground.methods.rules.masks import MaskStatement
from highground.methods.rules.ranking import histogram_sql, value_sql
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.lookups import parameters_beside
from highground.methods.screening.nation.columns import (
    facts_of_entity,
    fed_columns,
    household_table,
)
from highground.methods.screening.nation.groups import Block, Group

PREVIOUS = pa.schema([("household", pa.string()), ("before", pa.int64())])
"""What stood in the run before: the bits of the rules that were yes, or were held."""


class DuckGroup:
    """The queries of one group of provinces. `connection` has the table `previous` (schema `PREVIOUS`).

    `files` are the stored facts of the provinces.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        statement: MaskStatement,
        group: Group,
        as_of: date,
        files: list[Path],
    ) -> None:
        self.connection = connection
        self.statement = statement
        self.book = statement.book
        self.group = group
        self.as_of = as_of
        self.files = files
        self._held: Block | None = None

    # --- from files to one row per household ---

    def base(self, block: Block) -> None:
        """Make the table `base0`: what the rules read of the block's households, parameters left out."""
        if self._held == block:
            return
        fed = self.group.fed
        columns = ["r.household", "r.province", "r.city", "r.county"]
        columns += [f"r.{name}" for name in self.statement.member_columns]
        for fact in facts_of_entity(self.book, "household"):
            if fact.name in fed:
                columns += fed_columns(fact, fed[fact.name], self.as_of)
                continue
            columns.append(f"r.f_{fact.name}")
            if fact.type == "date":
                columns += [f"r.n_months_{fact.name}", f"r.n_days_{fact.name}"]
        joins = " ".join(self.group.joins(read))
        query = f"SELECT {', '.join(columns)} FROM {read(self.files)} AS r {joins}{block.where('r')}"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE base0 AS {query}")
        self._held = block

    def flagged_base(self, block: Block) -> str:
        """Everything that is known of the flagged households."""
        fed = self.group.fed
        own = [fact for fact in facts_of_entity(self.book, "household") if fact.name not in fed]
        stale = [f"s_{name}" for name in [*(fact.name for fact in own), *self.statement.member_facts]]
        rest = "".join(f", r.{name}" for name in ["area", *stale])
        return (
            f"SELECT b.*{rest} FROM (SELECT b0.* FROM base0 AS b0 SEMI JOIN flagged AS f"
            f" ON f.household = b0.household) AS b JOIN {read(self.files)} AS r ON r.household = b.household"
            f"{block.where('r')}"
        )

    # --- ranks ---

    def histograms(self, names: list[str]) -> Iterator[tuple[str, pa.Table]]:
        """The counted scores of each rank: `area`, `score`, `households`."""
        for block in self.group.blocks:
            self.base(block)
            for name in names:
                base = parameters_beside(self.book, self.as_of, source="base0")
                scores = f"WITH base AS ({base}){self.statement.scores(self.book.ranks[name])}"
                yield name, self.connection.sql(histogram_sql(scores)).to_arrow_table()

    # --- verdicts ---

    def screen(self, ranked: Rulebook) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Block by block: the flagged households, and how many of each county have which bits."""
        for block in self.group.blocks:
            self.base(block)
            base = parameters_beside(ranked, self.as_of, source="base0")
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE marks AS WITH base AS ({base}){self.statement.marks()}"
            )
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE flagged AS {FLAGGED}")
            base = parameters_beside(ranked, self.as_of, source=f"({self.flagged_base(block)})")
            details = f"WITH base AS ({base}){self.statement.details()}"
            flagged = self.connection.sql(CHANGED.format(details=details)).to_arrow_table()
            yield flagged, self.connection.sql(TALLIED).to_arrow_table()


FLAGGED = """
SELECT m.household, m.yes, m.maybe, COALESCE(p.before, CAST(0 AS BIGINT)) AS before
FROM marks AS m LEFT JOIN previous AS p ON p.household = m.household
WHERE m.yes <> 0 OR m.maybe <> 0 OR p.household IS NOT NULL
"""
"""Who is yes or cannot be told, or stood in the run before."""

CHANGED = """
SELECT d.*, f.yes, f.maybe, f.yes & ~f.before AS new, f.before & (f.yes | f.maybe) AS continuing,
       f.before & ~(f.yes | f.maybe) AS cleared, f.before & f.maybe & ~f.yes AS held
FROM ({details}) AS d JOIN flagged AS f ON f.household = d.household
ORDER BY d.province, d.county, d.household
"""
"""What changed, as in `changes.py`: a rule that was yes and now cannot be told goes on, held; it has not cleared."""

TALLIED = """
SELECT province, county, yes, maybe, COUNT(*) AS households FROM marks GROUP BY province, county, yes, maybe
"""


def households_query(
    book: Rulebook, group: Group, as_of: date, block: Block, read: Callable[[list[Path]], str]
) -> str:
    """The table `h` of a block, from the register itself. `read` makes SQL of paths."""
    return household_table(
        book,
        group.household_columns,
        as_of,
        source=read([one.households for one in group.provinces]),
        fed=group.fed,
        joins=group.joins(read),
        where=block.where("r"),
    )


def read(paths: list[Path]) -> str:
    """Parquet files as one table in DuckDB."""
    return f"read_parquet([{', '.join(path_sql(path) for path in paths)}])"


def rank_values(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, histograms: Mapping[str, list[pa.Table]]
) -> dict[str, dict[str, int]]:
    """The value of each rank from all its histograms."""
    values = {}
    for name, tables in histograms.items():
        connection.register("histogram_parts", pa.concat_tables(tables))
        whole = (
            "SELECT area, score, CAST(SUM(households) AS BIGINT) AS households FROM histogram_parts"
            " GROUP BY area, score"
        )
        rows = connection.execute(value_sql(book, book.ranks[name], whole)).fetchall()
        values[name] = {str(area): int(value) for area, value in rows}
        connection.unregister("histogram_parts")
    return values
