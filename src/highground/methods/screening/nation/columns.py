"""The tables `h` and `m` of a rulebook as SQL over the files of a store.

The files hold values as they were landed: typed, checked, money in minor units. What depends on the day of the run
is made here: what is stale by then, and how long ago each date is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from highground.methods.facts import Fact
from highground.methods.facts.literals import day
from highground.methods.facts.readings import SQL_TYPES
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import SCREENED, facts_needed
from highground.methods.screening.door import ASSUMED_TRUE, times_since

KEYS = ("household", "area", "province", "city", "county")


@dataclass(frozen=True)
class Landed:
    """What a register file has: its columns, and the day for which values without a day of their own hold."""

    columns: Collection[str]
    as_of: date


def household_table(
    book: Rulebook,
    landed: Landed,
    as_of: date,
    *,
    source: str,
    fed: Mapping[str, str] = MappingProxyType({}),
    joins: Collection[str] = (),
    where: str = "",
    left_out: Collection[str] = (),
) -> str:
    """`h`: the households of `source` with their facts; parameters stand beside `base` (`parameters_beside`).

    `fed` maps facts that a feed gives to their SQL over the tables of `joins`; `source` is known as `r`. Facts in
    `left_out` get no columns.
    """
    columns = [f"r.{name}" for name in KEYS]
    for fact in facts_of_entity(book, "household"):
        if fact.name in fed:
            columns += fed_columns(fact, fed[fact.name], as_of)
        elif fact.name not in left_out:
            columns += _columns(fact, *_read(fact, landed, as_of, "r."), as_of)
    return f"SELECT {', '.join(columns)} FROM {source} AS r {' '.join(joins)}{where}"


def member_table(book: Rulebook, landed: Landed, as_of: date, *, source: str) -> str:
    """`m`: the members of `source` with their facts."""
    columns = ["household", "county"]
    for fact in facts_of_entity(book, "member"):
        columns += _columns(fact, *_read(fact, landed, as_of, ""), as_of)
    return f"SELECT {', '.join(columns)} FROM {source}"


def facts_of_entity(book: Rulebook, entity: str) -> list[Fact]:
    """The facts of households or members that the rulebook reads, in the order of the dictionary."""
    needed = facts_needed(book, SCREENED)
    return [fact for fact in book.dictionary.values() if fact.name in needed and fact.entity == entity]


def _read(fact: Fact, landed: Landed, as_of: date, prefix: str) -> tuple[str, str]:
    """SQL of the value, and of the day since which it is stale."""
    name, never = fact.name, "CAST(NULL AS DATE)"
    if name not in landed.columns:
        return "TRUE" if name in ASSUMED_TRUE else f"CAST(NULL AS {SQL_TYPES[fact.type]})", never
    if fact.fresh_for is None:
        return prefix + name, never
    if f"{name}__date" in landed.columns:
        holds = f"COALESCE({prefix}{name}__date, {day(landed.as_of)})"
        stale = f"{holds} < {day(_minus(as_of, fact.fresh_for))}"
        since = (
            f"CASE WHEN {prefix}{name} IS NOT NULL AND {stale} THEN {_plus(holds, fact.fresh_for + 1)} END"
        )
        return f"CASE WHEN {stale} THEN NULL ELSE {prefix}{name} END", since
    if landed.as_of < _minus(as_of, fact.fresh_for):
        since_day = day(_minus(landed.as_of, -(fact.fresh_for + 1)))
        return (
            f"CAST(NULL AS {SQL_TYPES[fact.type]})",
            f"CASE WHEN {prefix}{name} IS NOT NULL THEN {since_day} END",
        )
    return prefix + name, never


def fed_columns(fact: Fact, value: str, as_of: date) -> list[str]:
    """The columns of a fact that a feed gives: it is never stale, its window sees to that."""
    return _columns(fact, value, "CAST(NULL AS DATE)", as_of)


def _columns(fact: Fact, value: str, since: str, as_of: date) -> list[str]:
    columns = [f"{value} AS f_{fact.name}", f"{since} AS s_{fact.name}"]
    return [*columns, *times_since(fact.name, f"({value})", as_of)] if fact.type == "date" else columns


def _minus(value: date, days: int) -> date:
    return date.fromordinal(max(1, value.toordinal() - days))


def _plus(sql: str, days: int) -> str:
    return f"({sql} + {days})"
