"""Values written into SQL. They come from our own data files and from paths; quotes are doubled all the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def day(value: date) -> str:
    """A date in SQL."""
    return f"DATE '{value.isoformat()}'"


def name(value: str) -> str:
    """The name of a column in SQL, whatever characters it has."""
    return '"' + value.replace('"', '""') + '"'


def path(value: Path) -> str:
    """A path in SQL; its brackets and stars are part of its name."""
    return text("".join(f"[{one}]" if one in "*?[" else one for one in str(value)))
