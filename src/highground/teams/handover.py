"""What is open in a village: what a team that goes leaves to the next one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from highground.areas.models import Area
from highground.cases.enums import RUNNING
from highground.cases.flow import procedure_for
from highground.cases.models import Case
from highground.cases.needs.queries import OPEN, needs_seen_by
from highground.people.models import Household
from highground.signals.queries import open_clues
from highground.signals.rulebooks import said
from highground.support.actions.ground import catalogue_for
from highground.support.queries import open_lines
from highground.support.words import measure_label

MOST = 400
"""So many of each kind at most: a village is smaller than that."""


@dataclass(frozen=True)
class Open:
    """One thing that waits in a household: what, and by when (None: no deadline)."""

    household: Household
    kind: str
    what: str
    due: datetime.date | None


def open_in(village: Area, user: Any, today: datetime.date) -> list[Open]:
    """Visits, cases, promised help and needs that `user` sees in a village, the first due first. Four queries."""
    found = [
        Open(one.household, _("visit"), said(one.evidence.get("short")), one.due_on)
        for one in open_clues(user, village).select_related("household")[:MOST]
    ]
    cases = Case.objects.visible_in(village.path, user, today).filter(status__in=RUNNING)
    for case in cases.select_related("household", "rulebook_version")[:MOST]:
        step = procedure_for(case).steps.get(case.next_step)
        found.append(Open(case.household, _("case"), said(step.label) if step else "", case.due_on))
    lines = open_lines(user, village).select_related("plan__case__household")[:MOST]
    catalogue = catalogue_for(village.country) if lines else None
    found += [
        Open(
            one.plan.case.household,
            _("help promised"),
            measure_label(catalogue, one.measure) if catalogue else "",
            one.due_on,
        )
        for one in lines
    ]
    needs = needs_seen_by(user, village).filter(OPEN).select_related("household")[:MOST]
    found += [
        Open(one.household, _("need"), one.words or _("spoken, see the recording"), None) for one in needs
    ]
    return sorted(
        found, key=lambda one: (one.due or datetime.date.max, one.household.number, one.kind, one.what)
    )
