"""Doors, and what they send: scans that were made with or without a network, each kept once, people counted once."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from highground.forum import keys
from highground.forum.actions import note
from highground.forum.enums import Mode, TakingPart
from highground.forum.ground import ForumError, only_organisers, today_at
from highground.forum.models import Attendance, Door, Forum, Participant, Scan, Session

MOST_SCANS = 500
"""Scans in one batch."""
AHEAD = datetime.timedelta(minutes=10)
"""How far the clock of a door may be ahead before its time is not believed."""
SCANNED = "scans of one door and the people of its forum; the door's link stands behind them"
_KEY = re.compile(r"[A-Za-z0-9-]{8,40}")


@dataclass(frozen=True)
class Outcome:
    """What a scan means: `in`, `again` (`first_at` says when before), `unknown`, `refused` (not accepted or withdrawn)."""

    key: str
    state: str
    participant: Participant | None = None
    first_at: datetime.datetime | None = None


@transaction.atomic
def open_door(
    forum: Forum, *, name: str, session: Session | None = None, by: Any, today: datetime.date
) -> Door:
    """A desk that takes scans by a link of its own; one event."""
    only_organisers(by, forum, today)
    if not name.strip():
        raise ForumError(_("Give the door a name."))
    if forum.doors.filter(name=name.strip()).exists():
        raise ForumError(_("There is a door with this name already."))
    made: Door = Door.objects.create(forum=forum, name=name.strip(), session=session, key=keys.new_key())
    note("forum.open_door", forum, str(by.pk), door=made.pk)
    return made


@transaction.atomic
def close_door(door: Door, *, by: Any, today: datetime.date) -> None:
    """Its link takes nothing more; one event."""
    only_organisers(by, door.forum, today)
    door.closed_on = today
    door.save(update_fields=["closed_on"])
    note("forum.close_door", door.forum, str(by.pk), door=door.pk)


@transaction.atomic
def take_scans(door: Door, items: Iterable[Mapping[str, Any]], *, now: datetime.datetime) -> list[Outcome]:
    """Keep what a door sends. What was sent before is answered the same again and stored once; one event for what is new.

    `items`: {key, code, at}; the key was made by the door. Raises ForumError where a batch is no such list. Six queries.
    """
    wanted = _read(items, now)
    rows = Scan.objects.everywhere(reason=SCANNED)
    known = set(rows.filter(key__in=list(wanted)).values_list("key", flat=True))
    people = _people(door.forum, {code for code, _at in wanted.values()})
    fresh = [
        Scan(
            door=door,
            key=key,
            typed=code,
            participant=people.get(keys.read_badge(code) or ""),
            at=at,
            day=today_at(door.forum, at),
            arrived_at=now,
        )
        for key, (code, at) in wanted.items()
        if key not in known
    ]
    # Two tabs of one door may send the same at once: the second one changes nothing.
    Scan.objects.bulk_create(fresh, ignore_conflicts=True)
    came = {
        one.participant for one in fresh if one.participant and one.participant.status == TakingPart.ACCEPTED
    }
    if door.session and came:
        Attendance.objects.bulk_create(
            (Attendance(session=door.session, participant=one, mode=Mode.ROOM, since=now) for one in came),
            ignore_conflicts=True,
        )
    if fresh:
        digest = hashlib.sha256("\n".join(sorted(one.key for one in fresh)).encode()).hexdigest()
        note("forum.scan", door.forum, f"door:{door.pk}", count=len(fresh), content=digest)
    return _outcomes(door, list(wanted))


def _read(
    items: Iterable[Mapping[str, Any]], now: datetime.datetime
) -> dict[str, tuple[str, datetime.datetime]]:
    found: dict[str, tuple[str, datetime.datetime]] = {}
    for item in items:
        try:
            key, code, at = str(item["key"]), str(item["code"])[:40], parse_datetime(str(item["at"]))
        except (KeyError, TypeError, ValueError):
            raise ForumError(_("A scan needs a key, a code and a time.")) from None
        if not _KEY.fullmatch(key) or at is None or at.tzinfo is None:
            raise ForumError(_("A scan needs a key, a code and a time."))
        found[key] = (code, min(at, now) if at > now + AHEAD else at)
    if len(found) > MOST_SCANS:
        raise ForumError(_("Send at most %(most)s scans at once.") % {"most": MOST_SCANS})
    return found


def _people(forum: Forum, codes: set[str]) -> dict[str, Participant]:
    badges = [badge for badge in map(keys.read_badge, codes) if badge]
    people = Participant.objects.everywhere(reason=SCANNED).filter(forum=forum, badge__in=badges)
    return {one.badge: one for one in people}


def _outcomes(door: Door, wanted: list[str]) -> list[Outcome]:
    """What each of these scans means now that all of them are stored; the order of arrival does not matter."""
    scans = Scan.objects.everywhere(reason=SCANNED)
    mine = {one.key: one for one in scans.filter(key__in=wanted).select_related("participant")}
    same = scans.filter(
        door__forum=door.forum_id,
        door__session=door.session_id,
        participant__in={one.participant_id for one in mine.values() if one.participant_id},
    ).order_by("at", "pk")
    first: dict[tuple[int, datetime.date], Scan] = {}
    for one in same:
        first.setdefault((one.participant_id or 0, one.day), one)
    found = []
    for key in wanted:
        scan = mine[key]
        person = scan.participant
        if person is None:
            found.append(Outcome(key, "unknown"))
        elif person.status != TakingPart.ACCEPTED:
            found.append(Outcome(key, "refused", person))
        else:
            earliest = first[person.pk, scan.day]
            again = earliest.key != key
            found.append(Outcome(key, "again" if again else "in", person, earliest.at if again else None))
    return found
