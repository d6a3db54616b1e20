"""Areas that come to lie elsewhere, with everything below them: a reform gives a village to another township."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Length, Substr

from highground.areas.enums import Level
from highground.areas.models import SEGMENT, Area, FormerPath
from highground.files.staging import execute
from highground.files.uploads import move_uploads

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def move_areas(parents: Iterable[tuple[str, str]], *, today: datetime.date) -> list[tuple[str, str]]:
    """Let areas lie in other parents: pairs of codes, the area's and its new parent's. The paths before and after.

    Everything that hangs on an area (households, clues, cases, roles) goes along, because it names the area and not its
    path; uploads, which are kept by path, are told. Runs in the transaction of `actions.import_areas`, which has checked
    the levels: as a parent is always of a higher level than its children, no area can come to lie below itself. A fixed
    number of statements per area.
    """
    pairs = dict(parents)
    areas = {area.code: area for area in Area.objects.filter(code__in={*pairs, *pairs.values()})}
    moved = []
    # From the top down, so that a village whose new township moves as well is written where the township is by then.
    for code in sorted(pairs, key=lambda code: (Level(areas[code].level).rank, code)):
        area, parent = areas[code], areas[pairs[code]]
        area.refresh_from_db(fields=["path", "depth"])
        parent.refresh_from_db(fields=["path", "depth"])
        path = parent.path + segment(_last_below(parent.path) + 1)
        _rewrite(area, path, today)
        area.parent = parent
        area.save(update_fields=["parent"])
        moved.append((area.path, path))
    return moved


def _rewrite(area: Area, path: str, today: datetime.date) -> None:
    """Give the area and everything below it new paths; the old ones are kept, so that nothing else ever gets them."""
    execute(
        "INSERT INTO areas_formerpath (area_id, path, until) SELECT id, path, %s FROM areas_area WHERE path LIKE %s",
        (today, f"{area.path}%"),
    )
    Area.objects.filter(path__startswith=area.path).update(
        path=Concat(Value(path), Substr("path", len(area.path) + 1)),
        depth=F("depth") + (len(path) - len(area.path)) // SEGMENT,
    )
    move_uploads(area.path, path)


def segment(number: int) -> str:
    """A step of a path."""
    text = ""
    for _ in range(SEGMENT):
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


def last_segments() -> dict[str, int]:
    """The highest step that was ever given below each path ("" for the countries)."""
    last: dict[str, int] = {}
    for table in (Area, FormerPath):
        for path in table.objects.values_list("path", flat=True):
            last[path[:-SEGMENT]] = max(last.get(path[:-SEGMENT], 0), int(path[-SEGMENT:], 36))
    return last


def _last_below(path: str) -> int:
    last = [
        table.objects.annotate(length=Length("path"))
        .filter(path__startswith=path, length=len(path) + SEGMENT)
        .aggregate(last=Max("path"))["last"]
        for table in (Area, FormerPath)
    ]
    return max(int(found[-SEGMENT:], 36) if found else 0 for found in last)
