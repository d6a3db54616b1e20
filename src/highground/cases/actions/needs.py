"""What a family asks for, what was answered, and whether the family says it is solved."""

from __future__ import annotations

import datetime

from django.db import transaction

from highground.accounts.models import User
from highground.audit.actions import record
from highground.cases.enums import FamilySays
from highground.cases.flow import CaseError
from highground.cases.models import Need
from highground.people.bulk import moment
from highground.people.models import Household


@transaction.atomic
def record_need(
    household: Household,
    *,
    words: str = "",
    language: str = "",
    audio: str = "",
    by: User,
    day: datetime.date,
    today: datetime.date,
) -> Need:
    """Keep what the family asks for, in its words or as a recording (the hash of an upload); one event."""
    if not words.strip() and not audio:
        raise CaseError("write what the family said, or add the recording")
    if day > today:
        raise CaseError(f"{day} lies after {today}")
    need: Need = Need.objects.create(
        household=household,
        words=words.strip(),
        language=language,
        audio=audio,
        asked_on=day,
        recorded_at=moment(today),
        by=str(by.pk),
    )
    _event("cases.need", need, by)
    return need


@transaction.atomic
def answer_need(need: Need, *, answer: str, by: User, today: datetime.date) -> None:
    """Answer a need; it stays open until the family says that it is solved."""
    if not answer.strip():
        raise CaseError("write what is answered")
    need.answer, need.answered_on, need.answered_by = answer.strip(), today, str(by.pk)
    need.save(update_fields=["answer", "answered_on", "answered_by"])
    _event("cases.answer_need", need, by)


@transaction.atomic
def family_says(need: Need, *, says: str, by: User, today: datetime.date) -> None:
    """Keep what the family itself says of a need: solved, partly, not solved. `by` wrote it down."""
    if says not in (FamilySays.SOLVED, FamilySays.PARTLY, FamilySays.NOT_SOLVED):
        raise CaseError("the family says: solved, partly_solved or not_solved")
    need.family_says, need.said_on = says, today
    need.save(update_fields=["family_says", "said_on"])
    _event("cases.family_says", need, by, says=str(says))


def _event(kind: str, need: Need, by: User, **data: str) -> None:
    record(
        kind,
        by=str(by.pk),
        subject_kind="need",
        subject_id=str(need.pk),
        area_path=need.household.area.path,
        data={"household": need.household.key, **data},
    )
