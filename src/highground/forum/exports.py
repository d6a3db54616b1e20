"""The programme in the formats of others: iCalendar (RFC 5545, RFC 7986), frab's schedule JSON, schema.org JSON-LD."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from typing import Any

from highground.forum.ground import days_of
from highground.forum.models import Forum, Release
from highground.forum.models.forum import said

NAMESPACE = uuid.UUID("6f0ef8a4-5c1b-4c59-9b2a-6d8f3f8f0a11")
CRLF = "\r\n"


def guid_of(forum: Forum, code: str) -> str:
    """An id of a session that stays the same whatever moves."""
    return str(uuid.uuid5(NAMESPACE, f"{forum.code}/{code}"))


def _escaped(text: str) -> str:
    for plain, written in (
        ("\\", "\\\\"),
        (";", "\\;"),
        (",", "\\,"),
        ("\r\n", "\\n"),
        ("\n", "\\n"),
        ("\r", "\\n"),
    ):
        text = text.replace(plain, written)
    return "".join(one for one in text if one >= " " or one == "\t")


def _folded(line: str) -> str:
    """A line cut into parts of at most 75 bytes, never within a character (RFC 5545, 3.1)."""
    parts, now, size = [], "", 0
    for one in line:
        width = len(one.encode())
        if size + width > 74:
            parts.append(now)
            now, size = "", 0
        now += one
        size += width
    return f"{CRLF} ".join([*parts, now])


def _moment(value: datetime.datetime) -> str:
    return value.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")


def icalendar_of(forum: Forum, releases: list[Release], *, only: Collection[str] | None = None) -> str:
    """The newest version as a calendar; sessions that an earlier version had and this one has not are called off.

    `releases` in order; `only` these sessions. The sequence of a session grows with each version that changed it, so that
    calendars follow.
    """
    newest = releases[-1]
    now = {one["code"]: one for one in newest.sessions}
    history: dict[str, list[dict[str, Any] | None]] = {}
    codes = list(dict.fromkeys(one["code"] for version in releases for one in version.sessions))
    codes = [one for one in codes if only is None or one in only]
    for version in releases:
        at = {one["code"]: one for one in version.sessions}
        for code in codes:
            history.setdefault(code, []).append(at.get(code))
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Highground//Forum//EN",
        "METHOD:PUBLISH",
        f"NAME:{_escaped(forum.name)}",
        f"X-WR-CALNAME:{_escaped(forum.name)}",
    ]
    for code in codes:
        versions = history[code]
        last = now.get(code) or next(one for one in reversed(versions) if one is not None)
        first = next(place for place, one in enumerate(versions) if one is not None)
        sequence = sum(
            one != other for one, other in zip(versions[first:], versions[first + 1 :], strict=False)
        )
        lines += _event(forum, newest, last, sequence, called_off=code not in now or last["cancelled"])
    lines.append("END:VCALENDAR")
    return CRLF.join(map(_folded, lines)) + CRLF


def _event(
    forum: Forum, version: Release, one: dict[str, Any], sequence: int, *, called_off: bool
) -> list[str]:
    starts = datetime.datetime.fromisoformat(one["starts"])
    speakers = ", ".join(
        f"{who['name']} ({who['latin']})" if who["latin"] and who["latin"] != who["name"] else who["name"]
        for who in one["speakers"]
    )
    about = "\n".join(part for part in (one["abstract"], speakers, one["link"]) if part)
    language = f";LANGUAGE={one['languages'][0]}" if one["languages"] else ""
    lines = [
        "BEGIN:VEVENT",
        f"UID:{guid_of(forum, one['code'])}@highground",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{_moment(version.at)}",
        f"DTSTART:{_moment(starts)}",
        f"DTEND:{_moment(starts + datetime.timedelta(minutes=one['minutes']))}",
        f"SUMMARY{language}:{_escaped(said(one['titles']) or one['code'])}",
        f"LOCATION:{_escaped(one['room'])}",
        f"DESCRIPTION:{_escaped(about)}",
        f"STATUS:{'CANCELLED' if called_off else 'CONFIRMED'}",
    ]
    if one["link"]:
        lines += [f"URL:{one['link']}", f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{one['link']}"]
    return [*lines, "END:VEVENT"]


def frab_of(forum: Forum, release: Release, address: str) -> dict[str, Any]:
    """The version as frab's schedule JSON, as schedule apps read it."""
    rooms = list(dict.fromkeys(one["room"] for one in release.sessions))
    days = []
    for index, day in enumerate(days_of(forum), start=1):
        here = [
            one
            for one in release.sessions
            if one["starts"].startswith(day.isoformat()) and not one["cancelled"]
        ]
        midnight = here[0]["starts"][10:][9:] if here else "+00:00"
        days.append(
            {
                "index": index,
                "date": day.isoformat(),
                "day_start": f"{day}T04:00:00{midnight}",
                "day_end": f"{day + datetime.timedelta(days=1)}T03:59:00{midnight}",
                "rooms": {
                    room: [_talk(forum, one, address) for one in here if one["room"] == room]
                    for room in rooms
                },
            }
        )
    return {
        "schedule": {
            "version": str(release.number),
            "base_url": address,
            "conference": {
                "acronym": forum.code,
                "title": forum.name,
                "start": str(forum.first_day or ""),
                "end": str(forum.last_day or ""),
                "daysCount": len(days),
                "timeslot_duration": "00:05",
                "time_zone_name": forum.time_zone,
                "rooms": [{"name": room, "guid": guid_of(forum, f"room/{room}")} for room in rooms],
                "days": days,
            },
        }
    }


