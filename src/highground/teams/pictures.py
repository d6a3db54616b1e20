"""Pictures of a plan: how the proof closed, and how strong the teams of each place are. Each has a table twin."""

from __future__ import annotations

from collections import Counter
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

MOST_TOWNSHIPS = 20


@dataclass(frozen=True)
class Replay:
    """The villages of a mended plan, a row for each township where something changed; how many became what.

    `more` townships have no row, for want of room. `changed` lists every village where something changed.
    """

    rows: list[tuple[Area | None, list[tuple[Area, Became]]]]
    more: int
    counts: list[tuple[Became, int]]
    changed: list[tuple[Area, Became]]


def draw_replay(became: Sequence[tuple[Area, Became]]) -> Replay:
    """What withdrawals did to the villages of a plan, `areas` with their parents at hand. No query."""
    townships: dict[int | None, list[tuple[Area, Became]]] = {}
    for area, what in became:
        townships.setdefault(area.parent_id, []).append((area, what))
    struck = [rows for rows in townships.values() if any(what != Became.SAME for _area, what in rows)]
    counts = Counter(what for _area, what in became)
    return Replay(
        [(rows[0][0].parent, rows) for rows in struck[:MOST_TOWNSHIPS]],
        max(0, len(struck) - MOST_TOWNSHIPS),
        [(one, counts[one]) for one in Became if counts[one]],
        [(area, what) for area, what in became if what != Became.SAME],
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
