"""An area as a picture: its villages as squares under their townships, or bars where it is too large for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from highground.areas.enums import Level
from highground.areas.models import Area
from highground.areas.queries import children, subtree
from highground.signals.queries import clues_by_path, clues_by_rule, fold, tallies
from highground.signals.rulebooks import latest_books, rule_label, said
from highground.web.numbers import number
from highground.web.pictures import Bar, Square, SquareGroup

SQUARED = (Level.COUNTY, Level.TOWNSHIP)
MOST_BARS = 60


@dataclass(frozen=True)
class AreaPicture:
    """Squares, or bars of the areas below; both empty for a village."""

    groups: list[SquareGroup]
    bars: list[Bar]
    clues: int


def area_picture(user: Any, area: Area) -> AreaPicture:
    """Where the open clues are, in three queries, however many villages there are."""
    clues = clues_by_path(user, area)
    total = sum(clues.values())
    if area.level in SQUARED:
        return AreaPicture(_groups(user, area, clues), [], total)
    below = list(children(area)[:MOST_BARS])
    folded = fold(clues, below)
    bars = [
        Bar(str(place), folded[place.path], "clay", reverse("home:area", args=[place.code]))
        for place in below
    ]
    return AreaPicture([], bars, total)


def _groups(user: Any, area: Area, clues: dict[str, int]) -> list[SquareGroup]:
    """A group per township with its villages; a village that was never screened is not known, which is not zero."""
    seen = dict(tallies(user, area).values_list("area__path", "households"))
    places = list(subtree(area).only("code", "path", "level", "names"))
    villages = [place for place in places if place.level == Level.VILLAGE]
    found = []
    for township in [place for place in places if place.level == Level.TOWNSHIP]:
        squares = [
            _square(village, clues, seen) for village in villages if village.path.startswith(township.path)
        ]
        found.append(SquareGroup(str(township), squares, reverse("home:area", args=[township.code])))
    return found


def _square(village: Area, clues: dict[str, int], seen: dict[str, int]) -> Square:
    households = sum(count for path, count in seen.items() if path.startswith(village.path))
    value = sum(count for path, count in clues.items() if path.startswith(village.path))
    note = _("%(count)s households") % {"count": number(households)} if households else _("never screened")
    url = reverse("home:area", args=[village.code])
    return Square(str(village), value if households else None, url, note)


def reason_bars(user: Any, area: Area, *, linked: bool) -> list[Bar]:
    """Open clues by reason; `linked` to the list of them for those who may see households."""
    books = latest_books()
    bars = []
    for book, rule, count in clues_by_rule(user, area):
        url = f"{reverse('signals:clues')}?rule={book}:{rule}" if linked else ""
        bars.append(Bar(said(rule_label(books.get(book), rule)), count, "clay", url))
    return bars


def tally_bars(tally: Any, *, linked: bool) -> list[Bar]:
    """What the last run found of the households of an area."""
    return [
        Bar(_("Possible class"), tally.possible, "clay"),
        Bar(_("Cannot tell"), tally.cannot_tell, "plum", reverse("signals:cannot_tell") if linked else ""),
        Bar(_("In no data at all"), tally.unseen, "gold", reverse("signals:no_data") if linked else ""),
        Bar(_("No class"), tally.no_class, "green"),
    ]
