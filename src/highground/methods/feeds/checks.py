"""What is wrong with a value of a feed, found for all rows at once, and when a file as a whole makes no sense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from highground.methods.facts import Fact
from highground.methods.facts.literals import day, name
from highground.methods.facts.readings import WANTED, Source, WrongKind, nothing, reading
from highground.methods.feeds.definitions import TEXT, Feed, Field
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.mapping import FeedMapping
from highground.methods.feeds.source import Opened
from highground.methods.store.engine import first_row

EMPTY, WRONG_TYPE, OUT_OF_BOUNDS, UNKNOWN_VALUE, IN_FUTURE, TOO_OLD, ABOVE = range(1, 8)
BITS = 4
"""Bits of a row's problems that belong to one field."""
LEAST_ROWS, MOST_BAD, LOOKED_AT = 10, 0.5, 10_000


@dataclass(frozen=True)
class Read:
    """One field in SQL: its value and the number of its problem, 0 for none."""

    field: Field
    value: str
    problem: str


@dataclass(frozen=True)
class Day:
    """The days between which rows are taken: from the first of the oldest month that is kept to the day of landing."""

    oldest: date
    today: date


def reads(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    mapping: FeedMapping,
    file: Opened,
    kinds: dict[str, str],
    digits: int,
    days: Day,
) -> list[Read]:
    """How each field is read from the view `given`. Raises FeedError for a column that cannot hold its field."""
    found = []
    for field in feed.fields.values():
        try:
            found.append(_read(field, feed, kinds[field.name], file.text_only, digits, days))
        except WrongKind as error:
            column = mapping.fields[field.name].name
            swapped = next(_swapped(connection, feed, mapping, file, field, digits, days), None)
            hint = (
                f"; '{swapped}' could be it: the two look swapped, swap them in the mapping"
                if swapped
                else ""
            )
            raise FeedError(
                f"{file.path.name}: column '{column}' is {file.columns[column]}; the {field.label['en']} needs"
                f" {WANTED[field.type]} in every row{hint}"
            ) from error
    return found


def _read(field: Field, feed: Feed, kind: str, text_only: bool, digits: int, days: Day) -> Read:
    named, given = field.name, f"given_{field.name}"
    empty = "0" if field.optional else str(EMPTY)
    if field.type == TEXT or field.fact is None:
        return Read(field, f"CAST({named} AS VARCHAR)", f"CASE WHEN {given} THEN 0 ELSE {empty} END")
    if kind == '"NULL"':
        return Read(field, nothing(field.fact).value, f"CASE WHEN {given} THEN {WRONG_TYPE} ELSE {empty} END")
    column = reading(field.fact, Source(kind, text_only or kind == "VARCHAR", digits, days.today))
    wrong = f"WHEN {column.wrong_type} THEN {WRONG_TYPE} " if column.wrong_type else ""
    outside = UNKNOWN_VALUE if field.fact.values else OUT_OF_BOUNDS
    late = ""
    if field.type == "date":
        late = f"WHEN {column.value} > {day(days.today)} THEN {IN_FUTURE} "
        if field.name == feed.month:
            late += f"WHEN {column.value} < {day(days.oldest)} THEN {TOO_OLD} "
    # What a mapping turned into nothing was no value that it knows.
    lost = UNKNOWN_VALUE if field.fact.values or field.type == "boolean" else WRONG_TYPE
    problem = (
        f"CASE WHEN NOT {given} THEN {empty} WHEN {named} IS NULL THEN {lost} {wrong}"
        f"WHEN ({column.value}) IS NULL THEN {outside} {late}ELSE 0 END"
    )
    return Read(field, column.value, problem)


def problems(found: list[Read]) -> str:
    """SQL: the problems of a row as one number, four bits for each field in the order of the feed."""
    return " + ".join(
        f"(CAST({_with_limit(one)} AS UBIGINT) << {BITS * place})" for place, one in enumerate(found)
    )


def _with_limit(one: Read) -> str:
    if one.field.at_most is None:
        return f"p_{one.field.name}"
    above = f"v_{one.field.name} > v_{one.field.at_most}"
    return f"CASE WHEN p_{one.field.name} = 0 AND p_{one.field.at_most} = 0 AND COALESCE({above}, FALSE) THEN {ABOVE} ELSE p_{one.field.name} END"


def problem_of(place: int) -> str:
    """SQL: the problem of the field at a place, from the column `bad`."""
    return f"((bad >> {BITS * place}) & {2**BITS - 1})"


