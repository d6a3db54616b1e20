"""Write letters, release them after somebody has looked, and send what is due."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from highground.audit.actions import record
from highground.outbox.models import Letter, LetterStatus

WAITS = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""How long a letter waits after each failed try; after the last one it is given up."""
BATCH = 50


class OutboxError(RuntimeError):
    """Something that cannot be done with letters; the message says why."""


@dataclass(frozen=True)
class Draft:
    """What a letter will say. `key` names it, so that the same letter is written once."""

    key: str
    to: str
    subject: str
    body: str
    language: str = "en"
    calendar: str = ""


def write_letters(
    drafts: Iterable[Draft], *, about_kind: str, about_id: str, by: str, now: datetime.datetime
) -> int:
    """Keep letters for somebody to look at; those written before (`key`) stay as they are. How many are new."""
    wanted = {one.key: one for one in drafts}
    known = set(Letter.objects.filter(key__in=list(wanted)).values_list("key", flat=True))
    made = Letter.objects.bulk_create(
        Letter(
            key=one.key,
            about_kind=about_kind,
            about_id=about_id,
            to=one.to,
            subject=" ".join(one.subject.split())[:200],
            body=one.body,
            language=one.language,
            calendar=one.calendar,
            made_at=now,
            by=by,
        )
        for one in wanted.values()
        if one.key not in known
    )
    return len(made)


@transaction.atomic
def release(letters: QuerySet[Letter], *, by: str, now: datetime.datetime) -> int:
    """Let letters go that somebody has looked at; one event. Raises OutboxError where none waits."""
    waiting = list(letters.filter(status=LetterStatus.DRAFT).select_for_update())
    if not waiting:
        raise OutboxError(_("No letter waits here."))
    Letter.objects.filter(pk__in=[one.pk for one in waiting]).update(
        status=LetterStatus.RELEASED, released_by=by, next_try=now
    )
    _record("outbox.release", waiting, by)
    return len(waiting)


@transaction.atomic
def drop(letters: QuerySet[Letter], *, by: str) -> int:
    """Decide that letters are not sent; one event."""
    waiting = list(letters.filter(status=LetterStatus.DRAFT).select_for_update())
    Letter.objects.filter(pk__in=[one.pk for one in waiting]).update(status=LetterStatus.DROPPED)
    if waiting:
        _record("outbox.drop", waiting, by)
    return len(waiting)


def send_due(*, now: datetime.datetime, backend: str | None = None) -> tuple[int, int]:
    """Send what was released and is due: how many went, how many did not. A letter goes at most once for each try.

    A letter is marked before it is handed over and put back if that fails: a process that dies in between leaves it to the
    next try after a wait, never in a loop.
    """
    sent = failed = 0
    with get_connection(backend) as mail:
        while due := _take(now):
            for one in due:
                try:
                    mail.send_messages([_message(one)])
                except Exception as problem:
                    failed += 1
                    _failed(one, problem, now)
                else:
                    sent += 1
                    Letter.objects.filter(pk=one.pk).update(
                        status=LetterStatus.SENT, sent_at=now, next_try=None, problem=""
                    )
    return sent, failed


@transaction.atomic
def _take(now: datetime.datetime) -> Sequence[Letter]:
    """The next letters that are due, each put off to the next try, so that a second process leaves them alone."""
    due = list(
        Letter.objects.filter(status=LetterStatus.RELEASED, next_try__lte=now)
        .select_for_update(skip_locked=_skips())
        .order_by("next_try", "pk")[:BATCH]
    )
    for one in due:
        one.next_try = now + WAITS[min(one.tries, len(WAITS) - 1)]
        one.tries += 1
    Letter.objects.bulk_update(due, ["next_try", "tries"])
    return due


def _skips() -> bool:
    from django.db import connection

    return connection.features.has_select_for_update_skip_locked


def _failed(one: Letter, problem: Exception, now: datetime.datetime) -> None:
    given_up = one.tries > len(WAITS)
    Letter.objects.filter(pk=one.pk).update(
        status=LetterStatus.FAILED if given_up else LetterStatus.RELEASED, problem=type(problem).__name__[:80]
    )


def _message(one: Letter) -> EmailMessage:
    message = EmailMessage(one.subject, one.body, to=[one.to], headers={"Content-Language": one.language})
    if one.calendar:
        message.attach("invitation.ics", one.calendar, "text/calendar; charset=utf-8")
    return message


def _record(kind: str, letters: Sequence[Letter], by: str) -> None:
    first = letters[0]
    record(
        kind,
        by=by,
        subject_kind=first.about_kind,
        subject_id=first.about_id,
        data={"letters": [one.pk for one in letters[:500]], "count": len(letters)},
    )
