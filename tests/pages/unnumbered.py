"""A bill without an identity number in each village that may be about one of its people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from highground.areas.models import Area
from highground.signals.unnumbered import rows_about
from tests.support.unnumbered import index_people, land_bills


def without_number(villages: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """For each village (code and name): the id of the row."""
    home = Path(settings.HIGHGROUND_HOME)
    index_people(home)
    land_bills(home, [{"name": f"Wei {name}", "area": code} for code, name in villages.items()])
    counties = list(Area.objects.filter(level="county").values_list("code", flat=True))
    rows, shared = rows_about(counties, counties)
    assert len(rows) == len(villages) and not shared
    return {code: {"feed_row": row.id} for code, row in zip(villages, rows, strict=True)}
