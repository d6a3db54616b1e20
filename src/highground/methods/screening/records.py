"""One household out of the engine's tables, as the oracle and the explanation read it."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from highground.methods.facts import Fact
from highground.methods.rules.parameters import look_up
from highground.methods.rules.record import Known, Member, Record, Value
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import facts_needed
from highground.methods.screening.door import ASSUMED_TRUE


def read_record(
    connection: duckdb.DuckDBPyConnection,
    book: Rulebook,
    as_of: date,
    household: str,
    assumed: frozenset[str],
) -> Record:
    """The record of one household. Raises KeyError where the household is not in the table."""
    rows = _rows(connection, "SELECT * FROM households WHERE household = ?", household)
    if not rows:
        raise KeyError(f"household {household} is not in this run")
    row = rows[0]
    needed = facts_needed(book)
    facts = [fact for fact in book.dictionary.values() if fact.name in needed]
    own = [fact for fact in facts if fact.entity == "household"]
    of_members = [fact for fact in facts if fact.entity == "member"]
    values, known = _values(row, own, frozenset())
    members = []
    for found in _rows(connection, "SELECT * FROM m WHERE household = ? ORDER BY member", household):
        member_values, member_known = _values(found, of_members, assumed)
        members.append(Member(str(found["member"]), member_values, member_known))
    keys: dict[str, str | None] = {name: row[name] for name in ("province", "city", "county")}
    for name, value in values.items():
        if book.dictionary[name].type == "category":
            keys[name] = None if value is None else str(value)
    readings = {name: look_up(parameter, as_of, keys) for name, parameter in book.parameters.items()}
    return Record(
        household=household,
        as_of=as_of,
        facts=values,
        members=tuple(members),
        parameters=readings,
        area=row["area"],
        known=known,
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, household: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query, [household])
    names = [str(column[0]) for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _values(
    row: dict[str, Any], facts: list[Fact], assumed: frozenset[str]
) -> tuple[dict[str, Value], dict[str, Known]]:
    values: dict[str, Value] = {}
    known: dict[str, Known] = {}
    for fact in facts:
        name = fact.name
        values[name] = _value(row[f"f_{name}"])
        stale = row[f"s_{name}"] is not None
        known[name] = Known(
            day=row[f"day_{name}"],
            source=row[f"source_{name}"],
            stale=stale,
            stale_value=_value(row[f"old_{name}"]) if stale else None,
            assumed=name in assumed and name in ASSUMED_TRUE,
        )
    return values, known


def _value(value: Any) -> Value:
    return tuple(value) if isinstance(value, list) else value
