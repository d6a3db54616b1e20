"""Lists of holidays as a county writes them: one day per line, `off` or `worked`, read strictly and told by its row."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass

from django.utils.translation import gettext as _

from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.cases.models import HolidayList

SATURDAY = 5
MOST_ROWS = 400
WORDS = {"off": "off", "worked": "worked", "休": "off", "班": "worked", "放假": "off", "上班": "worked"}
HEADERS = ("day", "date", "日期")


class BadDays(ValueError):
    """Rows of a list that cannot be taken as they are; `faults` name each with its mend."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Days:
    """The days of a year that are off, and the weekend days that are worked."""

    off: list[datetime.date]
    worked: list[datetime.date]


def read_days(text: str, year: int) -> Days:
    """The days of a CSV text `day,off|worked`; a first row of headings may stand above. Raises BadDays."""
    found: dict[datetime.date, str] = {}
    faults: list[str] = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells[0].lower().lstrip("\ufeff") in HEADERS):
            continue
        if number > MOST_ROWS:
            faults.append(_("There are more rows than a year has days."))
            break
        if fault := _read_row(cells, year, found):
            faults.append(_("Row %(number)s: %(fault)s") % {"number": number, "fault": fault})
    if not faults and "off" not in found.values():
        faults.append(_("No day off is listed. Write one day per line, for example 2026-10-01,off."))
    if faults:
        raise BadDays(faults)
    return Days(
        *(sorted(day for day, kind in found.items() if kind == wanted) for wanted in ("off", "worked"))
    )


def _read_row(cells: list[str], year: int, found: dict[datetime.date, str]) -> str:
    """Take one row in; what is wrong with it, empty if nothing is."""
    try:
        day = datetime.date.fromisoformat(cells[0].lstrip("\ufeff"))
    except ValueError:
        return _("“%(text)s” is no date; write for example 2026-10-01.") % {"text": cells[0][:40]}
    kind = WORDS.get(cells[1].lower()) if len(cells) > 1 else None
    if kind is None:
        return _("say “off” or “worked” after the day.")
    if day.year != year:
        return _("%(day)s does not lie in %(year)s.") % {"day": day.isoformat(), "year": year}
    if day in found:
        return _("%(day)s is listed twice.") % {"day": day.isoformat()}
    if kind == "worked" and day.weekday() < SATURDAY:
        return _("%(day)s is no weekend day; only a Saturday or Sunday can be worked.") % {
            "day": day.isoformat()
        }
    found[day] = kind
    return ""


def lists_around(area: Area) -> dict[int, HolidayList]:
    """The list that counts for each year in an area: its own, else that of the nearest area above. One query.

    The caller answers for the scope of `area`.
    """
    lists = HolidayList.objects.everywhere(
        reason="the lists that count in an area that the caller has scoped"
    )
    around = lists.filter(area__path__in=[*ancestor_paths(area.path), area.path]).select_related("area")
    return {one.year: one for one in sorted(around, key=lambda one: len(one.area.path))}
