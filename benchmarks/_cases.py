"""A county of many cases for the benchmark of the board, with a neighbour whose cases must not count."""

from __future__ import annotations

import datetime
import random

from django.db import transaction

from benchmarks import _villages
from highground.cases.models import Case, CaseClue, CaseStep, Deadline, DecisionChange, Turn, Visit
from highground.files.staging import refresh_statistics
from highground.methods.rules.procedure.graph import Status
from highground.people.models import Household
from highground.signals.models import Run
from tests.support.many_cases import Office

NEIGHBOURS = 500
BATCH = 1000


def fill(under_way: int, past: int, today: datetime.date) -> None:
    """The country of `_villages`, with so many cases under way and past in its first county."""
    # A household has one case under way by a rulebook, so there are as many households as cases under way.
    _villages.fill(max(under_way, past) * _villages.COUNTIES, today)
    people = [str(number) for number in range(1, 60)]
    run = Run.objects.everywhere(reason="benchmark").select_related("rulebook_version").latest("pk")
    rng = random.Random(7)
    everybody = Household.objects.everywhere(reason="benchmark").order_by("pk").select_related("area")
    codes = {"C0": (under_way, past), "C1": (NEIGHBOURS, NEIGHBOURS)}
    for code, (many, ended) in codes.items():
        homes = list(everybody.filter(area__code__startswith=f"V{code[1:]}-")[: max(many, ended)])
        for first in range(0, len(homes), BATCH):
            office = Office(run, today, people, rng)
            for place, household in enumerate(homes[first : first + BATCH], start=first):
                # Of those under way, three of five are still being verified.
                status = None if place >= many else Status.OPEN if place % 5 < 3 else Status.MONITORED
                office.add(household, past=int(place < ended), under_way=status)
            with transaction.atomic():
                office.rows.write()
    refresh_statistics(Case, CaseClue, CaseStep, Deadline, DecisionChange, Turn, Visit)
