"""Pictures of a plan: how the proof closed, and how strong the teams of each place are. Each has a table twin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from highground.areas.models import Area
from highground.teams.enums import Became
from highground.web.numbers import number, percent

SHOWN = 0.05
"""The picture shows at most so much of the objective above and below it: what lies beyond would flatten the rest."""
NOTHING = 0.0005
"""Where the first step was within so much of the last word already, there is nothing to draw."""


@dataclass(frozen=True)
class Dot:
    """A village on the map of a mended plan: where it lies in percent of the box, and what happened there."""

    village: Area
    x: float
    y: float
    became: Became


@dataclass(frozen=True)
class Replay:
    """The villages by their places, those last where something happened; how many there are of each kind."""

    dots: list[Dot]
    counts: list[tuple[Became, int]]
    changed: list[tuple[Area, Became]]


def draw_replay(became: Sequence[tuple[Area, Became]]) -> Replay:
    """What withdrawals did to the villages of a plan, each where it lies; those without a known place are in the counts."""
    placed = [
        (area, area.longitude * math.cos(math.radians(area.latitude)), area.latitude, what)
        for area, what in became
        if area.latitude is not None and area.longitude is not None
    ]
    east, north = ([one[axis] for one in placed] for axis in (1, 2))

    def share(value: float, values: list[float]) -> float:
        low, high = min(values), max(values)
        return round(4 + 92 * (value - low) / (high - low), 2) if high > low else 50.0

    dots = [Dot(area, share(x, east), round(100 - share(y, north), 2), what) for area, x, y, what in placed]
    kinds = [(one, sum(what == one for _area, what in became)) for one in Became]
    changed = [(area, what) for area, what in became if what != Became.SAME]
    return Replay(
        sorted(dots, key=lambda dot: dot.became != Became.SAME),
        [(one, count) for one, count in kinds if count],
        changed,
    )


@dataclass(frozen=True)
class Gap:
    """Two lines in a box of 100 x 100, and where their labels stand (percent of the height)."""

    band: str
    bound: str
    score: str
    bound_y: float
    score_y: float
    rows: list[tuple[str, str, str, str]]


def draw_gap(course: Sequence[Sequence[float]], objective: float, bound: float) -> Gap | None:
    """Score rising and bound falling, step by step, to where the checker found them; None without a course."""
    steps = [(float(score), float(most)) for score, most in course]
    if len(steps) < 2 or objective <= 0 or all(most - score < NOTHING * objective for score, most in steps):
        return None
    steps.append((objective, bound))
    room = SHOWN * objective
    widest = max(max(abs(objective - score), abs(most - objective)) for score, most in steps)
    half = max(min(room, widest), 1.0)
    high, low = objective + half, objective - half

    def y(value: float) -> float:
        return round(100 * (high - min(max(value, low), high)) / (high - low), 2)

    across = [round(100 * place / (len(steps) - 1), 2) for place in range(len(steps))]
    above = [f"{x},{y(most)}" for x, (_score, most) in zip(across, steps, strict=True)]
    below = [f"{x},{y(score)}" for x, (score, _most) in zip(across, steps, strict=True)]
    rows = [
        (
            number(place + 1),
            number(round(score)),
            number(round(most)),
            percent((most - score) / score, 2) if score > 0 else _("not known"),
        )
        for place, (score, most) in enumerate(steps)
    ]
    band = " ".join([*above, *reversed(below)])
    return Gap(band, " ".join(above), " ".join(below), y(bound), y(objective), rows)
