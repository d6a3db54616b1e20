"""The picture of a procedure: its graph laid out in bands, one for each phase, steps that run together side by side.

Pure: a procedure in, boxes and arrows in pixels out; `svg.py` draws them. A step's row is the longest way to it within
its phase. The steps of the way that everybody goes stand in the first column; what runs beside it, or is called for
only sometimes, stands in the next ones and reaches down to where the ways meet. Arrows run straight down through free
columns, or aside in the room between two rows, so that none crosses a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from highground.methods.rules.procedure.graph import Phase, Procedure, Step
from highground.methods.rules.procedure.words import PHASES, Words

WIDTH = 328
"""Pixels of a band: what a phone shows without scrolling. Wider only where more than two steps run together."""
LANE, GAP, ROOM, EDGE = 110, 12, 26, 6
"""Least width of a column, between columns, between rows (for the arrows), around everything."""
PAD, TITLE, TEXT, HEAD = 10, 14, 12.5, 34
"""Inside a box; sizes of its title and of its text; height of a band's heading."""
LEADING = 1.3


@dataclass(frozen=True)
class Written:
    """One line of text in a box. `kind` as in `words.Line`, and `title` and `who`."""

    text: str
    x: float
    y: float
    kind: str


@dataclass(frozen=True)
class Box:
    """One step."""

    step: str
    x: float
    y: float
    width: float
    height: float
    lines: list[Written]
    verified: bool


@dataclass(frozen=True)
class Arrow:
    """From one step down to another, through these points. `some` marks a way that is not always gone."""

    points: list[tuple[float, float]]
    some: bool = False


@dataclass(frozen=True)
class Band:
    """One phase."""

    phase: Phase
    title: str
    width: float
    height: float
    boxes: list[Box]
    arrows: list[Arrow]


def draw(words: Words) -> list[Band]:
    """The bands of a procedure, one for each phase that has steps, in their order."""
    steps = words.procedure.steps.values()
    bands = [(phase, [step for step in steps if step.phase == phase]) for phase in Phase]
    return [_Layout(phase, members, words).band() for phase, members in bands if members]


