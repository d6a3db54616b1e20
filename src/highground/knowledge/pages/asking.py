"""Asking an expert, answering, and saying what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see, names_of_users
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.audit.actions import log_access
from highground.knowledge.actions import asking
from highground.knowledge.cards import beside
from highground.knowledge.enums import Decline, Outcome, Progress, Standing
from highground.knowledge.ground import MONTHS, KnowledgeError, may_ask
from highground.knowledge.languages import reading, written_in
from highground.knowledge.matching import text_for
from highground.knowledge.models import Expert, Practice, Referral
from highground.knowledge.pages import own_profile, tabs
from highground.knowledge.queries import areas_to_ask_for, asked_by_area, asked_of, due_months, referral_for
from highground.knowledge.reading import causes
from highground.knowledge.words import (
    cause_word,
    choice_named,
    choice_word,
    country_named,
    in_language,
    language_of,
    marked,
    said,
    speaks,
    word,
    words_for,
)
from highground.web.lists import page_of
from highground.web.numbers import number as shown

COLOURS = {
    Progress.ASKED: "gold",
    Progress.ACCEPTED: "water",
    Progress.DECLINED: "grey",
    Progress.ADVISED: "green",
}


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponseBase:
    """Write a question to an expert; `?cause=` and `?practice=` say where it came from."""
    user: Any = request.user
    today, reader, problem = timezone.localdate(), reading(request), ""
    found: Expert = get_object_or_404(Expert, code=code, standing=Standing.PUBLISHED)
    area = _area(request, today)
    if area is None:
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET
    cause = sent.get("cause", "") if sent.get("cause", "") in causes() else ""
    practice = Practice.objects.filter(code=sent.get("practice", ""), standing=Standing.PUBLISHED).first()
    if request.method == "POST":
        try:
            text = request.POST.get("text", "")
            made = asking.ask(
                found, area=area, text=text, language=written_in(text, reader), cause=cause, practice=practice, by=user,
                today=today,
            )  # fmt: skip
            messages.success(request, said("sent", reader))
            return redirect("knowledge:referral", made.pk)
        except KnowledgeError as error:
            problem = str(error)
    context = {
        "expert": found,
        "area": area,
        "areas": areas_to_ask_for(user, today),
        "title": said("ask_title", reader, name=found.name),
        "sentence": beside(country_named(found.country, reader), speaks(found.languages, reader)),
        "for_area": said("for_area", reader, area=area),
        "common": reader in found.languages,
        "cause": cause,
        "cause_word": in_language(cause_word(cause, reader), reader) if cause else "",
        "practice": practice,
        "practice_text": text_for(practice, reader) if practice else None,
        "words": marked(words_for(reader), reader),
        "reader": reader,
        "text": request.POST.get("text", ""),
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/ask.html", context, status=422 if problem else 200)


def _area(request: HttpRequest, today: Any) -> Area | None:
    """The area that is asked for: the one chosen in the form, else the one in view, else the first of the person's own."""
    user: Any = request.user
    own = areas_to_ask_for(user, today)
    wanted = request.POST.get("area", "")
    if wanted:
        return next((one for one in own if one.code == wanted), None)
    here = area_in_view(request)
    return here if here and may_ask(user, here, today) else (own[0] if own else None)


