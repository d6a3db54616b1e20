"""The forum of the demonstration: one in Nanning that begins today, and last year's with what became of its promises.

150 invented people of eleven countries, 40 entries with their reviews, 30 sessions in two rooms and on line.
"""

from __future__ import annotations

import datetime
import io
import random
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from highground.accounts.models import User
from highground.forum.actions.attachments import attach
from highground.forum.actions.call import begin_entry, decide, hand_in, save_draft
from highground.forum.actions.commitments import accept_evidence, add_partner, bring_evidence, promise
from highground.forum.actions.door import open_door, take_scans
from highground.forum.actions.letters import write_decisions
from highground.forum.actions.programme import (
    keep_session,
    propose_timetable,
    release_programme,
    take_timetable,
)
from highground.forum.actions.remaining import add_follow_up, keep_summary, record_learning
from highground.forum.actions.reviewing import add_reviewer, ask_reviewers, propose, review
from highground.forum.actions.taking_part import Person, answer_requests, invite_delegation, nominate
from highground.forum.enums import Criterion, EntryStatus, ForumStatus, Mode, Part, SessionKind
from highground.forum.known import add_known_forums
from highground.forum.models import Forum, Participant, Room, Session
from highground.methods.facts.months import later

SEED = 2007
PEOPLE, ENTRIES, SESSIONS, REVIEWERS = 150, 40, 30, 18
SITE = "http://localhost:8000"
FIELDS = ("finance", "infrastructure", "trade", "health", "industry", "tourism", "education", "environment")


def add_forum(today: datetime.date, users: Mapping[str, User]) -> None:
    """The known forums, last year's, and the one that begins today; `qinfang` runs it, `thida` looks at evidence."""
    add_known_forums()
    words = yaml.safe_load((files("highground") / "data" / "demo" / "forum.yaml").read_text(encoding="utf-8"))
    drawn = random.Random(SEED)  # noqa: S311  (invented people, not secrets)
    _last_year(today, users, words)
    forum = _forum(today, "nanning", words)
    people = _people(forum, today, users["qinfang"], words, drawn)
    _entries(forum, today, users["qinfang"], words, drawn)
    _programme(forum, today, users["qinfang"], words, people)
    _door(forum, today, users["qinfang"], people)


def _forum(
    day: datetime.date, code: str, words: Mapping[str, Any], status: str = ForumStatus.RUNNING
) -> Forum:
    opens = datetime.datetime.combine(day, datetime.time(), tzinfo=timezone.get_current_timezone())
    return Forum.objects.create(
        code=f"{code}-{day.year}", names=words["names"], themes=words["themes"], place="Nanning", country="CN", year=day.year,
        first_day=day, last_day=day + datetime.timedelta(days=1), status=status, synthetic=True, call_theme=words["call"],
        call_opens=opens - datetime.timedelta(days=180), call_closes=opens - datetime.timedelta(days=90),
    )  # fmt: skip


def _people(
    forum: Forum, today: datetime.date, by: User, words: Mapping[str, Any], drawn: random.Random
) -> list[Participant]:
    """Delegations of eleven countries; a third takes part on line."""
    countries, made = words["countries"], []
    for place, (code, country) in enumerate(countries.items(), start=1):
        delegation = invite_delegation(
            forum, country=code, organisation=country["ministry"], contact=f"{code.lower()}@example.org", seats=20,
            protocol=place, by=by, today=today,
        )  # fmt: skip
        share = PEOPLE // len(countries) + (place <= PEOPLE % len(countries))
        for number in range(share):
            name, latin, gender = country["names"][number % len(country["names"])]
            turn = number // len(country["names"])
            person = Person(
                name=f"{name} {turn + 1}" if turn else name,
                latin=f"{latin} {turn + 1}" if turn else latin,
                organisation=country["ministry"],
                country=code,
                gender=gender,
                email=f"{code.lower()}{number}@example.org",
                language=country["language"],
                time_zone=country["zone"],
                part=Part.HEAD if number == 0 else Part.INTERPRETER if number == 1 else Part.DELEGATE,
                protocol=number + 1,
                consents=True,
            )
            mode = Mode.ONLINE if drawn.random() < 1 / 3 and number > 1 else Mode.ROOM
            days = {today + datetime.timedelta(days=one): mode for one in range(2)}
            made.append(
                nominate(delegation, person, days=days, by=f"delegation:{delegation.pk}", today=today)
            )
    answer_requests(forum, [one.pk for one in made], accept=True, by=by, today=today)
    return made


