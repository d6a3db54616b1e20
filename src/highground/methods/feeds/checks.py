"""What is wrong with a value of a feed, found for all rows at once, and when a file as a whole makes no sense."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from highground.methods.facts import Fact
from highground.methods.facts.literals import day, name
from highground.methods.facts.readings import WANTED, Source, WrongKind, nothing, reading
from highground.methods.feeds.definitions import Feed, Field
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.mapping import FeedMapping
from highground.methods.feeds.source import Opened
from highground.methods.store.engine import first_row

EMPTY, WRONG_TYPE, OUT_OF_BOUNDS, UNKNOWN_VALUE, IN_FUTURE, TOO_OLD, ABOVE = range(1, 8)
BITS = 4
"""Bits of a row's problems that belong to one field."""
LEAST_ROWS, MOST_BAD, FITS, LOOKED_AT = 10, 0.5, 0.9, 10_000
"""A file of fewer rows is not judged as a whole; of a larger one at most this share may be bad; what fits a field."""


@dataclass(frozen=True)
class Days:
    """The days between which rows are taken: from the first of the oldest month that is kept to the day of landing."""

    oldest: date
    today: date


@dataclass(frozen=True)
class Intake:
    """One file on its way in: the engine that reads it, what it is of, how its columns and amounts are read."""

    connection: duckdb.DuckDBPyConnection
    feed: Feed
    mapping: FeedMapping
    file: Opened
    digits: int
    days: Days

    @property
    def key(self) -> str:
        """The column that says who a row is about."""
        return self.mapping.number or self.mapping.household or ""

    def column(self, field: str) -> str:
        """The column that a field is read from."""
        return self.mapping.fields[field].name if field in self.mapping.fields else field

    def refused(self, problem: str) -> FeedError:
        """The error of a file that cannot be used as a whole."""
        return FeedError(f"{self.file.path.name}: {problem}")


@dataclass(frozen=True)
class Read:
    """One field in SQL: its value and the number of its problem, 0 for none."""

    field: Field
    value: str
    problem: str


def reads(intake: Intake, kinds: dict[str, str]) -> list[Read]:
    """How each field is read from the view `given`, whose columns are of the SQL types `kinds`.

    Raises FeedError for a column that cannot hold its field.
    """
    found = []
    for field in intake.feed.fields.values():
        try:
            found.append(_read(intake, field, kinds[field.name]))
        except WrongKind as error:
            column = intake.column(field.name)
            swapped = next(_swapped(intake, field), None)
            hint = (
                f"; '{swapped}' could be it: the two look swapped, swap them in the mapping"
                if swapped
                else ""
            )
            raise intake.refused(
                f"column '{column}' is {intake.file.columns[column]}; the {field.label['en']} needs"
                f" {WANTED[field.type]} in every row{hint}"
            ) from error
    return found


def _read(intake: Intake, field: Field, kind: str) -> Read:
    named, given = field.name, f"given_{field.name}"
    empty = "0" if field.optional else str(EMPTY)
    if field.fact is None:
        return Read(field, f"CAST({named} AS VARCHAR)", f"CASE WHEN {given} THEN 0 ELSE {empty} END")
    if kind == '"NULL"':
        value = nothing(field.fact).value
        return Read(field, value, f"CASE WHEN {given} THEN {WRONG_TYPE} ELSE {empty} END")
    text_only = intake.file.text_only or kind == "VARCHAR"
    column = reading(field.fact, Source(kind, text_only, intake.digits, intake.days.today))
    wrong = f"WHEN {column.wrong_type} THEN {WRONG_TYPE} " if column.wrong_type else ""
    outside = UNKNOWN_VALUE if field.fact.values else OUT_OF_BOUNDS
    late = ""
    if field.type == "date":
        late = f"WHEN {column.value} > {day(intake.days.today)} THEN {IN_FUTURE} "
        if field.name == intake.feed.month:
            late += f"WHEN {column.value} < {day(intake.days.oldest)} THEN {TOO_OLD} "
    # What the mapping turned into nothing was no value that it knows.
    lost = UNKNOWN_VALUE if field.fact.values or field.type == "boolean" else WRONG_TYPE
    problem = (
        f"CASE WHEN NOT {given} THEN {empty} WHEN {named} IS NULL THEN {lost} {wrong}"
        f"WHEN ({column.value}) IS NULL THEN {outside} {late}ELSE 0 END"
    )
    return Read(field, column.value, problem)


def problems(found: list[Read]) -> str:
    """SQL: the problems of a row as one number, four bits for each field in the order of the feed."""
    shifted = (
        f"(CAST({_limited(one.field)} AS UBIGINT) << {BITS * place})" for place, one in enumerate(found)
    )
    return " + ".join(shifted)


def _limited(field: Field) -> str:
    """SQL: the problem of a field that must not be larger than another."""
    own, other = f"p_{field.name}", f"p_{field.at_most}"
    if field.at_most is None:
        return own
    above = f"COALESCE(v_{field.name} > v_{field.at_most}, FALSE)"
    return f"CASE WHEN {own} = 0 AND {other} = 0 AND {above} THEN {ABOVE} ELSE {own} END"


