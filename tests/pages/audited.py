"""A draw of the audit in each county: in each of its villages one household still to visit and one that was visited."""

from __future__ import annotations

from collections.abc import Mapping

from highground.areas.models import Area
from highground.people.models import Household
from highground.rounds.models import AuditDraw, AuditVisit
from tests.support.register import BOOK, TODAY


def audit(county: Area, households: Mapping[str, tuple[Household, Household]]) -> dict[str, dict[str, int]]:
    """For each village (the household to visit, the one that was visited): the number of the one to visit."""
    drawn = 2 * len(households)
    cell = {"county": county.code, "sex": None, "ethnicity": None, "fed": "no"}
    draw: AuditDraw = AuditDraw.objects.create(
        area=county,
        rulebook=BOOK,
        drawn_on=TODAY,
        seed=1,
        share=0.5,
        population=2 * drawn,
        drawn=drawn,
        cells=[{**cell, "unflagged": 2 * drawn, "found": 0}],
        by="test",
    )
    found = {}
    for code, (to_visit, visited) in households.items():
        same = {"draw": draw, "stratum": f"{county.code} / no", "cell": 0, "probability": 0.5}
        item = AuditVisit.objects.create(household=to_visit, **same)
        AuditVisit.objects.create(household=visited, outcome="no", day=TODAY, by="test", **same)
        found[code] = {"item": item.pk}
    return found
