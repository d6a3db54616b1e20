"""Put sessions into the programme, have a timetable proposed, release a version, take in a schedule made elsewhere."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify
from django.utils.translation import gettext as _

from highground.forum.actions import note
from highground.forum.conflicts import called
from highground.forum.enums import Duty as DutyKind
from highground.forum.enums import EntryStatus, SessionKind, TakingPart
from highground.forum.ground import LANGUAGES, ForumError, only_organisers
from highground.forum.models import Duty, Entry, Forum, Participant, Release, Room, Session
from highground.forum.programme import event_of, in_the_way, places_of, snapshot_of, starts_of, warnings_of
from highground.methods.allocate.demands import cannot_hold
from highground.methods.allocate.timetable import Timetable, plan_timetable

MOST_SESSIONS = 500


OnDuty = Mapping[tuple[int, str], Mapping[str, Any]]
"""By participant and what they do (`Duty`): {online, talk}; a talk that is not named keeps its title."""


@transaction.atomic
def keep_session(
    forum: Forum,
    *,
    code: str,
    titles: Mapping[str, str],
    duties: OnDuty | None = None,
    by: Any,
    today: datetime.date,
    **fields: Any,
) -> Session:
    """Add a session or change it (`code`). `duties`: who does what in it, and nobody else; None leaves them. One event."""
    only_organisers(by, forum, today)
    if unknown := [
        one for one in [*fields.get("languages", []), *fields.get("channels", [])] if one not in LANGUAGES
    ]:
        raise ForumError(_("%(language)s is no language of the forum.") % {"language": unknown[0]})
    session, _made = Session.objects.update_or_create(
        forum=forum, code=code, defaults={"titles": dict(titles), **fields}
    )
    if duties is not None:
        _keep_duties(session, duties, by, today)
    note("forum.session", forum, str(by.pk), session=session.pk)
    return session


def _keep_duties(session: Session, duties: OnDuty, by: Any, today: datetime.date) -> None:
    wanted = {pk for pk, _duty in duties}
    rows = Participant.objects.visible_to(by, today).filter(forum=session.forum, pk__in=wanted)
    people = {one.pk: one for one in rows if one.status == TakingPart.ACCEPTED}
    if missing := wanted - set(people):
        raise ForumError(
            _("%(count)s of those on duty do not take part in this forum.") % {"count": len(missing)}
        )
    for one in session.duties.all():
        if (one.participant_id, one.duty) not in duties:
            one.delete()
    for (pk, duty), given in duties.items():
        said = {"talk": str(given["talk"])[:200]} if "talk" in given else {}
        Duty.objects.visible_to(by, today).update_or_create(
            session=session, participant=people[pk], duty=duty,
            defaults={"online": bool(given.get("online")), **said},
        )  # fmt: skip


@transaction.atomic
def put_on_duty(
    session: Session,
    *,
    participant: Participant,
    duty: str,
    online: bool = False,
    talk: str = "",
    by: Any,
    today: datetime.date,
) -> Duty:
    """Somebody who was accepted speaks, chairs or interprets in a session; one event. Said again, it is changed."""
    only_organisers(by, session.forum, today)
    if participant.forum_id != session.forum_id or participant.status != TakingPart.ACCEPTED:
        raise ForumError(_("Only somebody who was accepted is on duty."))
    said = {"talk": talk[:200]} if talk else {}
    made: Duty = Duty.objects.visible_to(by, today).update_or_create(
        session=session, participant=participant, duty=duty, defaults={"online": online, **said}
    )[0]
    note("forum.on_duty", session.forum, str(by.pk), session=session.pk, participant=participant.pk)
    return made


@transaction.atomic
def take_off_duty(duty: Duty, *, by: Any, today: datetime.date) -> None:
    """Somebody is not on duty any more; one event. A talk that became a practice stays with its speaker."""
    forum = duty.session.forum
    only_organisers(by, forum, today)
    if duty.practice:
        raise ForumError(_("This talk is a practice already."))
    duty.delete()
    note("forum.off_duty", forum, str(by.pk), session=duty.session_id, participant=duty.participant_id)


@transaction.atomic
def give_talk(
    entry: Entry, session: Session, participant: Participant, *, by: Any, today: datetime.date
) -> Duty:
    """Put an accepted entry into a session as a talk of somebody who takes part; one event.

    Only an entry that is accepted: the programme would tell a reviewer who wrote another one.
    """
    only_organisers(by, session.forum, today)
    if entry.status != EntryStatus.ACCEPTED:
        raise ForumError(_("Only an accepted entry comes into the programme."))
    if participant.status != TakingPart.ACCEPTED:
        raise ForumError(_("Only somebody who was accepted speaks."))
    title = next((one.title for one in entry.texts.all() if one.original), "")
    duty: Duty = Duty.objects.visible_to(by, today).update_or_create(
        session=session,
        participant=participant,
        duty=DutyKind.SPEAKER,
        defaults={"entry": entry, "talk": title},
    )[0]
    note("forum.talk", session.forum, str(by.pk), session=session.pk, entry=entry.pk)
    return duty


@transaction.atomic
def keep_room(
    forum: Forum,
    *,
    name: str,
    channels: int,
    link: str = "",
    seats: int | None = None,
    by: Any,
    today: datetime.date,
) -> Room:
    """Add a room, or change the one with this name; one event."""
    only_organisers(by, forum, today)
    if not name.strip() or not 0 <= channels <= 30:
        raise ForumError(_("A room has a name, and at most 30 interpretation channels."))
    room, _made = Room.objects.update_or_create(
        forum=forum, name=name.strip()[:80], defaults={"channels": channels, "link": link, "seats": seats}
    )
    note("forum.room", forum, str(by.pk), room=room.pk)
    return room


def sessions_of(forum: Forum) -> list[Session]:
    """All sessions with rooms, who is on duty, and on which days. Four queries."""
    rows = forum.sessions.select_related("room", "forum").prefetch_related("duties__participant__days")
    return list(rows.order_by("starts", "room__name", "code"))


def propose_timetable(forum: Forum, *, by: Any, today: datetime.date, seconds: float = 10.0) -> Timetable:
    """A place for every session that is not called off; what is fixed stays, of the others as many as can. Nothing is written."""
    only_organisers(by, forum, today)
    sessions = [one for one in sessions_of(forum) if not one.cancelled]
    starts, spans = starts_of(forum)
    events = [event_of(one, one.duties.all()) for one in sessions]
    now = {one.code: (str(one.room_id), one.starts) for one in sessions if one.room_id and one.starts}
    return plan_timetable(events, places_of(forum.rooms.all()), starts, ends=spans, now=now, seconds=seconds)


def stand_in_the_way(forum: Forum, found: Timetable, *, seconds: float = 5.0) -> list[str]:
    """For each session without a place, a sentence with the demands that cannot hold together."""
    sessions = [one for one in sessions_of(forum) if not one.cancelled]
    starts, spans = starts_of(forum)
    events = [event_of(one, one.duties.all()) for one in sessions]
    rooms = places_of(forum.rooms.all())
    said = cannot_hold(events, rooms, starts, found, ends=spans, seconds=seconds)
    titles = {one.code: one.title for one in sessions}
    return [
        f"{titles[code]}: {in_the_way(said[code], sessions) if code in said else _plain(why)}"
        for code, why in found.left_out.items()
    ]


def _plain(why: str) -> str:
    return {
        "channels": _("no room has so many interpretation channels"),
        "time": _("no time fits"),
        "rooms": _("rooms and people are taken at every time that fits"),
    }[why]


@transaction.atomic
def take_timetable(forum: Forum, found: Timetable, *, by: Any, today: datetime.date) -> int:
    """Write a proposed timetable; what people have fixed stays. One event; how many sessions moved."""
    only_organisers(by, forum, today)
    moved = []
    for one in forum.sessions.filter(fixed=False, cancelled=False):
        room, starts = found.places.get(one.code, (None, None))
        place = int(room) if room else None
        if (one.room_id, one.starts) != (place, starts):
            one.room_id, one.starts = place, starts
            moved.append(one)
    Session.objects.bulk_update(moved, ["room", "starts"])
    note("forum.timetable", forum, str(by.pk), moved=len(moved), cost=found.cost, bound=found.bound)
    return len(moved)


@transaction.atomic
def release_programme(
    forum: Forum, *, by: Any, today: datetime.date, now: datetime.datetime, words: str = ""
) -> Release:
    """A version that everybody reads; one event. Refused while two need one room or person at one time."""
    only_organisers(by, forum, today)
    Forum.objects.select_for_update().get(pk=forum.pk)
    sessions = sessions_of(forum)
    if hard := [one.text for one in warnings_of(sessions) if one.hard]:
        raise ForumError(_("Not released: %(clash)s") % {"clash": hard[0]})
    content = snapshot_of(forum, sessions)
    if not content:
        raise ForumError(_("No session has a time and a room yet."))
    last = forum.releases.order_by("-number").first()
    if last and last.sessions == content:
        raise ForumError(_("Nothing changed since version %(number)s.") % {"number": last.number})
    made = Release.objects.create(
        forum=forum,
        number=(last.number if last else 0) + 1,
        at=now,
        by=str(by.pk),
        note=words,
        sessions=content,
    )
    note("forum.release", forum, str(by.pk), number=made.number, sessions=len(content))
    return made


@transaction.atomic
def take_frab(forum: Forum, schedule: Mapping[str, Any], *, by: Any, today: datetime.date) -> int:
    """Take in a schedule in frab's JSON, as pretalx and Indico write it; sessions are known by their `guid` or id.

    A speaker whose name one accepted person bears is on duty; the others stand in the abstract until they take part here.
    One event; how many sessions.
    """
    only_organisers(by, forum, today)
    try:
        days = schedule["schedule"]["conference"]["days"]
        listed = [(room, talk) for day in days for room, talks in day["rooms"].items() for talk in talks]
    except (KeyError, TypeError, AttributeError):
        raise ForumError(
            _(
                "This is no schedule in frab's JSON: it needs schedule.conference.days with rooms and their sessions."
            )
        ) from None
    if len(listed) > MOST_SESSIONS:
        raise ForumError(_("A schedule has at most %(most)s sessions.") % {"most": MOST_SESSIONS})
    rows = Participant.objects.visible_to(by, today).filter(forum=forum, status=TakingPart.ACCEPTED)
    named: dict[str, set[int]] = {}
    for pk, *names in rows.values_list("pk", "name", "latin"):
        for name in filter(None, names):
            named.setdefault(called(name), set()).add(pk)
    people = {name: pks.pop() for name, pks in named.items() if len(pks) == 1}
    for number, (room, talk) in enumerate(listed, start=1):
        if not isinstance(talk, Mapping):
            raise ForumError(_("Session %(number)s is no session in frab's JSON.") % {"number": number})
        session, speakers = _take_talk(forum, str(room)[:80], talk, number, people)
        for pk in speakers:
            Duty.objects.visible_to(by, today).get_or_create(
                session=session,
                participant_id=pk,
                duty=DutyKind.SPEAKER,
                defaults={"talk": session.title[:200]},
            )
    note("forum.frab", forum, str(by.pk), sessions=len(listed))
    return len(listed)


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _take_talk(
    forum: Forum, room: str, talk: Mapping[str, Any], number: int, people: Mapping[str, int]
) -> tuple[Session, list[int]]:
    """The session, and which of `people` (by name) speak in it."""
    starts = parse_datetime(str(talk.get("date", "")))
    hours, _colon, minutes = str(talk.get("duration", "")).partition(":")
    if starts is None or starts.tzinfo is None or not (hours.isdecimal() and minutes.isdecimal()):
        raise ForumError(
            _("Session %(number)s (%(title)s) has no date with a time zone, or no duration such as 00:45.")
            % {"number": number, "title": str(talk.get("title", ""))[:60]}
        )
    place, _made = Room.objects.get_or_create(forum=forum, name=room)
    language = str(talk.get("language") or "en").split("-")[0]
    persons = [one for one in _listed(talk.get("persons")) if isinstance(one, Mapping)]
    speakers = [str(one.get("public_name") or one.get("name", "")) for one in persons]
    strangers = [one for one in speakers if called(one) not in people]
    names = [str(talk.get(name) or "") for name in ("code", "guid", "id")]
    code = next(filter(None, map(slugify, [*names, str(number)])))[:40]
    about = "\n\n".join(
        part for part in (str(talk.get("abstract") or ""), ", ".join(filter(None, strangers))) if part
    )
    known = forum.sessions.filter(code=code).first()
    titles = {language if language != "zh" else "zh-hans": str(talk.get("title", ""))[:200]}
    session, _made = Session.objects.update_or_create(
        forum=forum,
        code=code,
        defaults={
            "titles": {**(known.titles if known else {}), **titles},
            "abstract": about,
            "kind": known.kind if known else SessionKind.TALKS,
            "room": place,
            "starts": starts,
            "minutes": min(max(int(hours) * 60 + int(minutes), 5), 600),
            "languages": [language] if language in LANGUAGES else [],
        },
    )
    return session, [people[called(one)] for one in speakers if called(one) in people]
