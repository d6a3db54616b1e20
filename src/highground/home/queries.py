"""Reading what pages over areas show: counts of clues and households, added up the tree, and what lies below."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Sum

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.areas.models import Area
from highground.signals.enums import ClueStatus
from highground.signals.models import Clue
from highground.signals.queries import shown, tallies

MOST_SQUARES = 1200
"""More squares than this are no picture any more: the areas right below are drawn instead."""


@dataclass(frozen=True)
class Figures:
    """Open clues in an area, and the households there that the last runs looked at.

    `tallied` is False where no run ever looked: then the numbers of households mean nothing.
    """

    clues: int = 0
    overdue: int = 0
    week: int = 0
    new: int = 0
    first_due: datetime.date | None = None
    households: int = 0
    possible: int = 0
    cannot_tell: int = 0
    unseen: int = 0
    tallied: bool = False

    def __add__(self, other: Figures) -> Figures:
        dates = [day for day in (self.first_due, other.first_due) if day]
        return Figures(
            clues=self.clues + other.clues,
            overdue=self.overdue + other.overdue,
            week=self.week + other.week,
            new=self.new + other.new,
            first_due=min(dates, default=None),
            households=self.households + other.households,
            possible=self.possible + other.possible,
            cannot_tell=self.cannot_tell + other.cannot_tell,
            unseen=self.unseen + other.unseen,
            tallied=self.tallied or other.tallied,
        )

    @property
    def no_class(self) -> int:
        """Households of which the last run said that no class applies."""
        return max(0, self.households - self.possible - self.cannot_tell - self.unseen)

    @property
    def rate(self) -> float | None:
        """Open clues per 100 households, short enough for a square; None where nobody lives or nobody looked."""
        if not self.households:
            return None
        exact = 100 * self.clues / self.households
        return round(exact) if exact >= 10 else round(exact, 1)


def figures_by_path(user: Any, area: Area, today: datetime.date) -> dict[str, Figures]:
    """The figures of each area in and below `area`, without what lies below each. Two queries.

    A household that two rulebooks looked at is one household; the queues it waits in are two.
    """
    found: dict[str, Figures] = {}
    tallied = tallies(user, area).order_by().values("area__path")
    for row in tallied.annotate(
        households=Max("households"),
        possible=Sum("possible"),
        cannot_tell=Sum("cannot_tell"),
        unseen=Sum("unseen"),
    ):
        path = row.pop("area__path")
        found[path] = Figures(tallied=True, **row)
    clues = (
        Clue.counted.visible_to(user)
        .filter(status=ClueStatus.OPEN, household__area__path__startswith=area.path)
        .order_by()
        .values("household__area__path")
    )
    for row in clues.annotate(
        clues=Count("pk"),
        first_due=Min("due_on"),
        **{kind: Count("pk", filter=shown(kind, today)) for kind in ("overdue", "week", "new")},
    ):
        path = row.pop("household__area__path")
        found[path] = found.get(path, Figures()) + Figures(**row)
    return found


def fold(figures: Mapping[str, Figures], areas: Iterable[Area]) -> dict[str, Figures]:
    """The figures of each of these areas with everything below it, by path."""
    folded = {area.path: Figures() for area in areas}
    lengths = sorted({len(path) for path in folded})
    for path, own in figures.items():
        for length in lengths:
            if length <= len(path) and (above := path[:length]) in folded:
                folded[above] += own
    return folded


@dataclass(frozen=True)
class Below:
    """The areas one and two steps below an area, in the order of the tree."""

    children: list[Area]
    grandchildren: list[Area]

    @property
    def all(self) -> list[Area]:
        return [*self.children, *self.grandchildren]


def below(area: Area, figures: Mapping[str, Figures], today: datetime.date) -> Below:
    """What lies below `area`: areas that exist today, and ended ones in which somebody still lives. Two queries.

    The second step is left out where it has more than `MOST_SQUARES` areas.
    """
    inhabited = {path[:end] for path in figures for end in range(len(area.path) + 1, len(path) + 1)}

    def stands(one: Area) -> bool:
        begun = one.valid_from is None or one.valid_from <= today
        return (begun and (one.valid_to is None or one.valid_to >= today)) or one.path in inhabited

    under = Area.objects.filter(path__startswith=area.path).order_by("path")
    children = [one for one in under.filter(depth=area.depth + 1) if stands(one)]
    second = list(under.filter(depth=area.depth + 2)[: MOST_SQUARES + 1])
    return Below(children, [one for one in second if stands(one)] if len(second) <= MOST_SQUARES else [])


def seen_area(user: Any, code: str, today: datetime.date) -> Area | None:
    """The area with this code if `user` sees counts there; None alike for what is elsewhere and what is not."""
    found = Area.objects.filter(code=code).first()
    held = scope_of(user, today, Sight.COUNTS)
    return found if found and any(found.path.startswith(path) for path in held) else None
