"""Records of the register that are wrong by the checks of a rulebook, from a snapshot written now."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from highground.areas.models import Area
from highground.methods.rules import Rulebook, load_rulebook
from highground.methods.screening import CheckResult, check_period, check_records
from highground.people.snapshot import write_snapshot
from highground.signals.actions import country_of


def check_register(
    *,
    rulebook: Rulebook | str | Path,
    as_of: datetime.date,
    area: Area | None = None,
    by: str,
    today: datetime.date,
) -> CheckResult:
    """Check the records of the households that live in `area` (without it, in the rulebook's country) on `as_of`.

    Writes a register snapshot, which records one event. Raises RulebookError, OutsidePeriod, ScreeningError, and
    RegisterError for a day after `today`; none of them leaves a snapshot behind.
    """
    book = rulebook if isinstance(rulebook, Rulebook) else load_rulebook(rulebook)
    check_period(book, as_of)
    place = area or country_of(book)
    folder = write_snapshot(as_of=as_of, area=place, by=by, today=today).folder
    return check_records(
        book,
        households=folder / "households.parquet",
        members=folder / "members.parquet",
        as_of=as_of,
    )


def as_document(result: CheckResult, area: Area) -> dict[str, Any]:
    """The findings as data that can be written as JSON, with their sentences in every language."""
    return {
        "rulebook": result.book.id,
        "rulebook_hash": result.book.hash,
        "as_of": result.as_of.isoformat(),
        "area": area.code,
        "households": result.households,
        "findings": [
            {
                "household": one.household,
                "area": one.area,
                "check": one.check.id,
                "severity": one.check.severity,
                "sentence": dict(one.check.label),
                "why": dict(one.why),
                "mend": dict(one.check.mend),
                "source": one.check.source,
                "verified": one.check.verified,
            }
            for one in result.explained()
        ],
        "found": dict(result.found),
        "cannot_tell": dict(result.unknown),
        "notices": [notice.message for notice in result.notices],
    }
