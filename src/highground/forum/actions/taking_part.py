"""Nominate, register, answer, choose days, print badges."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions import note
from highground.forum.enums import ForumStatus, Gender, Mode, Part, TakingPart
from highground.forum.ground import ForumError, days_of, only_organisers, zone
from highground.forum.models import Delegation, Forum, Participant, Presence

OPEN = (ForumStatus.OPEN, ForumStatus.RUNNING)


@dataclass(frozen=True)
class Person:
    """What is asked of somebody who wants to take part."""

    name: str
    organisation: str
    country: str
    latin: str = ""
    position: str = ""
    gender: str = Gender.UNSTATED
    email: str = ""
    language: str = "en"
    time_zone: str = "Asia/Shanghai"
    part: str = Part.DELEGATE
    protocol: int = 100
    consents: bool = False


@transaction.atomic
def invite_delegation(
    forum: Forum,
    *,
    country: str,
    organisation: str,
    contact: str,
    seats: int = 15,
    protocol: int = 100,
    by: Any,
    today: datetime.date,
) -> Delegation:
    """Let a government or organisation nominate people by a link of its own; one event."""
    only_organisers(by, forum, today)
    if forum.delegations.filter(country=country, organisation=organisation).exists():
        raise ForumError(_("This organisation is invited already."))
    made: Delegation = Delegation.objects.create(
        forum=forum,
        country=country,
        organisation=organisation,
        contact=contact,
        seats=seats,
        protocol=protocol,
        key=keys.new_key(),
    )
    note("forum.invite", forum, str(by.pk), delegation=made.pk, country=country)
    return made


@transaction.atomic
def nominate(
    delegation: Delegation,
    person: Person,
    *,
    days: Mapping[datetime.date, str],
    by: str,
    today: datetime.date,
) -> Participant:
    """Put somebody forward. Raises ForumError past the seats, for a second head, and when registration is over."""
    forum = delegation.forum
    _only_open(forum)
    held = Delegation.objects.everywhere(reason="the seats of a delegation reached by its link are counted")
    held.select_for_update().get(pk=delegation.pk)
    seated = delegation.participants.exclude(status__in=[TakingPart.WITHDRAWN, TakingPart.DECLINED])
    if seated.count() >= delegation.seats:
        raise ForumError(
            _(
                "All %(seats)s seats of this delegation are taken. Withdraw somebody first, or ask the organisers."
            )
            % {"seats": delegation.seats}
        )
    if person.part == Part.HEAD and seated.filter(part=Part.HEAD).exists():
        raise ForumError(_("This delegation has a head already."))
    made = _enter(forum, person, days, delegation=delegation)
    note("forum.nominate", forum, by, participant=made.pk, delegation=delegation.pk)
    return made


@transaction.atomic
def register(forum: Forum, person: Person, *, days: Mapping[datetime.date, str]) -> Participant:
    """Somebody asks to take part; one event. Raises ForumError when registration is over and for a second time."""
    _only_open(forum)
    made = _enter(forum, person, days, delegation=None)
    note("forum.register", forum, f"participant:{made.pk}", participant=made.pk)
    return made


def _only_open(forum: Forum) -> None:
    if forum.status not in OPEN:
        raise ForumError(_("Registration for this forum is not open."))


def _enter(
    forum: Forum, person: Person, days: Mapping[datetime.date, str], *, delegation: Delegation | None
) -> Participant:
    zone(person.time_zone)
    try:
        with transaction.atomic():
            made: Participant = Participant.objects.create(
                forum=forum,
                delegation=delegation,
                key=keys.new_key(),
                badge=keys.new_badge(),
                **person.__dict__,
            )
    except IntegrityError:
        raise ForumError(
            _(
                "Somebody is registered under this e-mail address already. The organisers can give you the link again."
            )
        ) from None
    _keep_days(made, days)
    return made


def _keep_days(participant: Participant, days: Mapping[datetime.date, str]) -> None:
    allowed = set(days_of(participant.forum))
    if wrong := [day for day, mode in days.items() if day not in allowed or mode not in Mode.values]:
        raise ForumError(_("The forum does not take place on %(day)s.") % {"day": wrong[0].isoformat()})
    participant.days.all().delete()
    Presence.objects.bulk_create(
        Presence(participant=participant, day=day, mode=mode) for day, mode in days.items()
    )


@transaction.atomic
def choose_days(participant: Participant, days: Mapping[datetime.date, str], *, by: str) -> None:
    """How somebody takes part on each day; one event."""
    _keep_days(participant, days)
    note(
        "forum.days",
        participant.forum,
        by,
        participant=participant.pk,
        days={day.isoformat(): str(mode) for day, mode in days.items()},
    )


QUESTIONS = ("visa", "arrives", "leaves", "diet", "interpretation", "needs")
"""What is asked after acceptance: visa letter, travel, diet, interpretation into, anything that makes taking part easier."""


@transaction.atomic
def answer_questions(participant: Participant, answers: Mapping[str, str], *, by: str) -> None:
    """What was asked after acceptance; one event. Only those who were accepted are asked."""
    if participant.status != TakingPart.ACCEPTED:
        raise ForumError(_("These questions are asked once the organisers have accepted you."))
    participant.answers = {name: str(answers.get(name, ""))[:300] for name in QUESTIONS}
    participant.save(update_fields=["answers"])
    note("forum.answers", participant.forum, by, participant=participant.pk)


@transaction.atomic
def answer_requests(
    forum: Forum, chosen: Sequence[int], *, accept: bool, reason: str = "", by: Any, today: datetime.date
) -> int:
    """Accept or decline those who wait; declining needs a reason. Who was declined can still be accepted.

    One event; how many were answered.
    """
    only_organisers(by, forum, today)
    if not accept and not reason.strip():
        raise ForumError(_("Say why, in words that the person may read."))
    asked = [TakingPart.NOMINATED, TakingPart.DECLINED] if accept else [TakingPart.NOMINATED]
    rows = Participant.objects.visible_to(by, today).filter(forum=forum, pk__in=chosen, status__in=asked)
    answered = sorted(rows.values_list("pk", flat=True))
    Participant.objects.visible_to(by, today).filter(pk__in=answered).update(
        status=TakingPart.ACCEPTED if accept else TakingPart.DECLINED,
        reason="" if accept else reason.strip()[:300],
    )
    note("forum.accept" if accept else "forum.decline", forum, str(by.pk), participants=answered)
    return len(answered)


@transaction.atomic
def withdraw(participant: Participant, *, by: str) -> None:
    """Somebody does not come after all; their link and badge open nothing from now on. One event."""
    participant.status = TakingPart.WITHDRAWN
    participant.save(update_fields=["status"])
    note("forum.withdraw", participant.forum, by, participant=participant.pk)


@transaction.atomic
def note_printed(participants: Sequence[Participant], marks: Mapping[int, str], *, by: str) -> None:
    """Remember what each badge said when it was printed (`marks`: a hash by participant), so that old ones are found."""
    for one in participants:
        one.printed = marks[one.pk]
    Participant.objects.everywhere(reason="badges of people whom the organiser reached in scope").bulk_update(
        participants, ["printed"]
    )
    if participants:
        note("forum.print", participants[0].forum, by, count=len(participants))
