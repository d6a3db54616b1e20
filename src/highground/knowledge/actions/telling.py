"""A practice told on a page: by somebody who has done it and owns a profile, or by a curator. A curator publishes it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from highground.knowledge.actions.experts import Suggested, add_lines
from highground.knowledge.actions.practices import add_practices, set_practice_standing, wait_again
from highground.knowledge.enums import LineKind, LineStatus, Standing, TextStatus
from highground.knowledge.ground import KnowledgeError, brought, may_curate
from highground.knowledge.models import Expert, Practice
from highground.knowledge.reading import WORDS, Misplaced, check

KEPT = (
    "country", "place", "since", "until", "fields", "causes", "concepts", "zones", "income", "institutions", "cost",
    "currency", "evidence", "rubric", "source", "url", "source_date", "verified",
)  # fmt: skip


def may_tell(user: Any, today: datetime.date) -> bool:
    """Whether a person tells practices: a curator, and whoever owns a profile that was not withdrawn."""
    if may_curate(user, today):
        return True
    owned = Expert.objects.filter(owner=user.pk).exclude(standing=Standing.WITHDRAWN)
    return bool(user.is_authenticated and owned.exists())


@transaction.atomic
def tell_practice(
    values: Mapping[str, Any],
    text: Mapping[str, str],
    *,
    language: str,
    by: Any,
    today: datetime.date,
    told: Practice | None = None,
) -> Practice:
    """A practice in the words of whoever tells it, or `told` said anew; it waits for a curator. One event, and one more where it
    had been taken back.

    Its texts in other languages and what the page does not ask for stay. Raises KnowledgeError with column and mend.
    """
    if not may_tell(by, today) or (told is not None and not brought(told, by)):
        raise KnowledgeError(_("A practice is told by a curator, or by whoever owns a profile."))
    before: dict[str, Any] = {name: getattr(told, name) for name in KEPT} if told else {}
    texts = {
        one.language: {name: getattr(one, name) for name in ("status", *WORDS)}
        for one in (told.texts.all() if told else ())
    }
    # Who told it in one language and says it in another has translated it, and has read the translation.
    fresh = TextStatus.REVIEWED if texts else TextStatus.ORIGINAL
    texts[language] = {"status": texts.get(language, {}).get("status", fresh), **text}
    code = told.code if told else _free_code(values["country"], text["title"])
    row = {**before, **values, "code": code, "verified": False, "texts": texts}
    try:
        checked = check({name: value for name, value in row.items() if value is not None}, code)
    except Misplaced as wrong:
        said = {"column": wrong.column, "reason": wrong.reason, "mend": wrong.mend}
        raise KnowledgeError(_("%(column)s: %(reason)s; %(mend)s") % said) from wrong
    add_practices([checked], by=str(by.pk), today=today)
    found: Practice = Practice.objects.get(code=code)
    if found.standing == Standing.WITHDRAWN:
        wait_again(found, by=by, today=today)
    return found


def _free_code(country: str, title: str) -> str:
    """A code that no practice has: the country and the title, where that is written in Latin letters."""
    words = slugify(title).replace("_", "-").strip("-")[:40].strip("-")
    stem = f"{country.lower()}-{words or 'practice'}"
    taken = set(Practice.objects.filter(code__startswith=stem).values_list("code", flat=True))
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 3))
    return next(code for code in numbered if code not in taken)


@transaction.atomic
def publish(practice: Practice, *, by: Any, today: datetime.date) -> None:
    """A curator publishes a practice; what its expert told of their own doing then speaks for them. Two events."""
    set_practice_standing(practice, Standing.PUBLISHED, by=by, today=today)
    told = practice.by.isascii() and practice.by.isdecimal()
    expert = Expert.objects.filter(owner=int(practice.by)).first() if told else None
    text = practice.texts.filter(status=TextStatus.ORIGINAL).first() or practice.texts.first()
    if expert is not None and text is not None:
        line = Suggested(
            LineKind.PRACTICE, text.title, f"practice/{practice.code}", language=text.language,
            year=practice.until or practice.since, source="told", practice=practice,
        )  # fmt: skip
        add_lines(expert, [line], by=str(by.pk), today=today, status=LineStatus.CONFIRMED)
