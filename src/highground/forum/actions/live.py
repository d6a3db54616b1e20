"""Questions and votes during a session, from the room and on line, in one queue."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from highground.forum.actions import note
from highground.forum.enums import Mode, QuestionStatus
from highground.forum.ground import ForumError, only_organisers, today_at
from highground.forum.models import Attendance, LiveQuestion, LiveVote, Participant, Session

MOST_ITEMS = 50
"""Questions and votes in one batch of one person."""
MOST_QUESTIONS = 5
"""Questions of one person in one session: a flood from one link stays a trickle."""
LONGEST = 400
JOINED = "a session of the forum whose participant's link stands behind the request"
EARLY = datetime.timedelta(minutes=15)
_KEY = re.compile(r"[A-Za-z0-9-]{8,40}")


@dataclass(frozen=True)
class Taken:
    """What became of a batch: keys of questions that were kept, keys that were not with the reason, votes that counted."""

    kept: list[str]
    refused: dict[str, str]
    votes: int


def is_on(session: Session, now: datetime.datetime) -> bool:
    """Whether a session runs now, or begins within minutes."""
    if session.starts is None or session.cancelled:
        return False
    return session.starts - EARLY <= now <= session.starts + datetime.timedelta(minutes=session.minutes)


def mode_of(participant: Participant, now: datetime.datetime) -> str:
    """Where somebody said they are today; on line where they said nothing."""
    day = today_at(participant.forum, now)
    return next((one.mode for one in participant.days.all() if one.day == day), Mode.ONLINE)


def join(session: Session, participant: Participant, *, now: datetime.datetime) -> None:
    """Somebody opened the page of a session that runs; counted once for each way of being there."""
    if is_on(session, now):
        Attendance.objects.bulk_create(
            [Attendance(session=session, participant=participant, mode=mode_of(participant, now), since=now)],
            ignore_conflicts=True,
        )


@transaction.atomic
def take_live(
    session: Session, participant: Participant, items: Iterable[Mapping[str, Any]], *, now: datetime.datetime
) -> Taken:
    """Keep the questions and votes that a page has gathered. What was sent before changes nothing.

    `items`: {"ask": key, "text": words} or {"vote": number of a question}. Raises ForumError while the session does not run
    and for what is no such list. At most seven queries, whatever the batch.
    """
    if not is_on(session, now):
        raise ForumError(_("Questions are taken while the session runs."))
    asks, votes = _read(items)
    questions = LiveQuestion.objects.everywhere(reason=JOINED).filter(session=session)
    kept, refused = _keep_questions(session, participant, asks, questions, now)
    counted = 0
    if votes:
        valid = set(
            questions.filter(pk__in=votes)
            .exclude(status=QuestionStatus.HIDDEN)
            .exclude(participant=participant)
            .values_list("pk", flat=True)
        )
        held = LiveVote.objects.everywhere(reason=JOINED).filter(question__in=valid, participant=participant)
        fresh = valid - set(held.values_list("question_id", flat=True))
        LiveVote.objects.bulk_create(
            (LiveVote(question_id=one, participant=participant) for one in fresh), ignore_conflicts=True
        )
        counted = len(fresh)
    if kept or counted:
        Session.objects.filter(pk=session.pk).update(live=F("live") + 1)
    return Taken(kept, refused, counted)


def _keep_questions(
    session: Session,
    participant: Participant,
    asks: Mapping[str, str],
    questions: Any,
    now: datetime.datetime,
) -> tuple[list[str], dict[str, str]]:
    if not asks:
        return [], {}
    own = set(questions.filter(participant=participant).values_list("key", flat=True))
    kept, refused = [key for key in asks if key in own], {}
    fresh: list[tuple[str, str]] = []
    for key, text in asks.items():
        if key in own:
            continue
        if len(own) + len(fresh) >= MOST_QUESTIONS:
            refused[key] = _(
                "You have asked %(most)s questions in this session. Vote for those of others."
            ) % {"most": MOST_QUESTIONS}
        elif not text:
            refused[key] = _("A question needs words.")
        else:
            fresh.append((key, text))
    mode = mode_of(participant, now) if fresh else ""
    LiveQuestion.objects.bulk_create(
        (
            LiveQuestion(session=session, participant=participant, key=key, text=text, mode=mode, at=now)
            for key, text in fresh
        ),
        ignore_conflicts=True,
    )
    return kept + [key for key, _text in fresh], refused


def _read(items: Iterable[Mapping[str, Any]]) -> tuple[dict[str, str], set[int]]:
    asks: dict[str, str] = {}
    votes: set[int] = set()
    number = 0
    for number, item in enumerate(items, start=1):
        if not isinstance(item, Mapping) or number > MOST_ITEMS:
            break
        if isinstance(item.get("ask"), str) and _KEY.fullmatch(item["ask"]):
            asks[item["ask"]] = " ".join(str(item.get("text", "")).split())[:LONGEST]
            continue
        if isinstance(item.get("vote"), int) and not isinstance(item["vote"], bool) and item["vote"] < 2**62:
            votes.add(item["vote"])
            continue
        break
    else:
        return asks, votes
    raise ForumError(
        _("Item %(number)s is neither a question nor a vote, or there are more than %(most)s of them.")
        % {"number": number, "most": MOST_ITEMS}
    )


@transaction.atomic
def settle(question: LiveQuestion, *, status: str, by: Any, today: datetime.date) -> None:
    """Call a question up, mark it answered, or take it out; one event."""
    session = question.session
    only_organisers(by, session.forum, today)
    if status not in QuestionStatus.values:
        raise ForumError(_("This cannot be done with a question."))
    question.status = status
    question.save(update_fields=["status"])
    Session.objects.filter(pk=session.pk).update(live=F("live") + 1)
    note("forum.question", session.forum, str(by.pk), question=question.pk, status=str(status))