class _Layout:
    """Rows and columns of one phase, and the pixels that follow from them."""

    def __init__(self, phase: Phase, members: list[Step], words: Words) -> None:
        self.phase, self.words = phase, words
        self.steps = {step.id: step for step in members}
        self.before = {step.id: [name for name in step.requires if name in self.steps] for step in members}
        self.row = _rows(self.before, words.procedure)
        self.last = self._last_rows()
        self.lane = self._lanes()
        self.lanes = max(self.lane.values()) + 1
        self.width = max(WIDTH, 2 * EDGE + self.lanes * (LANE + GAP) - GAP)
        self.edges = [(name, step) for step in self.steps for name in self._direct(step)]
        self.way = {edge: self._way(*edge) for edge in self.edges}
        self.covers = {name: self._covered(name) for name in self.steps}

    def _direct(self, step: str) -> list[str]:
        """What the step requires, without what is required on the way there anyhow; a way around is kept."""
        before = self.before[step]
        return [
            name for name in before if not any(self._always(other, name) for other in before if other != name)
        ]

    def _always(self, step: str, name: str) -> bool:
        """Whether `step` is always taken and rests on `name`."""
        if self.steps[step].only_if:
            return False
        return name in self.before[step] or any(self._always(other, name) for other in self.before[step])

    def _last_rows(self) -> dict[str, int]:
        """The last row down to which a step may still be going on: just above the first that waits for it."""
        found = {}
        for name in self.steps:
            waiting = [self.row[other] for other, before in self.before.items() if name in before]
            found[name] = max(min(waiting, default=self.row[name] + 1) - 1, self.row[name])
        return found

    def _lanes(self) -> dict[str, int]:
        """The column of each step: the first for the way that everybody goes, else the next that is free."""
        ahead = {name: sum(name in self._above(other) for other in self.steps) for name in self.steps}
        taken: set[tuple[int, int]] = set()
        lane: dict[str, int] = {}
        order = sorted(
            self.steps,
            key=lambda name: (
                self.row[name],
                self._aside(name),
                self.last[name] - self.row[name],
                -ahead[name],
            ),
        )
        for name in order:
            wanted = 1 if self._aside(name) else 0
            rows = range(self.row[name], self.last[name] + 1)
            while any((row, wanted) in taken for row in rows):
                wanted += 1
            taken.update((row, wanted) for row in rows)
            lane[name] = wanted
        return lane

    def _aside(self, name: str) -> bool:
        return self.steps[name].only_if is not None or self.steps[name].expedited is not None

    def _above(self, name: str) -> set[str]:
        found = set(self.before[name])
        for other in self.before[name]:
            found |= self._above(other)
        return found

    def _holds(self, row: int, lane: int) -> str | None:
        """The step whose box, as narrow as one column, stands there."""
        return next(
            (
                name
                for name in self.steps
                if self.lane[name] == lane and self.row[name] <= row <= self.last[name]
            ),
            None,
        )

    def _way(self, start: str, end: str) -> int:
        """The column in which an arrow runs down: a free one between the two, the outer one of those.

        A box of the first column mostly reaches over the others, so that an outer column leads straight down.
        """
        between = range(self.last[start] + 1, self.row[end])
        free = [lane for lane in range(self.lanes + 1) if not any(self._holds(row, lane) for row in between)]
        return min(free, key=lambda lane: (abs(lane - self.lane[start]) + abs(lane - self.lane[end]), -lane))

    def _covered(self, name: str) -> range:
        """The columns over which the box of a step reaches: as many as nothing else needs in its rows."""
        rows = range(self.row[name], self.last[name] + 1)
        first = last = self.lane[name]
        while last + 1 < self.lanes and self._empty(rows, last + 1):
            last += 1
        while first > 0 and self._empty(rows, first - 1):
            first -= 1
        return range(first, last + 1)

    def _empty(self, rows: Iterable[int], lane: int) -> bool:
        """Whether neither a box nor a passing arrow needs a column in these rows."""
        rows = list(rows)
        if any(self._holds(row, lane) for row in rows):
            return False
        passing = [
            (self.last[start], self.row[end]) for start, end in self.edges if self.way[start, end] == lane
        ]
        return not any(above < row < below for above, below in passing for row in rows)

    # --- Pixels ---

    def _left(self, lane: int) -> float:
        return EDGE + lane * (self._lane_width() + GAP)

    def _lane_width(self) -> float:
        return (self.width - 2 * EDGE - (self.lanes - 1) * GAP) / self.lanes

    def _middle(self, lane: int) -> float:
        return self._left(lane) + self._lane_width() / 2 if lane < self.lanes else self.width - EDGE / 2

    def band(self) -> Band:
        """The boxes with their texts, rows as high as the highest box in them, and the arrows."""
        wide = {
            name: len(lanes) * self._lane_width() + (len(lanes) - 1) * GAP
            for name, lanes in self.covers.items()
        }
        texts = {name: self._texts(step, wide[name] - 2 * PAD) for name, step in self.steps.items()}
        heights = {name: _height(lines) for name, lines in texts.items()}
        tops = self._tops(heights)
        boxes = []
        for name, step in self.steps.items():
            x, y = self._left(self.covers[name].start), tops[self.row[name]]
            height = tops[self.last[name] + 1] - ROOM - y
            boxes.append(Box(name, x, y, wide[name], height, _placed(texts[name], x, y), step.verified))
        arrows = [self._arrow(start, end, tops) for start, end in self.edges]
        title = self.words.label(PHASES[self.phase])
        return Band(self.phase, title, self.width, tops[-1] - ROOM + EDGE, boxes, arrows)

    def _tops(self, heights: Mapping[str, float]) -> list[float]:
        """Where each row begins, and after them where one more would."""
        rows = max(self.last.values()) + 1
        tops = [float(HEAD)]
        for row in range(rows):
            alone = [heights[name] for name in self.steps if self.row[name] == self.last[name] == row]
            below = tops[row] + max(alone, default=0)
            for name in self.steps:
                if self.last[name] == row and self.row[name] < row:
                    below = max(below, tops[self.row[name]] + heights[name])
            tops.append(below + ROOM)
        return tops

    def _texts(self, step: Step, width: float) -> list[tuple[str, str]]:
        """The lines of a box as (text, kind), broken to fit."""
        words = self.words
        title = words.title(step.id)
        found = [(line, "title") for line in broken(title[:1].upper() + title[1:], width, TITLE, bold=True)]
        found += [(line, "who") for line in broken(words.taken_by(step), width, TEXT)]
        if after := words.after(step):
            found += [(line, "after") for line in broken(after, width, TEXT)]
        for said in words.lines(step):
            text = said.text if said.verified or not step.verified else words.not_verified(said.text)
            found += [(line, said.kind or "plain") for line in broken(text, width, TEXT)]
        return found

    def _arrow(self, start: str, end: str, tops: list[float]) -> Arrow:
        """Straight down where both boxes reach over its column, else aside just below and just above the boxes."""
        lane = self.way[start, end]
        top, bottom = tops[self.last[start] + 1] - ROOM, tops[self.row[end]]
        leaves = self._middle(lane if lane in self.covers[start] else self.lane[start])
        arrives = self._middle(lane if lane in self.covers[end] else self.lane[end])
        down = self._middle(lane)
        points = [(leaves, top)]
        if leaves != down:
            points += [(leaves, top + ROOM / 3), (down, top + ROOM / 3)]
        if arrives != down:
            points += [(down, bottom - ROOM / 2), (arrives, bottom - ROOM / 2)]
        points.append((arrives, bottom))
        some = self._aside(start) or self._aside(end)
        return Arrow(points, some)


