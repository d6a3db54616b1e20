"""The door: tables of any kind in, typed columns out.

Pandas, Polars and Arrow tables and Parquet and CSV files become the tables `h` and `m` that a rulebook's SQL reads.
Money is turned into integer minor units, rounded half-up and reported. A wrong type is an error that names the
column. A value that cannot be true (outside its bounds, not an allowed value, dated after the as-of day) is set
aside: it counts as missing, and a notice says where it was. A value past its freshness is set aside as stale.
"""

from __future__ import annotations

import calendar
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from highground.methods.facts import Dictionary, Fact
from highground.methods.facts.literals import day
from highground.methods.facts.readings import SQL_TYPES, WANTED, Column, Source, WrongKind, nothing, reading
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import SCREENED, facts_needed
from highground.methods.screening.notices import Notice, counted
from highground.methods.screening.tables import InputError, load
from highground.methods.store.engine import first_row

KEYS = {"household": ("household", "area", "province", "city", "county"), "member": ("household", "member")}
ASSUMED_TRUE = ("on_register", "lives_with", "shares_budget")
SUFFIXES = ("__date", "__source")


class Door:
    """Brings one table through: `entity` is `household` or `member`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        book: Rulebook,
        as_of: date,
        entity: str,
        source: Any,
        sections: tuple[str, ...] = SCREENED,
    ) -> None:
        self.connection = connection
        self.book = book
        self.as_of = as_of
        self.entity = entity
        self.source = source
        self.sections = sections
        self.raw = f"raw_{entity}"
        self.text_only = load(connection, self.raw, source, entity, self.known)
        description = connection.execute(f"DESCRIBE {self.raw}").fetchall()
        self.columns = {str(row[0]): str(row[1]) for row in description}
        self.notices: list[Notice] = []

    @property
    def dictionary(self) -> Dictionary:
        return self.book.dictionary

    @property
    def known(self) -> set[str]:
        """The columns that mean something: keys and facts, with their days and sources."""
        known = {*KEYS[self.entity], *self.dictionary}
        return known | {name + suffix for name in self.dictionary for suffix in SUFFIXES}

    @property
    def facts(self) -> list[Fact]:
        """The facts of this entity that those sections of the rulebook read, in the order of the dictionary."""
        needed = facts_needed(self.book, self.sections)
        return [
            fact for fact in self.dictionary.values() if fact.name in needed and fact.entity == self.entity
        ]

    def open(self, table: str) -> None:
        """Make `table` from the raw one. Raises InputError; leaves what was set aside in `notices`."""
        self.check_keys()
        self.note_ignored()
        columns = [self.key(name) for name in KEYS[self.entity]]
        for fact in self.facts:
            columns += self.fact(fact)
        query = f"CREATE OR REPLACE TABLE {table} AS SELECT {', '.join(columns)} FROM {self.raw}"
        self.connection.execute(query)
        self.connection.execute(
            f"DROP {'TABLE' if isinstance(self.source, str | Path) else 'VIEW'} {self.raw}"
        )

    # --- keys ---

    def check_keys(self) -> None:
        """The key columns are there, filled and unique."""
        wanted = ("household",) if self.entity == "household" else ("household", "member")
        for name in wanted:
            if name not in self.columns:
                raise InputError(
                    f"{self.entity} table: there is no column '{name}'; name the column that holds it"
                )
            empty = self.one(f"SELECT COUNT(*) FROM {self.raw} WHERE {self.read_key(name)} IS NULL")
            if empty:
                raise InputError(
                    f"{self.entity} table: column '{name}' is empty in {counted(empty, 'row')}; fill it in"
                )
        keys = ", ".join(self.read_key(name) for name in wanted)
        twice = first_row(
            self.connection,
            f"SELECT {keys}, COUNT(*) FROM {self.raw} GROUP BY ALL HAVING COUNT(*) > 1 ORDER BY ALL LIMIT 1",
        )
        if twice:
            named = ", member ".join(str(part) for part in twice[:-1])
            raise InputError(
                f"{self.entity} table: household {named} stands {twice[-1]} times; keep one row for each"
            )

    def one(self, query: str) -> int:
        row = first_row(self.connection, query)
        assert row is not None
        return int(row[0] or 0)

    def key(self, name: str) -> str:
        if name not in self.columns:
            return f"CAST(NULL AS VARCHAR) AS {name}"
        return f"{self.read_key(name)} AS {name}"

    def read_key(self, name: str) -> str:
        """A key as text, without spaces around it. Pandas makes whole numbers beside a gap floating: 1.0 is 1."""
        plain = f"CAST({name} AS VARCHAR)"
        if self.columns[name] in ("FLOAT", "DOUBLE"):
            whole = f"CASE WHEN {name} = TRUNC({name}) THEN CAST(TRY_CAST({name} AS BIGINT) AS VARCHAR) END"
            plain = f"CASE WHEN NOT isnan({name}) THEN COALESCE({whole}, {plain}) END"
        return f"NULLIF(TRIM({plain}), '')"

    def note_ignored(self) -> None:
        """Count the columns that nobody knows."""
        extra = sorted(name for name in self.columns if name not in self.known)
        if extra:
            shown = ", ".join(extra[:10]) + (", ..." if len(extra) > 10 else "")
            plural = "columns are" if len(extra) > 1 else "column is"
            self.notices.append(
                Notice("ignored_columns", f"{len(extra)} {plural} not in the fact dictionary and ignored: {shown}",
                       {"table": self.entity, "columns": extra})
            )  # fmt: skip

    # --- facts ---

    def fact(self, fact: Fact) -> list[str]:
        """The columns of one fact: value, stale since, stale value, day, source; of a date also how long ago it is."""
        name = fact.name
        if name not in self.columns:
            return self.absent(fact)
        column = self.reading(fact, self.columns[name])
        if column.wrong_type:
            self.refuse_wrong_type(fact, column.wrong_type)
        self.note_unusable(fact, column)
        holds = self.day(fact)
        value = f"CASE WHEN {holds} > {day(self.as_of)} THEN NULL ELSE {column.value} END"
        since = "CAST(NULL AS DATE)"
        if fact.fresh_for is not None and f"{name}__date" in self.columns:
            since = (
                f"CASE WHEN {column.value} IS NOT NULL AND {holds} + {fact.fresh_for} < {day(self.as_of)}"
                f" THEN CAST({holds} + {fact.fresh_for + 1} AS DATE) END"
            )
        source = (
            f"CAST({name}__source AS VARCHAR)"
            if f"{name}__source" in self.columns
            else "CAST(NULL AS VARCHAR)"
        )
        columns = [
            f"CASE WHEN {since} IS NULL THEN {value} END AS f_{name}",
            f"{since} AS s_{name}",
            f"CASE WHEN {since} IS NOT NULL THEN {value} END AS old_{name}",
            f"CASE WHEN {column.value} IS NOT NULL THEN {holds} END AS day_{name}",
            f"{source} AS source_{name}",
        ]
        if fact.type == "date":
            columns += times_since(name, f"CASE WHEN {since} IS NULL THEN {value} END", self.as_of)
        return columns

    def absent(self, fact: Fact) -> list[str]:
        """A fact without a column: missing, but for who belongs to the household, which counts as true."""
        name, kind = fact.name, SQL_TYPES[fact.type]
        value = "TRUE" if name in ASSUMED_TRUE else f"CAST(NULL AS {kind})"
        if name in ASSUMED_TRUE:
            self.notices.append(
                Notice(
                    "assumed",
                    f"there is no column '{name}': it counts as true for every member",
                    {"column": name},
                )
            )
        columns = [
            f"{value} AS f_{name}",
            f"CAST(NULL AS DATE) AS s_{name}",
            f"CAST(NULL AS {kind}) AS old_{name}",
            f"CAST(NULL AS DATE) AS day_{name}",
            f"CAST(NULL AS VARCHAR) AS source_{name}",
        ]
        return (
            [*columns, *times_since(name, "CAST(NULL AS DATE)", self.as_of)]
            if fact.type == "date"
            else columns
        )

    def day(self, fact: Fact) -> str:
        """The day from which a value holds; the as-of day where none is given."""
        name = f"{fact.name}__date"
        if name not in self.columns:
            return day(self.as_of)
        kind = self.columns[name]
        if kind == "VARCHAR":
            column = f"NULLIF(TRIM({name}), '')"
            self.refuse_wrong_type(
                fact, f"{column} IS NOT NULL AND TRY_CAST({column} AS DATE) IS NULL", column=name
            )
            read = f"TRY_CAST({column} AS DATE)"
        elif kind == "DATE" or kind.startswith("TIMESTAMP"):
            read = f"CAST({name} AS DATE)"
        elif kind == '"NULL"' or self.is_empty(name):
            return day(self.as_of)
        else:
            raise InputError(f"{self.entity} table: column '{name}' is {kind}; it needs dates")
        return f"COALESCE({read}, {day(self.as_of)})"

    def is_empty(self, name: str) -> bool:
        return self.one(f"SELECT COUNT({name}) FROM {self.raw}") == 0

    def refuse_wrong_type(self, fact: Fact, condition: str, column: str | None = None) -> None:
        """Raise for the first value that is of the wrong type."""
        column = column or fact.name
        found = first_row(
            self.connection,
            f"SELECT household, CAST({column} AS VARCHAR) FROM {self.raw} WHERE {condition} LIMIT 1",
        )
        if found:
            wanted = "a date such as 2024-06-30" if column.endswith("__date") else WANTED[fact.type]
            raise InputError(
                f"{self.entity} table: column '{column}', household {found[0]}: '{found[1]}' is not {wanted}"
            )

    def note_unusable(self, fact: Fact, column: Column) -> None:
        """Count the values that are set aside, and those that were rounded."""
        later = f"{self.day(fact)} > {day(self.as_of)} AND {fact.name} IS NOT NULL"
        counts = first_row(
            self.connection,
            f"SELECT COUNT(*) FILTER ({column.unusable}), MIN(household) FILTER ({column.unusable}),"
            f" COUNT(*) FILTER ({later}), MIN(household) FILTER ({later}),"
            f" COUNT(*) FILTER ({column.rounded or 'FALSE'}) FROM {self.raw}",
        )
        assert counts is not None
        bad, bad_first, future, future_first, rounded = counts
        if bad:
            self.notices.append(
                Notice("unusable",
                       f"{counted(bad, 'value')} of '{fact.name}' not {_allowed(fact)}, set aside as missing"
                       f" (first: household {bad_first})",
                       {"column": fact.name, "count": bad, "first": str(bad_first)})
            )  # fmt: skip
        if future:
            self.notices.append(
                Notice("not_yet", f"{counted(future, 'value')} of '{fact.name}' dated after {self.as_of}, set aside as missing"
                       f" (first: household {future_first})",
                       {"column": fact.name, "count": future, "first": str(future_first)})
            )  # fmt: skip
        if rounded:
            self.notices.append(
                Notice("rounded", f"{counted(rounded, 'value')} of '{fact.name}' rounded half-up to the smallest coin",
                       {"column": fact.name, "count": rounded})
            )  # fmt: skip

    def reading(self, fact: Fact, kind: str) -> Column:
        """How to read a fact from its column. Raises InputError where the column is of a wrong type."""
        if kind == '"NULL"' or (not self.text_only and self.is_empty(fact.name)):
            return nothing(fact)
        try:
            return reading(fact, Source(kind, self.text_only, self.book.minor_digits, self.as_of))
        except WrongKind as error:
            raise InputError(
                f"{self.entity} table: column '{fact.name}' is {kind}; it needs {WANTED[fact.type]} in every row"
            ) from error


def _allowed(fact: Fact) -> str:
    if fact.values:
        return f"one of {', '.join(fact.values)}"
    if fact.minimum is not None:
        whole = "whole numbers " if fact.type == "integer" else ""
        return f"{whole}from {fact.minimum:,} to {fact.maximum:,}"
    if fact.type == "date":
        return "possible dates of birth" if fact.name == "birth_date" else "possible dates"
    return "usable"


def times_since(name: str, value: str, as_of: date) -> list[str]:
    """Complete calendar months and days from a date to the as-of day; from a date of birth also the full years."""
    today = day(as_of)
    last = calendar.monthrange(as_of.year, as_of.month)[1]
    months = f"({as_of.year * 12 + as_of.month} - YEAR({value}) * 12 - MONTH({value}))"
    # The month is complete on the day of the same number, or on its last day where it has no such day.
    unfinished = f"({as_of.day} < LEAST(DAY({value}), {last}))"
    columns = [
        f"CAST({months} - CAST({unfinished} AS BIGINT) AS BIGINT) AS n_months_{name}",
        f"CAST(DATE_DIFF('day', {value}, {today}) AS BIGINT) AS n_days_{name}",
    ]
    if name == "birth_date":
        years = f"CAST({as_of.year} - YEAR({value}) AS BIGINT)"
        not_yet = f"(MONTH({value}) * 100 + DAY({value}) > {as_of.month * 100 + as_of.day})"
        columns.append(f"{years} - CAST({not_yet} AS BIGINT) AS f_age")
    return columns
