"""A small forum in Nanning for tests: two days, two rooms, an organiser, a delegation, some people who were accepted."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from highground.accounts.enums import Role
from highground.forum import keys
from highground.forum.actions.taking_part import Person, answer_requests, invite_delegation, nominate
from highground.forum.enums import ForumStatus, Mode
from highground.forum.models import Delegation, Forum, Participant, Room, Session
from tests.support.places import add_area, add_person

NANNING = ZoneInfo("Asia/Shanghai")
DAY = datetime.date(2027, 6, 22)
NOW = datetime.datetime(2027, 6, 22, 9, 30, tzinfo=NANNING)


@dataclass
class Assembly:
    """A forum with what is around it."""

    forum: Forum
    organiser: Any
    delegation: Delegation
    rooms: list[Room]
    session: Session
    people: list[Participant] = field(default_factory=list)


def add_forum(code: str = "nanning-2027", area: Any = None, **more: Any) -> Forum:
    """A forum that people can register for."""
    given = {
        "names": {"en": "Forum in Nanning", "zh-hans": "南宁论坛"},
        "themes": {"en": "Roads, markets and what comes after"},
        "place": "Nanning",
        "country": "CN",
        "year": DAY.year,
        "first_day": DAY,
        "last_day": DAY + datetime.timedelta(days=1),
        "status": ForumStatus.OPEN,
        "synthetic": True,
    }
    return Forum.objects.create(code=code, area=area, **given | more)


def assemble(people: int = 3, password: str | None = None) -> Assembly:
    """The forum, its organiser (who signs in if a password is given), a delegation, and so many accepted people."""
    area = add_area("Nanning", "county")
    forum = add_forum(area=area)
    organiser = add_person("qinfang", Role.ORGANISER, area, password, display_name="Qin Fang")
    delegation = invite_delegation(
        forum, country="LA", organisation="Ministry of Villages", contact="la@example.org", seats=400, by=organiser, today=DAY
    )  # fmt: skip
    rooms = [Room.objects.create(forum=forum, name=name, channels=2) for name in ("Hall", "Room 2")]
    session = Session.objects.create(
        forum=forum,
        code="opening",
        titles={"en": "Opening"},
        room=rooms[0],
        starts=NOW,
        minutes=60,
        languages=["en"],
    )
    made = Assembly(forum, organiser, delegation, rooms, session)
    made.people = add_people(made, people)
    return made


def add_people(
    assembly: Assembly, count: int, mode: str = Mode.ROOM, day: datetime.date = DAY
) -> list[Participant]:
    """People whom the delegation nominated and the organiser accepted."""
    first = len(assembly.people)
    made = []
    for number in range(first, first + count):
        person = Person(
            f"Guest {number}", "Ministry", "LA", email=f"guest{number}@example.org", consents=True
        )
        made.append(nominate(assembly.delegation, person, days={day: mode}, by="test", today=DAY))
    answer_requests(assembly.forum, [one.pk for one in made], accept=True, by=assembly.organiser, today=DAY)
    return list(
        Participant.objects.everywhere(reason="test").filter(pk__in=[one.pk for one in made]).order_by("pk")
    )


def link(kind: str, row: Any) -> str:
    """The word in the address of a row's own page."""
    return keys.link_of(kind, row.key)
