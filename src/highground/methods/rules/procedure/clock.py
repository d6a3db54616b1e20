"""Days of a deadline: calendar days, working days and calendar months, with holidays and suspensions.

Day 0, the day on which the clock starts, is not counted: 1 March and 15 calendar days are 16 March. While an
objection is open the clock stands still; afterwards it goes on with the days that were left. Days are days of the
county's time zone; whoever calls turns a moment into a day there.

A working day is Monday to Friday, no public holiday, or a weekend day that the year's list makes a working day
(as China's does). Lists come from the `holidays` package, known to hold the real decrees for some years only, and
from local overrides. A year of which no list is known is counted by weekends alone, and the answer says so: a
deadline is never lost for want of a list.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from highground.methods.facts.months import complete_months, later
from highground.methods.rules.procedure.graph import Unit

DAY = datetime.timedelta(days=1)
SATURDAY = 5
_LOOKED_AT = range(2015, 2051)

Span = tuple[datetime.date, datetime.date | None]
"""From one day to another; without an end it is still going on."""


@dataclass(frozen=True)
class YearList:
    """The days of one year that are off, and the weekend days that are worked."""

    off: frozenset[datetime.date]
    worked: frozenset[datetime.date] = frozenset()


@dataclass(frozen=True)
class Due:
    """When a deadline ends. `unlisted` are the years counted without a list of holidays."""

    day: datetime.date
    unlisted: tuple[int, ...] = ()


@dataclass
class WorkCalendar:
    """The working days of a country, with the local lists of a county on top.

    `country` is an ISO 3166-1 code known to the `holidays` package, or None for weekends alone. `local` holds
    lists by year that replace the published ones.
    """

    country: str | None = None
    local: Mapping[int, YearList] = field(default_factory=dict)

    def list_of(self, year: int) -> YearList | None:
        """The list of a year, the local one first; None where none is known."""
        return self.local.get(year) or (_published(self.country, year) if self.country else None)

    def is_working(self, day: datetime.date) -> bool:
        """Whether people work on this day."""
        known = self.list_of(day.year)
        if known and day in known.worked:
            return True
        return day.weekday() < SATURDAY and not (known and day in known.off)

    def due(
        self, start: datetime.date, number: int, unit: Unit, suspended: Iterable[Span] = ()
    ) -> Due | None:
        """The last day of a deadline of `number` days (or months) that starts on `start`.

        `suspended` are the times in which the clock stood still: the day on which an objection is filed still
        counts, the day on which it is answered does not, so that the days left begin on the morrow. None while
        a suspension goes on. Months are calendar months (31 January and one month is the last of February);
        suspended days are added after them as calendar days.
        """
        breaks = merged(suspended)
        stopped = next((first for first, end in breaks if end is None), None)
        due = self._count(start, number, unit, [span for span in breaks if span[1] is not None])
        return due if stopped is None or due.day <= stopped else None

    def _count(self, start: datetime.date, number: int, unit: Unit, breaks: Sequence[Span]) -> Due:
        if unit == Unit.MONTHS:
            day = later(start, number)
            for first, end in breaks:
                if end is not None and start < end and first < day:
                    day += end - max(first, start)
            return Due(day)
        day, left, unlisted = start, number, set()
        while left > 0:
            day += DAY
            if any(first < day <= (end or day) for first, end in breaks):
                continue
            if unit == Unit.WORKING:
                if self.list_of(day.year) is None:
                    unlisted.add(day.year)
                if not self.is_working(day):
                    continue
            left -= 1
        return Due(day, tuple(sorted(unlisted)))

    def counted(self, start: datetime.date, end: datetime.date, unit: Unit) -> int:
        """How many days of this unit lie after `start`, up to and with `end` ("working day 11 of 20")."""
        if unit == Unit.MONTHS:
            return complete_months(start, end)
        days = (start + DAY * number for number in range(1, (end - start).days + 1))
        return sum(unit == Unit.CALENDAR or self.is_working(day) for day in days)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in spans that do not meet, in order."""
    found: list[Span] = []
    for first, end in sorted(spans, key=lambda span: (span[0], span[1] or datetime.date.max)):
        last = found[-1] if found else None
        if last and (last[1] is None or first <= last[1]):
            longer = None if last[1] is None or end is None else max(last[1], end)
            found[-1] = (last[0], longer)
        else:
            found.append((first, end))
    return found


def notice_ends(posted: datetime.date, days: int) -> datetime.date:
    """The first day on which a notice that must hang for `days` full days may come down: posted on the 1st, the 7th for 5.

    The day on which it goes up is no full day and is not counted, nor is the day on which it comes down: the 2nd to the
    6th are the five (Qin'an: not fewer than five days).
    """
    return posted + DAY * (days + 1)


def full_days(posted: datetime.date, today: datetime.date) -> int:
    """How many full days a notice that still hangs has hung before `today`; what `notice_ends` counts."""
    return max((today - posted).days - 1, 0)


@lru_cache(maxsize=256)
def _published(country: str, year: int) -> YearList | None:
    """The list of the `holidays` package; None for a year that it only estimates or does not know."""
    import holidays as published  # loads slowly, and few commands reckon working days

    try:
        found = published.country_holidays(country, years=year, expand=False, language="en_US")
    except NotImplementedError:
        return None
    estimated = any("estimated" in name for name in found.values())
    if not found or estimated or year > _last_decreed(country):
        return None
    worked = frozenset(day for day in found.weekend_workdays if day.year == year)
    return YearList(frozenset(found), worked)


@lru_cache(maxsize=64)
def _last_decreed(country: str) -> int:
    """The last year whose weekend days worked are listed, in a country that has any; else the end of time.

    Such a country moves days by decree each year (China's comes in the November before); a year after the last
    decree is unknown, not guessed.
    """
    import holidays as published

    known = published.country_holidays(country, years=_LOOKED_AT, expand=False)
    return max((day.year for day in known.weekend_workdays), default=datetime.MAXYEAR)
