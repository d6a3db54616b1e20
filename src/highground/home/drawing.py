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
from highground.areas.models import Area
from highground.home.queries import Below, Figures
from highground.methods.rules import Rulebook
from highground.signals.rulebooks import rule_label, said
from highground.web.numbers import number
from highground.web.pictures import Bar, Square, SquareGroup


@dataclass(frozen=True)
class Squares:
    """The squares below an area; `each` is the level of one of them, `grouped` that of a group."""

    groups: list[SquareGroup]
    each: str
    grouped: str


def area_url(area: Area) -> str:
    """The page of an area."""
    return reverse("home:area", args=[area.code])


def squares_of(area: Area, under: Below, figures: Mapping[str, Figures]) -> Squares | None:
    """One square per area two steps down, grouped by the area between; None where nothing lies below.

    What has nothing below it (or too much) is a square itself, in a group that bears the name of `area`.
    """
    if not under.children:
        return None
    inner: dict[str, list[Area]] = {child.path: [] for child in under.children}
    for one in under.grandchildren:
        if (parent := one.path[: len(under.children[0].path)]) in inner:
            inner[parent].append(one)
    bare = [child for child in under.children if not inner[child.path]]
    drawn = [one for ones in inner.values() for one in ones] or bare
    groups = [
        SquareGroup(
            str(child), [_square(one, figures[one.path]) for one in inner[child.path]], area_url(child)
        )
        for child in under.children
        if inner[child.path]
    ]
    if bare:
        groups.append(SquareGroup(str(area), [_square(one, figures[one.path]) for one in bare]))
    return Squares(groups, _usual_level(drawn), _usual_level(under.children if drawn != bare else [area]))


def _usual_level(areas: Sequence[Area]) -> str:
    ((level, _count),) = Counter(area.level for area in areas).most_common(1)
    return str(Level(level).label)


def _square(area: Area, figures: Figures) -> Square:
    return Square(str(area), figures.rate, area_url(area), _note(figures))


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
        is_class = bool(book) and rule in {one.id for one in book.classes}
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
