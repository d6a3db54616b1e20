"""A forum that each county hosts, with a guest, a delegation and a question that are found nowhere else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.utils import timezone

from highground.areas.models import Area
from highground.files.uploads import keep_both
from highground.forum import keys
from highground.forum.enums import ForumStatus, Mode, TakingPart
from highground.forum.models import (
    Attachment,
    Commitment,
    Delegation,
    Entry,
    EntryText,
    Forum,
    LiveQuestion,
    Participant,
    Release,
    Reviewer,
    Room,
    Session,
)
from highground.forum.programme import snapshot_of
from tests.files.samples import photo


def gather(county: Area) -> dict[str, Any]:
    """The forum of a county, made when it is first asked for."""
    code = f"forum-{county.code.lower()}"
    if not Forum.objects.filter(code=code).exists():
        _hold(county, code)
    return {"forum": code}


def _hold(county: Area, code: str) -> None:
    now = timezone.now()
    marks = marks_of_forum(county)
    forum = Forum.objects.create(
        code=code, names={"en": f"Forum number {county.pk}"}, place="Somewhere", country="CN", area=county, year=now.year,
        first_day=now.date(), last_day=now.date(), status=ForumStatus.OPEN,
    )  # fmt: skip
    delegation = Delegation.objects.create(
        forum=forum,
        country="LA",
        organisation=marks["delegation"],
        contact="a@example.org",
        key=keys.new_key(),
    )
    guest = Participant.objects.create(
        forum=forum, delegation=delegation, name=marks["guest"], organisation="Office", country="LA", key=keys.new_key(),
        badge=keys.new_badge(), status=TakingPart.ACCEPTED,
    )  # fmt: skip
    session = Session.objects.create(forum=forum, code="opening", titles={"en": "Opening"}, starts=now)
    Commitment.objects.create(forum=forum, number=1, who="Ministry", what="A road", promised_on=now.date())
    room = Room.objects.create(forum=forum, name="Hall")
    released = Session.objects.create(
        forum=forum, code="talks", titles={"en": "Talks"}, starts=now, room=room
    )
    Release.objects.create(forum=forum, number=1, at=now, by="test", sessions=snapshot_of(forum, [released]))
    LiveQuestion.objects.create(
        session=session, participant=guest, key=f"asked-{county.pk:06}", text=marks["asked in a session"], mode=Mode.ROOM,
        at=now,
    )  # fmt: skip
    entry = Entry.objects.create(
        forum=forum,
        number=1,
        key=keys.new_key(),
        entrant="Anna",
        email="a@example.org",
        organisation="Office",
        country="LA",
    )
    EntryText.objects.create(entry=entry, language="en", title=marks["entry"])
    original, shown = keep_both(BytesIO(photo("PNG", mark=marks["entry"].encode())))
    Attachment.objects.create(
        entry=entry, number=1, name=marks["entry"], media=shown.media, size=shown.size, original=original.hash,
        shown=shown.hash, given_at=now,
    )  # fmt: skip
    Reviewer.objects.create(
        forum=forum,
        name=marks["reviewer"],
        email="r@example.org",
        organisation="Office",
        country="LA",
        key=keys.new_key(),
    )


def marks_of_forum(county: Area) -> dict[str, str]:
    """What would give the forum of a county away, by kind."""
    return {
        "guest": f"Guest whom number {county.pk} invited",
        "delegation": f"Ministry that number {county.pk} invited",
        "asked in a session": f"A question that number {county.pk} heard",
        "entry": f"A practice that number {county.pk} was sent",
        "reviewer": f"Reviewer whom number {county.pk} asked",
    }
