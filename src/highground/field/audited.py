"""What a visit says to the random audit: a household that was drawn has its answer once somebody was there."""

from __future__ import annotations

import datetime

from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.cases.enums import CaseStatus
from highground.cases.forms.base import REFUSED, why_refused
from highground.cases.models import Case, Visit
from highground.field.cards import CALM, WORRY
from highground.field.instance import Answers
from highground.rounds.actions import record_from_visit
from highground.rounds.enums import Outcome


def answer_audit(answers: Answers, visit: Visit | None, *, by: User, today: datetime.date) -> list[str]:
    """Where the household of a visit was drawn, record what the visit found. Sentences about what was refused."""
    if visit is None or (outcome := outcome_of(answers, visit)) is None:
        return []
    try:
        record_from_visit(visit, outcome=outcome, by=by, today=today)
    except REFUSED as error:
        return [_("The answer to the random audit was not recorded: %(why)s") % {"why": why_refused(error)}]
    return []


def outcome_of(answers: Answers, visit: Visit) -> Outcome | None:
    """Whether the visit found the household in difficulty; None where the visitor did not say.

    On a look the visitor's own word counts: all is well, or somebody should look into this. On a visit of a case it is
    where the case stands now: monitored or proposed for a class, or closed. Where nothing was decided somebody has to go
    again, so the household stays on the list of those to visit.
    """
    if visit.step_id is None:
        said = {CALM: Outcome.NO, WORRY: Outcome.YES} if answers.kind == "look" else {}
        return said.get(answers.outcome)
    cases = Case.objects.everywhere(reason="where the case of a visit that was just recorded stands")
    status = cases.values_list("status", flat=True).get(pk=visit.case_id)
    if status == CaseStatus.CLOSED:
        return Outcome.NO
    return Outcome.YES if status == CaseStatus.MONITORED or answers.class_id else None
