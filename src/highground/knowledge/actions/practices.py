"""Practices come in from files, are published, and are taken back."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.audit.actions import record
from highground.knowledge.enums import Standing, TextStatus
from highground.knowledge.ground import KnowledgeError, may_curate
from highground.knowledge.languages import EVERYWHERE
from highground.knowledge.marks import next_mark
from highground.knowledge.models import Practice, PracticeText
from highground.knowledge.reading import WORDS, Record
from highground.methods.search.glossary import load_glossary

CHANGING = (
    "country", "place", "since", "until", "fields", "causes", "concepts", "zones", "income", "institutions", "cost",
    "currency", "evidence", "rubric", "source", "url", "source_date", "verified",
)  # fmt: skip


REASON = 300
"""Letters of what a curator says who takes a practice back."""


@dataclass(frozen=True)
class Added:
    """How many practices are new, say something else than before, or are as they were."""

    new: int
    changed: int
    same: int


@transaction.atomic
def add_practices(
    records: Sequence[Record],
    *,
    by: str,
    today: datetime.date,
    published: bool = False,
    synthetic: bool = False,
) -> Added:
    """Keep what was read, each practice in place of an older one with its code; a fixed number of queries and one event.

    New and changed ones wait for a curator unless they are `published`. What a curator withdrew stays withdrawn.
    """
    held = {
        one.code: one
        for one in Practice.objects.filter(code__in=[one.values["code"] for one in records]).prefetch_related(
            "texts"
        )
    }
    new, changed = [], []
    for one in records:
        values = {**_EMPTY, **one.values, "concepts": _concepts(one)}
        known = held.get(one.values["code"])
        if known is None:
            standing = Standing.PUBLISHED if published else Standing.WAITING
            fresh = Practice(
                **values, standing=standing, synthetic=synthetic, by=by, added_on=today, changed_on=today
            )
            fresh.verified_on = today if fresh.verified else None
            new.append((fresh, one))
        elif _differs(known, values, one):
            for name, value in values.items():
                setattr(known, name, value)
            known.changed_on, known.verified_on = today, today if known.verified else None
            if known.standing == Standing.PUBLISHED and not published:
                known.standing, known.by = Standing.WAITING, by
            changed.append((known, one))
    if new or changed:
        mark = next_mark()
        for practice, _one in (*new, *changed):
            practice.mark = mark
        Practice.objects.bulk_create([practice for practice, _one in new])
        Practice.objects.bulk_update(
            [practice for practice, _one in changed],
            [*CHANGING, "changed_on", "verified_on", "mark", "standing", "by"],
        )
        PracticeText.objects.filter(practice__in=[practice for practice, _one in changed]).delete()
        PracticeText.objects.bulk_create(
            PracticeText(practice=practice, language=language, **text)
            for practice, one in (*new, *changed)
            for language, text in one.texts.items()
        )
        record(
            "knowledge.import",
            by=by,
            subject_kind="practices",
            subject_id=str(mark),
            data={"new": len(new), "changed": len(changed), "hash": _hash(records)},
        )
    return Added(len(new), len(changed), len(records) - len(new) - len(changed))


_EMPTY: dict[str, Any] = {
    "place": "", "since": None, "until": None, "causes": [], "zones": [], "income": "", "institutions": [], "cost": None,
    "currency": "", "rubric": {}, "url": "", "verified": False,
}  # fmt: skip


def _concepts(one: Record) -> list[str]:
    """What the record names, and what the glossary finds in its titles and in what was done."""
    glossary, found = load_glossary(), list(one.values.get("concepts", []))
    for language, text in one.texts.items():
        if text["status"] != TextStatus.DRAFT:
            found += glossary.concepts_in(f"{text['title']}\n{text['problem']}\n{text['done']}", language)
    return [one for one in dict.fromkeys(found) if one not in EVERYWHERE]


def _differs(known: Practice, values: dict[str, Any], one: Record) -> bool:
    texts = {
        text.language: {name: getattr(text, name) for name in ("status", *WORDS)}
        for text in known.texts.all()
    }
    return texts != one.texts or any(getattr(known, name) != value for name, value in values.items())


def _hash(records: Sequence[Record]) -> str:
    content = json.dumps([[one.values, one.texts] for one in records], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


@transaction.atomic
def set_practice_standing(
    practice: Practice, standing: Standing, *, by: Any, today: datetime.date, reason: str = ""
) -> None:
    """A curator publishes a practice, or takes it back with a reason, which whoever told it reads; one event."""
    if not may_curate(by, today):
        raise KnowledgeError(_("Practices are published and taken back by a curator."))
    reason = reason.strip()
    if standing == Standing.WITHDRAWN and not reason:
        raise KnowledgeError(_("Say why it is taken back."))
    if len(reason) > REASON:
        raise KnowledgeError(_("Say why in at most %(most)s letters.") % {"most": REASON})
    if str(by.pk) == practice.by and standing == Standing.PUBLISHED:
        raise KnowledgeError(_("Whoever brought a practice in does not publish it. Ask another curator."))
    practice.taken_back_because = reason if standing == Standing.WITHDRAWN else ""
    _stand(practice, standing, by, today, {"reason": len(reason)})


def wait_again(practice: Practice, *, by: Any, today: datetime.date) -> None:
    """What had been taken back waits for a curator once more, who sees why it was; one event."""
    _stand(practice, Standing.WAITING, by, today, {})


def _stand(
    practice: Practice, standing: Standing, by: Any, today: datetime.date, data: dict[str, Any]
) -> None:
    practice.standing, practice.mark, practice.changed_on = standing, next_mark(), today
    practice.save(update_fields=["standing", "taken_back_because", "mark", "changed_on"])
    record(
        f"knowledge.{standing}", by=str(by.pk), subject_kind="practice", subject_id=practice.code, data=data
    )