@require_safe
def questions(request: HttpRequest) -> HttpResponseBase:
    """The questions that one's area has asked, and those asked to oneself; what waits stands first."""
    user: Any = request.user
    today, reader, mine = timezone.localdate(), reading(request), own_profile(request.user)
    area_sees = may_see(user, today, Sight.QUESTIONS)
    if not area_sees and mine is None:
        raise PermissionDenied
    received = list(asked_of(mine)[:50]) if mine else []
    page = page_of(request, asked_by_area(user, today)) if area_sees else None
    waiting = sum(one.progress in (Progress.ASKED, Progress.ACCEPTED) for one in received)
    due = sum(due_months(one, today) is not None for one in page.rows) if page else 0
    context = {
        "title": _title(waiting, due, mine is not None),
        "received": [_row(one, reader, today) for one in received],
        "page": page,
        "sent": [_row(one, reader, today) for one in page.rows] if page else [],
        "mine": mine,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/questions.html", context)


def _title(waiting: int, due: int, expert: bool) -> str:
    if waiting:
        return ngettext(
            "%(n)s question waits for your answer", "%(n)s questions wait for your answer", waiting
        ) % {"n": shown(waiting)}
    if due:
        return ngettext(
            "Of %(n)s answer it is time to say what came of it",
            "Of %(n)s answers it is time to say what came of them",
            due,
        ) % {"n": shown(due)}
    return _("No question waits for you") if expert else _("Questions to experts")


def _row(one: Referral, reader: str, today: Any) -> dict[str, Any]:
    text = one.question.text
    return {
        "one": one,
        "text": text if len(text) <= 120 else f"{text[:119]}…",
        "progress": choice_named("progress", one.progress, reader),
        "colour": COLOURS[Progress(one.progress)],
        "due": due_months(one, today),
    }


@require_http_methods(["GET", "POST"])
def referral(request: HttpRequest, number: int) -> HttpResponseBase:
    """One question: the expert answers or declines, the area says what came of it after 3 and 12 months."""
    user: Any = request.user
    today, reader, problem = timezone.localdate(), reading(request), ""
    if own_profile(user) is None and not may_see(user, today, Sight.QUESTIONS):
        raise PermissionDenied
    found = referral_for(number, user, today)
    if found is None:
        raise Http404
    if request.method == "POST":
        try:
            _act(request, found, today, reader)
            return redirect("knowledge:referral", found.pk)
        except KnowledgeError as error:
            problem = str(error)
    else:
        log_access(
            by=str(user.pk), page="knowledge.question", subject_kind="referral", subject_id=str(found.pk),
            area_path=found.question.area.path,
        )  # fmt: skip
    question = found.question
    answers = found.expert.owner_id == user.pk
    asks = may_ask(user, question.area, today)
    context = {
        "found": found,
        "question": question,
        "title": said("asks", reader, area=question.area, name=found.expert),
        "asker": names_of_users([question.by]).get(question.by, ""),
        "cause_word": in_language(cause_word(question.cause, reader), reader) if question.cause else "",
        "practice_text": text_for(question.practice, reader) if question.practice else None,
        "answers": answers and found.progress in (Progress.ASKED, Progress.ACCEPTED),
        "reasons": [(one, *choice_word("decline", one, reader)) for one in Decline.values],
        "outcomes": [_choice(one, f"outcome_{one}", reader) for one in Outcome.values],
        "afters": [_choice(months, f"after_{months}", reader) for months in MONTHS],
        "asks_outcome": asks and found.progress == Progress.ADVISED,
        "due": due_months(found, today),
        "told": [
            (said("after_months", reader, months=months), words, written_in(words, question.language))
            for months in MONTHS
            if (words := getattr(found, f"told_{months}"))
        ],
        "timeline": _timeline(found, reader),
        "reader": reader,
        "words": marked(words_for(reader), reader),
        "problem": problem,
        "typed": request.POST,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/referral.html", context, status=422 if problem else 200)


def _choice(value: Any, name: str, reader: str) -> tuple[Any, str, str]:
    """A choice with its words and their language: an option holds no markup that could say it."""
    return value, word(name, reader), language_of(name, reader)


def _timeline(found: Referral, reader: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [
        {"day": found.asked_on, "title": said("step_asked", reader), "state": "done"}
    ]
    if found.progress == Progress.DECLINED:
        why = choice_named("decline", found.why_not, reader) if found.why_not else ""
        title = said("step_declined", reader)
        steps.append({"day": found.answered_on, "title": title, "text": why, "state": "done"})
        return steps
    state = "done" if found.progress == Progress.ADVISED else "now"
    steps.append({"day": found.answered_on or "", "title": said("step_answered", reader), "state": state})
    for months in MONTHS:
        value = getattr(found, f"works_{months}")
        steps.append(
            {
                "title": said("after_months", reader, months=months),
                "text": said(f"outcome_{value}", reader) if value else "",
                "state": "done" if value else "next",
            }
        )
    return steps


def _act(request: HttpRequest, found: Referral, today: Any, reader: str) -> None:
    user, post = request.user, request.POST
    verb = post.get("do", "")
    if verb == "accept":
        asking.accept(found, by=user, today=today)
    elif verb == "decline":
        asking.decline(found, why=post.get("why", ""), by=user, today=today)
    elif verb == "advise":
        text = post.get("text", "")
        asking.advise(found, text=text, language=written_in(text, reader), by=user, today=today)
        messages.success(request, said("answer_sent", reader))
    elif verb == "outcome":
        months = post.get("months", "")
        asking.say_outcome(
            found, months=int(months) if months in ("3", "12") else 0, outcome=post.get("outcome", ""),
            told=post.get("told", ""), by=user, today=today,
        )  # fmt: skip
        messages.success(request, said("thanks", reader))
    else:
        raise KnowledgeError(_("This is nothing that can be done with a question."))