def _entries(
    forum: Forum, today: datetime.date, by: User, words: Mapping[str, Any], drawn: random.Random
) -> None:
    """Entries in the languages of their countries, reviewed and decided; their letters wait to be looked at."""
    assert forum.call_opens and forum.call_closes
    sent_at = forum.call_closes - datetime.timedelta(hours=5)
    countries = list(words["countries"].items())
    for number in range(REVIEWERS):
        code, country = countries[number % len(countries)]
        add_reviewer(
            forum, by=by, today=today, name=f"{country['names'][-1][1]} (reviewer {number + 1})",
            email=f"reviewer{number}@example.org", country=code, organisation=f"Institute {number + 1}",
            languages=["en", country["language"]], fields=drawn.sample(FIELDS, 3), most=9,
        )  # fmt: skip
    entries = []
    for number in range(ENTRIES):
        code, country = countries[number % len(countries)]
        field = FIELDS[number % len(FIELDS)]
        told = words["practices"][number % len(words["practices"])]
        made = begin_entry(
            forum, now=sent_at, entrant=country["names"][number % len(country["names"])][1],
            email=f"entrant{number}@example.org", organisation=f"{country['group']} {number + 1}", country=code,
            language="en", time_zone=country["zone"], field=field,
        )  # fmt: skip
        texts = {"en": {**told, "title": f"{told['title']} ({country['ministry'].split(' ')[-1]})"}}
        if number % 10 == 0:
            attach(made, ContentFile(_picture(number), f"{made.entrant}.png"), now=sent_at)
        entries.append(hand_in(save_draft(made, texts, version=0, now=sent_at), now=sent_at))
    found = propose(forum, by=by, today=today, seconds=5)
    ask_reviewers(forum, sorted(found.pairs), by=by, today=today)
    reviewers = {str(one.pk): one for one in forum.reviewers.all()}
    by_pk = {str(one.pk): one for one in entries}
    for of, reviewer in sorted(found.pairs):
        scores = {name: drawn.choice((1, 2, 2, 3)) for name in Criterion.values}
        review(reviewers[reviewer], by_pk[of], scores, drawn.choice(words["reviews"]), now=timezone.now())
    for number, entry in enumerate(entries):
        status = EntryStatus.ACCEPTED if number % 3 else EntryStatus.DECLINED
        decide(entry, status=status, reason=words["reasons"][status.value], by=by, today=today)
    write_decisions(forum, site=SITE, by=by, now=timezone.now(), today=today)


def _picture(seed: int) -> bytes:
    """A drawing of rising bars, such as people put beside their results."""
    drawn, target = Image.new("RGB", (480, 320), "white"), io.BytesIO()
    pen = ImageDraw.Draw(drawn)
    for place in range(6):
        height = 60 + (seed * 7 + place * 37) % 180
        pen.rectangle((40 + place * 70, 300 - height, 85 + place * 70, 300), fill="#0f4c3a")
    drawn.save(target, "PNG")
    return target.getvalue()


