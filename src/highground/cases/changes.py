"""Facts that were changed shortly before a decision: which, and in which direction. Kept when it is taken.

A change is no misconduct: a visit is there to find out what is true. Incomes that only ever fall before a recognition,
and only ever rise before an exit, are a question to ask.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from highground.cases.models import Case, DecisionChange
from highground.cases.spread import day_after
from highground.files.staging import execute
from highground.methods.facts import Fact
from highground.methods.rules import Rulebook
from highground.methods.rules.statement import facts_of

BEFORE = 30
"""Days before a decision in which a change counts."""

RECOGNITION, EXIT = "recognition", "exit"
DAYS = {RECOGNITION: "recognised_on", EXIT: "exited_on"}
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


def remember_changes(decided: Mapping[str, QuerySet[Case]], facts: Collection[Fact]) -> int:
    """Keep what changed in the `BEFORE` days up to the decisions of these cases, by its kind; how many changes.

    First and last are what was known (recorded up to the day of the decision) of the day `BEFORE` days before it and
    of the day itself; a value that was not known on one of the two is no change. A decision is told of once, when it
    is taken: what is learned about its days later does not change what was known then. One statement.
    """
    if not facts:
        return 0
    try:
        tables, parameters = _decided(decided)
    except EmptyResultSet:  # no case at all
        return 0
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
    return execute(
        f'INSERT INTO {DecisionChange._meta.db_table} (case_id, "before", fact, how) '
        f"WITH {tables}, said AS (SELECT d.what, d.of_case, d.household, d.day, o.fact, "
        "CASE WHEN o.valid_to IS NULL OR o.valid_to >= d.day THEN o.value END AS value, "
        f"row_number() OVER (PARTITION BY d.what, d.of_case, o.fact {latest}) AS place "
        "FROM decided d JOIN people_observation o ON o.household_id = d.household AND o.member_id IS NULL "
        f"WHERE o.fact IN ({of_facts}) AND o.valid_from > {opens} AND o.valid_from <= d.day AND {said_by['d.day']}), "
        "pair AS MATERIALIZED (SELECT s.what, s.of_case, s.fact, s.value AS later, (SELECT "
        f"CASE WHEN o.valid_to IS NULL OR o.valid_to >= {opened} THEN o.value END FROM people_observation o "
        "WHERE o.household_id = s.household AND o.member_id IS NULL AND o.fact = s.fact "
        f"AND o.valid_from <= {opened} AND {said_by['s.day']} {latest} LIMIT 1) AS earlier FROM said s WHERE s.place = 1) "
        f"SELECT of_case, what, fact, CASE WHEN fact NOT IN ({', '.join(['%s'] * len(numbers))}) THEN 'otherwise' "
        "WHEN CAST(later AS numeric) < CAST(earlier AS numeric) THEN 'lowered' ELSE 'raised' END "
        "FROM pair WHERE earlier <> later ON CONFLICT DO NOTHING",
        (*parameters, *(fact.name for fact in facts), *zone, *zone, *numbers),
    )


def _decided(kinds: Mapping[str, QuerySet[Case]]) -> tuple[str, list[Any]]:
    """SQL of the common table `decided` (what, of_case, household, day), with its parameters."""
    tables, rows = [], []
    parameters: list[Any] = []
    for what, cases in kinds.items():
        day = DAYS[what]
        chosen = cases.order_by().exclude(**{day: None}).values_list("pk", "household_id", day)
        sql, values = chosen.query.sql_with_params()
        tables.append(f"{what}_cases (of_case, household, day) AS ({sql})")
        rows.append(f"SELECT '{what}' AS what, of_case, household, day FROM {what}_cases")
        parameters += values
    return f"{', '.join(tables)}, decided AS ({' UNION ALL '.join(rows)})", parameters


def changes_among(
    changes: QuerySet[DecisionChange], first: datetime.date, last: datetime.date
) -> list[Changes]:
    """How often each fact was changed before the decisions of a period, the most first. One query."""
    within = Q(before=RECOGNITION, case__recognised_on__range=(first, last))
    within |= Q(before=EXIT, case__exited_on__range=(first, last))
    rows = changes.filter(within).values("before", "fact", "how").annotate(count=Count("pk"))
    return _told(dict(row) for row in rows)


def _told(rows: Iterable[dict[str, Any]]) -> list[Changes]:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        counts.setdefault((row["before"], row["fact"]), {})[row["how"]] = row["count"]
    found = [Changes(what, fact, **many) for (what, fact), many in counts.items()]
    return sorted(found, key=lambda one: (one.before != RECOGNITION, -one.total, one.fact))