def _rows(before: Mapping[str, list[str]], procedure: Procedure) -> dict[str, int]:
    """The longest way to each step within its phase."""
    rows: dict[str, int] = {}
    for name in procedure.order():
        if name in before:
            rows[name] = max((rows[other] + 1 for other in before[name]), default=0)
    return rows


def _height(lines: list[tuple[str, str]]) -> float:
    return 2 * PAD + sum(_size(kind) * LEADING for _text, kind in lines)


def _size(kind: str) -> float:
    return TITLE if kind == "title" else TEXT


def _placed(lines: list[tuple[str, str]], x: float, y: float) -> list[Written]:
    found, at = [], y + PAD
    for text, kind in lines:
        at += _size(kind) * LEADING
        found.append(Written(text, x + PAD, round(at - _size(kind) * 0.3, 1), kind))
    return found


def broken(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """A text in lines that fit `width` pixels, broken between words, or between any two signs of Chinese."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and text_width((line + piece).rstrip(), size, bold=bold) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line else lines


_CLOSING = "，。、；：”）》！？"
_OPENING = "“（《"


def _pieces(text: str) -> list[str]:
    """What stays together: a word with the space after it, a Chinese sign with the marks that open and close around it."""
    found: list[str] = []
    for sign in text:
        alone = _is_wide(sign)
        if not found:
            found.append(sign)
        elif sign in _CLOSING or sign == " " or found[-1][-1] in _OPENING:
            found[-1] += sign
        elif alone or sign in _OPENING or found[-1][-1] == " " or _is_wide(found[-1][-1]):
            found.append(sign)
        else:
            found[-1] += sign
    return found


def _is_wide(sign: str) -> bool:
    return ord(sign) >= 0x2E80


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how many pixels a text takes in Noto Sans; rather too many than too few."""
    ems = sum(_em(sign) for sign in text)
    return ems * size * (1.07 if bold else 1.0)


def _em(sign: str) -> float:
    if _is_wide(sign):
        return 1.0
    if sign in "iljI.,:;'|!()":
        return 0.31
    if sign in "ftr -/":
        return 0.4
    if sign in "mwMW@%—":
        return 0.92
    return 0.68 if sign.isupper() else 0.585
