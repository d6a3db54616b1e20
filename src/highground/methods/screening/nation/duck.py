"""One province on DuckDB: a block of counties at a time, so that memory is bounded whatever the province's size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import path as path_sql
from highground.methods.facts.literals import text
from highground.methods.rules.masks import MaskStatement
from highground.methods.rules.ranking import histogram_sql, value_sql
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.columns import household_table, member_table, ranked_table
from highground.methods.screening.nation.plan import ProvinceInputs

BLOCK = 1_000_000
"""Households that are held at once: about 300 bytes each."""

PREVIOUS = pa.schema([("household", pa.string()), ("before", pa.int64())])
"""What stood in the run before: the bits of the rules that were yes, or were held."""


@dataclass(frozen=True)
class Block:
    """Counties next to each other in the file, and their households."""

    first: str | None
    last: str | None
    rows: int
    whole: bool

    def where(self, table: str) -> str:
        """A condition that the engine answers from the file's statistics."""
        if self.whole:
            return ""
        outside = f" OR {table}.county IS NULL" if self.first is None else ""
        return f" WHERE ({table}.county BETWEEN {text(self.first or '')} AND {text(self.last or '')}{outside})"


def blocks(given: ProvinceInputs, size: int) -> list[Block]:
    """The counties of a province in blocks of at most `size` households; a larger county is a block of its own."""
    if given.rows <= size:
        return [Block(None, None, given.rows, whole=True)]
    found: list[Block] = []
    for county, rows in given.counties:
        if found and found[-1].rows + rows <= size:
            found[-1] = Block(found[-1].first, county, found[-1].rows + rows, whole=False)
        else:
            found.append(Block(county, county, rows, whole=False))
    return found


class DuckProvince:
    """The queries of one province. `connection` has the table `previous` (schema `PREVIOUS`)."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        statement: MaskStatement,
        given: ProvinceInputs,
        as_of: date,
        sums: Path | None,
        size: int = BLOCK,
    ) -> None:
        self.connection = connection
        self.statement = statement
        self.book = statement.book
        self.given = given
        self.as_of = as_of
        self.sums = sums
        self.blocks = blocks(given, size)
        self._held: Block | None = None

    # --- from files to one row per household ---

    def base(self, block: Block) -> None:
        """Make the table `base0`: everything that is known of the block's households, ranks left out."""
        if self._held == block:
            return
        feeds = self.given.feeds
        fed = {name: value for feed in feeds for name, value in feed.values()}
        joins = [join for join in (feed.join(read) for feed in feeds) if join]
        h = household_table(
            self.book,
            self.given.household_columns,
            self.as_of,
            source=read(self.given.households),
            fed=fed,
            joins=joins,
            where=block.where("r"),
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE base0 AS WITH h AS ({h}), sums AS ({self._sums(block)})"
            f" {self.statement.base()}"
        )
        self._held = block

    def _sums(self, block: Block) -> str:
        if self.sums is not None:
            return f"SELECT s.* FROM {read(self.sums)} AS s{block.where('s')}"
        return sums_query(self.statement, self.given, self.as_of, block)

    # --- ranks ---

    def histograms(self, names: list[str]) -> Iterator[tuple[str, pa.Table]]:
        """The counted scores of each rank: `area`, `score`, `households`."""
        for block in self.blocks:
            self.base(block)
            for name in names:
                scores = f"WITH base AS (SELECT * FROM base0){self.statement.scores(self.book.ranks[name])}"
                yield name, self.connection.sql(histogram_sql(scores)).to_arrow_table()

    # --- verdicts ---

    def screen(self, ranked: Rulebook) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Block by block: the flagged households, and how many of each county have which bits."""
        for block in self.blocks:
            self.base(block)
            base = ranked_table(ranked, source="base0")
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE marks AS WITH base AS ({base}){self.statement.marks()}"
            )
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE flagged AS {FLAGGED}")
            base = ranked_table(ranked, source="base0 AS b SEMI JOIN flagged AS f ON f.household = b.household")
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
ORDER BY d.county, d.household
"""
"""What changed, as in `changes.py`: a rule that was yes and now cannot be told goes on, held; it has not cleared."""

TALLIED = "SELECT county, yes, maybe, COUNT(*) AS households FROM marks GROUP BY county, yes, maybe"


def sums_query(statement: MaskStatement, given: ProvinceInputs, as_of: date, block: Block) -> str:
    """The sums over members, from the members' file."""
    if given.members is None:
        rows = "SELECT CAST(NULL AS VARCHAR) AS household, CAST(NULL AS VARCHAR) AS county WHERE FALSE"
    else:
        rows = f"SELECT * FROM {read(given.members)} AS r{block.where('r')}"
    m = member_table(statement.book, given.member_columns, as_of, source=f"({rows}) AS r")
    return f"WITH m AS ({m}), {statement.member_sums()}"


def read(path: Path) -> str:
    """A Parquet file as a table in DuckDB."""
    return f"read_parquet({path_sql(path)})"


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
        rows = connection.execute(value_sql(book.ranks[name], whole)).fetchall()
        values[name] = {str(area): int(value) for area, value in rows}
        connection.unregister("histogram_parts")
    return values