def refuse_nonsense(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    mapping: FeedMapping,
    file: Opened,
    rows: str,
    digits: int,
    days: Day,
) -> None:
    """Refuse a file most of whose rows are wrong in one field: not the rows are wrong, the columns are.

    `rows` is a table with the column `bad`. Raises FeedError, naming the two columns where they look swapped.
    """
    fields = list(feed.fields.values())
    counts = first_row(
        connection,
        f"SELECT COUNT(*), {', '.join(f'COUNT(*) FILTER ({problem_of(place)} NOT IN (0, {TOO_OLD}))' for place in range(len(fields)))},"
        f" {', '.join(f'COUNT(*) FILTER ({problem_of(place)} = {ABOVE})' for place in range(len(fields)))} FROM {rows}",
    )
    assert counts is not None
    total, bad, above = counts[0], counts[1 : 1 + len(fields)], counts[1 + len(fields) :]
    if total < LEAST_ROWS:
        return
    for field, wrong, larger in zip(fields, bad, above, strict=True):
        column = mapping.fields.get(field.name)
        if wrong <= MOST_BAD * total or column is None:
            continue
        share = f"{100 * wrong // total} % of the rows"
        if larger > MOST_BAD * total and field.at_most:
            other = mapping.fields[field.at_most].name
            raise FeedError(
                f"{file.path.name}: the columns '{column.name}' and '{other}' look swapped: the {field.label['en']} is larger than the"
                f" {feed.fields[field.at_most].label['en']} in {share}; swap them in the mapping"
            )
        swapped = next(_swapped(connection, feed, mapping, file, field, digits, days), None)
        if swapped:
            raise FeedError(
                f"{file.path.name}: the columns '{column.name}' and '{swapped}' look swapped: the first cannot be the"
                f" {field.label['en']} in {share}, the other can; swap them in the mapping"
            )
        raise FeedError(
            f"{file.path.name}: column '{column.name}' cannot be the {field.label['en']} in {share}; check the mapping"
        )


def _swapped(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    mapping: FeedMapping,
    file: Opened,
    field: Field,
    digits: int,
    days: Day,
) -> Iterator[str]:
    """Columns that the mapping reads as something else and that fit this field where its own does not."""
    key = mapping.number or mapping.household
    others = {
        one.name for name_, one in mapping.fields.items() if name_ != field.name and one.name in file.columns
    }
    for column in sorted(others | ({key} if key else set())):
        if field.fact is None:
            continue
        view = f"SELECT {name(column)} AS {field.name}, TRUE AS given_{field.name} FROM source WHERE {name(column)} IS NOT NULL LIMIT {LOOKED_AT}"
        try:
            read = _read(field, feed, file.columns[column], file.text_only, digits, days)
        except WrongKind:
            continue
        row = first_row(connection, f"SELECT COUNT(*), COUNT(*) FILTER (({read.problem}) = 0) FROM ({view})")
        if row and row[0] and row[1] > (1 - MOST_BAD / 5) * row[0]:
            yield column


def reason_and_mend(problem: int, field: Field, feed: Feed, digits: int, days: Day) -> tuple[str, str, str]:
    """The kind, the reason and the mend of a problem, without the value."""
    label, fact = field.label["en"], field.fact
    match problem:
        case 1:
            return "empty", f"the {label} is missing", "fill it in"
        case 2:
            wanted = WANTED.get(field.type, "a text")
            return "wrong_type", f"the {label} is not {wanted}", "write it so" + _example(field)
        case 3:
            return (
                "out_of_bounds",
                f"the {label} lies outside {_bounds(fact, days)}",
                "check the digits and the unit",
            )
        case 4:
            known = ", ".join(fact.values) if fact and fact.values else "true, false"
            return (
                "unknown_value",
                f"the {label} is none of {known}",
                "write one of them, or name it in the mapping",
            )
        case 5:
            return (
                "in_future",
                f"the {label} lies after {days.today}",
                "check the date, and the clock of the sender",
            )
        case 6:
            return (
                "too_old",
                f"the {label} lies before {days.oldest}, and rows of then are not kept",
                "leave it out",
            )
        case _:
            other = feed.fields[field.at_most or field.name].label["en"]
            return "above", f"the {label} is larger than the {other}", "check both"


def _example(field: Field) -> str:
    return ", digits alone with a point before decimals" if field.type in ("money", "integer") else ""


def _bounds(fact: Fact | None, days: Day) -> str:
    if fact is None or fact.minimum is None:
        return "what is possible"
    whole = "whole numbers " if fact.type == "integer" else ""
    return f"{whole}from {fact.minimum:,} to {fact.maximum:,}"
