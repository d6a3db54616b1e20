"""Who a row is about: persons by the keyed hash of their identity number, households by their key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from highground.methods.facts.literals import day, name
from highground.methods.facts.literals import path as path_literal
from highground.methods.feeds.checks import Intake
from highground.methods.feeds.definitions import Feed
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.hashing import IDENTITY_NUMBER, digest_of, normalise_column
from highground.methods.feeds.persons import households_of, index_of, indexed_provinces
from highground.methods.feeds.source import ROW
from highground.methods.store.engine import first_row
from highground.methods.store.layout import Store

AUTHORISED = "authorised.parquet"
LEAST_ROWS = 10


class Register:
    """The persons or households of the register. Those of one province are kept in memory while its files come."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, store: Store, feed: Feed) -> None:
        self.connection = connection
        self.store = store
        self.persons = feed.per == "person"
        self._loaded: str | None = None

    def digest(self, relation: str) -> str:
        """SQL: what joins a row of `relation` with the index of persons; `secret` must be among the tables read."""
        number = normalise_column(self.connection, relation, "who", "unusual_numbers")
        return f"CASE WHEN who IS NOT NULL THEN {digest_of(IDENTITY_NUMBER, number)} END"

    def open(self, province: str | None) -> str:
        """The relation with key, household, member, county, province, ambiguous. Raises FeedError without a register."""
        known = indexed_provinces(self.store)
        if not known or (province is not None and province not in known):
            whose = f" of {province}" if province else ""
            raise FeedError(f"{self.store.root}: there is no register{whose}; land the register first")
        if province is None:
            return f"({self._query(known)})"
        if self._loaded != province:
            self.connection.execute(f"CREATE OR REPLACE TEMP TABLE people AS {self._query([province])}")
            self._loaded = province
        return "people"

    def _query(self, provinces: list[str]) -> str:
        place = index_of if self.persons else households_of
        paths = ", ".join(path_literal(place(self.store, one)) for one in provinces)
        if not self.persons:
            return (
                "SELECT household AS key, household, CAST(NULL AS VARCHAR) AS member, county, province,"
                f" FALSE AS ambiguous FROM read_parquet([{paths}])"
            )
        # A number that stands with several persons leads to none of them, and stands here once.
        return (
            "SELECT digest AS key, ANY_VALUE(household) AS household, ANY_VALUE(member) AS member,"
            " ANY_VALUE(county) AS county, ANY_VALUE(province) AS province, TRUE AS ambiguous"
            f" FROM read_parquet([{paths}]) WHERE ambiguous GROUP BY digest"
            " UNION ALL SELECT digest, household, member, county, province, FALSE"
            f" FROM read_parquet([{paths}]) WHERE digest IS NOT NULL AND NOT ambiguous"
        )


def refuse_strangers(intake: Intake, register: Register, province: str | None) -> None:
    """Refuse a file in which nobody is on the register: it is of another place, or its columns are swapped.

    Raises FeedError, naming the column that holds the numbers or keys where one does.
    """
    known = "SELECT COUNT(*) FILTER (NOT nobody), COUNT(household) FROM landing"
    counts = first_row(intake.connection, known)
    assert counts is not None
    if counts[0] < LEAST_ROWS or counts[1]:
        return
    people = register.open(province)
    columns = {one.name for one in intake.mapping.fields.values()} & set(intake.file.columns)
    for other in sorted(columns):
        whose = f"(SELECT DISTINCT NULLIF(TRIM(CAST({name(other)} AS VARCHAR)), '') AS who FROM source)"
        key = register.digest(whose) if register.persons else "who"
        row = first_row(
            intake.connection,
            f"SELECT COUNT(*) FROM (SELECT {key} AS key FROM {whose} CROSS JOIN secret) AS o JOIN {people} AS p ON p.key = o.key",
        )
        if row and row[0]:
            raise intake.refused(
                f"the columns '{intake.key}' and '{other}' look swapped: nobody is found by the first, {row[0]:,} by"
                " the other; swap them in the mapping"
            )
    where = f"of {province}" if province else "of any province"
    raise intake.refused(
        f"nobody in column '{intake.key}' is on the register {where}; check the province and the mapping"
    )


def set_aside_unauthorised(
    connection: duckdb.DuckDBPyConnection, store: Store, feed: Feed, today: date
) -> None:
    """Rows of households that have not authorised this comparison are counted and go no further."""
    if not feed.basis.authorisation:
        return
    path = store.root / AUTHORISED
    if not path.is_file():
        raise FeedError(
            f"the feed '{feed.name}' may be landed for households that authorised it alone, and {path.name} is not in"
            " the store; name them with: highground feed authorise FILE"
        )
    connection.execute(
        f"INSERT INTO aside SELECT l.{ROW}, 'unauthorised' FROM landing AS l ANTI JOIN aside AS a ON a.{ROW} = l.{ROW}"
        f" ANTI JOIN ({authorised(path, today)}) AS t ON t.household = l.household"
    )


def authorised(path: Path, today: date) -> str:
    """SQL: the households whose authorisation is in force on a day."""
    return (
        f"SELECT household FROM read_parquet({path_literal(path)}) WHERE (given_on IS NULL OR given_on <= {day(today)})"
        f" AND (withdrawn_on IS NULL OR withdrawn_on > {day(today)})"
    )
