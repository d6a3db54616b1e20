"""Whom or what a link opens. These are the only readings of the forum that nobody's grant stands behind."""

from __future__ import annotations

import datetime

from highground.forum import keys
from highground.forum.enums import ReviewStatus, TakingPart
from highground.forum.models import (
    Delegation,
    Door,
    Entry,
    Participant,
    Partner,
    Review,
    Reviewer,
    Scan,
    Session,
)

BY_LINK = "whoever holds the signed link of this row"


def delegation_by(link: str) -> Delegation | None:
    """The delegation that a link is for."""
    key = keys.key_of(keys.DELEGATION, link)
    rows = Delegation.objects.everywhere(reason=BY_LINK).select_related("forum__area")
    return rows.filter(key=key).first() if key else None


def participant_by(link: str) -> Participant | None:
    """The participant that a link is for; nobody who has withdrawn or was not accepted any more."""
    key = keys.key_of(keys.PERSON, link)
    rows = Participant.objects.everywhere(reason=BY_LINK).select_related("forum__area", "delegation")
    rows = rows.exclude(status__in=[TakingPart.WITHDRAWN, TakingPart.DECLINED])
    return rows.filter(key=key).first() if key else None


def entry_by(link: str) -> Entry | None:
    """The entry that a link is for."""
    key = keys.key_of(keys.ENTRY, link)
    rows = Entry.objects.everywhere(reason=BY_LINK).select_related("forum__area")
    return rows.filter(key=key).first() if key else None


def reviewer_by(link: str) -> Reviewer | None:
    """The reviewer that a link is for, unless withdrawn."""
    key = keys.key_of(keys.REVIEWER, link)
    rows = Reviewer.objects.everywhere(reason=BY_LINK).select_related("forum__area")
    return rows.filter(key=key, withdrawn_on__isnull=True).first() if key else None


def partner_by(link: str) -> Partner | None:
    """The partner that a link is for, as long as the part in the initiative lasts."""
    key = keys.key_of(keys.PARTNER, link)
    rows = Partner.objects.everywhere(reason=BY_LINK).select_related("commitment__forum__area")
    return rows.filter(key=key, ended_on__isnull=True).first() if key else None


def door_by(link: str) -> Door | None:
    """The door that a link is for, unless closed."""
    key = keys.key_of(keys.DOOR, link)
    rows = Door.objects.everywhere(reason=BY_LINK).select_related("forum__area", "session")
    return rows.filter(key=key, closed_on__isnull=True).first() if key else None


def live_of(link: str, code: str) -> int | None:
    """How far the queue of a session is, if the link opens this session. One query."""
    key = keys.key_of(keys.PERSON, link)
    if key is None:
        return None
    people = Participant.objects.everywhere(reason=BY_LINK).filter(key=key, status=TakingPart.ACCEPTED)
    sessions = Session.objects.filter(code=code, forum__in=people.values("forum"))
    return sessions.values_list("live", flat=True).first()


def people_at(door: Door) -> list[Participant]:
    """Whom a door may let in."""
    rows = Participant.objects.everywhere(reason=BY_LINK).filter(forum=door.forum_id)
    return list(rows.filter(status=TakingPart.ACCEPTED).order_by("pk"))


def came_at(door: Door) -> list[tuple[str, datetime.date]]:
    """Who came through this kind of door already: badge and day."""
    scans = Scan.objects.everywhere(reason=BY_LINK)
    scans = scans.filter(door__forum=door.forum_id, door__session=door.session_id, participant__isnull=False)
    return list(scans.values_list("participant__badge", "day").distinct().order_by())


def reviews_of(reviewer: Reviewer) -> list[Review]:
    """What a reviewer was asked and still judges, with the entries. Two queries."""
    rows = Review.objects.everywhere(reason=BY_LINK).filter(reviewer=reviewer)
    rows = rows.filter(status__in=[ReviewStatus.ASKED, ReviewStatus.DONE])
    return list(
        rows.select_related("entry__forum__area").prefetch_related("entry__texts").order_by("entry__number")
    )
