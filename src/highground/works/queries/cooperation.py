"""What partners wrote of a project: user groups with their years, and money by currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Min, Sum

from highground.areas.models import Area
from highground.works.enums import MoneyKind
from highground.works.models import GroupYear, Project, UserGroup


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
    """What was committed, paid out or spent in one currency, over the days from `first` to `last`."""

    kind: str
    currency: str
    amount: Decimal
    count: int
    first: object
    last: object


def sums_of(project: Project) -> list[MoneySum]:
    """Money of a project by currency and kind, where there are several sums: never across currencies. One query."""
    rows = (
        project.money.values("currency", "kind")
        .order_by("currency", "kind")
        .annotate(amount=Sum("amount"), count=Count("pk"), first=Min("day"), last=Max("day"))
    )
    found = [
        MoneySum(str(MoneyKind(row["kind"]).label), row["currency"], row["amount"], row["count"], row["first"], row["last"])
        for row in rows
    ]  # fmt: skip
    return found if sum(one.count for one in found) > 1 else []
