"""What a family asks for, what was answered, and whether the family says it is solved."""

from __future__ import annotations

import datetime
import re

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.audit.actions import record
from highground.cases.enums import FamilySays
from highground.cases.flow import CaseError
from highground.cases.models import Need
from highground.cases.roles import OFFICE
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.bulk import moment
from highground.people.models import Household

HASH = re.compile(r"[0-9a-f]{64}")


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
    """Keep what the family asks for, in its words or as a recording (the hash of an upload); one event.

    Raises NotAllowed, and CaseError for a day to come and for nothing said.
    """
    _may_write(household, by, today)
    if not words.strip() and not audio:
        raise CaseError(_("Write what the family said, or add the recording."))
    if day > today:
        raise CaseError(_("This day lies in the future: give the day on which the family said it."))
    if audio and not HASH.fullmatch(audio):
        raise CaseError(_("A recording is named by the hash of its upload."))
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
    """Answer a need; it stays open until the family says that it is solved. Raises NotAllowed and CaseError."""
    _lock(need, by, today)
    if not answer.strip():
        raise CaseError(_("Write the answer."))
    need.answer, need.answered_on, need.answered_by = answer.strip(), today, str(by.pk)
    need.save(update_fields=["answer", "answered_on", "answered_by"])
    _event("cases.answer_need", need, by)


@transaction.atomic
def family_says(need: Need, *, says: str, by: User, today: datetime.date) -> None:
    """Keep what the family itself says of a need: solved, partly, not solved. `by` wrote it down.

    Nobody else's word closes a need. The family may say something else later; the log keeps both. Raises NotAllowed and
    CaseError.
    """
    _lock(need, by, today)
    if says not in (FamilySays.SOLVED, FamilySays.PARTLY, FamilySays.NOT_SOLVED):
        raise CaseError(_("Choose what the family says: solved, partly solved or not solved."))
    need.family_says, need.said_on, need.said_to = says, today, str(by.pk)
    need.save(update_fields=["family_says", "said_on", "said_to"])
    _event("cases.family_says", need, by, says=str(says))


def _may_write(household: Household, by: User, today: datetime.date) -> None:
    if holds(by, today, OFFICE, household.area.path) is None:
        raise NotAllowed("role", _("What a family says is written down by those who work there."))


def _lock(need: Need, by: User, today: datetime.date) -> None:
    """Nobody else writes about this need until the transaction ends. Raises NotAllowed."""
    _may_write(need.household, by, today)
    needs = Need.objects.everywhere(reason="a need reached in scope is locked by its id")
    needs.select_for_update(of=("self",)).get(pk=need.pk)


def _event(kind: str, need: Need, by: User, **data: str) -> None:
    record(
        kind,
        by=str(by.pk),
        subject_kind="need",
        subject_id=str(need.pk),
        area_path=need.household.area.path,
        data={"household": need.household.key, **data},
    )