def _talk(forum: Forum, one: dict[str, Any], address: str) -> dict[str, Any]:
    guid = guid_of(forum, one["code"])
    return {
        "id": int(guid[:7], 16),
        "guid": guid,
        "code": one["code"],
        "logo": None,
        "date": one["starts"],
        "start": one["starts"][11:16],
        "duration": f"{one['minutes'] // 60:02}:{one['minutes'] % 60:02}",
        "room": one["room"],
        "slug": f"{forum.code}-{one['code']}",
        "url": address,
        "title": said(one["titles"]) or one["code"],
        "subtitle": "",
        "track": None,
        "type": one["kind"],
        "language": one["languages"][0] if one["languages"] else "",
        "abstract": one["abstract"],
        "description": "",
        "recording_license": "",
        "do_not_record": False,
        "persons": [
            {
                "id": int(guid_of(forum, f"person/{who['name']}")[:7], 16),
                "name": who["name"],
                "public_name": who["name"],
                "biography": "",
                "answers": [],
            }
            for who in one["speakers"]
        ],
        "links": [{"title": "on line", "url": one["link"]}] if one["link"] else [],
        "attachments": [],
        "answers": [],
    }


CONTEXT = {
    "@vocab": "https://schema.org/",
    "startDate": {"@id": "https://schema.org/startDate", "@type": "https://schema.org/DateTime"},
    "endDate": {"@id": "https://schema.org/endDate", "@type": "https://schema.org/DateTime"},
}
"""The context stands in the document, so that a reader needs no network."""


def json_ld_of(forum: Forum, release: Release | None, address: str) -> dict[str, Any]:
    """The forum and its programme as schema.org events."""
    mode = "https://schema.org/MixedEventAttendanceMode"
    return {
        "@context": CONTEXT,
        "@id": address,
        "@type": "Event",
        "name": forum.name,
        "description": forum.theme,
        "startDate": str(forum.first_day or forum.year),
        "endDate": str(forum.last_day or forum.year),
        "eventAttendanceMode": {"@id": mode},
        "location": {"@type": "Place", "name": forum.place, "address": forum.country},
        "subEvent": [_event_ld(forum, one, address) for one in (release.sessions if release else [])],
    }


def _event_ld(forum: Forum, one: dict[str, Any], address: str) -> dict[str, Any]:
    starts = datetime.datetime.fromisoformat(one["starts"])
    status = "EventCancelled" if one["cancelled"] else "EventScheduled"
    return {
        "@id": f"{address}#{one['code']}",
        "@type": "Event",
        "name": [{"@value": text, "@language": language} for language, text in one["titles"].items()],
        "description": one["abstract"],
        "startDate": starts.isoformat(),
        "endDate": (starts + datetime.timedelta(minutes=one["minutes"])).isoformat(),
        "eventStatus": {"@id": f"https://schema.org/{status}"},
        "inLanguage": one["languages"],
        "location": {"@type": "Place", "name": one["room"]},
        "performer": [{"@type": "Person", "name": who["name"]} for who in one["speakers"]],
    }
