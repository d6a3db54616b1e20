"""What partners wrote of a project: user groups with their years, and money by currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from highground.areas.models import Area
from highground.works.enums import MoneyKind
from highground.works.models import GroupYear, Project, UserGroup
from highground.works.models.projects import Dated


@dataclass(frozen=True)
class KeptGroup:
    """A user group with its years after hand-over, the latest first, and what all of them left over; None without one."""

    group: UserGroup
    years: list[tuple[GroupYear, Decimal]]
    balance: Decimal | None
    currency: str


def groups_of(project: Project, villages: Sequence[Area]) -> list[KeptGroup]:
    """The user groups of those villages of a project that the caller sees. Two queries."""
    found = project.groups.filter(area__in=villages).select_related("area").prefetch_related("years")
    rows = []
    for group in found.order_by("area__path", "name"):
        years = sorted(group.years.all(), key=lambda one: -one.year)
        kept = [(one, one.income - one.spending) for one in years]
        balance = sum((left for _year, left in kept), Decimal(0)) if kept else None
        rows.append(KeptGroup(group, kept, balance, years[0].currency if years else ""))
    return rows


@dataclass(frozen=True)
class MoneySum:
    """What was committed, paid out or spent in one currency, from the `first` sum to the `last`."""

    kind: str
    currency: str
    amount: Decimal
    first: Dated
    last: Dated


def sums_of(project: Project) -> list[MoneySum]:
    """Money of a project by currency and kind, where several sums add up to one: never across currencies. One query."""
    found: dict[tuple[str, str], list[Any]] = {}
    for one in project.money.order_by("currency", "kind", "day", "pk"):
        found.setdefault((one.currency, one.kind), []).append(one)
    return [
        MoneySum(
            str(MoneyKind(kind).label),
            currency,
            sum((one.amount for one in rows), Decimal(0)),
            rows[0],
            rows[-1],
        )
        for (currency, kind), rows in found.items()
        if len(rows) > 1
    ]
