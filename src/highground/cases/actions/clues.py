"""A clue that fires while a case is under way belongs to that case: nothing waits for the exit to be looked into."""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.enums import RUNNING, CaseStatus
from highground.cases.flow import locked, restart_clocks
from highground.cases.models import Case, CaseClue
from highground.signals.enums import ClueStatus
from highground.signals.models import Clue, Run


@transaction.atomic
def attach_clues(*, rulebook: str, area: Area, by: str, today: datetime.date) -> int:
    """Attach the open clues of a rulebook in an area to the cases under way there; how many were attached.

    In a monitored case such a clue brings the follow-up forward to the day by which it wants a visit. One event, and
    three queries whatever the number of clues; each monitored case with a new clue costs its clocks on top.
    """
    clues = Clue.objects.everywhere(reason="the clues that a screening of this area has opened")
    cases = Case.objects.everywhere(reason="the cases under way in an area that was screened")
    links = CaseClue.objects.everywhere(reason="whether a clue in an area that was screened has its case")
    running = cases.filter(household=OuterRef("household"), rulebook=rulebook, status__in=RUNNING)
    attached = links.filter(clue=OuterRef("pk"), case__status__in=RUNNING)
    here = clues.filter(
        rulebook=rulebook, status=ClueStatus.OPEN, household__area__path__startswith=area.path
    )
    lost = list(here.filter(Exists(running), ~Exists(attached)).order_by("pk").values_list("pk", "household"))
    if not lost:
        return 0
    of_household = dict(
        cases.filter(household__in={household for _clue, household in lost}, rulebook=rulebook)
        .filter(status__in=RUNNING)
        .values_list("household", "pk")
    )
    pairs = [(of_household[household], clue) for clue, household in lost]
    CaseClue.objects.bulk_create(
        (CaseClue(case_id=case, clue_id=clue) for case, clue in pairs), ignore_conflicts=True
    )
    for pk in sorted({case for case, _clue in pairs}):
        case = locked(pk)
        if case.status == CaseStatus.MONITORED:
            restart_clocks(case, today)
    record(
        "cases.attach_clues",
        by=by,
        subject_kind="rulebook",
        subject_id=rulebook,
        area_path=area.path,
        data={"clues": len(pairs), "hash": hashlib.sha256(json.dumps(pairs).encode()).hexdigest()},
    )
    return len(pairs)


def after_screening(*, run: Run, by: str, today: datetime.date, **_: Any) -> None:
    """What a screening has opened goes to the cases that are under way."""
    attach_clues(rulebook=run.rulebook, area=run.area, by=by, today=today)
