"""How the leak walk goes: somebody opens an address, and in the answer it looks for every mark that they must not read."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from pypdf import PdfReader

from highground.accounts.enums import Role
from highground.accounts.models import User
from tests.pages.country import HEALTH, NEIGHBOURS, Country
from tests.pages.doors import NEVER, STATUS, TELLS_OF_OTHERS, Door, reads


@dataclass
class Walk:
    """What was opened, each combination of who, how and which address once, and what was seen that must not be."""

    opened: set[tuple[str, str, str]] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)

    def look(
        self, who: Visitor, address: str, hidden: dict[str, str], method: str = "get", **sent: Any
    ) -> tuple[Any, str]:
        """Open an address and look for hidden marks in the answer: the answer and its text."""
        response = getattr(who.client, method)(address, **sent)
        self.opened.add((who.name, method, address))
        text = text_of(response)
        self.leaks += [f"{who.name}, {method} {address}: {one}" for one in marks_in(text, hidden, address)]
        return response, text


@dataclass(frozen=True)
class Visitor:
    """Somebody who walks: what they are called in the count, and their browser."""

    name: str
    client: Client = field(default_factory=Client)

    @classmethod
    def named(cls, name: str, user: User) -> Visitor:
        visitor = cls(name)
        visitor.client.force_login(user)
        return visitor


def somebody(role: Role, code: str | None) -> Visitor:
    place = code.title() if code else "Office"
    return Visitor.named(f"{role} at {place}", User.objects.get(username=f"{role}-{place}"))


def text_of(response) -> str:
    """What the answer says, with what the browser is told to fetch and set."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return (
        html.unescape(words_of(response, body))
        + "\n"
        + "\n".join(f"{name}: {value}" for name, value in response.items())
    )


def words_of(response, body: bytes) -> str:
    """The text of an answer; of a PDF file what is written on its pages."""
    if response.headers.get("Content-Type") == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return body.decode(errors="replace")


def marks_in(text: str, hidden: dict[str, str], typed: str) -> list[str]:
    """The hidden marks in a text, but for what the reader typed into the address bar."""
    for word in re.split(r"[/?&=]", typed):
        if word:
            text = re.sub(rf"(?<=[/=]){re.escape(word)}(?![\w-])", "", text)
    return [f"{kind}: {mark}" for mark, kind in hidden.items() if mark in text and mark not in typed]


def strange_to(door: Door, strangers: dict[str, str]) -> dict[str, str]:
    """The marks that a page must not show: on one that is open to everybody, areas are no secret."""
    if not door.is_open and door.address not in TELLS_OF_OTHERS:
        return strangers
    return {mark: kind for mark, kind in strangers.items() if kind not in ("name", "code")}


def hidden_from(role: Role, country: Country, villages: Iterable[str], door: Door) -> dict[str, str]:
    """The marks of these villages that a role must not read behind this door, though it holds them."""
    return {
        text: f"{kind} of {village}"
        for village in villages
        for kind, text in country.villages[village].words.items()
        if not reads(role, kind) or (kind in NEVER and kind not in door.marks)
    }


def of_everybody(country: Country) -> dict[str, str]:
    """Every mark there is."""
    return country.strangers("BAIYUN") | {
        text: kind for code in country.villages for kind, text in country.words(code).items()
    }


def walk_at_home(
    walk: Walk, country: Country, role: Role, home: str | None, doors: Iterable[Door]
) -> list[str]:
    """Open every door about one's own area: what answers otherwise than the table says, or shows too much or too little."""
    who, begin, faults = somebody(role, home), len(walk.leaks), []
    strangers = country.strangers(home) if home else {}
    example = country.example(home or "CN")
    own = country.within(home or "CN")
    words = country.words(own[0]) | {"health": HEALTH}
    for door in doors:
        hidden = strange_to(door, strangers) | hidden_from(role, country, own, door)
        if "health" in door.marks and not reads(role, "health"):
            hidden[HEALTH] = "health"
        seen: set[str] = set()
        for address in door.about(example):
            response, text = walk.look(who, address, hidden)
            if response.status_code != STATUS[door.answers[role]]:
                faults.append(f"{address}: answers {response.status_code}, not {door.answers[role]}")
            seen |= {mark for mark in door.marks if words[mark] in text}
        if STATUS[door.answers[role]] == 200:
            wanted = {mark for mark, roles in door.marks.items() if role in roles}
            faults += [f"{door.address}: no {mark} to be seen" for mark in sorted(wanted - seen)]
            faults += [f"{door.address}: {mark} is to be seen" for mark in sorted(seen - wanted)]
    return faults + walk.leaks[begin:]


def walk_next_door(walk: Walk, country: Country, role: Role, doors: Iterable[Door]) -> list[str]:
    """Ask every door about the neighbour: what answers otherwise than for things that do not exist, or shows them."""
    home, beside = NEIGHBOURS[role]
    who, begin, faults = somebody(role, home), len(walk.leaks), []
    strangers = country.strangers(home)
    who.client.post("/area/", {"area": beside})
    for door in doors:
        answer = door.answers[role]
        expected = {"own": 404, "away": 200}.get(answer, STATUS[answer])
        for address in door.about(country.example(beside)):
            response, _text = walk.look(who, address, strange_to(door, strangers), follow=answer == "away")
            if response.status_code != expected:
                faults.append(f"{address}: answers {response.status_code}, not {expected}")
    return faults + walk.leaks[begin:]
