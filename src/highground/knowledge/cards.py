"""What the cards of practices, the rows of people and their evidence show, in the language that the reader chose."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext

from highground.knowledge.enums import Evidence
from highground.knowledge.languages import NAMES, concept_words, plain, written_in
from highground.knowledge.matching import Found, Person, Wanted, part_for
from highground.knowledge.models import Line, Practice
from highground.knowledge.words import (
    cause_word,
    choice_named,
    choice_word,
    counted,
    country_named,
    in_a_row,
    in_language,
    language_of,
    named,
    own_word,
    said,
)
from highground.web.numbers import listed, money, number

COLOURS = {"anecdotal": "gold", "monitored": "water", "compared": "green", "trial": "green"}


def where_and_when(practice: Practice, reader: str) -> str:
    """Country, place and years in one line, for a template."""
    years = ""
    if practice.since and practice.until:
        years = said("years", reader, since=practice.since, until=practice.until)
    elif practice.since:
        years = said("since", reader, since=practice.since)
    return beside(country_named(practice.country, reader), practice.place, years)


def beside(*parts: str) -> str:
    """What is known of some words, with a point between them, for a template."""
    return format_html_join(" · ", "{}", ((one,) for one in parts if one))


def cost_of(practice: Practice, reader: str) -> str:
    """What it costs for one household, where the source says, for a template.

    Other languages than that of the page name the currency by its code.
    """
    if practice.cost is None:
        return ""
    amount = round(practice.cost / 100, 2)
    of_page = language_of("per_household", reader) == plain(get_language() or "en")
    shown = money(amount, practice.currency) if of_page else f"{number(amount)} {practice.currency}"
    return said("per_household", reader, amount=shown)


def card_of(found: Found, wanted: Wanted, reader: str, words: dict[str, str]) -> dict[str, Any]:
    """What the card of a practice shows."""
    practice, why = found.practice, found.why
    reasons = []
    if why.concepts:
        reasons.append(f"{words['matches']} {listed(concept_words(why.concepts[:4], reader))}")
    if why.cause:
        reasons.append(f"{words['cause']} {cause_word(wanted.cause, reader)}")
    if why.meaning:
        reasons.append(words["meaning"])
    if why.words:
        reasons.append(words["words"] + ("" if why.language in ("", reader) else f" ({NAMES[why.language]})"))
    if why.page:
        reasons.append(words["page"] % {"page": why.page[1]})
    reasons += [words[one] for one in why.context]
    return {
        "practice": practice,
        "text": found.text,
        "original": found.original,
        "where": where_and_when(practice, reader),
        "tags": [
            *((in_language(cause_word(one, reader), reader), "clay") for one in practice.causes[:3]),
            grade_of(practice, reader),
        ],
        "cost": cost_of(practice, reader),
        "why": words["reasons"] % {"reasons": words["between"].join(reasons)} if reasons else "",
        "page": why.page,
        "failed": in_language(*part_for(practice, found.text, "failures")),
        "language": named([found.text.language]) if found.text.language != reader else "",
    }


def person_of(person: Person, reader: str) -> dict[str, Any]:
    """What the row of a person shows."""
    expert = person.expert
    return {
        "expert": expert,
        "about": beside(
            country_named(expert.country, reader), expert.place if "place" in expert.shown else ""
        ),
        "spoken": named(expert.languages),
        "counts": counts_of(person.counts, reader),
        "lines": [in_language(line.text, line.language) for line in person.lines[:2]],
        "declared": in_a_row(in_language(one, reader) for one in person.declared),
    }


def counts_of(counts: Any, reader: str) -> str:
    """3 projects, 2 practices, 1 session, for a template."""
    kinds = ("practice", "project", "publication", "session", "answer")
    return in_a_row(counted(kind, counts[kind], reader) for kind in kinds if counts.get(kind))


def grade_of(practice: Practice, reader: str) -> tuple[str, str]:
    """The tag of its evidence and its colour."""
    grade = choice_named("grade", practice.evidence, reader)
    return said("graded", reader, grade=grade), COLOURS[practice.evidence]


def said_by_curator(practice: Practice, reader: str) -> str:
    """Why a curator took it back, for a template."""
    why = practice.taken_back_because
    return in_language(why, written_in(why, plain(get_language() or reader)))


def came_of(came: dict[str, int], reader: str) -> str:
    """How many questions were asked and what came of them, in one sentence, for a template; nothing where none was asked."""
    if not came["asked"]:
        return ""
    words = own_word("came_line", reader) or ngettext(
        "%(asked)s question to an expert: %(answered)s answered, %(tried)s tried, %(works)s still working a year later.",
        "%(asked)s questions to experts: %(answered)s answered, %(tried)s tried, %(works)s still working a year later.",
        came["asked"],
    )
    numbers = {name: number(count) for name, count in came.items()}
    return in_language(words % numbers, language_of("came_line", reader))


def lines_by_kind(lines: list[Line], reader: str) -> list[tuple[str, list[Line]]]:
    """Lines of evidence under the name of their kind, the latest first."""
    found: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda one: (-(one.year or 0), one.pk)):
        found.setdefault(line.kind, []).append(line)
    return [
        (in_language(capfirst(word), language), under)
        for kind, under in found.items()
        for word, language in [choice_word("kind", kind, reader)]
    ]


def evidence_words() -> list[tuple[str, str]]:
    """The grades with what each of them means, the strongest first."""
    return [
        (
            str(Evidence.TRIAL.label),
            gettext("who got it was drawn by lot, and the others are the comparison"),
        ),
        (
            str(Evidence.COMPARED.label),
            gettext("compared with people or places without it, by a method that says how"),
        ),
        (str(Evidence.MONITORED.label), gettext("figures were kept, and nothing was compared")),
        (str(Evidence.ANECDOTAL.label), gettext("told by people who were there")),
    ]
