"""An area asks an expert; the expert accepts, answers or declines; later the area says what came of it."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.areas.models import Area
from highground.audit.actions import record
from highground.knowledge.actions.experts import Suggested, add_lines
from highground.knowledge.enums import Decline, LineKind, LineStatus, Outcome, Progress, Standing
from highground.knowledge.ground import MONTHS, KnowledgeError, may_ask
from highground.knowledge.languages import tidy
from highground.knowledge.models import Expert, Practice, Question, Referral
from highground.knowledge.reading import causes

LONGEST = 4_000
BY_ID = "reached in scope by the caller, or by the expert who was asked; locked by its id"


@transaction.atomic
def ask(
    expert: Expert,
    *,
    area: Area,
    text: str,
    language: str,
    by: Any,
    today: datetime.date,
    cause: str = "",
    practice: Practice | None = None,
) -> Referral:
    """A question of an area to an expert; one event, which keeps no word of it."""
    if not may_ask(by, area, today):
        raise KnowledgeError(
            _("Questions to experts are asked by officers and first secretaries, for their own area.")
        )
    words = tidy(text)
    if not words:
        raise KnowledgeError(_("Write what you want to know."))
    if len(words) > LONGEST:
        raise KnowledgeError(_("Use at most %(count)s characters.") % {"count": LONGEST})
    if expert.standing != Standing.PUBLISHED:
        raise KnowledgeError(_("This profile is not published."))
    if expert.owner_id == by.pk:
        raise KnowledgeError(_("This is your own profile."))
    if cause and cause not in causes():
        raise KnowledgeError(
            _("%(column)s: not known: %(value)s") % {"column": _("cause"), "value": cause[:40]}
        )
    question: Question = Question.objects.create(
        area=area,
        text=words,
        language=language,
        cause=cause,
        practice=practice,
        asked_on=today,
        by=str(by.pk),
    )
    referral: Referral = Referral.objects.create(question=question, expert=expert, asked_on=today)
    _record("knowledge.ask", referral, by, cause=cause)
    return referral


def _locked(referral: Referral) -> Referral:
    rows = Referral.objects.everywhere(reason=BY_ID).select_for_update(of=("self",))
    found: Referral = rows.select_related("question__area", "expert").get(pk=referral.pk)
    return found


def _only_asked(referral: Referral, by: Any) -> None:
    if referral.expert.owner_id is None or referral.expert.owner_id != by.pk:
        raise KnowledgeError(_("This question was asked to somebody else."))


@transaction.atomic
def accept(referral: Referral, *, by: Any, today: datetime.date) -> None:
    """The expert will answer; one event."""
    found = _locked(referral)
    _only_asked(found, by)
    if found.progress != Progress.ASKED:
        raise KnowledgeError(_("This has been answered already."))
    found.progress = Progress.ACCEPTED
    found.save(update_fields=["progress"])
    _record("knowledge.accept", found, by)


@transaction.atomic
def decline(referral: Referral, *, why: str, by: Any, today: datetime.date) -> None:
    """The expert does not answer, and says why; one event."""
    found = _locked(referral)
    _only_asked(found, by)
    if found.progress == Progress.ADVISED:
        raise KnowledgeError(_("This has been answered already."))
    if why not in Decline.values:
        raise KnowledgeError(_("Say why not."))
    found.progress, found.why_not, found.answered_on = Progress.DECLINED, why, today
    found.save(update_fields=["progress", "why_not", "answered_on"])
    _record("knowledge.decline", found, by, why=why)


@transaction.atomic
def advise(referral: Referral, *, text: str, language: str, by: Any, today: datetime.date) -> None:
    """The expert's answer; one event, which keeps no word of it."""
    found = _locked(referral)
    _only_asked(found, by)
    words = tidy(text)
    if not words or len(words) > 2 * LONGEST:
        raise KnowledgeError(_("An answer has 1 to %(count)s characters.") % {"count": 2 * LONGEST})
    if found.progress in (Progress.ADVISED, Progress.DECLINED):
        raise KnowledgeError(_("This has been answered already."))
    found.progress, found.answer, found.answer_language, found.answered_on = (
        Progress.ADVISED,
        words,
        language,
        today,
    )
    found.save(update_fields=["progress", "answer", "answer_language", "answered_on"])
    _record("knowledge.advise", found, by)


@transaction.atomic
def say_outcome(
    referral: Referral, *, months: int, outcome: str, told: str, by: Any, today: datetime.date
) -> None:
    """What came of the advice after so many months; what works becomes a line of evidence of the expert. One event.

    It may be said early, because some things fail at once, and said again as long as the year is not over.
    """
    found = _locked(referral)
    if not may_ask(by, found.question.area, today):
        raise KnowledgeError(_("What came of advice is said by those who may ask for this area."))
    if found.progress != Progress.ADVISED:
        raise KnowledgeError(_("There is no advice yet."))
    if months not in MONTHS or outcome not in Outcome.values:
        raise KnowledgeError(_("Choose what came of it, after 3 or after 12 months."))
    words = tidy(told)[:LONGEST]
    if outcome == Outcome.FAILED and not words:
        raise KnowledgeError(_("Say how it failed: others learn most from that."))
    setattr(found, f"works_{months}", outcome)
    setattr(found, f"told_{months}", words)
    found.save(update_fields=[f"works_{months}", f"told_{months}"])
    if outcome in (Outcome.WORKS, Outcome.PARTLY):
        line = Suggested(
            LineKind.ANSWER, _about(found), key=f"referral/{found.pk}", year=today.year, source="referral",
            practice=found.question.practice,
        )  # fmt: skip
        add_lines(found.expert, [line], by=str(by.pk), today=today, status=LineStatus.CONFIRMED)
    _record("knowledge.outcome", found, by, months=months, outcome=outcome)


def _about(referral: Referral) -> str:
    """What the answer was about, without who asked."""
    question = referral.question
    if question.practice:
        text = question.practice.texts.filter(language="en").first() or question.practice.texts.first()
        if text:
            return f"Advised an area on: {text.title}"
    return f"Advised an area on: {question.cause.replace('_', ' ') or 'a question of its own'}"


def _record(kind: str, referral: Referral, by: Any, **data: Any) -> None:
    record(
        kind, by=str(by.pk), subject_kind="referral", subject_id=str(referral.pk),
        area_path=referral.question.area.path, data=data,
    )  # fmt: skip
