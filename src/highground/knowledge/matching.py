"""From a question or a cause to practices and people, each with why.

Several rankings are fused by rank: what the text finds (by words, by meaning and by the glossary), what names the cause,
what shares concepts, and what was tried on like land at a like income. The evidence grade is shown beside and moves
nothing. People are ranked by the lines that speak for them, once by relevance and once divided by the root of how much
they have done.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, QuerySet, prefetch_related_objects

from highground.knowledge.enums import LineStatus, Standing, TextStatus
from highground.knowledge.indexing import EXPERT, PRACTICE, Searched, current, facets_of
from highground.knowledge.languages import EVERYWHERE, concept_words, written_in
from highground.knowledge.models import Expert, Line, Practice, PracticeText, Shown
from highground.methods.search.fusing import fuse
from highground.methods.search.glossary import Label, load_glossary
from highground.methods.search.index import Answer
from highground.methods.search.text import normalise

LONGEST_QUERY = 5_000
READ = 500
"""Characters of a query that are searched: a longer one says the same again."""
DEPTH = 40
"""Passages that a text finds. By meaning everything is near to something: what comes later has nothing to do with it."""
AT_LEAST, OF_ALL = 5, 3
"""Where a filter leaves few, a text finds one in three of them, and these at least."""
MOST_PEOPLE = 200
"""People whose lines speak to a question: nobody pages further."""
SHOWN = 25
"""People whose lines are looked up where the profile alone was found."""
CONTEXT = 0.25
"""What a like context weighs beside what the text finds."""
CAUSES_AS_CONCEPTS: Mapping[str, tuple[str, ...]] = {
    "illness": ("serious-illness", "chronic-illness", "health-insurance", "health"),
    "disability": ("disability",),
    "schooling": ("education", "school-dropout", "scholarship"),
    "disaster": ("disaster", "flood", "drought", "disaster-preparedness"),
    "accident": ("accident", "insurance"),
    "lack_of_labour": ("lack-of-labour", "older-people", "public-welfare-job"),
    "unsafe_housing": ("dilapidated-housing", "housing"),
    "unsafe_water": ("drinking-water", "sanitation"),
    "unstable_work": ("unemployment", "employment", "migrant-work"),
    "industry_failure": ("village-industry", "market-access", "animal-disease"),
}
"""What a cause of the fact dictionary is called in the glossary."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for: words, a cause, filters, and the context of whoever asks."""

    text: str = ""
    cause: str = ""
    country: str = ""
    evidence: str = ""
    field: str = ""
    most_cost: int | None = None
    zone: str = ""
    income: str = ""
    by_output: bool = False
    """Rank people by relevance alone, so that who has done much stands high; else it is divided by how much."""


@dataclass(frozen=True)
class Why:
    """Why a practice is in the answer, for the page to say."""

    concepts: list[str] = field(default_factory=list)
    """Ids of the concepts that the practice shares with what was asked."""
    cause: bool = False
    context: list[str] = field(default_factory=list)
    words: bool = False
    """It holds words of the question."""
    meaning: bool = False
    """It was found by what it says alone."""
    language: str = ""
    """The language of the text that was found."""
    page: tuple[int, int] | None = None
    """The file and the page of it that was found, where that is not the practice itself."""


@dataclass(frozen=True)
class Ranked:
    """A practice in its place, and why. Its words are loaded for those that a page shows (`with_texts`)."""

    practice: Practice
    why: Why


@dataclass(frozen=True)
class Found:
    """A practice with its text for this reader, and why."""

    practice: Practice
    text: PracticeText
    original: PracticeText | None
    """The title in its own language, where the reader sees another one."""
    why: Why


@dataclass(frozen=True)
class Person:
    """An expert, why, and how much there is in all."""

    expert: Expert
    lines: list[Line]
    declared: list[str]
    """Concepts of the question that the person declares, in the reader's words."""
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Answered:
    """What a search found, before it is cut into pages."""

    practices: list[Ranked]
    people: list[Person]
    also: list[Label]
    """Names that were searched for as well, each once."""
    notice: str
    language: str
    """The language that the query was taken for."""
    shortened: bool


