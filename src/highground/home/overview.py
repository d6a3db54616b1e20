"""One area at a glance: the same figures and pictures for the first page and for the area's own."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.areas.models import Area
from highground.home.drawing import Squares, reason_bars, squares_of, verdict_bars
from highground.home.queries import Below, Figures, below, figures_by_path, fold
from highground.signals.models import Run
from highground.signals.queries import last_run_of
from highground.signals.rulebooks import latest_books
from highground.signals.shell import keep_open_count
from highground.web.pictures import Bar


@dataclass(frozen=True)
class Overview:
    """An area with the figures of what lies in and below it, by path, and its pictures."""

    area: Area
    run: Run | None
    figures: Figures
    own: Figures
    under: Below
    by_path: dict[str, Figures]
    squares: Squares | None
    reasons: list[Bar]
    verdicts: list[Bar]


def overview_of(request: HttpRequest, area: Area, today: datetime.date) -> Overview:
    """Everything that pictures of `area` need. Six queries, however much lies below it."""
    user = request.user
    everything, reasons = figures_by_path(user, area, today)
    under = below(area, everything, today)
    by_path = fold(everything, [area, *under.all])
    figures = by_path[area.path]
    if may_see(user, today, Sight.HOUSEHOLDS, area.path):
        keep_open_count(request, area, figures.clues)
    return Overview(
        area=area,
        run=last_run_of(user, area),
        figures=figures,
        own=everything.get(area.path, Figures()),
        under=under,
        by_path=by_path,
        squares=squares_of(area, under, by_path),
        reasons=reason_bars(reasons, latest_books(), _link(request, area, today)),
        verdicts=verdict_bars(figures) if figures.households else [],
    )


def _link(request: HttpRequest, area: Area, today: datetime.date) -> Callable[[str], str]:
    """Links into the list of clues of this area, for those who may open it."""
    if not may_see(request.user, today, Sight.HOUSEHOLDS, area.path):
        return lambda query: ""
    clues, place = reverse("signals:clues"), urlencode({"area": area.code})
    return lambda query: f"{clues}?{place}&{query}"
