"""Tables of households and members brought into the engine; and single households out of it, for the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import SCREENED
from highground.methods.screening.door import Door
from highground.methods.screening.notices import Notice, counted
from highground.methods.screening.records import read_records
from highground.methods.screening.tables import InputError
from highground.methods.store.engine import connect, first_row


def records_of(
    book: Rulebook,
    *,
    households: Any,
    members: Any = None,
    as_of: str | date,
    sections: tuple[str, ...] = SCREENED,
) -> Iterator[Record]:
    """The households of a table as the oracle reads them, with the facts of these sections of the rulebook.

    Tables as for `screen`. Raises InputError.
    """
    day = as_day(as_of)
    with connect() as connection:
        door = Door(connection, book, day, "household", households, sections)
        door.open("households")
        notices = list(open_members(connection, book, day, members, sections))
        assumed = frozenset(str(one.details["column"]) for one in notices if one.kind == "assumed")
        yield from read_records(connection, book, day, assumed, sections=sections)


def as_day(as_of: str | date) -> date:
    """A day given as one or as text. Raises InputError."""
    try:
        if isinstance(as_of, datetime):
            return as_of.date()
        return as_of if isinstance(as_of, date) else date.fromisoformat(str(as_of))
    except ValueError as error:
        raise InputError(f"as-of date '{as_of}' is no date; write for example 2024-06-30") from error


def open_members(
    connection: duckdb.DuckDBPyConnection,
    book: Rulebook,
    as_of: date,
    members: Any,
    sections: tuple[str, ...] = SCREENED,
) -> Iterator[Notice]:
    """Make the table `m`, empty where there are no member rows."""
    given = members is not None
    source = (
        members
        if given
        else pa.table({"household": pa.array([], pa.string()), "member": pa.array([], pa.string())})
    )
    door = Door(connection, book, as_of, "member", source, sections)
    door.open("m")
    if not given:
        return
    yield from door.notices
    largest = book.dictionary["household_size"].maximum
    crowded = first_row(
        connection,
        f"SELECT household, COUNT(*) FROM m GROUP BY household HAVING COUNT(*) > {largest} ORDER BY 1 LIMIT 1",
    )
    if crowded:
        raise InputError(
            f"member table: household {crowded[0]} has {crowded[1]:,} members; at most {largest} are understood: "
            f"check the column 'household'"
        )
    row = first_row(
        connection,
        "SELECT COUNT(*), MIN(household) FROM m WHERE household NOT IN (SELECT household FROM households)",
    )
    if row and row[0]:
        yield Notice(
            "members_without_household",
            f"{counted(row[0], 'member row')} without a household in the table, left out (first: {row[1]})",
            {"count": row[0], "first": row[1]},
        )
