"""The programme as it is read: what a version holds, what changed since, what clashes, and the timetable's own terms."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from highground.forum.enums import Duty as DutyKind
from highground.forum.ground import country_name, days_of, zone, zone_of
from highground.forum.models import Duty, Forum, Room, Session
from highground.forum.models.forum import said
from highground.methods.allocate.timetable import Event, Place, clashes_of, hour_cost

FIRST_HOUR, LAST_HOUR = 8, 20
STEP = datetime.timedelta(minutes=30)
"""When sessions may begin, at the forum's place."""


def event_of(session: Session, duties: Iterable[Duty], *, held: bool = True) -> Event:
    """A session in the terms of `methods.allocate.timetable`; those on duty from afar count with their time zone."""
    there = list(duties)
    fixed = session.starts and session.room_id and (session.fixed or not held)
    return Event(
        code=session.code,
        minutes=session.minutes,
        people=frozenset(str(one.participant_id) for one in there),
        remote={str(one.participant_id): one.participant.time_zone for one in there if one.online},
        channels=len(session.channels),
        fixed=(str(session.room_id), session.starts) if fixed and session.starts else None,
    )


def places_of(rooms: Iterable[Room]) -> list[Place]:
    """Rooms in the same terms."""
    return [Place(str(one.pk), one.channels) for one in rooms]


def starts_of(
    forum: Forum,
) -> tuple[list[datetime.datetime], list[tuple[datetime.datetime, datetime.datetime]]]:
    """When sessions may begin, and the span of each day."""
    place, starts, spans = zone_of(forum), [], []
    for day in days_of(forum):
        begin = datetime.datetime.combine(day, datetime.time(FIRST_HOUR + 1), place)
        end = datetime.datetime.combine(day, datetime.time(LAST_HOUR - 2), place)
        spans.append((begin, end))
        while begin < end:
            starts.append(begin)
            begin += STEP
    return starts, spans


@dataclass(frozen=True)
class Trouble:
    """Something in the programme that cannot be, or should not: `hard` is a clash, else a hardship."""

    text: str
    session: str
    hard: bool


def warnings_of(sessions: Sequence[Session]) -> list[Trouble]:
    """Clashes of rooms, speakers and interpreters; rooms with too few channels; hours nobody should have to speak at.

    `sessions` come with their rooms and duties (prefetched, with participants).
    """
    placed = [one for one in sessions if one.starts and one.room_id and not one.cancelled]
    by_code = {one.code: one for one in placed}
    names = {str(duty.participant_id): duty.participant.name for one in placed for duty in one.duties.all()}
    events = [event_of(one, one.duties.all(), held=False) for one in placed]
    places = {one.code: one.fixed for one in events if one.fixed}
    found = []
    for clash in clashes_of(events, places):
        first, second = by_code[clash.first], by_code[clash.second]
        who = names.get(clash.who, "") if clash.why == "person" else str(first.room)
        found.append(
            Trouble(
                _("%(who)s is needed by “%(first)s” and “%(second)s” at one time.")
                % {"who": who, "first": first.title, "second": second.title},
                clash.first,
                True,
            )
        )
    for one in placed:
        if one.room and len(one.channels) > one.room.channels:
            found.append(
                Trouble(
                    _(
                        "“%(session)s” is interpreted into %(wanted)s languages; %(room)s has %(channels)s channels."
                    )
                    % {
                        "session": one.title,
                        "wanted": len(one.channels),
                        "room": one.room,
                        "channels": one.room.channels,
                    },
                    one.code,
                    True,
                )
            )
        found += _hours(one)
    return found


def _hours(session: Session) -> list[Trouble]:
    found = []
    for duty in session.duties.all():
        place = duty.participant.time_zone
        if duty.online and session.starts and hour_cost(session.starts, session.minutes, place) >= 10:
            local = session.starts.astimezone(zone(place))
            found.append(
                Trouble(
                    _("For %(who)s, “%(session)s” begins at %(time)s at night (%(zone)s).")
                    % {
                        "who": duty.participant,
                        "session": session.title,
                        "time": f"{local:%H:%M}",
                        "zone": place,
                    },
                    session.code,
                    False,
                )
            )
    return found