def look_for(wanted: Wanted, reader: str) -> Answered:
    """Practices and people for what is wanted, in the language of the reader. A fixed number of queries."""
    text = normalise(wanted.text)[:READ]
    language = written_in(text, reader) if text else reader
    concepts = list(CAUSES_AS_CONCEPTS.get(wanted.cause, ()))
    if text:
        concepts += [one for one in load_glossary().concepts_in(text, language) if one not in EVERYWHERE]
    asked = text or " ".join(concept_words(concepts[:2], reader))
    held = current()
    chosen = facets_of(PRACTICE, country=wanted.country, evidence=wanted.evidence, field=wanted.field)
    found = _found(held, asked, language, chosen) if asked else None
    by_text: dict[str, str] = {}
    pages: dict[str, tuple[int, int]] = {}
    for key in _first_pages(found.keys, DEPTH) if found else []:
        _kind, code, written, *page = key.split("/")
        if page and code not in by_text:
            pages[code] = int(page[0]), int(page[1])
        by_text.setdefault(code, written)
    named = []
    if text:
        profiles = _found(held, asked, language, facets_of(EXPERT, country=wanted.country))
        named = [key.split("/")[1] for key in profiles.keys]
    worded = {key.split("/")[1] for key in found.worded} if found and text else set[str]()
    practices = _practices(wanted, by_text, worded, concepts, pages)
    also = list({label.label: label for label in found.also_searched}.values()) if found else []
    return Answered(
        practices=practices,
        people=_people(held, wanted, asked, language, concepts, named, reader) if asked else [],
        also=also,
        notice=found.notice if found else "",
        language=language,
        shortened=len(normalise(wanted.text)) > READ,
    )


