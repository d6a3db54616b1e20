"""Calendar months as numbers and texts."""

from __future__ import annotations

from datetime import date


def month_number(day: date) -> int:
    """The months since the year 0."""
    return day.year * 12 + day.month - 1


def month_text(number: int) -> str:
    """A month such as `2026-11`."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def first_day(month: str) -> date:
    """The first day of a month such as `2026-11`."""
    return date(int(month[:4]), int(month[5:]), 1)
