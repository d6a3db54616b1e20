"""Landing row by row in plain Python: what `methods/feeds` does set-wise, written a second time on its own."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

Row = dict[str, str]
LIMITS = {"own_paid": 10_000_000, "total": 10_000_000}
STATUS = ("at_work", "lost_work")


@dataclass
class Person:
    """A member on the register."""

    number: str
    household: str
    member: str
    county: str


@dataclass
class Outcome:
    """What becomes of a file: landed rows, rejects (row, column, kind), and counts of what was left out."""

    landed: list[tuple[Any, ...]] = field(default_factory=list)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def folded(number: str) -> str:
    """A number as it is compared."""
    text = unicodedata.normalize("NFKC", number).casefold()
    return re.sub(r"[\s\-‐–.]", "", text)


def money(text: str, limit: int) -> int | str | None:
    """Minor units; or the kind of mistake; or None for nothing."""
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return "wrong_type"
    if not 0 <= amount <= limit:
        return "out_of_bounds"
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def day(text: str, oldest: date, today: date) -> date | str | None:
    """A day; or the kind of mistake; or None for nothing."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return "wrong_type"
    if found > today:
        return "in_future"
    return "too_old" if found < oldest else found


class Oracle:
    """Lands files of one feed after another. Landed rows: (month, household, member, day, values...)."""

    def __init__(self, feed: str, persons: list[Person], *, oldest: date, today: date) -> None:
        self.feed = feed
        self.oldest, self.today = oldest, today
        self.people: dict[str, list[Person]] = defaultdict(list)
        for person in persons:
            self.people[folded(person.number)].append(person)
        self.seen: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self.rows: list[tuple[Any, ...]] = []

    def land(self, rows: list[Row]) -> Outcome:
        """One file; its first row is row 2."""
        told = Outcome()
        known = dict(self.seen)
        for number, row in enumerate(rows, start=2):
            self._row(number, {name: value.strip() for name, value in row.items()}, told, known)
        self.seen = known
        self.rows += told.landed
        return told

    def _row(
        self, number: int, row: Row, told: Outcome, known: dict[tuple[Any, ...], tuple[Any, ...]]
    ) -> None:
        told.counts["rows"] += 1
        values, wrong = (self._medical if self.feed == "medical" else self._employment)(row)
        if wrong:
            told.rejects += [(number, column, kind) for column, kind in wrong]
            told.counts["rejected"] += 1
            return
        found = self.people.get(folded(row["identity_number"]), []) if row["identity_number"] else None
        if not found or len(found) > 1:
            what, kind = {None: ("nobody", "no_number")}.get(
                found if found is None else 0,  # type: ignore[arg-type]
                ("ambiguous", "several_persons") if found else ("stranger", "not_on_register"),
            )
            told.counts[what] += 1
            told.rejects.append((number, "identity_number", kind))
            return
        person = found[0]
        month = (values["day"].year, values["day"].month)
        content = (person.household, person.member, *values.values())
        key = (month, ("record", row["record"]) if row.get("record") else ("content", content))
        if key in known:
            same = known[key] == content
            told.counts["duplicate" if same else "changed"] += 1
            if not same:
                told.rejects.append((number, "record", "changed"))
            return
        known[key] = content
        told.counts["landed"] += 1
        told.landed.append((month, person.household, person.member, person.county, values))

    def _medical(self, row: Row) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        values: dict[str, Any] = {
            "record": row["record"] or None,
            "day": day(row["day"], self.oldest, self.today),
            "total": money(row["total"], LIMITS["total"]),
            "own_paid": money(row["own_paid"], LIMITS["own_paid"]),
        }
        wrong = [
            (name, value) for name, value in values.items() if name != "record" and isinstance(value, str)
        ]
        wrong += [(name, "empty") for name in ("day", "own_paid") if values[name] is None]
        bad = {name for name, _ in wrong}
        total, own = values["total"], values["own_paid"]
        if not bad & {"total", "own_paid"} and total is not None and own > total:
            wrong.append(("own_paid", "above"))
        return values, wrong

    def _employment(self, row: Row) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        values: dict[str, Any] = {
            "day": day(row["day"], self.oldest, self.today),
            "status": row["status"] or None,
        }
        wrong = [("day", str(values["day"]))] if isinstance(values["day"], str) else []
        wrong += [(name, "empty") for name, value in values.items() if value is None]
        if values["status"] not in (None, *STATUS):
            wrong.append(("status", "unknown_value"))
        return values, wrong

    def medical_months(self) -> dict[tuple[int, int], dict[str, tuple[int | None, int]]]:
        """By month and household: what was paid and how many bills."""
        found: dict[tuple[int, int], dict[str, tuple[int | None, int]]] = defaultdict(dict)
        for month, household, _, _, values in self.rows:
            paid, bills = found[month].get(household, (0, 0))
            found[month][household] = ((paid or 0) + values["own_paid"], bills + 1)
        return found

    def employment_months(
        self, months: list[tuple[int, int]]
    ) -> dict[tuple[int, int], dict[str, tuple[Any, ...]]]:
        """By month and household: losses in the month, members out of work at its end, day of the newest such loss."""
        found: dict[tuple[int, int], dict[str, tuple[Any, ...]]] = {}
        for month in months:
            losses: dict[str, int] = defaultdict(int)
            newest: dict[str, tuple[date, int]] = {}
            home: dict[str, str] = {}
            for when, household, member, _, values in self.rows:
                if when > month:
                    continue
                home[member] = household
                state = (values["day"], STATUS.index(values["status"]))
                newest[member] = max(newest.get(member, state), state)
                if when == month and values["status"] == "lost_work":
                    losses[household] += 1
            opened: dict[str, list[date]] = defaultdict(list)
            for member, (last, status) in newest.items():
                if STATUS[status] == "lost_work":
                    opened[home[member]].append(last)
            here = {household for when, household, *_ in self.rows if when == month}
            found[month] = {
                one: (losses.get(one), len(opened[one]) or None, max(opened[one], default=None))
                for one in sorted(here | set(opened))
            }
        return found