def snapshot_of(forum: Forum, sessions: Sequence[Session]) -> list[dict[str, Any]]:
    """The programme as a version holds it; nothing of interpreters, and only names of speakers and chairs."""
    return [
        {
            "code": one.code,
            "titles": one.titles,
            "abstract": one.abstract,
            "kind": one.kind,
            "room": one.room.name if one.room else "",
            "link": one.link or (one.room.link if one.room else ""),
            "starts": one.starts.astimezone(zone_of(forum)).isoformat() if one.starts else "",
            "minutes": one.minutes,
            "languages": one.languages,
            "channels": one.channels,
            "cancelled": one.cancelled,
            "speakers": [
                {
                    "name": duty.participant.name,
                    "latin": duty.participant.latin,
                    "country": duty.participant.country,
                    "duty": duty.duty,
                    "online": duty.online,
                    "talk": duty.talk,
                }
                for duty in sorted(one.duties.all(), key=lambda duty: (duty.duty, duty.pk))
                if duty.duty != DutyKind.INTERPRETER
            ],
        }
        for one in sessions
        if one.starts and one.room_id
    ]


def changes_between(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[str]:
    """What changed from one version to the next, a sentence each."""
    was, now = ({one["code"]: one for one in version} for version in (before, after))
    found = [_("New: “%(session)s”, %(when)s.") % _where(one) for code, one in now.items() if code not in was]
    found += [
        _("“%(session)s” is not in the programme any more.") % _where(one)
        for code, one in was.items()
        if code not in now
    ]
    for code, one in now.items():
        if code in was:
            found += _changed(was[code], one)
    return found


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    words = _where(after)
    if after["cancelled"] and not before["cancelled"]:
        return [_("“%(session)s” is called off.") % words]
    found = []
    if before["starts"] != after["starts"] or before["room"] != after["room"]:
        found.append(
            _("“%(session)s” moves from %(before)s to %(when)s.")
            % {**words, "before": _where(before)["when"]}
        )
    names = [{one["name"] for one in version["speakers"]} for version in (before, after)]
    if gone := sorted(names[0] - names[1]):
        found.append(_("“%(session)s”: %(who)s is not there any more.") % {**words, "who": ", ".join(gone)})
    if come := sorted(names[1] - names[0]):
        found.append(_("“%(session)s”: %(who)s is new.") % {**words, "who": ", ".join(come)})
    if any(
        before[name] != after[name]
        for name in ("titles", "abstract", "languages", "channels", "minutes", "link")
    ):
        found.append(_("“%(session)s”: its title, text, length, languages or link changed.") % words)
    return found


def _where(one: Mapping[str, Any]) -> dict[str, str]:
    starts = datetime.datetime.fromisoformat(one["starts"]) if one["starts"] else None
    when = f"{starts:%Y-%m-%d %H:%M}, {one['room']}" if starts else _("without a time")
    return {"session": said(one["titles"]) or one["code"], "when": when}


def by_day(sessions: Iterable[Mapping[str, Any]]) -> list[tuple[datetime.date, list[dict[str, Any]]]]:
    """The sessions of a version, day by day, ready to be read."""
    days: dict[datetime.date, list[dict[str, Any]]] = {}
    for one in sorted(sessions, key=lambda one: (one["starts"], one["room"])):
        starts = datetime.datetime.fromisoformat(one["starts"])
        read = {
            **one,
            "title": said(one["titles"]) or one["code"],
            "begins": f"{starts:%H:%M}",
            "ends": f"{starts + datetime.timedelta(minutes=one['minutes']):%H:%M}",
            "speakers": [{**who, "from": country_name(who["country"])} for who in one["speakers"]],
        }
        days.setdefault(starts.date(), []).append(read)
    return sorted(days.items())
