"""From figures to pictures: squares for what lies below an area, bars for reasons and for verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.areas.enums import Level
from highground.areas.models import SEGMENT, Area
from highground.home.queries import Below, Figures
from highground.methods.rules import Rulebook
from highground.signals.rulebooks import rule_label, said
from highground.web.numbers import number
from highground.web.pictures import LEVELS, Bar, Square, SquareGroup

FEW_GROUPS = 4
"""So many townships stand beside other cards; more need the whole width."""


@dataclass(frozen=True)
class Squares:
    """The squares below an area; `each` is the level of one of them, `grouped` that of a group.

    `most` is the rate of the darkest: nine of ten squares with clues lie at or below it, so that a hamlet of two
    households with one clue doesn't make all others look pale.
    """

    groups: list[SquareGroup]
    each: str
    grouped: str
    most: float

    @property
    def wide(self) -> bool:
        """Whether the picture needs the width of the page."""
        return len(self.groups) > FEW_GROUPS


def area_url(area: Area) -> str:
    """The page of an area."""
    return reverse("home:area", args=[area.code])


def squares_of(area: Area, under: Below, figures: Mapping[str, Figures]) -> Squares | None:
    """One square per area that is drawn, grouped by the area right above it; None where nothing lies below."""
    if not under.drawn:
        return None
    above = {one.path: one for one in [area, *under.between]}
    inner: dict[str, list[Area]] = {}
    for one in under.drawn:
        inner.setdefault(one.path[:-SEGMENT], []).append(one)
    groups = [
        SquareGroup(
            str(above[path]),
            [_square(one, figures[one.path]) for one in inner[path]],
            area_url(above[path]) if path != area.path else "",
        )
        for path in sorted(inner)
    ]
    return Squares(
        groups, _usual_level(under.drawn), _usual_level([above[path] for path in inner]), _most(groups)
    )


def _most(groups: Sequence[SquareGroup]) -> float:
    rates = sorted(float(one.value) for group in groups for one in group.squares if one.value)
    return max(LEVELS, rates[9 * (len(rates) - 1) // 10] if rates else 0)


def _usual_level(areas: Sequence[Area]) -> str:
    ((level, _count),) = Counter(area.level for area in areas).most_common(1)
    return str(Level(level).label)


def _square(area: Area, figures: Figures) -> Square:
    nobody = figures.tallied and not figures.households and not figures.clues
    return Square(str(area), 0 if nobody else figures.rate, area_url(area), _note(figures))


def _note(figures: Figures) -> str:
    """What stands behind the rate: "3 clues, 140 households"."""
    clues = ngettext("%(count)s clue", "%(count)s clues", figures.clues) % {"count": number(figures.clues)}
    if not figures.tallied:
        return _("%(clues)s, not screened yet") % {"clues": clues}
    households = ngettext("%(count)s household", "%(count)s households", figures.households)
    return f"{clues}, {households % {'count': number(figures.households)}}"


def reason_bars(
    counts: Sequence[tuple[str, str, int]],
    books: Mapping[str, Rulebook],
    url: Callable[[str], str] = lambda query: "",
) -> list[Bar]:
    """Open clues per rule, most first. `url` makes a link from the query that the list of clues understands."""
    bars = []
    for name, rule, count in counts:
        book = books.get(name)
        label = said(rule_label(book, rule))
        is_class = book is not None and rule in {one.id for one in book.classes}
        bars.append(
            Bar(
                capfirst(_("possible: %(label)s") % {"label": label} if is_class else label),
                count,
                "clay" if is_class else "gold",
                url(urlencode({"rule": f"{name}:{rule}"})),
            )
        )
    return bars


def verdict_bars(figures: Figures) -> list[Bar]:
    """What the last runs could say of the households they looked at."""
    return [
        Bar(_("A class is possible"), figures.possible, "clay"),
        Bar(_("Cannot tell"), figures.cannot_tell, "plum"),
        Bar(_("In no data at all"), figures.unseen, "plum"),
        Bar(_("No class applies"), figures.no_class, "green"),
    ]
