"""Search that explains itself, a practice, and an expert: what everybody reads, without an account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from highground.files.uploads import send_content
from highground.knowledge.cards import (
    beside,
    came_of,
    card_of,
    cost_of,
    counts_of,
    evidence_words,
    grade_of,
    lines_by_kind,
    person_of,
    said_by_curator,
    where_and_when,
)
from highground.knowledge.enums import Evidence, Field, Income, LineStatus, Standing
from highground.knowledge.ground import brought, may_curate, may_read
from highground.knowledge.languages import NAMES, reading
from highground.knowledge.matching import (
    LONGEST_QUERY,
    Answered,
    Ranked,
    Wanted,
    Why,
    browse,
    count_shown,
    look_for,
    part_for,
    text_for,
    with_texts,
)
from highground.knowledge.models import Attachment, Expert, Line, Practice, PracticeText
from highground.knowledge.pages import language_pills, tabs
from highground.knowledge.queries import came_of_asking
from highground.knowledge.reading import causes
from highground.knowledge.words import (
    cause_word,
    choice_named,
    concepts_named,
    counted,
    country_named,
    in_a_row,
    in_language,
    marked,
    named,
    said,
    words_for,
)
from highground.methods.search.embedding import NO_EMBEDDER
from highground.methods.search.glossary import LANGUAGES
from highground.web.lists import Pill, page_of, pill

PEOPLE_BESIDE = 5
"""People who stand beside practices; all of them are behind a tab."""


def wanted_from(request: HttpRequest) -> Wanted:
    """What the address asks for; what it cannot ask for is passed over."""
    get = request.GET.get
    cost = get("cost", "")
    return Wanted(
        text=get("q", "").strip()[: LONGEST_QUERY + 1],
        cause=get("cause", "") if get("cause", "") in causes() else "",
        country=get("country", "") if len(get("country", "")) == 2 else "",
        evidence=get("evidence", "") if get("evidence", "") in Evidence.values else "",
        field=get("field", "") if get("field", "") in Field.values else "",
        by_output=get("rank") == "output",
        income=get("income", "") if get("income", "") in Income.values else "",
        most_cost=int(cost) if cost.isascii() and cost.isdecimal() and len(cost) < 9 else None,
    )


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponseBase:
    """Practices and people for `?q=` in any language or `?cause=`, with why; without either, all of them by country."""
    wanted, reader, today = wanted_from(request), reading(request), timezone.localdate()
    words = words_for(reader)
    asked = bool(wanted.text or wanted.cause)
    if asked:
        answered = look_for(wanted, reader)
        practices: Any = answered.practices
    else:
        answered = Answered([], [], [], "", reader, False)
        practices = browse(wanted)
    people = request.GET.get("show") == "people" and asked
    page = page_of(request, answered.people if people else practices, size=10)
    rows = [] if people else page.rows if asked else [Ranked(one, Why()) for one in page.rows]
    shown = page.rows if people else answered.people[:PEOPLE_BESIDE]
    if asked and request.user.is_authenticated and page.number == 1:
        # Counted for those who may ask, so that no robot makes anybody look sought after.
        count_shown([one.expert.pk for one in shown], today)
    count = len(answered.practices) if asked else page.total
    context = {
        "wanted": wanted,
        "reader": reader,
        "title": _title(wanted, reader),
        "sentence": _sentence(count, len(answered.people), asked, reader),
        "words": marked(words, reader),
        "also": answered.also[:12],
        "notice": said_to_readers(answered.notice) if asked else "",
        "shortened": answered.shortened,
        "page": page,
        "cards": [card_of(one, wanted, reader, words) for one in with_texts(rows, reader)],
        "people": [person_of(one, reader) for one in shown],
        "only_people": people,
        "ranks": [
            pill(request, _("Divided by how much they have done"), rank=None),
            pill(request, _("By relevance alone"), rank="output"),
        ],
        "ask_with": urlencode({"cause": wanted.cause, "lang": reader}),
        "pills": _pills(request, count, len(answered.people), asked, reader),
        "menus": _menus(request, reader),
        "languages_read": language_pills(request),
        "causes": []
        if asked
        else [
            Pill(
                in_language(cause_word(one, reader), reader), f"?{urlencode({'cause': one, 'lang': reader})}"
            )
            for one in causes()
        ],
        "came": came_of(came_of_asking(), reader),
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/search.html", context)


def said_to_readers(notice: str) -> str:
    """What kept the search from being better, for readers: which file and which command is for the operator."""
    if notice == NO_EMBEDDER:
        return _("Found by words and by the glossary; search by meaning is not installed here.")
    if notice:
        return _(
            "Found by words and by the glossary; search by meaning must be set up anew by whoever runs this office."
        )
    return ""


def _title(wanted: Wanted, reader: str) -> str:
    if wanted.text:
        text = wanted.text if len(wanted.text) <= 80 else f"{wanted.text[:79]}…"
        return said("for", reader, text=text)
    if wanted.cause:
        return said("against", reader, cause=in_language(cause_word(wanted.cause, reader), reader))
    return said("title", reader)


def _sentence(practices: int, people: int, asked: bool, reader: str) -> str:
    found = counted("practice", practices, reader)
    if not asked:
        return said("intro", reader, practices=found)
    return said("answer", reader, practices=found, experts=counted("expert", people, reader))


def _pills(request: HttpRequest, practices: int, people: int, asked: bool, reader: str) -> list[Pill]:
    found = [pill(request, said("practices", reader), show=None, count=practices)]
    if asked:
        found.append(pill(request, said("experts", reader), show="people", count=people))
    return found


def _menus(request: HttpRequest, reader: str) -> list[tuple[str, list[Pill]]]:
    held = Practice.objects.filter(standing=Standing.PUBLISHED).values_list("country", flat=True)
    names = {one: country_named(one, reader) for one in held.distinct().order_by("country")}
    every = said("all", reader)
    return [
        (
            said("country", reader),
            [
                pill(request, every, country=None),
                *(pill(request, names[one], country=one) for one in sorted(names, key=names.__getitem__)),
            ],
        ),
        (
            said("evidence", reader),
            [
                pill(request, every, evidence=None),
                *(
                    pill(request, choice_named("grade", one, reader), evidence=one)
                    for one in reversed(Evidence.values)
                ),
            ],
        ),
        (
            said("field", reader),
            [
                pill(request, every, field=None),
                *(pill(request, choice_named("field", one, reader), field=one) for one in Field.values),
            ],
        ),
    ]


@login_not_required
@require_safe
def practice(request: HttpRequest, code: str) -> HttpResponseBase:
    """One practice in the reader's language: the problem, what was done, results and failures, source and citation."""
    files = Prefetch("attachments", Attachment.objects.defer("pages").order_by("pk"))
    found = get_object_or_404(Practice.objects.prefetch_related("texts", files), code=code)
    reader, today = reading(request), timezone.localdate()
    if not may_read(found, request.user, today):
        raise Http404
    text, words = text_for(found, reader), words_for(reader)
    title = in_language(text.title, text.language)
    people = Expert.objects.filter(
        standing=Standing.PUBLISHED, lines__practice=found, lines__status=LineStatus.CONFIRMED
    ).distinct()
    address = request.build_absolute_uri(reverse("knowledge:practice", args=[found.code]))
    context = {
        "practice": found,
        "text": text,
        "title": title,
        "words": marked(words, reader, text.language),
        "parts": {one: _part(found, text, one) for one in ("results", "failures", "elsewhere")},
        "reader": reader,
        "where": where_and_when(found, reader),
        "tags": [
            *((in_language(cause_word(one, reader), reader), "clay") for one in found.causes),
            grade_of(found, reader),
        ],
        "concepts": concepts_named(found.concepts, reader),
        "facts": _facts(found, reader),
        "rubric": [(said(name, reader), score) for name, score in found.rubric.items()],
        "grades": evidence_words(),
        "others": [
            (one, named([one.language]), f"?{urlencode({'lang': one.language})}")
            for one in found.texts.all()
            if one.language != text.language
        ],
        "language": named([text.language]),
        "files": [(one, named([one.language])) for one in found.attachments.all()],
        "written": [(each, NAMES[each]) for each in LANGUAGES],
        "people": [(one, country_named(one.country, reader)) for one in people],
        "citation": format_html(
            "{}. {}, {}. {} ({})",
            title,
            found.source,
            found.source_date,
            address,
            found.changed_on.isoformat(),
        ),
        "came": came_of(came_of_asking(found), reader),
        "curates": may_curate(request.user, today),
        "brought": brought(found, request.user),
        "because": said_by_curator(found, reader),
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/practice.html", context)


@login_not_required
@require_safe
def attachment(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """A PDF of a published practice."""
    found = get_object_or_404(Attachment.objects.select_related("practice"), pk=number, practice__code=code)
    if not may_read(found.practice, request.user, timezone.localdate()):
        raise Http404
    try:
        return send_content(found.hash, found.media, f"{code}-{found.pk}")
    except FileNotFoundError as error:
        raise Http404 from error


def _part(found: Practice, text: PracticeText, name: str) -> tuple[str, str]:
    """A part for the page, and which language it is in where that is not the language of the text around it."""
    words, language = part_for(found, text, name)
    elsewhere = bool(words) and language != text.language
    return in_language(words, language, text.language), named([language]) if elsewhere else ""


def _facts(found: Practice, reader: str) -> list[tuple[str, str]]:
    rows = [
        (said("field", reader), in_a_row(choice_named("field", one, reader) for one in found.fields)),
        (said("cost", reader), cost_of(found, reader) or said("no_cost", reader)),
        (said("land", reader), in_a_row(choice_named("zone", one, reader) for one in found.zones)),
        (said("income_of", reader), choice_named("income", found.income, reader) if found.income else ""),
        (
            said("runs", reader),
            in_a_row(choice_named("institution", one, reader) for one in found.institutions),
        ),
    ]
    return [(label, value) for label, value in rows if value]


@login_not_required
@require_safe
def expert(request: HttpRequest, code: str) -> HttpResponseBase:
    """One expert: what speaks for them beside what they say themselves, and how to ask."""
    lines = Prefetch(
        "lines", Line.objects.filter(status=LineStatus.CONFIRMED).select_related("practice"), to_attr="said"
    )
    found = Expert.objects.select_related("merged_into").prefetch_related(lines).filter(code=code).first()
    if found is not None and found.merged_into is not None:
        return redirect("knowledge:expert", found.merged_into.code)
    reader, today = reading(request), timezone.localdate()
    curates = may_curate(request.user, today)
    public = found is not None and found.standing == Standing.PUBLISHED
    own = found is not None and request.user.is_authenticated and found.owner_id == request.user.pk
    if found is None or not (public or curates or own):
        raise Http404
    if request.user.is_authenticated and public and not own:
        count_shown([found.pk], today, opened=True)
    counts: dict[str, int] = {}
    for line in found.said:
        counts[line.kind] = counts.get(line.kind, 0) + 1
    shown_by_evidence = list(dict.fromkeys(one for line in found.said for one in line.concepts))
    context = {
        "expert": found,
        "words": marked(words_for(reader), reader),
        "reader": reader,
        "about": beside(
            country_named(found.country, reader),
            found.place if "place" in found.shown else "",
            found.institution if "institution" in found.shown else "",
            choice_named("institution", found.kind, reader),
        ),
        "spoken": named(found.languages),
        "fields": in_a_row(choice_named("field", one, reader) for one in found.fields),
        "lines": lines_by_kind(found.said, reader),
        "counts": counts_of(counts, reader),
        "demonstrated": concepts_named(shown_by_evidence, reader),
        "declared": concepts_named([one for one in found.declared if one not in shown_by_evidence], reader),
        "both": concepts_named([one for one in found.declared if one in shown_by_evidence], reader),
        "free_from": found.free_from if "free_from" in found.shown else None,
        "orcid": found.orcid if "orcid" in found.shown else "",
        "gender": choice_named("gender", found.gender, reader)
        if found.gender and "gender" in found.shown
        else "",
        "words_of_own": found.about if "about" in found.shown else "",
        "conflicts": found.conflicts if "conflicts" in found.shown else "",
        "stale": (today - found.confirmed_on).days > 365,
        "ask_with": urlencode(
            {key: request.GET[key] for key in ("cause", "practice", "lang") if key in request.GET}
        ),
        "curates": curates,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/expert.html", context)
