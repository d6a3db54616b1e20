"""The lists that forms on a device look things up in: households, their members, and who may come along.

Households and members are entity lists: each row has a version, the newest observation that the row was made from. An
answer names that version, so that a change at the office meanwhile becomes a conflict (`receiving.py`).
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Any

from highground.accounts.models import User
from highground.cases.enums import RUNNING
from highground.cases.models import Case
from highground.field.cards import MOST_CARDS, cards_of
from highground.field.due import index_of
from highground.field.forms.names import COMPANIONS, HOUSEHOLDS, MEMBERS
from highground.people.enums import HouseholdStatus
from highground.people.models import Household, Member
from highground.signals.models import HouseholdVerdict

MOST_LISTED = 200
"""Of so many households a device gets a row, those first that are due: a list is fetched whole over a village line."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class List:
    """One file of a device. `keys` are the households whose values stand in it, with the path of the area of each."""

    name: str
    content: bytes
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def hash(self) -> str:
        """What a device compares, as the form list of OpenRosa wants it. It guards nothing."""
        return f"md5:{md5(self.content, usedforsecurity=False).hexdigest()}"

    @property
    def is_entities(self) -> bool:
        return self.name in (HOUSEHOLDS, MEMBERS)


def lists_for(user: User, today: datetime.date) -> dict[str, List]:
    """The lists of this person's device by name. Queries grow by a constant for each `MOST_CARDS` households."""
    index = index_of(user, today)
    why = {one["household"]: one["why"] for one in index["due"]}
    keys = [one["key"] for one in index["households"]][:MOST_LISTED]
    cards = [
        card
        for first in range(0, len(keys), MOST_CARDS)
        for card in cards_of(keys[first : first + MOST_CARDS], user, today)
    ]
    books = _rulebooks(keys)
    shown = tuple((card["key"], card["path"]) for card in cards)
    households = [_household(card, books.get(card["key"], ""), why.get(card["key"], "")) for card in cards]
    members = [row for card in cards for row in _members(card)]
    companions = dict(pair for card in cards for pair in card["form"]["companions"])
    return {
        HOUSEHOLDS: List(HOUSEHOLDS, as_csv(households, _FIRST), shown),
        MEMBERS: List(
            MEMBERS, as_csv(members, ("name", "label", "__version", "household", "nth", "ask")), shown
        ),
        COMPANIONS: List(
            COMPANIONS,
            as_csv(
                ({"name": key, "label": label} for key, label in sorted(companions.items())),
                ("name", "label"),
            ),
        ),
    }


_FIRST = (
    "name", "label", "__version", "village", "number", "rulebook", "kind", "case", "step", "class_id", "why", "ask",
)  # fmt: skip


def _rulebooks(keys: Sequence[str]) -> dict[str, str]:
    """By which rulebook each household is asked: that of its case, else that of its last screening. Two queries."""
    verdicts = HouseholdVerdict.objects.everywhere(
        reason="by which rulebook households in scope were screened"
    )
    found = dict(
        verdicts.filter(household__key__in=keys).order_by("pk").values_list("household__key", "rulebook")
    )
    running = Case.objects.everywhere(reason="by which rulebook cases of households in scope are led")
    running = running.filter(household__key__in=keys, status__in=RUNNING).order_by("pk")
    return found | dict(running.values_list("household__key", "rulebook"))


def _household(card: Mapping[str, Any], rulebook: str, why: str) -> Row:
    form = card["form"]
    return {
        "name": card["key"],
        "label": " · ".join(part for part in (card["head"], card["number"], card["village"]) if part),
        "__version": str(card["base"]),
        "village": card["village"],
        "number": card["number"],
        "rulebook": rulebook,
        "kind": form["kind"],
        "case": str(form["case"] or ""),
        "step": form["step"],
        "class_id": form["class_id"],
        "why": why,
        **_asked(form["questions"], ""),
    }


def _members(card: Mapping[str, Any]) -> Iterator[Row]:
    """The members; `nth` counts those of the household of whom something is asked."""
    nth = 0
    for member in card["members"]:
        asked = _asked(card["form"]["questions"], member["key"])
        nth += bool(asked["ask"])
        yield {
            "name": member["key"],
            "label": member["name"],
            "__version": str(card["base"]),
            "household": card["key"],
            "nth": str(nth) if asked["ask"] else "",
            **asked,
        }


def _asked(questions: Iterable[Mapping[str, Any]], member: str) -> dict[str, str]:
    """What is asked of the household ("") or a member, and of each what is known, for the form and in words."""
    found: dict[str, str] = {}
    names = []
    for one in questions:
        name, _at, whose = one["name"].partition("@")
        if whose != member:
            continue
        names.append(name)
        if (known := one["known"]) is not None:
            found[f"known_{name}"] = " ".join(known) if isinstance(known, list) else known
            found[f"text_{name}"] = one["known_text"]
    return {"ask": " ".join(names), **found}


def as_csv(rows: Iterable[Row], first: Sequence[str]) -> bytes:
    """A list as a CSV file: the columns of `first`, then the others by name."""
    kept = list(rows)
    columns = [*first, *sorted({name for row in kept for name in row} - set(first))]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    return text.getvalue().encode()


def still_there(keys: Sequence[str], user: User, today: datetime.date) -> set[str]:
    """Those of these households and members that a device may keep, as `integrity` asks. Two queries."""
    households = Household.objects.visible_to(user, today).filter(status=HouseholdStatus.ACTIVE, key__in=keys)
    members = Member.objects.visible_to(user, today).filter(present=True, key__in=keys)
    found = {*households.values_list("key", flat=True)}
    return found | {*members.filter(household__status=HouseholdStatus.ACTIVE).values_list("key", flat=True)}
