"""Monitored households that name causes, in an area."""

from __future__ import annotations

import json
from collections.abc import Mapping

from highground.areas.models import Area
from highground.cases.models import Case
from highground.methods.rules import load_rulebook
from highground.people.models import Household
from highground.signals.models import RulebookVersion
from tests.support.register import BOOK, LONG_AGO


def monitor(area: Area, causes: Mapping[str, int]) -> None:
    """So many households of an area for each cause, all of them recognised long ago."""
    book = load_rulebook(BOOK)
    version, _fresh = RulebookVersion.objects.get_or_create(
        hash=book.hash,
        defaults={
            "rulebook": book.id, "version": book.version, "title": dict(book.title), "synthetic": True,
            "content": json.loads(json.dumps(book.content, default=str)),
        },
    )  # fmt: skip
    named = [cause for cause, count in causes.items() for _number in range(count)]
    first = Household.objects.everywhere(reason="test").count()
    households = Household.objects.bulk_create(
        Household(key=f"K{number:06}", number=f"{number}", area=area)
        for number in range(first, first + len(named))
    )
    Case.objects.bulk_create(
        Case(
            household=household, rulebook=BOOK, rulebook_version=version, channel="visit", status="monitored",
            discovered_on=LONG_AGO, opened_on=LONG_AGO, recognised_on=LONG_AGO, class_id="sudden_severe", risks=[cause],
        )
        for household, cause in zip(households, named, strict=True)
    )  # fmt: skip
