"""Households out of the engine's tables, as the oracle and the explanation read them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import duckdb

from highground.methods.facts import Fact
from highground.methods.rules.parameters import look_up
from highground.methods.rules.record import Known, Member, Record, Value
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import SCREENED, facts_needed
from highground.methods.screening.door import ASSUMED_TRUE


def read_records(
    connection: duckdb.DuckDBPyConnection,
    book: Rulebook,
    as_of: date,
    assumed: frozenset[str],
    household: str | Collection[str] | None = None,
    sections: tuple[str, ...] = SCREENED,
) -> Iterator[Record]:
    """The records of all households, or of some, with the facts of these sections; in the order of the household's id."""
    wanted = [household] if isinstance(household, str) else household
    where = "" if wanted is None else "WHERE household IN (SELECT UNNEST(?))"
    values = [] if wanted is None else [sorted(wanted)]
    needed = facts_needed(book, sections)
    facts = [fact for fact in book.dictionary.values() if fact.name in needed]
    own = [fact for fact in facts if fact.entity == "household"]
    of_members = [fact for fact in facts if fact.entity == "member"]
    members: dict[str, list[Member]] = {}
    for row in read_rows(connection, f"SELECT * FROM m {where} ORDER BY household, member", values):
        found, known = _values(row, of_members, assumed)
        members.setdefault(row["household"], []).append(Member(str(row["member"]), found, known))
    for row in read_rows(connection, f"SELECT * FROM households {where} ORDER BY household", values):
        found, known = _values(row, own, frozenset())
        keys: dict[str, str | None] = {name: row[name] for name in ("province", "city", "county")}
        for fact in own:
            if fact.type == "category":
                value = found[fact.name]
                keys[fact.name] = None if value is None else str(value)
        yield Record(
            household=row["household"],
            as_of=as_of,
            facts=found,
            members=tuple(members.get(row["household"], ())),
            parameters={name: look_up(one, as_of, keys) for name, one in book.parameters.items()},
            area=row["area"],
            known=known,
        )


def read_rows(
    connection: duckdb.DuckDBPyConnection, query: str, values: list[list[str]] | None = None
) -> list[dict[str, Any]]:
    """The rows of a query by the names of its columns."""
    cursor = connection.execute(query, values)
    names = [str(column[0]) for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _values(
    row: dict[str, Any], facts: list[Fact], assumed: frozenset[str]
) -> tuple[dict[str, Value], dict[str, Known]]:
    values: dict[str, Value] = {}
    known: dict[str, Known] = {}
    for fact in facts:
        name = fact.name
        values[name] = plain(row[f"f_{name}"])
        stale = row[f"s_{name}"] is not None
        known[name] = Known(
            day=row[f"day_{name}"],
            source=row[f"source_{name}"],
            stale=stale,
            stale_value=plain(row[f"old_{name}"]) if stale else None,
            assumed=name in assumed and name in ASSUMED_TRUE,
        )
    return values, known


def plain(value: Any) -> Value:
    """A value of the engine as the oracle takes it."""
    return tuple(value) if isinstance(value, list) else value