def problem_of(place: int) -> str:
    """SQL: the problem of the field at a place, from the column `bad`."""
    return f"((bad >> {BITS * place}) & {2**BITS - 1})"


def problems_in(bad: int, fields: int) -> list[tuple[int, int]]:
    """The place of each field that has a problem in the number of a row's problems, and the problem."""
    found = [(place, (bad >> BITS * place) & (2**BITS - 1)) for place in range(fields)]
    return [(place, problem) for place, problem in found if problem]


def refuse_nonsense(intake: Intake, rows: str) -> None:
    """Refuse a file most of whose rows are wrong in one field: not the rows are wrong, the columns are.

    `rows` is a table with the column `bad`. Raises FeedError, naming the two columns where they look swapped.
    """
    fields = list(intake.feed.fields.values())
    bad = [f"COUNT(*) FILTER ({problem_of(place)} NOT IN (0, {TOO_OLD}))" for place in range(len(fields))]
    above = [f"COUNT(*) FILTER ({problem_of(place)} = {ABOVE})" for place in range(len(fields))]
    counts = first_row(intake.connection, f"SELECT COUNT(*), {', '.join([*bad, *above])} FROM {rows}")
    assert counts is not None
    total, each = counts[0], zip(fields, counts[1:], counts[1 + len(fields) :], strict=False)
    if total < LEAST_ROWS:
        return
    for field, wrong, larger in each:
        if wrong > MOST_BAD * total and field.name in intake.mapping.fields:
            raise _nonsense(intake, field, f"{100 * wrong // total} % of the rows", larger > MOST_BAD * total)


def _nonsense(intake: Intake, field: Field, share: str, larger: bool) -> FeedError:
    column, label = intake.column(field.name), field.label["en"]
    if larger and field.at_most:
        limit = intake.feed.fields[field.at_most].label["en"]
        return intake.refused(
            f"the columns '{column}' and '{intake.column(field.at_most)}' look swapped: '{label}' is larger than"
            f" '{limit}' in {share}; swap them in the mapping"
        )
    swapped = next(_swapped(intake, field), None)
    if swapped:
        return intake.refused(
            f"the columns '{column}' and '{swapped}' look swapped: the first cannot be '{label}' in {share},"
            " the other can; swap them in the mapping"
        )
    return intake.refused(f"column '{column}' cannot be '{label}' in {share}; check the mapping")


def _swapped(intake: Intake, field: Field) -> Iterator[str]:
    """Columns that the mapping reads as something else and that fit this field where its own does not."""
    own, file = intake.column(field.name), intake.file
    others = {one.name for one in intake.mapping.fields.values()} | {intake.key}
    for column in sorted((others - {own}) & set(file.columns)) if field.fact else ():
        try:
            read = _read(intake, field, file.columns[column])
        except WrongKind:
            continue
        values = (
            f"SELECT {name(column)} AS {field.name}, TRUE AS given_{field.name} FROM source"
            f" WHERE {name(column)} IS NOT NULL LIMIT {LOOKED_AT}"
        )
        fits = f"COUNT(*) FILTER (({read.problem}) = 0)"
        row = first_row(intake.connection, f"SELECT COUNT(*), {fits} FROM ({values})")
        if row and row[0] and row[1] > FITS * row[0]:
            yield column


def reason_and_mend(intake: Intake, problem: int, field: Field) -> tuple[str, str, str]:
    """The kind of a problem, the reason and the mend, without the value."""
    label, fact, days = field.label["en"], field.fact, intake.days
    known = ", ".join(fact.values) if fact and fact.values else "true, false"
    other = intake.feed.fields[field.at_most or field.name].label["en"]
    digits = ", digits alone with a point before decimals" if field.type in ("money", "integer") else ""
    return {
        EMPTY: ("empty", f"'{label}' is missing", "fill it in"),
        WRONG_TYPE: (
            "wrong_type",
            f"'{label}' is not {WANTED.get(field.type, 'a text')}",
            f"write it so{digits}",
        ),
        OUT_OF_BOUNDS: (
            "out_of_bounds",
            f"'{label}' lies outside {_bounds(fact)}",
            "check the digits and the unit",
        ),
        UNKNOWN_VALUE: (
            "unknown_value",
            f"'{label}' is none of {known}",
            "write one of them, or say in the mapping what is meant",
        ),
        IN_FUTURE: (
            "in_future",
            f"'{label}' lies after {days.today}",
            "check the date, and the clock of the sender",
        ),
        TOO_OLD: (
            "too_old",
            f"'{label}' lies before {days.oldest}, and older rows are not kept",
            "leave it out",
        ),
        ABOVE: ("above", f"'{label}' is larger than '{other}'", "check both"),
    }[problem]


def _bounds(fact: Fact | None) -> str:
    if fact is None or fact.minimum is None:
        return "what is possible"
    whole = "whole numbers " if fact.type == "integer" else ""
    return f"{whole}from {fact.minimum:,} to {fact.maximum:,}"
