"""The geometry of amounts over time: points, the line that they are held against, and columns of what a feed said.

Positions across are shares of the width, so that text keeps its size on a phone; heights are pixels.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from highground.web.numbers import Amount, in_chinese, number

TOP, PLOT, COLUMNS, FOOT = 26, 124, 44, 24
"""Pixels: room over the highest mark, the plot of the points, the plot of the columns, the words of the axis."""

MOST_TICKS = 5
NEAR, APART = 0.2, 30
"""Labels nearer than this (a share of the width, and pixels) would meet."""


@dataclass(frozen=True)
class Point:
    """An amount on a day, as somebody found it."""

    label: str
    day: datetime.date
    value: Amount
    colour: str = "brand"


@dataclass(frozen=True)
class Level:
    """A line that holds from one day to another, as a poverty line does for a year."""

    label: str
    since: datetime.date
    until: datetime.date
    value: Amount


@dataclass(frozen=True)
class Column:
    """What a feed said on a day."""

    label: str
    day: datetime.date
    value: Amount


@dataclass(frozen=True)
class Place:
    """A drawn thing: across in percent, up and down in pixels, and its words.

    A stretch goes from `x` to `width` and is `across` wide; words begin at `x`, or end where `end` is set.
    """

    x: str
    y: float
    text: str = ""
    width: str = ""
    across: str = ""
    height: float = 0
    end: bool = False
    begin: bool = False
    text_y: float = 0
    colour: str = "brand"


@dataclass(frozen=True)
class OverTime:
    """A picture ready for its template; `rows` are its table twin: what, on which day, how much."""

    name: str
    height: int
    floor: int
    points: list[Place]
    levels: list[Place]
    columns: list[Place]
    caption: str
    ticks: list[Place]
    rows: list[tuple[str, datetime.date, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Across:
    first: datetime.date
    last: datetime.date

    def share(self, day: datetime.date) -> float:
        """Where a day lies, with a margin on both sides for round marks."""
        whole = max((self.last - self.first).days, 1)
        return 0.02 + 0.96 * min(max((day - self.first).days / whole, 0.0), 1.0)

    def at(self, day: datetime.date) -> str:
        return f"{100 * self.share(day):.2f}%"


def draw_over_time(
    points: Sequence[Point],
    levels: Sequence[Level] = (),
    columns: Sequence[Column] = (),
    *,
    first: datetime.date,
    last: datetime.date,
    name: str = "",
    caption: str = "",
) -> OverTime:
    """Points against a line between two days, with columns below. Amounts are on one scale that begins at zero.

    `caption` says what the columns are. Columns have a scale of their own.
    """
    across = _Across(first, last)
    inside = [one for one in levels if one.until >= first and one.since <= last]
    found = [float(one.value) for one in points]
    most = max([0.0, *found, *(float(one.value) for one in inside)]) or 1.0
    least = min([0.0, *found])
    scale = PLOT / (most - least)
    drawn_points = _points(
        sorted(points, key=lambda one: one.day), across, lambda value: TOP + (most - value) * scale
    )
    drawn_levels = _levels(inside, across, drawn_points, lambda value: TOP + (most - value) * scale)
    floor = TOP + PLOT
    bottom = floor + (COLUMNS if columns else 0)
    return OverTime(
        name=name or _("Over time"),
        height=bottom + FOOT,
        floor=floor,
        points=drawn_points,
        levels=drawn_levels,
        columns=_columns(columns, across, bottom),
        caption=caption if columns else "",
        ticks=_ticks(across, bottom + 17),
        rows=sorted(
            [
                *((one.label, one.day, number(one.value)) for one in points),
                *((one.label, one.day, number(one.value)) for one in columns),
                *((one.label, max(one.since, first), number(one.value)) for one in inside),
            ],
            key=lambda row: row[1],
        ),
    )


def _points(points: Sequence[Point], across: _Across, height: Any) -> list[Place]:
    """The points, with words above or below where they meet no others; the latest come first.

    A point for whose words there is no room has none: the table beside the picture has them all.
    """
    found: list[Place] = []
    taken: list[tuple[float, float]] = []
    for one in reversed(points):
        share, y = across.share(one.day), height(float(one.value))
        end = share > 0.5
        left = share - NEAR if end else share
        free = [
            side
            for side in (y - 11, y + 21)
            if not any(abs(left - other) < NEAR and abs(side - at) < APART / 2 for other, at in taken)
        ]
        text_y = free[0] if free else y - 11
        if free:
            taken.append((left, text_y))
        text = f"{one.label} {number(one.value)}" if free else ""
        found.append(Place(across.at(one.day), y, text, end=end, text_y=text_y, colour=one.colour))
    return found[::-1]


def _levels(levels: Sequence[Level], across: _Across, points: Sequence[Place], height: Any) -> list[Place]:
    """Each stretch of the line; the last one says what it is, the others their amount, away from any point."""
    found = []
    for one in levels:
        left, right = across.share(max(one.since, across.first)), across.share(min(one.until, across.last))
        y, last = height(float(one.value)), one is levels[-1]
        near = [float(place.x[:-1]) / 100 for place in points if abs(place.text_y - (y - 6)) < APART]
        crowded = any(abs(share - left) < NEAR for share in near)
        words = f"{one.label} {number(one.value)}" if last else number(one.value)
        found.append(
            Place(
                f"{100 * left:.2f}%",
                y,
                words if last or (right - left >= NEAR and not crowded) else "",
                width=f"{100 * right:.2f}%",
                across=f"{100 * (right - left):.2f}%",
                height=TOP + PLOT - y,
                end=last and (left > 0.5 or crowded),
                text_y=y - 6,
            )
        )
    return found


def _columns(columns: Sequence[Column], across: _Across, bottom: int) -> list[Place]:
    most = max((float(one.value) for one in columns), default=0.0) or 1.0
    return [
        Place(
            across.at(one.day),
            bottom - (size := max(2.0, (COLUMNS - 4) * float(one.value) / most)),
            f"{one.label} {number(one.value)}",
            height=size,
        )
        for one in columns
    ]


def _ticks(across: _Across, y: int) -> list[Place]:
    """The first of some months, at most `MOST_TICKS` of them, with the year where it begins."""
    months = (across.last.year - across.first.year) * 12 + across.last.month - across.first.month
    step = next((size for size in (1, 2, 3, 6, 12, 24, 60) if months / size <= MOST_TICKS - 1), 120)
    found: list[Place] = []
    start = across.first.year * 12 + across.first.month - 1
    start += -start % step
    year = 0
    for count in range(start, start + months + 1, step):
        day = datetime.date(count // 12, count % 12 + 1, 1)
        if across.first <= day <= across.last:
            text = _month(day, with_year=day.year != year)
            year = day.year
            found.append(
                Place(across.at(day), y, text, end=across.share(day) > 0.9, begin=across.share(day) < 0.1)
            )
    return found


def _month(day: datetime.date, *, with_year: bool) -> str:
    if in_chinese():
        return formats.date_format(day, "Y年n月" if with_year else "n月")
    return formats.date_format(day, "M Y" if with_year else "M")
