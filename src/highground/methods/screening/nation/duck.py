"""A group of provinces on DuckDB: one pass over the files for its ranks, one for its verdicts.

A large province goes in blocks of counties, so that memory is bounded whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import path as path_sql
from highground.methods.rules.masks import MaskStatement
from highground.methods.rules.ranking import facts_behind, histogram_sql, value_sql
from highground.methods.rules.rulebook import Rank, Rulebook
from highground.methods.screening.lookups import parameters_beside
from highground.methods.screening.nation.columns import (
    facts_of_entity,
    fed_columns,
    household_table,
)
from highground.methods.screening.nation.fed import FeedWindow
from highground.methods.screening.nation.groups import BESIDE, Block, Group
from highground.methods.screening.nation.plan import Plan
from highground.methods.store.files import parquet_rows
from highground.methods.store.layout import StoreError

PREVIOUS = pa.schema([("household", pa.string()), ("before", pa.int64())])
"""What stood in the run before: the bits of the rules that were yes, or were held."""


class DuckGroup:
    """The queries of one group of provinces. `connection` has the table `previous` (schema `PREVIOUS`).

    `files` are the stored facts of the provinces. Each query goes through the files once and holds nothing but what
    the feeds have summed.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, plan: Plan, group: Group, files: list[Path]
    ) -> None:
        self.connection = connection
        self.statement = plan.statement
        self.book = plan.book
        self.group = group
        self.as_of = plan.as_of
        self.files = files
        self._summed = False
        if plan.exposure is not None:
            connection.register("exposure", plan.exposure)

    # --- from files to one row per household ---

    def known(self, block: Block, facts: Collection[str] | None = None, *, source: str = "") -> str:
        """A query: everything that is known of the block's households, parameters left out; or just these facts.

        `source` is a table that holds the stored facts of the block instead of the files.
        """
        self._sum_feeds()
        fed = self.group.fed
        columns = ["r.household", "r.area", "r.province", "r.city", "r.county"]
        columns += [f"r.{name}" for name in self.statement.member_columns]
        for fact in facts_of_entity(self.book, "household"):
            if facts is not None and fact.name not in facts:
                continue
            if fact.name in fed:
                columns += fed_columns(fact, fed[fact.name], self.as_of)
                continue
            columns += [f"r.f_{fact.name}", f"r.s_{fact.name}"]
            if fact.type == "date":
                columns += [f"r.n_months_{fact.name}", f"r.n_days_{fact.name}"]
        columns += [f"r.s_{name}" for name in self.statement.member_facts]
        joins = [
            feed.join(feed.table)
            for feed in self.group.feeds
            if feed.came and (facts is None or any(one.fact.name in facts for one in feed.facts))
        ]
        joins += [BESIDE] * self.group.shocks
        stored = source or read(self.files)
        return f"SELECT {', '.join(columns)} FROM {stored} AS r {' '.join(joins)}{block.where('r')}"

    def _sum_feeds(self) -> None:
        """One table for each feed, with the sums of its window: ranks and verdicts read them both."""
        if not self._summed:
            for feed in self.group.feeds:
                if feed.came:
                    self._sum(feed)
            self._summed = True

    def _sum(self, feed: FeedWindow) -> None:
        """The table of one feed. Raises StoreError, which names the file, where one is missing, cut off or damaged."""
        try:
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {feed.table} AS {feed.sums(read)}")
        except duckdb.Error as error:
            for month in feed.files:
                for path, _hash in month.paths:
                    parquet_rows(path)
            raise StoreError(
                f"a file of {feed.said} is damaged; restore it from a backup: {error}"
            ) from error

    # --- ranks ---

    def histograms(self, names: list[str]) -> Iterator[tuple[str, pa.Table]]:
        """The counted scores of each rank: `area`, `score`, `households`."""
        for block in self.group.blocks:
            for name in names:
                rank = self.book.ranks[name]
                known = f"({self.known(block, facts_behind(self.book, rank))})"
                scores = scores_query(self.statement, rank, self.as_of, known)
                yield name, self.connection.sql(histogram_sql(scores)).to_arrow_table()

    # --- verdicts ---

    def screen(self, ranked: Rulebook) -> Iterator[pa.Table]:
        """Block by block: the flagged households, by county and key."""
        for block in self.group.blocks:
            self._check(block)
            known = with_before(f"({self.known(block)})")
            yield self.connection.sql(
                verdict_query(self.statement, ranked, self.as_of, known)
            ).to_arrow_table()

    def _check(self, block: Block) -> None:
        """The blocks of a province must hold all of its households, however an engine orders codes of counties."""
        if not block.whole:
            (found,) = self.connection.execute(
                f"SELECT COUNT(*) FROM {read(self.files)} AS r{block.where('r')}"
            ).fetchall()
            block.check(found[0])


def with_before(known: str, stood: str = "previous") -> str:
    """A table of households as a query, beside the bits that stood in the table `stood` (schema `PREVIOUS`)."""
    return (
        f"(SELECT k.*, COALESCE(p.before, CAST(0 AS BIGINT)) AS before FROM {known} AS k"
        f" LEFT JOIN {stood} AS p ON p.household = k.household)"
    )


def scores_query(statement: MaskStatement, rank: Rank, as_of: date, known: str) -> str:
    """Area and score of every household of the table `known`."""
    base = parameters_beside(statement.book, as_of, source=known)
    return f"WITH base AS ({base}){statement.scores(rank)}"


def verdict_query(statement: MaskStatement, ranked: Rulebook, as_of: date, known: str) -> str:
    """The flagged households of the table `known`, which has `before`, by county and key."""
    base = parameters_beside(ranked, as_of, source=known)
    return f"WITH base AS ({base}){statement.flagged()} ORDER BY province, county, household"


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
        joins=[
            *(feed.join(f"({feed.sums(read)})") for feed in group.feeds if feed.came),
            *[BESIDE] * group.shocks,
        ],
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
