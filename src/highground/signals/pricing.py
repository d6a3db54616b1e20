"""What the questions of a rulebook cost in an area, before it is used there, and what would be lost without some."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.core.cache import cache

from highground.areas.models import Area
from highground.areas.queries import ancestor_paths, subtree
from highground.methods.rules import Rulebook
from highground.methods.screening.price import Price, Without, found_without, price, sampled
from highground.signals.models import Run
from highground.signals.queries import runs_of

LOOKED_AT = 200
"""Households whose questions are worked out one by one: one to five seconds, by how much is missing."""

REMEMBERED = 24 * 60 * 60
"""Seconds. A snapshot never changes, a newer one has another name."""

SCREENED = 5000
"""Households that are screened with and without some facts."""


@dataclass(frozen=True)
class Known:
    """What is known of the households of an area: the register as it stood for a run over it or around it."""

    run: Run
    area: Area

    @property
    def files(self) -> tuple[Path, Path]:
        """The two files of the snapshot."""
        folder = Path(settings.HIGHGROUND_HOME) / "snapshots" / self.run.snapshot
        return folder / "households.parquet", folder / "members.parquet"


def known_of(user: Any, area: Area, book: Rulebook) -> Known | None:
    """The newest run over an area, or around it, whose snapshot is still there and of the rulebook's country."""
    if area.country != book.country and not book.synthetic:
        return None
    around = [*ancestor_paths(area.path), area.path]
    for run in runs_of(user).filter(area__path__in=around)[:5]:
        found = Known(run, area)
        if all(file.is_file() for file in found.files):
            return found
    return None


def day_for(book: Rulebook, as_of: datetime.date) -> datetime.date:
    """The day nearest to `as_of` that the rulebook assesses: a rulebook to come is priced for its first day."""
    first, last = book.assessed
    return min(max(as_of, first), last)


def priced(book: Rulebook, known: Known) -> Price:
    """What a visit to each household of the area would ask, told per 1,000 visits. Worked out once, then remembered."""
    found: Price | None = cache.get_or_set(_key(book, known), lambda: _priced(book, known), REMEMBERED)
    assert found is not None
    return found


def priced_already(book: Rulebook, known: Known) -> Price | None:
    """The same if it was worked out lately; None if that would take a while."""
    found: Price | None = cache.get(_key(book, known))
    return found


def _priced(book: Rulebook, known: Known) -> Price:
    households, members = _sample(known, LOOKED_AT)
    day = day_for(book, known.run.as_of)
    return price(book, households=households, members=members, as_of=day, sample=LOOKED_AT)


def _key(book: Rulebook, known: Known) -> str:
    return f"price:{book.hash}:{known.run.snapshot}:{known.area.pk}"


def _sample(known: Known, size: int) -> tuple[pa.Table, pa.Table]:
    codes = set(subtree(known.area).values_list("code", flat=True))
    return sampled(*known.files, areas=codes, size=size)


def without(book: Rulebook, known: Known, facts: Collection[str]) -> Without:
    """How many households of a sample of the area would not be found if these facts were never known.

    Raises `InputError` for a fact that the rulebook does not know.
    """
    households, members = _sample(known, SCREENED)
    day = day_for(book, known.run.as_of)
    return found_without(book, sorted(facts), households=households, members=members, as_of=day)