def _found(held: Searched, asked: str, language: str, facets: frozenset[str]) -> Answer:
    """What the text finds among what has the facets."""
    limit = min(2 * DEPTH, max(AT_LEAST, held.words.count_with(facets) // OF_ALL))
    return held.answer(asked, language, limit=limit, having=facets)


def _first_pages(keys: Sequence[str], most: int) -> list[str]:
    """The keys in order, of each practice's files the first page alone: a long file must not push the others out."""
    found, seen = [], set[str]()
    for key in keys:
        _kind, code, _language, *page = key.split("/")
        if page and code in seen:
            continue
        if page:
            seen.add(code)
        found.append(key)
    return found[:most]


def _practices(
    wanted: Wanted,
    by_text: Mapping[str, str],
    worded: set[str],
    concepts: Sequence[str],
    pages: Mapping[str, tuple[int, int]],
) -> list[Ranked]:
    """The practices that answer and pass the filters, best first. One query."""
    held = {one.code: one for one in _candidates(wanted, by_text, concepts)}
    shared = {code: [one for one in concepts if one in practice.concepts] for code, practice in held.items()}
    fits = {code: _fits(wanted, practice) for code, practice in held.items()}
    named = [code for code, one in held.items() if wanted.cause in one.causes] if wanted.cause else []
    rankings = {
        "text": [code for code in by_text if code in held],
        "concepts": sorted(
            (code for code in held if shared[code]), key=lambda code: (-len(shared[code]), code)
        ),
        # Practices for fewer causes are closer to this one.
        "cause": sorted(named, key=lambda code: (len(held[code].causes), -len(shared[code]), code)),
        "context": sorted((code for code in held if fits[code]), key=lambda code: (-len(fits[code]), code)),
    }
    ranked = fuse(rankings, weigh=lambda name, _code: CONTEXT if name == "context" else 1.0)
    # A cause that was clicked is meant: what only sounds alike stays out.
    meant = set(named) if wanted.cause and not wanted.text else set(held)
    return [
        Ranked(
            held[code],
            Why(
                shared[code],
                code in named,
                fits[code],
                code in worded,
                bool(wanted.text) and code in by_text and code not in worded and not shared[code],
                by_text.get(code, ""),
                pages.get(code),
            ),
        )
        for code, _score in ranked
        if code in meant and _passes(wanted, held[code])
    ]


def _candidates(wanted: Wanted, by_text: Mapping[str, str], concepts: Sequence[str]) -> QuerySet[Practice]:
    """Published practices that the text found, or that name the cause or a concept."""
    # Lists in JSON are asked for differently by each database; a quoted word is found by both.
    found = Q(code__in=list(by_text))
    for concept in concepts:
        found |= Q(concepts__icontains=f'"{concept}"')
    if wanted.cause:
        found |= Q(causes__icontains=f'"{wanted.cause}"')
    return Practice.objects.filter(found, standing=Standing.PUBLISHED)


def _passes(wanted: Wanted, practice: Practice) -> bool:
    return (
        wanted.country in ("", practice.country)
        and wanted.evidence in ("", practice.evidence)
        and (not wanted.field or wanted.field in practice.fields)
        and (
            wanted.most_cost is None
            or (
                practice.currency == "USD" and practice.cost is not None and practice.cost <= wanted.most_cost
            )
        )
    )


def browse(wanted: Wanted) -> QuerySet[Practice]:
    """Published practices that pass the filters, by country, where nothing is searched."""
    rows = Practice.objects.filter(standing=Standing.PUBLISHED)
    if wanted.country:
        rows = rows.filter(country=wanted.country)
    if wanted.evidence:
        rows = rows.filter(evidence=wanted.evidence)
    if wanted.field:
        rows = rows.filter(fields__icontains=f'"{wanted.field}"')
    if wanted.most_cost is not None:
        rows = rows.filter(cost__lte=wanted.most_cost, currency="USD")
    return rows.order_by("country", "code")


def _fits(wanted: Wanted, practice: Practice) -> list[str]:
    fits = []
    if wanted.zone and wanted.zone in practice.zones:
        fits.append("zone")
    if wanted.income and wanted.income == practice.income:
        fits.append("income")
    return fits


def text_for(practice: Practice, reader: str) -> PracticeText:
    """The text that a reader gets: in their language, else the original, else English, else whatever there is."""
    texts = {text.language: text for text in practice.texts.all()}
    original = next((text for text in texts.values() if text.status == TextStatus.ORIGINAL), None)
    return texts.get(reader) or original or texts.get("en") or next(iter(texts.values()))


def part_for(practice: Practice, text: PracticeText, name: str) -> tuple[str, str]:
    """A part of a practice and its language: where a translation leaves it out, the original says it, not silence."""
    others = sorted(practice.texts.all(), key=lambda one: (one.status != TextStatus.ORIGINAL, one.pk))
    said = next((one for one in (text, *others) if getattr(one, name)), text)
    return getattr(said, name), said.language


def with_texts(ranked: Sequence[Ranked], reader: str) -> list[Found]:
    """The practices of a page with their words for this reader. One query."""
    prefetch_related_objects([one.practice for one in ranked], "texts")
    found = []
    for one in ranked:
        text = text_for(one.practice, reader)
        original = next(
            (other for other in one.practice.texts.all() if other.status == TextStatus.ORIGINAL), None
        )
        other = original if original and original.language != text.language else None
        found.append(Found(one.practice, text, other, one.why))
    return found


def _people(
    held: Searched,
    wanted: Wanted,
    asked: str,
    language: str,
    concepts: Sequence[str],
    named: Sequence[str],
    reader: str,
) -> list[Person]:
    """People whose lines speak to a question, who declare its concepts, or whose profile was found. Four queries."""
    english = " ".join(concept_words(list(concepts), "en"))
    finder = held.finder()
    rank = finder.by_relevance if wanted.by_output else finder.by_normalised_relevance
    spoken = rank(f"{asked} {english}", language, limit=MOST_PEOPLE)
    meant = Q(pk__in=[one.person for one in spoken]) | Q(code__in=list(named))
    for concept in concepts:
        meant |= Q(declared__icontains=f'"{concept}"')
    rows = Expert.objects.filter(meant, standing=Standing.PUBLISHED)
    experts = {one.pk: one for one in (rows.filter(country=wanted.country) if wanted.country else rows)}
    codes = {one.code: key for key, one in experts.items()}
    shared = {key: [one for one in concepts if one in expert.declared] for key, expert in experts.items()}
    rankings = {
        "lines": [one.person for one in spoken if one.person in experts],
        "declared": sorted((key for key in experts if shared[key]), key=lambda key: (-len(shared[key]), key)),
        "named": [codes[code] for code in named if code in codes],
    }
    weights = {"lines": 1.0, "declared": 0.5, "named": 1.0}
    order = [key for key, _score in fuse(rankings, weigh=lambda name, _key: weights[name])]
    telling = {one.person: [int(key) for key in one.documents] for one in spoken}
    lines = Line.objects.in_bulk([key for person in order for key in telling.get(person, [])])
    others = _latest([key for key in order[:SHOWN] if key not in telling], concepts)
    counts = _counts(order)
    return [
        Person(
            experts[key],
            [lines[one] for one in telling.get(key, []) if one in lines] or others.get(key, []),
            concept_words(shared[key], reader),
            counts.get(key, {}),
        )
        for key in order
    ]


def _latest(experts: Sequence[int], concepts: Sequence[str]) -> dict[int, list[Line]]:
    """Of experts whom the profile alone found: their lines, those about the question first, then the latest. One query."""
    found: dict[int, list[Line]] = {}
    for line in Line.objects.filter(expert__in=experts, status=LineStatus.CONFIRMED):
        found.setdefault(line.expert_id, []).append(line)
    for lines in found.values():
        lines.sort(key=lambda one: (not set(one.concepts) & set(concepts), -(one.year or 0)))
    return found


def _counts(experts: Sequence[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = Line.objects.filter(expert__in=experts, status=LineStatus.CONFIRMED)
    for expert, kind, count in rows.values_list("expert", "kind").annotate(count=Count("pk")):
        found.setdefault(expert, {})[kind] = count
    return found


def count_shown(experts: Sequence[int], today: datetime.date, *, opened: bool = False) -> None:
    """Add one to how often each of these was shown, or opened, this month. Two queries, and nothing of who looked."""
    if not experts:
        return
    month = today.replace(day=1)
    column = "opened" if opened else "shown"
    Shown.objects.bulk_create([Shown(expert_id=one, month=month) for one in experts], ignore_conflicts=True)
    Shown.objects.filter(expert__in=experts, month=month).update(**{column: F(column) + 1})
