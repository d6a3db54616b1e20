"""A group of provinces on Spark: the queries of `duck.py`, carried over by sqlglot.

Spark is told to do as DuckDB does where the two differ by default: an overflow is an error, and days begin at
midnight UTC. What is left of SQL in the queries means the same on both: integers, bits, dates and texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot

from highground.methods.rules.ranking import histogram_sql
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.columns import member_table
from highground.methods.screening.nation.duck import (
    households_query,
    rank_values,
    scores_query,
    verdict_query,
    with_before,
)
from highground.methods.screening.nation.groups import Block, Group
from highground.methods.screening.nation.plan import Plan
from highground.methods.screening.nation.spark_session import spark_session
from highground.methods.screening.nation.stored import base_query, no_sums
from highground.methods.shocks.recording import FACT as EXPOSED_TO
from highground.methods.store.engine import connect
from highground.methods.store.layout import StoreError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TYPES = {
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.string(): "STRING",
    pa.large_string(): "STRING",
}


class SparkEngine:
    """All provinces on one Spark session. `before` is what stood in the run before (schema `PREVIOUS`)."""

    def __init__(self, plan: Plan, before: pa.Table) -> None:
        self.plan = plan
        self.before = before
        self._opened = ExitStack()

    def __enter__(self) -> SparkEngine:
        self.session = self._opened.enter_context(spark_session())
        self.held = Held(self.session)
        self._opened.callback(self.held.release)
        self.held.put("previous", self.session.createDataFrame(self.before))
        if self.plan.exposure is not None:
            villages = self.plan.exposure.select(["area", EXPOSED_TO])
            self.held.put("exposure", self.session.createDataFrame(villages))
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def name(self) -> str:
        """The engine and its version."""
        return f"spark {version('pyspark')}"

    def group(self, group: Group) -> SparkGroup:
        """The queries of one group of provinces."""
        return SparkGroup(self.session, self.held, self.plan, group)

    def rank_values(self, histograms: Mapping[str, list[pa.Table]]) -> dict[str, dict[str, int]]:
        """The value of each rank from all its histograms, which are small: they need no cluster."""
        with connect() as connection:
            return rank_values(connection, self.plan.book, histograms)


class SparkGroup:
    """The queries of one group of provinces; the session has the table `previous`."""

    def __init__(self, session: SparkSession, held: Held, plan: Plan, group: Group) -> None:
        self.session = session
        self.held = held
        self.plan = plan
        self.statement = plan.statement
        self.group = group
        self._views: dict[tuple[Path, ...], str] = {}
        self._block: Block | None = None

    # --- from files to one row per household ---

    def base(self, block: Block) -> None:
        """Make the table `base0`: everything that is known of the block's households, parameters left out."""
        if self._block == block:
            return
        h = households_query(self.plan.book, self.group, self.plan.as_of, block, self.read)
        self.held.put("base0", self._query(base_query(self.statement, h, self._sums(block))))
        self._block = block

    def _sums(self, block: Block) -> str:
        """The sums over the members of the block. Files with the same columns are read together."""
        alike: dict[Any, list[Path]] = {}
        for one in self.group.provinces:
            if one.members is not None:
                alike.setdefault(one.member_columns, []).append(one.members)
        if not alike:
            return no_sums(self.statement, self.plan.as_of)
        parts = (
            member_table(
                self.plan.book,
                landed,
                self.plan.as_of,
                source=f"(SELECT * FROM {self.read(paths)} AS r{block.where('r')}) AS r",
            )
            for landed, paths in alike.items()
        )
        return f"WITH m AS ({' UNION ALL '.join(parts)}), {self.statement.member_sums()}"

    def read(self, paths: list[Path]) -> str:
        """Parquet files as one table in Spark."""
        key = tuple(paths)
        if key not in self._views:
            name = f"files{len(self._views)}"
            reader = self.session.read.schema(_schema(paths[0]))
            reader.parquet(*(_pattern(path) for path in paths)).createOrReplaceTempView(name)
            self._views[key] = name
        return self._views[key]

    # --- ranks ---

    def histograms(self, names: list[str]) -> Iterator[tuple[str, pa.Table]]:
        """The counted scores of each rank: `area`, `score`, `households`."""
        for block in self.group.blocks:
            self.base(block)
            for name in names:
                rank = self.plan.book.ranks[name]
                scores = scores_query(self.statement, rank, self.plan.as_of, "base0")
                yield name, self._query(histogram_sql(scores)).toArrow()

    # --- verdicts ---

    def screen(self, ranked: Rulebook) -> Iterator[pa.Table]:
        """Block by block: the flagged households, by county and key."""
        for block in self.group.blocks:
            self.base(block)
            if not block.whole:
                block.check(self.session.table("base0").count())
            known = with_before("base0")
            yield self._query(verdict_query(self.statement, ranked, self.plan.as_of, known)).toArrow()

    def _query(self, query: str) -> DataFrame:
        return self.session.sql(to_spark(query))


class Held:
    """Tables that several queries read: computed once, kept until another takes the name."""

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self._frames: dict[str, DataFrame] = {}

    def put(self, name: str, frame: DataFrame) -> None:
        """Keep what a query gives under a name, and let go of what had the name before."""
        self.drop(name)
        self._frames[name] = frame.persist()
        frame.createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        """Let go of the table of that name, if there is one."""
        if name in self._frames:
            self._frames.pop(name).unpersist()

    def release(self) -> None:
        """Let go of all."""
        for name in list(self._frames):
            self.drop(name)


def to_spark(query: str) -> str:
    """A query of ours in the words of Spark."""
    return sqlglot.transpile(query, read="duckdb", write="spark", comments=False)[0]


def _schema(path: Path) -> str:
    """The columns of a landed file in Spark's words, so that Spark need not look for itself."""
    columns = ((field.name, _type(path, field)) for field in pq.read_schema(path))
    return ", ".join(f"`{name}` {kind}" for name, kind in columns)


def _type(path: Path, field: pa.Field) -> str:
    if pa.types.is_list(field.type):
        return f"ARRAY<{_type(path, field.type.value_field)}>"
    if field.type not in _TYPES:
        raise StoreError(
            f"{path}: column {field.name} is {field.type}, which no landed file has; land it again"
        )
    return _TYPES[field.type]


def _pattern(path: Path) -> str:
    """A path for Spark, which takes some characters for patterns."""
    return "file:" + "".join(f"\\{one}" if one in "*?[]{}\\" else one for one in str(path.absolute()))
