"""What may be told of other people's areas: counts in bands of ten, none of fewer than ten, and none to be reckoned back.

A reader knows her own areas exactly and sees, of the areas beside them, bands ("30 to 39") and a total in a band. A cell of
fewer than ten households is hidden. Where only one is hidden, a second one is hidden as well, and where what is hidden adds
up to fewer than ten, so is the total: whoever subtracts all that is shown and all that she knows is left with at least ten
possible values for every hidden cell. Each table is of a fixed day and is never written again (`CauseTable`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

LEAST = 10


@dataclass(frozen=True)
class Band:
    """A count that is told as a band of ten; None: hidden."""

    low: int

    @property
    def high(self) -> int:
        return self.low + LEAST - 1


Told = Band | int | None
"""A band for others, the exact count of one's own, None for what is hidden."""


@dataclass(frozen=True)
class Column:
    """What is told of one cause: each area's cell, and the total over all of them."""

    cells: Mapping[str, Told]
    total: Told


def band(count: int) -> Band | None:
    """The band of a count; none for fewer than ten."""
    return Band(count - count % LEAST) if count >= LEAST else None


def tell(counts: Mapping[str, int], own: Collection[str]) -> Column:
    """What a reader who looks after the areas in `own` is told of a cause, whose counts are given by area."""
    others = {area: count for area, count in counts.items() if area not in own}
    hidden = {area for area, count in others.items() if count < LEAST}
    shown = sorted((area for area in others if area not in hidden), key=lambda area: (others[area], area))
    if len(hidden) == 1 and shown:
        hidden.add(shown[0])
    cells: dict[str, Told] = {
        area: count if area in own else None if area in hidden else band(count)
        for area, count in counts.items()
    }
    if not others:
        return Column(cells, sum(counts.values()))
    closed = sum(others[area] for area in hidden)
    total_is_safe = not hidden or (len(hidden) > 1 and closed >= LEAST)
    return Column(cells, band(sum(counts.values())) if total_is_safe else None)
