"""Bands of a procedure as SVG: colours as attributes, no style and no script, so that any page or file may hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from highground.methods.rules.procedure.picture import EDGE, TEXT, TITLE, Arrow, Band, Box

INK, INK_2, PAPER, LINE, BRAND = "#14211d", "#4a5752", "#f4f1e8", "#8b8f86", "#1f7a5c"
COLOURS = {"title": INK, "who": INK_2, "plain": INK, "deadline": "#664300", "check": "#0f4468", "back": "#413368",
           "end": "#7d2a10", "after": INK_2}  # fmt: skip
FONT = "Noto Sans, PingFang SC, Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, Segoe UI, Helvetica, Arial, sans-serif"
BESIDE = 20
"""Pixels between bands that stand beside each other."""


def band_svg(band: Band, label: str) -> str:
    """One band as a picture of its own."""
    return _svg(band.width, band.height, label, "\n".join(_band(band)))


def bands_svg(bands: Sequence[Band], label: str) -> str:
    """All bands beside each other in one picture."""
    x, parts = 0.0, []
    for band in bands:
        parts.append(f'<g transform="translate({_number(x)} 0)">')
        parts += [*_band(band), "</g>"]
        x += band.width + BESIDE
    return _svg(x - BESIDE, max(band.height for band in bands), label, "\n".join(parts))


def _svg(width: float, height: float, label: str, content: str) -> str:
    size = f"{_number(width)} {_number(height)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(label)} width="{_number(width)}" '
        f'height="{_number(height)}" viewBox="0 0 {size}" font-family="{FONT}">\n{content}\n</svg>'
    )


def _band(band: Band) -> Iterator[str]:
    yield (
        f'<rect x="0.5" y="0.5" width="{_number(band.width - 1)}" height="{_number(band.height - 1)}" rx="8" '
        f'fill="{PAPER}" stroke="#ddd8ca"/>'
    )
    yield f'<text x="{EDGE + 4}" y="23" font-size="15" font-weight="700" fill="{BRAND}">{escape(band.title)}</text>'
    for arrow in band.arrows:
        yield _arrow(arrow)
    for box in band.boxes:
        yield from _box(box)


def _arrow(arrow: Arrow) -> str:
    """The way, and its head just above the box in which it ends."""
    *_rest, (x, y) = arrow.points
    way = " ".join(f"{_number(a)},{_number(b)}" for a, b in [*arrow.points[:-1], (x, y - 6)])
    dashes = ' stroke-dasharray="5 4"' if arrow.some else ""
    head = (
        f"{_number(x - 5)},{_number(y - 9)} {_number(x + 5)},{_number(y - 9)} {_number(x)},{_number(y - 1)}"
    )
    return (
        f'<polyline points="{way}" fill="none" stroke="{LINE}" stroke-width="2"{dashes}/>'
        f'<polygon points="{head}" fill="{LINE}"/>'
    )


def _box(box: Box) -> Iterator[str]:
    border = f'stroke="{LINE}"' if box.verified else 'stroke="#8a5a00" stroke-dasharray="6 3"'
    yield (
        f'<rect x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}" rx="6" fill="#ffffff" {border}/>'
    )
    for line in box.lines:
        title = line.kind == "title"
        weight = ' font-weight="700"' if title else ""
        yield (
            f'<text x="{_number(line.x)}" y="{_number(line.y)}" font-size="{TITLE if title else TEXT}"{weight} '
            f'fill="{COLOURS[line.kind]}">{escape(line.text)}</text>'
        )


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
