"""Reading forums: those a person runs, who takes part, who came, what is asked in a session."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Min, Q, QuerySet, When

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.accounts.scoping import within
from highground.forum.actions.live import JOINED
from highground.forum.enums import ForumStatus, Mode, Part, QuestionStatus, TakingPart
from highground.forum.models import (
    Attendance,
    EntryText,
    Evidence,
    FollowUp,
    Forum,
    LiveQuestion,
    LiveVote,
    Participant,
    Presence,
    Scan,
    Session,
)
from highground.knowledge.enums import Standing
from highground.knowledge.models import Expert
from highground.outbox.models import Letter, LetterStatus

TONGUES = "in which languages the entries of a forum are written"


def organised_by(user: Any, today: datetime.date) -> QuerySet[Forum]:
    """The forums that a person runs, the latest first."""
    paths = scope_of(user, today, Sight.FORUM)
    return Forum.objects.filter(within("area__path", paths)).select_related("area").order_by("-year", "code")


@dataclass(frozen=True)
class Waiting:
    """How much waits for an organiser, by the code of the forum: people for an answer, letters and evidence for a look; and
    follow-ups whose day is over.
    """

    people: dict[str, int]
    letters: dict[str, int]
    evidence: dict[str, int]
    late: dict[str, int]


def waiting_in_office(forums: Collection[Forum], user: Any, today: datetime.date) -> Waiting:
    """What waits in the forums that a person runs; evidence that the person brought waits for somebody else. Four queries."""
    codes = [one.code for one in forums]
    open_ones = [one.code for one in forums if one.status != ForumStatus.CLOSED]
    people = Participant.objects.visible_to(user, today).filter(status=TakingPart.NOMINATED)
    letters = Letter.objects.filter(about_kind="forum", about_id__in=codes, status=LetterStatus.DRAFT)
    evidence = Evidence.objects.filter(commitment__forum__code__in=codes, accepted=False)
    late = FollowUp.objects.visible_to(user, today).filter(done_on__isnull=True, due_on__lt=today)
    return Waiting(
        people=_counted(people.filter(forum__code__in=open_ones), "forum__code"),
        letters=_counted(letters, "about_id"),
        evidence=_counted(evidence.exclude(by=str(user.pk)), "commitment__forum__code"),
        late=_counted(late.filter(forum__code__in=codes), "forum__code"),
    )


def _counted(rows: QuerySet[Any], by: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(by).annotate(count=Count("pk")))


def people_of(forum: Forum, user: Any, today: datetime.date) -> QuerySet[Participant]:
    """Who takes part, in the order of the protocol; of a delegation its head comes first."""
    rows: QuerySet[Participant] = Participant.objects.visible_to(user, today).filter(forum=forum)
    leads = Case(When(part=Part.HEAD, then=0), default=1)
    return rows.select_related("delegation").order_by(
        "delegation__protocol", "delegation__country", "protocol", leads, "latin", "name", "pk"
    )


def standing_of(forum: Forum, user: Any, today: datetime.date) -> dict[str, int]:
    """How many people stand where: by status. One query."""
    rows = Participant.objects.visible_to(user, today).filter(forum=forum)
    counted = dict(rows.values_list("status").annotate(count=Count("pk")).order_by())
    return {status: counted.get(status, 0) for status in TakingPart.values}


@dataclass(frozen=True)
class DayCount:
    """One day: how many mean to be in the room and on line, and how many came through a door."""

    day: datetime.date
    room: int
    online: int
    came: int


def day_counts(forum: Forum, days: list[datetime.date], user: Any, today: datetime.date) -> list[DayCount]:
    """Who means to come and who came, day by day. Two queries."""
    meant: dict[tuple[datetime.date, str], int] = defaultdict(int)
    planned = Presence.objects.visible_to(user, today).filter(
        participant__forum=forum, participant__status=TakingPart.ACCEPTED
    )
    for day, mode, count in planned.values_list("day", "mode").annotate(count=Count("pk")).order_by():
        meant[day, mode] = count
    scans = Scan.objects.visible_to(user, today).filter(
        door__forum=forum, participant__status=TakingPart.ACCEPTED
    )
    came = dict(scans.values_list("day").annotate(count=Count("participant", distinct=True)).order_by())
    return [DayCount(day, meant[day, Mode.ROOM], meant[day, Mode.ONLINE], came.get(day, 0)) for day in days]


def came_twice(forum: Forum, user: Any, today: datetime.date) -> list[dict[str, Any]]:
    """Badges that were used more than once on one day at the entrances: who, how often, first when. One query."""
    scans = Scan.objects.visible_to(user, today).filter(
        door__forum=forum, door__session__isnull=True, participant__isnull=False
    )
    rows = scans.values("participant__name", "participant__badge", "day")
    return list(
        rows.annotate(times=Count("pk"), first=Min("at")).filter(times__gt=1).order_by("day", "first")
    )


def attendance_of(forum: Forum, user: Any, today: datetime.date) -> dict[int, tuple[int, int]]:
    """How many people were in each session, in the room and on line. One query."""
    rows = Attendance.objects.visible_to(user, today).filter(session__forum=forum)
    counted = rows.values_list("session").annotate(
        room=Count("pk", filter=Q(mode=Mode.ROOM)), online=Count("pk", filter=Q(mode=Mode.ONLINE))
    )
    return {session: (room, online) for session, room, online in counted.order_by()}


@dataclass(frozen=True)
class Asked:
    """A question as the queue shows it."""

    pk: int
    text: str
    mode: str
    status: str
    votes: int
    mine: bool
    voted: bool


def queue_of(session: Session, participant: Participant | None = None) -> list[Asked]:
    """The queue of a session: what is being answered, then by votes, the older first; nothing taken out. Two queries."""
    rows = LiveQuestion.objects.everywhere(reason=JOINED).filter(session=session)
    rows = rows.exclude(status=QuestionStatus.HIDDEN).annotate(count=Count("votes"))
    voted: set[int] = set()
    if participant is not None:
        votes = LiveVote.objects.everywhere(reason=JOINED).filter(
            participant=participant, question__session=session
        )
        voted = set(votes.values_list("question_id", flat=True))
    order = {QuestionStatus.ASKED: 0, QuestionStatus.WAITING: 1, QuestionStatus.DONE: 2}
    found = sorted(rows, key=lambda one: (order[QuestionStatus(one.status)], -one.count, one.at, one.pk))
    me = participant.pk if participant else None
    return [
        Asked(one.pk, one.text, one.mode, one.status, one.count, one.participant_id == me, one.pk in voted)
        for one in found
    ]


FOUND = 12
"""Experts that a search for reviewers shows."""


def could_review(forum: Forum, words: str = "") -> list[Expert]:
    """Published experts who do not review yet and read a language of an entry; those with the most of these languages first.

    `words`: only those whose name, institution, place or fields hold them. Three queries.
    """
    texts = EntryText.objects.everywhere(reason=TONGUES).filter(entry__forum=forum).exclude(title="")
    spoken = set(texts.values_list("language", flat=True))
    rows = Expert.objects.filter(standing=Standing.PUBLISHED)
    known = forum.reviewers.filter(expert__isnull=False)
    if words:
        rows = rows.filter(
            Q(name__icontains=words)
            | Q(institution__icontains=words)
            | Q(place__icontains=words)
            | Q(fields__icontains=words)
        )
    found = [
        (-len(spoken & set(one.languages)), one.name, one)
        for one in rows.exclude(pk__in=known.values("expert"))
        if words or not spoken or spoken & set(one.languages)
    ]
    return [one for *_rank, one in sorted(found, key=lambda row: row[:2])[:FOUND]]
