"""What a person at the office does with what phones could not settle: choose between two values, close what was looked at."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.audit.actions import record
from highground.cases.actions.facts import FactValue, write_facts
from highground.cases.actions.visiting import visit_source
from highground.cases.flow import CaseError
from highground.cases.roles import OFFICE
from highground.field.models import Conflict, State, Submission
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.enums import SourceKind

DOOR, AT_OFFICE = "door", "office"


@transaction.atomic
def decide_conflict(conflict: Conflict, *, chosen: str, reason: str, by: User, today: datetime.date) -> None:
    """Say which of two values holds; one event. That of the door is recorded as of its visit, and again as of today
    where the office's value is younger, so that it is the one that holds.

    Raises NotAllowed for somebody without a role there and for the person who sent the value, CaseError for a
    conflict that was decided, an unknown choice and a missing reason.
    """
    rows = Conflict.objects.everywhere(reason="a conflict reached in scope is locked by its id")
    now = (
        rows.select_for_update(of=("self",))
        .select_related("household__area", "member", "submission", "at_the_office")
        .get(pk=conflict.pk)
    )
    if holds(by, today, OFFICE, now.household.area.path) is None:
        raise NotAllowed("role", _("Two values are weighed by those who work there."))
    if now.submission.sender_id == by.pk:
        raise NotAllowed("own_step", _("You sent one of these values: somebody else decides."))
    if now.chosen:
        raise CaseError(_("This was decided already."))
    if chosen not in (DOOR, AT_OFFICE):
        raise CaseError(_("Choose which value holds."))
    if not reason.strip():
        raise CaseError(_("Say why, in words that the family could read."))
    now.chosen, now.reason, now.decided_by, now.decided_on = chosen, reason.strip(), str(by.pk), today
    now.save(update_fields=["chosen", "reason", "decided_by", "decided_on"])
    if chosen == DOOR:
        _write(now, by, today)
    _bring_up_to_date(now.submission)
    record(
        "field.decide_conflict",
        by=str(by.pk),
        subject_kind="submission",
        subject_id=str(now.submission_id),
        area_path=now.household.area.path,
        data={"household": now.household.key, "fact": now.fact, "chosen": chosen},
    )


def _write(conflict: Conflict, by: User, today: datetime.date) -> None:
    write_facts(
        conflict.household,
        [FactValue(conflict.fact, conflict.at_the_door, conflict.member)],
        kind=SourceKind.VISIT,
        source=visit_source(conflict.household),
        day=max(conflict.day, conflict.at_the_office.valid_from),
        by=by,
        today=today,
    )


@transaction.atomic
def look_at(submission: Submission, *, by: User, today: datetime.date) -> None:
    """Take a flagged form off the list: somebody has read it and done what was to do; one event. Raises NotAllowed."""
    if holds(by, today, OFFICE, submission.area_path) is None:
        raise NotAllowed("role", _("What came from a phone is looked at by those who work there."))
    submission.seen_by = str(by.pk)
    submission.save(update_fields=["seen_by"])
    record(
        "field.look_at",
        by=str(by.pk),
        subject_kind="submission",
        subject_id=str(submission.pk),
        area_path=submission.area_path,
    )


def _bring_up_to_date(submission: Submission) -> None:
    if submission.state == State.CONFLICT and not submission.conflicts.filter(chosen="").exists():
        submission.state = State.APPLIED
        submission.save(update_fields=["state"])
