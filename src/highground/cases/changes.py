"""Facts that were changed shortly before a decision, counted in the database: which, and in which direction.

A change is no misconduct: a visit is there to find out what is true. Incomes that only ever fall before a recognition,
and only ever rise before an exit, are a question to ask.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from highground.cases.models import Case
from highground.cases.spread import day_after
from highground.files.staging import fetch
from highground.methods.facts import Fact
from highground.methods.rules import Rulebook
from highground.methods.rules.statement import facts_of

BEFORE = 30
"""Days before a decision in which a change counts."""

RECOGNITION, EXIT = "recognition", "exit"
NUMBERS = ("money", "integer")


@dataclass(frozen=True)
class Changes:
    """How often one fact was changed before decisions of a kind: lowered, raised, or otherwise where it is no number."""

    before: str
    fact: str
    lowered: int = 0
    raised: int = 0
    otherwise: int = 0

    @property
    def total(self) -> int:
        return self.lowered + self.raised + self.otherwise


def deciding_facts(book: Rulebook) -> list[Fact]:
    """The facts of a household behind the classes of a rulebook, in the order of the dictionary."""
    names = {name for one in book.classes for name in facts_of(book, one.expression.tree)} - {"monitored"}
    return [fact for fact in book.dictionary.values() if fact.name in names and fact.entity == "household"]


def is_income(fact: str) -> bool:
    """Whether a fact is an income: what falls before a recognition and rises before an exit if somebody plays."""
    return fact.startswith("income_")


def changes_before(
    recognised: QuerySet[Case], exited: QuerySet[Case], facts: Collection[Fact]
) -> list[Changes]:
    """What changed in the `BEFORE` days up to the recognition or the exit of these cases, the most first. One query.

    First and last are what was known (recorded up to the day of the decision) of the day `BEFORE` days before it and
    of the day itself; a value that was not known on one of the two is no change.
    """
    if not facts:
        return []
    try:
        decided, parameters = _decided(
            {RECOGNITION: (recognised, "recognised_on"), EXIT: (exited, "exited_on")}
        )
    except EmptyResultSet:  # of somebody who may count nothing
        return []
    of_facts = ", ".join(["%s"] * len(facts))
    numbers = [fact.name for fact in facts if fact.type in NUMBERS] or [""]
    opens = day_after("d.day", -BEFORE, connection.vendor)
    opened = day_after("s.day", -BEFORE, connection.vendor)
    recorded, zone = connection.ops.datetime_cast_date_sql(
        "o.recorded_at", (), timezone.get_current_timezone_name()
    )
    # Only where the dates in UTC leave it open is the local date asked for: SQLite works that out slowly.
    said_by = {
        day: f"(o.recorded_at < {day_after(day, -1, connection.vendor)} OR {recorded} <= {day})"
        for day in ("d.day", "s.day")
    }
    latest = "ORDER BY o.valid_from DESC, o.recorded_at DESC, o.id DESC"
    found = fetch(
        f"WITH {decided}, said AS (SELECT d.what, d.household, d.day, o.fact, "
        "CASE WHEN o.valid_to IS NULL OR o.valid_to >= d.day THEN o.value END AS value, "
        f"row_number() OVER (PARTITION BY d.what, d.household, d.day, o.fact {latest}) AS place "
        "FROM decided d JOIN people_observation o ON o.household_id = d.household AND o.member_id IS NULL "
        f"WHERE o.fact IN ({of_facts}) AND o.valid_from > {opens} AND o.valid_from <= d.day AND {said_by['d.day']}), "
        "pair AS MATERIALIZED (SELECT s.what, s.fact, s.value AS after, (SELECT "
        f"CASE WHEN o.valid_to IS NULL OR o.valid_to >= {opened} THEN o.value END FROM people_observation o "
        "WHERE o.household_id = s.household AND o.member_id IS NULL AND o.fact = s.fact "
        f"AND o.valid_from <= {opened} AND {said_by['s.day']} {latest} LIMIT 1) AS before FROM said s WHERE s.place = 1) "
        f"SELECT what, fact, CASE WHEN fact NOT IN ({', '.join(['%s'] * len(numbers))}) THEN 'otherwise' "
        "WHEN CAST(after AS numeric) < CAST(before AS numeric) THEN 'lowered' ELSE 'raised' END, count(*) "
        "FROM pair WHERE before <> after GROUP BY 1, 2, 3",
        (*parameters, *(fact.name for fact in facts), *zone, *zone, *numbers),
        pa.schema([(name, pa.string()) for name in ("what", "fact", "how")] + [("count", pa.int64())]),
    )
    return _told(found.to_pylist())


def _decided(kinds: dict[str, tuple[QuerySet[Case], str]]) -> tuple[str, list[Any]]:
    """SQL of the common table `decided` (what, household, day), with its parameters."""
    tables, rows = [], []
    parameters: list[Any] = []
    for what, (cases, day) in kinds.items():
        sql, values = cases.order_by().values_list("household_id", day).query.sql_with_params()
        tables.append(f"{what}_cases (household, day) AS ({sql})")
        rows.append(f"SELECT '{what}' AS what, household, day FROM {what}_cases")
        parameters += values
    return f"{', '.join(tables)}, decided AS ({' UNION ALL '.join(rows)})", parameters


def _told(rows: Iterable[dict[str, Any]]) -> list[Changes]:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        counts.setdefault((row["what"], row["fact"]), {})[row["how"]] = row["count"]
    found = [Changes(what, fact, **many) for (what, fact), many in counts.items()]
    return sorted(found, key=lambda one: (one.before != RECOGNITION, -one.total, one.fact))
