"""A call for tests: entries, those who hand them in, and those who review them."""

from __future__ import annotations

import datetime
from typing import Any

from highground.forum.actions.call import begin_entry, hand_in, save_draft
from highground.forum.actions.reviewing import add_reviewer
from highground.forum.enums import Criterion
from highground.forum.models import Entry, Reviewer
from highground.knowledge.enums import Standing
from highground.knowledge.models import Expert
from tests.forum.assembly import DAY, NOW

CLOSES = NOW - datetime.timedelta(days=60)
OPEN = CLOSES - datetime.timedelta(days=1)
WORDS = {"title": "Cattle banks", "problem": "No credit", "done": "Lent cows", "results": "Half came back"}
GOOD = dict.fromkeys(Criterion.values, 2)


def enter(forum: Any, number: int = 1, **more: Any) -> Entry:
    """A draft of somebody in Laos."""
    given = {
        "entrant": f"Entrant {number} Souk",
        "email": f"entrant{number}@example.org",
        "organisation": f"Cooperative {number}",
        "country": "LA",
        "language": "lo",
        "time_zone": "Asia/Yangon",
        "field": "finance",
    }
    return begin_entry(forum, now=OPEN, **given | more)


def handed_in(forum: Any, number: int = 1, **more: Any) -> Entry:
    """An entry with words."""
    made = enter(forum, number, **more)
    return hand_in(save_draft(made, {made.language: WORDS}, version=0, now=OPEN), now=OPEN)


def reviewer(call: Any, number: int, **more: Any) -> Reviewer:
    """Somebody in Thailand who reads Lao."""
    given = {
        "name": f"Reviewer {number}",
        "email": f"reviewer{number}@example.org",
        "country": "TH",
        "organisation": f"University {number}",
        "languages": ["lo", "en"],
        "fields": ["finance"],
    }
    return add_reviewer(call.forum, by=call.organiser, today=DAY, **given | more)


def expert(name: str, institution: str = "", **more: Any) -> Expert:
    """A published profile of somebody in Thailand who reads Lao."""
    return Expert.objects.create(
        code=name.lower().replace(" ", "-"), name=name, institution=institution, country="TH", kind="university",
        languages=["lo"], basis="test", standing=Standing.PUBLISHED, added_on=DAY, confirmed_on=DAY, by="test", **more,
    )  # fmt: skip
