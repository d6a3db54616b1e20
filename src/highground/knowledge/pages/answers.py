"""The answer of a search as JSON, for other programs: what the page shows, with why."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from highground.knowledge.languages import reading
from highground.knowledge.matching import Found, Person, look_for, part_for, with_texts
from highground.knowledge.pages.search import said_to_readers, wanted_from

MOST = 20
"""Practices and people in an answer."""


@login_not_required
@require_safe
def answers(request: HttpRequest) -> HttpResponseBase:
    """The first practices and people for `?q=` or `?cause=`, with the filters of the page; 400 where nothing is asked."""
    wanted, reader = wanted_from(request), reading(request)
    if not (wanted.text or wanted.cause):
        return JsonResponse({"error": "ask with q= (words in any language) or cause="}, status=400)
    base = request.build_absolute_uri("/").rstrip("/")
    answered = look_for(wanted, reader)
    content = {
        "language": answered.language,
        "reader": reader,
        "notice": said_to_readers(answered.notice),
        "also_searched": [{"label": one.label, "language": one.language} for one in answered.also],
        "found": {"practices": len(answered.practices), "experts": len(answered.people)},
        "practices": [_practice(one, base) for one in with_texts(answered.practices[:MOST], reader)],
        "experts": [_person(one, base) for one in answered.people[:MOST]],
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def _practice(found: Found, base: str) -> dict[str, Any]:
    practice, why = found.practice, found.why
    failures, language = part_for(practice, found.text, "failures")
    return {
        "code": practice.code,
        "url": f"{base}{reverse('knowledge:practice', args=[practice.code])}",
        "title": {"text": found.text.title, "language": found.text.language, "status": found.text.status},
        "failures": {"text": failures, "language": language} if failures else None,
        "country": practice.country,
        "evidence": practice.evidence,
        "why": {
            "concepts": why.concepts,
            "cause": why.cause,
            "context": why.context,
            "words": why.words,
            "meaning": why.meaning,
        },
    }


def _person(person: Person, base: str) -> dict[str, Any]:
    expert = person.expert
    return {
        "code": expert.code,
        "url": f"{base}{reverse('knowledge:expert', args=[expert.code])}",
        "name": expert.name,
        "country": expert.country,
        "languages": expert.languages,
        "evidence": [{"text": one.text, "language": one.language, "year": one.year} for one in person.lines],
        "counts": dict(person.counts),
        "declared": person.declared,
        "invented": expert.synthetic,
    }
