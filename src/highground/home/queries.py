"""Reading what pages over areas show: counts of clues and households, added up the tree, and what lies below."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Sum

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.areas.enums import Level
from highground.areas.models import SEGMENT, Area
from highground.signals.queries import counted_clues, most_first, shown, tallies

MOST_SQUARES = 600
"""More squares than this are no picture any more: larger areas are drawn instead."""


@dataclass(frozen=True)
class Figures:
    """Open clues in an area, and the households there that the last runs looked at.

    `tallied` is False where no run ever looked: then the numbers of households mean nothing.
    """

    clues: int = 0
    overdue: int = 0
    week: int = 0
    new: int = 0
    households: int = 0
    possible: int = 0
    cannot_tell: int = 0
    unseen: int = 0
    tallied: bool = False

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            clues=self.clues + other.clues,
            overdue=self.overdue + other.overdue,
            week=self.week + other.week,
            new=self.new + other.new,
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


def figures_by_path(
    user: Any, area: Area, today: datetime.date
) -> tuple[dict[str, Figures], list[tuple[str, str, int]]]:
    """The figures of each area in and below `area`, without what lies below each; and how many clues there are by
    rulebook and rule, most first. Two queries.

    A household that two rulebooks looked at is one household; the queues it waits in are two.
    """
    found: dict[str, Figures] = {}
    tallied = tallies(user, area).order_by().values_list("area__path")
    for path, *sums in tallied.annotate(
        Max("households"), Sum("possible"), Sum("cannot_tell"), Sum("unseen")
    ):
        households, possible, cannot_tell, unseen = sums
        found[path] = Figures(
            households=households, possible=possible, cannot_tell=cannot_tell, unseen=unseen, tallied=True
        )
    rules: Counter[tuple[str, str]] = Counter()
    late, week, new = (Count("pk", filter=shown(kind, today)) for kind in ("overdue", "week", "new"))
    counted = (
        counted_clues(user, area)
        .order_by()
        .values_list("household__area__path", "rulebook", "rule")
        .annotate(clues=Count("pk"), late=late, week=week, new_ones=new)
    )
    for path, rulebook, rule, many, overdue, this_week, fresh in counted:
        found[path] = found.get(path, Figures()) + Figures(many, overdue, this_week, fresh)
        rules[rulebook, rule] += many
    return found, most_first(rules)


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
    """Areas below one, in the order of the tree: those right below, and those that a picture draws as squares."""

    children: list[Area]
    drawn: list[Area]
    between: list[Area]

    @property
    def all(self) -> list[Area]:
        return [*self.between, *self.drawn]


def below(area: Area, figures: Mapping[str, Figures], today: datetime.date) -> Below:
    """What lies below `area`: areas that exist today, and ended ones in which somebody still lives. Two queries.

    Villages are drawn where there are at most `MOST_SQUARES`, else the deepest step that has no more; with each
    step those areas above it that have nothing below. `between` are the others down to that step.
    """
    under = Area.objects.filter(path__startswith=area.path, depth__gt=area.depth).order_by("path")
    if Level(area.level).rank < Level.VILLAGE.rank:
        under = under.exclude(level=Level.GROUP)
    sizes = dict(under.order_by().values_list("depth").annotate(count=Count("pk")))
    deepest = max((depth for depth, count in sizes.items() if count <= MOST_SQUARES), default=area.depth)
    loaded = list(under.filter(depth__lte=max(deepest, area.depth + 1)))
    alive = [*figures, *(one.path for one in loaded if _exists(one, today))]
    standing = {
        path[:end] for path in alive for end in range(len(area.path) + SEGMENT, len(path) + 1, SEGMENT)
    }
    found = [one for one in loaded if one.path in standing]
    parents = {one.path[:-SEGMENT] for one in found}
    drawn = [
        one for one in found if deepest > area.depth and (one.depth == deepest or one.path not in parents)
    ]
    between = [one for one in found if one.path in parents or deepest == area.depth]
    return Below([one for one in found if one.depth == area.depth + 1], drawn, between)


def _exists(area: Area, today: datetime.date) -> bool:
    begun = area.valid_from is None or area.valid_from <= today
    return begun and (area.valid_to is None or area.valid_to >= today)


def seen_area(user: Any, code: str, today: datetime.date) -> Area | None:
    """The area with this code if `user` sees counts there; None alike for what is elsewhere and what is not."""
    found = Area.objects.filter(code=code).first()
    held = scope_of(user, today, Sight.COUNTS)
    return found if found and any(found.path.startswith(path) for path in held) else None
