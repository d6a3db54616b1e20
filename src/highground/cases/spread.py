"""How long something took, over many cases: counted by the database, told by nearest rank, never invented."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, IntegerField

MEDIAN, MOST = 0.5, 0.9
"""The shares of cases that a spread tells: half of them, and nine of ten."""

FEW = 10
"""With fewer cases behind it a figure says more of single families than of an area."""


@dataclass(frozen=True)
class Spread:
    """Half of `count` cases took at most `median`, nine of ten at most `most`; None is not known.

    `few` says that there are cases, too few of them for a figure that others may read.
    """

    count: int = 0
    median: int | None = None
    most: int | None = None
    few: bool = False


def spread_of(counts: Mapping[int, int], *, least: int = 1) -> Spread:
    """The spread of values that occur so many times each; no figure from fewer than `least` cases.

    Nearest rank: the smallest value that at least this share of the cases do not exceed.
    """
    total = sum(counts.values())
    if total < max(least, 1):
        return Spread(total, few=total > 0)
    return Spread(total, at_rank(counts, MEDIAN), at_rank(counts, MOST))


def at_rank(counts: Mapping[int, int], share: float) -> int:
    """The smallest value that at least `share` (over 0, up to 1) of the values do not exceed. Needs one value."""
    rank, passed = math.ceil(share * sum(counts.values())), 0
    for value in sorted(counts):
        passed += counts[value]
        if passed >= rank:
            return value
    raise ValueError("no value at all: a rank needs at least one")


class DaysBetween(Func):
    """Whole days from the first of two days to the second, worked out by the database."""

    output_field = IntegerField()

    def __init__(self, first: Any, second: Any) -> None:
        super().__init__(first, second)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL subtracts dates; SQLite keeps them as text."""
        (first, of_first), (second, of_second) = map(compiler.compile, self.source_expressions)
        if connection.vendor == "sqlite":
            first, second = f"julianday({first})", f"julianday({second})"
        return f"CAST({second} - {first} AS integer)", (*of_second, *of_first)


class DayAfter(Func):
    """So many days after a day, worked out by the database."""

    def __init__(self, day: str, days: int) -> None:
        super().__init__(F(day))
        self.days = int(days)

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        """PostgreSQL adds to a date; SQLite keeps it as text."""
        sql, parameters = compiler.compile(self.source_expressions[0])
        return day_after(sql, self.days, connection.vendor), tuple(parameters)


def day_after(sql: str, days: int, vendor: str) -> str:
    """SQL for the day so many days after another one (before it, where negative)."""
    return f"date({sql}, '{days:+d} days')" if vendor == "sqlite" else f"({sql} + ({days:d}))"
