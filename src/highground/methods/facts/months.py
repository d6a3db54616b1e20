"""Calendar months: what a rule means by a month.

A month is complete on the day with the same number in a later month, or on that month's last day where it has no such
day: from 31 January, one month is complete on 28 February (29 in a leap year) and two on 31 March.
"""

from __future__ import annotations

import calendar
from datetime import date


def later(day: date, months: int) -> date:
    """The day `months` calendar months after `day` (before it, where negative)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def complete_months(first: date, last: date) -> int:
    """The largest number of months such that `first` and so many months is not after `last`; negative for a `first` ahead."""
    months = months_from(first, last)
    return months if later(first, months) <= last else months - 1


def months_from(first: date, last: date) -> int:
    """How often the month changes from one day to the other: 0 within one calendar month, 1 from it to the next."""
    return (last.year - first.year) * 12 + last.month - first.month
