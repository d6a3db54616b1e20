"""How each type of fact is read from a column of each SQL type: the value, and what about it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from highground.methods.facts.dictionary import MAXIMUM_AGE, Fact
from highground.methods.facts.literals import day, text

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "UHUGEINT", "FLOAT", "DOUBLE")  # fmt: skip
_TRUE, _FALSE = "('true', 't', 'yes', 'y', '1', '1.0')", "('false', 'f', 'no', 'n', '0', '0.0')"
NUMERIC = "DECIMAL(30, 6)"
SQL_TYPES = {
    "money": "BIGINT",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "category": "VARCHAR",
    "list": "VARCHAR[]",
    "date": "DATE",
}
WANTED = {
    "money": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "category": "a text",
    "list": "a list of texts (in CSV separated by ';')",
    "date": "a date such as 2024-06-30",
}


class WrongKind(TypeError):
    """A column whose SQL type cannot hold the fact."""


@dataclass(frozen=True)
class Source:
    """The column a fact is read from: its SQL type, whether the table is all text (CSV), the currency's digits, the day."""

    kind: str
    text_only: bool
    minor_digits: int
    as_of: date


@dataclass(frozen=True)
class Column:
    """SQL that reads one fact of a raw table: the value, where a value is of the wrong type, where it is not usable."""

    value: str
    wrong_type: str | None
    unusable: str
    rounded: str | None = None


def nothing(fact: Fact) -> Column:
    """A column that holds no value at all."""
    return Column(f"CAST(NULL AS {SQL_TYPES[fact.type]})", None, "FALSE")


def reading(fact: Fact, source: Source) -> Column:
    """How to read `fact` from `source`. Raises WrongKind."""
    read = {
        "money": _number,
        "integer": _number,
        "boolean": _boolean,
        "category": _category,
        "list": _listed,
        "date": _dated,
    }[fact.type]
    return read(fact, source)


def _number(fact: Fact, source: Source) -> Column:
    """An amount or a count: within its bounds, whole where it must be, money in minor units."""
    name, given = fact.name, f"{fact.name} IS NOT NULL"
    wrong_type = None
    if source.kind == "VARCHAR" and source.text_only:
        given = f"(NULLIF(TRIM({name}), '') IS NOT NULL AND LOWER(TRIM({name})) <> 'nan')"
        number = f"TRY_CAST(TRIM({name}) AS {NUMERIC})"
        wrong_type = f"{given} AND TRY_CAST(TRIM({name}) AS DOUBLE) IS NULL"
    elif source.kind in ("FLOAT", "DOUBLE"):
        given = f"({name} IS NOT NULL AND NOT isnan({name}))"
        number = f"CASE WHEN {given} THEN TRY_CAST({name} AS {NUMERIC}) END"
    elif source.kind in _NUMBERS or source.kind.startswith("DECIMAL"):
        number = f"TRY_CAST({name} AS {NUMERIC})"
    else:
        raise WrongKind
    assert fact.minimum is not None and fact.maximum is not None
    within = f"{number} BETWEEN {fact.minimum} AND {fact.maximum}"
    if fact.type == "integer":
        within += f" AND {number} = ROUND({number})"
        value = f"CASE WHEN {within} THEN CAST({number} AS BIGINT) END"
        return Column(value, wrong_type, f"{given} AND NOT COALESCE({within}, FALSE)")
    minor = f"{number} * {10**source.minor_digits}"
    value = f"CASE WHEN {within} THEN CAST(ROUND({minor}) AS BIGINT) END"
    rounded = f"{within} AND {minor} <> ROUND({minor})"
    return Column(value, wrong_type, f"{given} AND NOT COALESCE({within}, FALSE)", rounded)


def _boolean(fact: Fact, source: Source) -> Column:
    """True or false; 1 and 0 count too, and in CSV yes and no."""
    name = fact.name
    if source.kind == "BOOLEAN":
        return Column(name, None, "FALSE")
    if source.kind == "VARCHAR" and source.text_only:
        word = f"LOWER(NULLIF(TRIM({name}), ''))"
        value = f"CASE WHEN {word} IN {_TRUE} THEN TRUE WHEN {word} IN {_FALSE} THEN FALSE END"
        return Column(value, f"{word} IS NOT NULL AND {value} IS NULL", "FALSE")
    if source.kind in _NUMBERS or source.kind.startswith("DECIMAL"):
        given = f"NOT isnan(CAST({name} AS DOUBLE))"
        value = f"CASE WHEN {name} = 1 THEN TRUE WHEN {name} = 0 THEN FALSE END"
        return Column(value, f"{name} IS NOT NULL AND {given} AND {value} IS NULL", "FALSE")
    raise WrongKind


def _category(fact: Fact, source: Source) -> Column:
    """One of the allowed values."""
    if source.kind != "VARCHAR" and not source.kind.startswith("ENUM"):
        raise WrongKind
    word = f"NULLIF(TRIM(CAST({fact.name} AS VARCHAR)), '')"
    allowed = ", ".join(text(value) for value in fact.values)
    return Column(f"CASE WHEN {word} IN ({allowed}) THEN {word} END", None, f"{word} NOT IN ({allowed})")


def _listed(fact: Fact, source: Source) -> Column:
    """A list of allowed values; in CSV separated by semicolons, the empty list as [].

    A list with a missing entry is not usable: what the entry was is not known, and none is not what it says.
    """
    name = fact.name
    if source.kind == "VARCHAR":
        word = f"NULLIF(TRIM({name}), '')"
        items = (
            f"CASE WHEN {word} = '[]' THEN CAST([] AS VARCHAR[]) WHEN {word} IS NOT NULL"
            f" THEN LIST_TRANSFORM(STRING_SPLIT(RTRIM({word}, '; '), ';'), lambda x: TRIM(x)) END"
        )
    elif source.kind in ("VARCHAR[]", '"NULL"[]', "INTEGER[]"):
        items = f"CAST({name} AS VARCHAR[])"
    else:
        raise WrongKind
    allowed = ", ".join(text(value) for value in fact.values)
    known = f"LENGTH(LIST_FILTER({items}, lambda x: x IS NULL OR x NOT IN ({allowed}))) = 0"
    return Column(
        f"CASE WHEN {known} THEN LIST_SORT(LIST_DISTINCT({items})) END",
        None,
        f"({items}) IS NOT NULL AND NOT {known}",
    )


def _dated(fact: Fact, source: Source) -> Column:
    """A date within a lifetime of the as-of day; a date of birth is not after it."""
    name = fact.name
    if source.kind == "VARCHAR":
        word = f"NULLIF(TRIM({name}), '')"
        read, wrong_type = (
            f"TRY_CAST({word} AS DATE)",
            f"{word} IS NOT NULL AND TRY_CAST({word} AS DATE) IS NULL",
        )
    elif source.kind == "DATE" or source.kind.startswith("TIMESTAMP"):
        read, wrong_type = f"CAST({name} AS DATE)", None
    else:
        raise WrongKind
    first = date(source.as_of.year - MAXIMUM_AGE, 1, 1)
    last = source.as_of if name == "birth_date" else date(source.as_of.year + MAXIMUM_AGE, 12, 31)
    within = f"{read} BETWEEN {day(first)} AND {day(last)}"
    return Column(f"CASE WHEN {within} THEN {read} END", wrong_type, f"{read} IS NOT NULL AND NOT {within}")
