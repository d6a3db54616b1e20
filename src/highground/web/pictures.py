"""The geometry of pictures: what a page hands in, worked out for the templates under `web/pieces/`.

Pictures are drawn on the server as SVG whose positions are shares of the width, so that text keeps its size
on a phone. Labels stand in columns of their own and never cross a mark. Each picture has a table twin.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from highground.web.numbers import Amount, number, signed

COLOURS = frozenset({"clay", "gold", "plum", "water", "green", "ink", "brand", "grey"})
"""Clay needs attention, gold is due or weak, plum cannot tell, water informs, green is done; grey is plain."""


@dataclass(frozen=True)
class Square:
    """One village. `value` None means that nothing is known, which is not zero."""

    label: str
    value: Amount | None
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class SquareGroup:
    """The villages of one township."""

    label: str
    squares: Sequence[Square]
    url: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a waterfall. A `total` stands on zero and shows the sum so far; its amount is ignored.

    An amount of None is not known: it is shown as such and adds nothing. `colour` is green for what adds and
    clay for what takes away, unless given.
    """

    label: str
    amount: Amount | None = None
    total: bool = False
    colour: str = ""
    note: str = ""


@dataclass(frozen=True)
class Mark:
    """A line drawn through a picture, as the poverty line."""

    label: str
    value: Amount


@dataclass(frozen=True)
class Bar:
    """One bar. `value` None means that nothing is known."""

    label: str
    value: Amount | None
    colour: str = "water"
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A drawn row: shares of the width as SVG wants them, and the words beside them."""

    label: str
    text: str
    x: str = "0%"
    width: str = "0%"
    colour: str = "water"
    strong: bool = False
    known: bool = True
    url: str = ""
    note: str = ""
    running: str = ""


@dataclass(frozen=True)
class Drawn:
    """A picture of rows, ready for its template."""

    name: str
    rows: list[Row]
    zero: str = ""
    mark: str = ""
    mark_label: str = ""
    mark_ends: bool = False


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float

    def at(self, value: Amount) -> float:
        return (float(value) - self.low) / (self.high - self.low)


def _scale(values: Sequence[Amount]) -> _Scale:
    low, high = min(0.0, *map(float, values)), max(0.0, *map(float, values))
    if low == high:
        return _Scale(0.0, 1.0)
    room = 0.02 * (high - low)
    return _Scale(low - room if low < 0 else 0.0, high + room)


def draw_waterfall(steps: Sequence[Step], mark: Mark | None = None, name: str = "") -> Drawn:
    """How a figure is made up: each step starts where the one before ended; totals stand on zero."""
    ends: list[tuple[Amount, Amount]] = []
    sum_so_far: Amount = 0
    for step in steps:
        start = sum_so_far
        if step.total:
            start = 0
        elif step.amount is not None:
            sum_so_far = sum_so_far + step.amount  # type: ignore[operator]
        ends.append((start, sum_so_far))
    scale = _scale([value for pair in ends for value in pair] + ([mark.value] if mark else []) + [0])
    rows = [_waterfall_row(step, start, end, scale) for step, (start, end) in zip(steps, ends, strict=True)]
    return Drawn(
        name=name or _("How the figure is made up"),
        rows=rows,
        zero=_percent(scale.at(0)) if scale.low < 0 else "",
        **_mark(mark, scale),
    )


def _waterfall_row(step: Step, start: Amount, end: Amount, scale: _Scale) -> Row:
    left, right = sorted((scale.at(start), scale.at(end)))
    colour = step.colour or ("ink" if step.total else "clay" if end < start else "green")
    return Row(
        label=step.label,
        text=number(end) if step.total else signed(step.amount),
        x=_percent(left),
        width=_percent(right - left),
        colour=colour,
        strong=step.total,
        known=step.total or step.amount is not None,
        note=step.note,
        running=number(end),
    )


def _mark(mark: Mark | None, scale: _Scale) -> dict[str, Any]:
    if mark is None:
        return {}
    share = scale.at(mark.value)
    return {"mark": _percent(share), "mark_label": mark.label, "mark_ends": share > 0.5}


def draw_bars(bars: Sequence[Bar], mark: Mark | None = None, name: str = "") -> Drawn:
    """One bar per row from zero, longest value to the full width."""
    known = [bar.value for bar in bars if bar.value is not None]
    scale = _scale([*known, *([mark.value] if mark else []), 0])
    rows = []
    for bar in bars:
        left, right = sorted((scale.at(0), scale.at(bar.value or 0)))
        rows.append(
            Row(
                label=bar.label,
                text=number(bar.value),
                x=_percent(left),
                width=_percent(right - left),
                colour=bar.colour,
                known=bar.value is not None,
                url=bar.url,
                note=bar.note,
            )
        )
    zero = _percent(scale.at(0)) if scale.low < 0 else ""
    return Drawn(name=name, rows=rows, zero=zero, **_mark(mark, scale))


SIDE, GAP, ACROSS = 25, 3, 5
"""Pixels of a square's side and of the gap, squares in a row: not too small to touch (WCAG 2.2, 2.5.8)."""
LEVELS = 4


@dataclass(frozen=True)
class Cell:
    """A drawn square; its figure stands centred on `text_x` over the baseline `text_y`."""

    x: int
    y: int
    text_x: float
    text_y: float
    level: str
    text: str
    spoken: str
    square: Square


@dataclass(frozen=True)
class CellGroup:
    """A drawn township."""

    label: str
    url: str
    width: int
    height: int
    cells: list[Cell] = field(default_factory=list)


def draw_squares(groups: Sequence[SquareGroup], most: Amount | None = None) -> list[CellGroup]:
    """One square per village, five in a row, darker for more. `most` is the value of the darkest (else the largest
    of all groups, at least `LEVELS`), so that pictures of two areas can share a scale."""
    values = [square.value for group in groups for square in group.squares if square.value is not None]
    top = float(most or max([LEVELS, *values]))
    return [_draw_group(group, top) for group in groups]


def _draw_group(group: SquareGroup, top: float) -> CellGroup:
    cells = []
    for position, square in enumerate(group.squares):
        row, column = divmod(position, ACROSS)
        x, y = column * (SIDE + GAP) + 1, row * (SIDE + GAP) + 1
        cells.append(
            Cell(
                x=x,
                y=y,
                text_x=x + SIDE / 2,
                text_y=y + SIDE / 2 + 4.5,
                level=_level(square.value, top),
                text="?" if square.value is None else number(square.value) if square.value else "",
                spoken=f"{square.label}: {number(square.value)}"
                + (f" ({square.note})" if square.note else ""),
                square=square,
            )
        )
    lines = -(-len(group.squares) // ACROSS)
    across = min(ACROSS, len(group.squares))
    return CellGroup(
        label=group.label,
        url=group.url,
        width=max(across, 1) * (SIDE + GAP) - GAP + 2,
        height=max(lines, 1) * (SIDE + GAP) - GAP + 2,
        cells=cells,
    )


def _level(value: Amount | None, top: float) -> str:
    if value is None:
        return "unknown"
    return str(min(LEVELS, max(0, -int(-LEVELS * float(value) // top))))