def _programme(
    forum: Forum, today: datetime.date, by: User, words: Mapping[str, Any], people: Sequence[Participant]
) -> None:
    """30 sessions; the opening is fixed, the others find their place."""
    rooms = [
        Room.objects.create(forum=forum, name=name, seats=seats, channels=channels)
        for name, seats, channels in words["rooms"]
    ]
    interpreters = [one for one in people if one.part == Part.INTERPRETER]
    speakers = [one for one in people if one.part == Part.DELEGATE]
    begins = datetime.datetime.combine(today, datetime.time(9), tzinfo=timezone.get_current_timezone())
    keep_session(
        forum, code="opening", titles=words["opening"], kind=SessionKind.OPENING, minutes=60, languages=["en", "zh"],
        channels=["lo", "vi"], room=rooms[0], starts=begins, fixed=True, by=by, today=today,
        duties={(one.pk, "chair"): {} for one in people if one.part == Part.HEAD and one.country == "CN"},
    )  # fmt: skip
    for number in range(SESSIONS - 1):
        topic = words["topics"][number % len(words["topics"])]
        turn = number // len(words["topics"]) + 1
        two = [speakers[(number * 3 + step) % len(speakers)] for step in (0, 1)]
        online = {one.pk: one.days.filter(mode=Mode.ONLINE).exists() for one in two}
        on_duty: dict[tuple[int, str], Mapping[str, Any]] = {
            (one.pk, "speaker"): {"online": online[one.pk], "talk": topic["en"]} for one in two
        }
        on_duty[interpreters[number % len(interpreters)].pk, "interpreter"] = {}
        keep_session(
            forum, code=f"s{number + 1:02}", titles={code: f"{text} {turn}" for code, text in topic.items()},
            minutes=60, languages=["en"], channels=["zh"], duties=on_duty, by=by, today=today,
        )  # fmt: skip
    found = propose_timetable(forum, by=by, today=today, seconds=5)
    take_timetable(forum, found, by=by, today=today)
    release_programme(forum, by=by, today=today, now=timezone.now())


def _door(forum: Forum, today: datetime.date, by: User, people: Sequence[Participant]) -> None:
    """The entrance took some people in this morning; one came twice."""
    door = open_door(forum, name="North entrance", by=by, today=today)
    now = timezone.now()
    items = [
        {
            "key": f"demo-scan-{number:04}",
            "code": one.badge,
            "at": (now - datetime.timedelta(seconds=number)).isoformat(),
        }
        for number, one in enumerate([*people[:60], people[3]])
    ]
    take_scans(door, items, now=now)


def _last_year(today: datetime.date, users: Mapping[str, User], words: Mapping[str, Any]) -> None:
    """Last year's forum: proceedings, promises with evidence, what people learned, what is still to be done."""
    day = later(today, -12)
    by, other = users["qinfang"], users["thida"]
    forum = _forum(day, "nanning", words, ForumStatus.CLOSED)
    for number, summary in enumerate(words["summaries"], start=1):
        session = Session.objects.create(
            forum=forum, code=f"s{number}", titles=words["topics"][number], languages=["en", "zh"]
        )
        keep_summary(session, words=summary, by=by, today=day)
    for row in words["promises"]:
        made = promise(
            forum, by=by, today=day, who=row["who"], what=row["what"], countries=row["countries"], places=row["places"],
            amount=row.get("amount"), currency=row.get("currency", ""), promised_on=day, due_on=later(day, row["months"]),
        )  # fmt: skip
        add_partner(made, country=row["countries"][0], organisation=row["partner"], by=by, today=day)
        if seen := row.get("seen"):
            brought = bring_evidence(
                made, day=later(day, seen["after"]), text=seen["text"], source=seen["source"], status=seen["status"],
                by=str(by.pk), today=today,
            )  # fmt: skip
            accept_evidence(brought, by=other, today=today)
    record_learning(
        forum, kind="exchange", title=words["learning"]["title"], host=words["learning"]["host"], country="CN",
        skills=words["learning"]["skills"], begins_on=later(day, 1), ends_on=later(day, 1), by=by, today=day,
        learners=words["learning"]["learners"],
    )  # fmt: skip
    add_follow_up(forum, text=words["follow_up"], owner="Qin Fang", due_on=later(day, 6), by=by, today=day)
