"""The programme as it is read: what a version holds, what changed since, what clashes, and the timetable's own terms."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.forum.enums import Duty as DutyKind
from highground.forum.ground import country_name, days_of, zone, zone_of
from highground.forum.models import Duty, Forum, Room, Session
from highground.forum.models.forum import said
from highground.methods.allocate.demands import Conflict
from highground.methods.allocate.timetable import Event, Place, clashes_of, hour_cost
from highground.web.numbers import day as day_in_words

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
        absent=_away(session, there),
        fixed=(str(session.room_id), session.starts) if fixed and session.starts else None,
    )


def _away(session: Session, duties: Iterable[Duty]) -> tuple[Span, ...]:
    """The days of the forum on which somebody on duty does not take part. Who has chosen none of them is there on all."""
    place, found, days = zone_of(session.forum), set(), set(days_of(session.forum))
    for one in duties:
        chosen = {kept.day for kept in one.participant.days.all()} & days
        if chosen:
            found |= days - chosen
    midnights = [datetime.datetime.combine(day, datetime.time(), place) for day in sorted(found)]
    return tuple((begin, begin + datetime.timedelta(days=1)) for begin in midnights)


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


Span = tuple[datetime.datetime, datetime.datetime]


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
        found += [*_outside(one), *_hours(one), *_not_there(one)]
    return found


def _outside(session: Session) -> list[Trouble]:
    """A session on a day on which the forum does not take place, such as after the forum was put off."""
    assert session.starts
    day, days = session.starts.astimezone(zone_of(session.forum)).date(), days_of(session.forum)
    if not days or day in days:
        return []
    words = {"session": session.title, "day": day_in_words(day)}
    return [
        Trouble(_("“%(session)s” is on %(day)s, which is no day of the forum.") % words, session.code, True)
    ]


def _not_there(session: Session) -> list[Trouble]:
    """Those on duty who do not take part on the day of a session."""
    assert session.starts
    day, all_days = session.starts.astimezone(zone_of(session.forum)).date(), set(days_of(session.forum))
    found = []
    for duty in session.duties.all():
        days = {one.day for one in duty.participant.days.all()} & all_days
        if days and day not in days:
            words = {"who": duty.participant, "session": session.title, "day": day_in_words(day)}
            text = _("%(who)s does not take part on %(day)s, the day of “%(session)s”.") % words
            found.append(Trouble(text, session.code, False))
    return found


MOST_NAMED = 6
"""Sessions that a sentence names."""


def in_the_way(conflict: Conflict, sessions: Sequence[Session]) -> str:
    """Which demands cannot hold together, as a sentence."""
    titles = {one.code: f"“{one.title}”" for one in sessions}
    names = {str(duty.participant_id): duty.participant.name for one in sessions for duty in one.duties.all()}
    wanted = [titles[one.who] for one in conflict.demands if one.kind == "session"]
    listed = ", ".join(wanted[:MOST_NAMED])
    if len(wanted) > MOST_NAMED:
        listed = _("%(listed)s and %(count)s more") % {"listed": listed, "count": len(wanted) - MOST_NAMED}
    parts = [ngettext("%(listed)s takes place", "%(listed)s take place", len(wanted)) % {"listed": listed}]
    said = {
        "person": _("%(who)s is in one place at a time"),
        "fixed": _("%(who)s stays where it is"),
        "absent": _("everybody on duty in %(who)s is there on that day"),
        "channels": _("%(who)s has all its interpretation channels"),
        "rooms": _("a room holds one session at a time"),
    }
    for one in conflict.demands:
        if one.kind != "session":
            parts.append(said[one.kind] % {"who": titles.get(one.who) or names.get(one.who, "")})
    return _("These cannot hold together: %(demands)s.") % {"demands": "; ".join(parts)}


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
    if before["cancelled"] and not after["cancelled"]:
        found.append(_("“%(session)s” takes place after all: %(when)s.") % words)
    elif before["starts"] != after["starts"] or before["room"] != after["room"]:
        found.append(
            _("“%(session)s” moves from %(before)s to %(when)s.")
            % {**words, "before": _where(before)["when"]}
        )
    names = [{one["name"] for one in version["speakers"]} for version in (before, after)]
    if gone := sorted(names[0] - names[1]):
        found.append(_("“%(session)s”: %(who)s is not there any more.") % {**words, "who": ", ".join(gone)})
    if come := sorted(names[1] - names[0]):
        found.append(_("“%(session)s”: %(who)s is new.") % {**words, "who": ", ".join(come)})
    parts = [{_part(one) for one in version["speakers"]} for version in (before, after)]
    if others := sorted({name for name, *_rest in parts[0] ^ parts[1]} & names[0] & names[1]):
        found.append(
            _("“%(session)s”: the part or the talk of %(who)s changed, or from where.")
            % {**words, "who": ", ".join(others)}
        )
    if any(
        before[name] != after[name]
        for name in ("titles", "abstract", "languages", "channels", "minutes", "link")
    ):
        found.append(_("“%(session)s”: its title, text, length, languages or link changed.") % words)
    return found


def _part(who: Mapping[str, Any]) -> tuple[str, str, str, bool]:
    """Who does what in a session, on what, and whether from afar."""
    return who["name"], who["duty"], who["talk"], who["online"]


def _where(one: Mapping[str, Any]) -> dict[str, str]:
    starts = datetime.datetime.fromisoformat(one["starts"]) if one["starts"] else None
    when = f"{starts:%Y-%m-%d %H:%M}, {one['room']}" if starts else _("without a time")
    return {"session": said(one["titles"]) or one["code"], "when": when}


def local_time(starts: datetime.datetime, place: datetime.tzinfo, there: datetime.tzinfo) -> str:
    """When it is where a reader sits (`there`), for a session at the `place`; with the day where that is another one.

    Nothing where both clocks show the same.
    """
    local, here = starts.astimezone(there), starts.astimezone(place)
    if local.utcoffset() == here.utcoffset():
        return ""
    if local.date() == here.date():
        return f"{local:%H:%M}"
    return f"{local:%H:%M}, {day_in_words(local.date())}"


def by_day(
    sessions: Iterable[Mapping[str, Any]], there: datetime.tzinfo | None = None
) -> list[tuple[datetime.date, list[dict[str, Any]]]]:
    """The sessions of a version, day by day, ready to be read; `there`: with the times of a reader elsewhere."""
    days: dict[datetime.date, list[dict[str, Any]]] = {}
    for one in sorted(sessions, key=lambda one: (one["starts"], one["room"])):
        starts = datetime.datetime.fromisoformat(one["starts"])
        read = {
            **one,
            "title": said(one["titles"]) or one["code"],
            "local": local_time(starts, starts.tzinfo, there) if there and starts.tzinfo else "",
            "begins": f"{starts:%H:%M}",
            "ends": f"{starts + datetime.timedelta(minutes=one['minutes']):%H:%M}",
            "speakers": [{**who, "from": country_name(who["country"])} for who in one["speakers"]],
        }
        days.setdefault(starts.date(), []).append(read)
    return sorted(days.items())
