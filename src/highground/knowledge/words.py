"""What pages of knowledge say, in the language that the reader chose for them.

The office speaks the languages of its catalogues. Knowledge is read in eleven: where there is no catalogue, the main words
come from `data/knowledge/words.yaml`, else they stay in the language of the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import pycountry
import yaml
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from highground.cases.story import risk_words
from highground.knowledge.enums import Evidence
from highground.knowledge.languages import NAMES, concept_words, plain
from highground.knowledge.matching import CAUSES_AS_CONCEPTS, Found, Person, Wanted, part_for
from highground.knowledge.models import Line, Practice
from highground.methods.search.glossary import load_glossary
from highground.web.numbers import listed, money, number

TABLE = {
    "search": gettext_noop("Search"),
    "question": gettext_noop("What is the problem, in any language?"),
    "why": gettext_noop("Why this:"),
    "failed": gettext_noop("Where it failed:"),
    "failures": gettext_noop("Where it failed"),
    "none": gettext_noop("none reported"),
    "against": gettext_noop("What has worked against: %(cause)s?"),
    "for": gettext_noop("What has worked for “%(text)s”?"),
    "also": gettext_noop("Also searched:"),
    "people": gettext_noop("People who have done it"),
    "ask": gettext_noop("Ask for advice"),
    "problem": gettext_noop("The problem"),
    "done": gettext_noop("What was done"),
    "results": gettext_noop("What came of it"),
    "elsewhere": gettext_noop("Tried elsewhere"),
    "source": gettext_noop("Source"),
    "speaks": gettext_noop("What speaks for this person"),
    "declared": gettext_noop("Says of themselves"),
    "matches": gettext_noop("matches"),
    "cause": gettext_noop("for the cause"),
    "words": gettext_noop("holds words of yours"),
    "meaning": gettext_noop("says something close to it"),
    "zone": gettext_noop("tried on like land"),
    "income": gettext_noop("in a country of like income"),
    "anecdotal": gettext_noop("evidence: told"),
    "monitored": gettext_noop("evidence: monitored"),
    "compared": gettext_noop("evidence: compared"),
    "trial": gettext_noop("evidence: randomised trial"),
    "speaks_languages": gettext_noop("speaks"),
    "draft": gettext_noop("machine draft, not reviewed"),
    "original": gettext_noop("shown in"),
    "your_question": gettext_noop("Your question"),
    "no_families": gettext_noop(
        "In any language. Write nothing about single families: no names, no numbers."
    ),
    "about": gettext_noop("About:"),
    "send": gettext_noop("Send the question"),
    "the_question": gettext_noop("The question"),
    "the_answer": gettext_noop("The answer"),
    "what_came": gettext_noop("What came of it?"),
    "as_it_is": gettext_noop("Say it as it is: what failed helps others most."),
    "after": gettext_noop("After"),
    "after_3": gettext_noop("3 months"),
    "after_12": gettext_noop("12 months"),
    "outcome": gettext_noop("Outcome"),
    "outcome_works": gettext_noop("tried, and it works"),
    "outcome_partly": gettext_noop("tried, and it works in part"),
    "outcome_failed": gettext_noop("tried, and it failed"),
    "outcome_not_tried": gettext_noop("not tried"),
    "own_words": gettext_noop("In your words"),
    "record": gettext_noop("Record the outcome"),
}
"""What these pages say, by a short name."""

COLOURS = {"anecdotal": "gold", "monitored": "water", "compared": "green", "trial": "green"}


@cache
def _other() -> dict[str, dict[str, str]]:
    source = files("highground") / "data" / "knowledge" / "words.yaml"
    return dict(yaml.safe_load(source.read_text(encoding="utf-8"))["words"])


def words_for(reader: str) -> dict[str, str]:
    """Everything of `TABLE` in the reader's language."""
    own = _other().get(reader, {})
    return {name: own.get(name) or gettext(text) for name, text in TABLE.items()}


def in_language(words: str, language: str, *around: str) -> str:
    """Words for a template: where the page, or what stands around them, is in another language, they say which they are in.

    Of no words nothing is made, so that a template can ask whether there are any.
    """
    same = not words or {language} == {plain(get_language() or "en"), *around}
    return words if same else format_html('<span lang="{}">{}</span>', language, words)


def language_of(name: str, reader: str) -> str:
    """The language of a word of `words_for`: the reader's, else that of the page."""
    return reader if _other().get(reader, {}).get(name) else plain(get_language() or "en")


def marked(words: dict[str, str], reader: str, *around: str) -> dict[str, str]:
    """All words for a template."""
    return {name: in_language(word, language_of(name, reader), *around) for name, word in words.items()}


def named(languages: Iterable[str]) -> str:
    """Languages for a template, each by its own name."""
    return in_a_row(in_language(NAMES[one], one) for one in languages)


def concepts_named(concepts: list[str], reader: str) -> list[str]:
    """What concepts are called, for a template."""
    return [in_language(one, reader) for one in concept_words(concepts, reader)]


def in_a_row(words: Iterable[str]) -> str:
    """`listed`, of words that may carry their language."""
    return format_html_join(listed(["", ""]), "{}", ((one,) for one in words))


def cause_word(cause: str, reader: str) -> str:
    """A cause in the reader's language: by the glossary where the fact dictionary does not speak it."""
    if reader not in ("en", "zh"):
        for concept in CAUSES_AS_CONCEPTS.get(cause, ())[:1]:
            if label := load_glossary().label(concept, reader):
                return label.label
    return capfirst(risk_words([cause]))


def country_word(code: str) -> str:
    """A country in the language of the page."""
    found = pycountry.countries.get(alpha_2=code)
    if found is None:
        return code
    return gettext(COUNTRIES.get(code, getattr(found, "common_name", found.name)))


COUNTRIES = {
    "BN": gettext_noop("Brunei"),
    "CN": gettext_noop("China"),
    "ID": gettext_noop("Indonesia"),
    "KH": gettext_noop("Cambodia"),
    "LA": gettext_noop("Lao PDR"),
    "MM": gettext_noop("Myanmar"),
    "MY": gettext_noop("Malaysia"),
    "PH": gettext_noop("Philippines"),
    "SG": gettext_noop("Singapore"),
    "TH": gettext_noop("Thailand"),
    "VN": gettext_noop("Viet Nam"),
    "BD": gettext_noop("Bangladesh"),
    "GH": gettext_noop("Ghana"),
}
"""Countries by the names that the forum uses; others by those of ISO 3166."""


def where_and_when(practice: Practice) -> str:
    """Country, place and years in one line."""
    years = ""
    if practice.since and practice.until:
        years = gettext("%(since)s to %(until)s") % {"since": practice.since, "until": practice.until}
    elif practice.since:
        years = gettext("since %(since)s") % {"since": practice.since}
    return " · ".join(filter(None, (country_word(practice.country), practice.place, years)))


def cost_of(practice: Practice) -> str:
    """What it costs for one household, where the source says."""
    if practice.cost is None:
        return ""
    amount = money(round(practice.cost / 100, 2), practice.currency)
    return gettext("%(amount)s per household") % {"amount": amount}


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
        reasons.append(gettext("page %(page)s of a file") % {"page": why.page[1]})
    reasons += [words[one] for one in why.context]
    return {
        "practice": practice,
        "text": found.text,
        "original": found.original,
        "where": where_and_when(practice),
        "tags": [
            *((in_language(cause_word(one, reader), reader), "clay") for one in practice.causes[:3]),
            (in_language(words[practice.evidence], reader), COLOURS[practice.evidence]),
        ],
        "cost": cost_of(practice),
        "why": gettext("%(reasons)s.") % {"reasons": gettext("; ").join(reasons)} if reasons else "",
        "page": why.page,
        "failed": in_language(*part_for(practice, found.text, "failures")),
        "language": named([found.text.language]) if found.text.language != reader else "",
    }


def person_of(person: Person, reader: str) -> dict[str, Any]:
    """What the row of a person shows."""
    expert = person.expert
    return {
        "expert": expert,
        "about": list(
            filter(None, (country_word(expert.country), expert.place if "place" in expert.shown else ""))
        ),
        "spoken": named(expert.languages),
        "counts": counts_of(person.counts),
        "lines": [line.text for line in person.lines[:2]],
        "declared": in_a_row(in_language(one, reader) for one in person.declared),
    }


def counts_of(counts: Any) -> str:
    """3 projects, 2 practices, 1 session."""
    said = {
        "practice": lambda n: ngettext("%(n)s practice", "%(n)s practices", n),
        "project": lambda n: ngettext("%(n)s project", "%(n)s projects", n),
        "publication": lambda n: ngettext("%(n)s publication", "%(n)s publications", n),
        "session": lambda n: ngettext("%(n)s session", "%(n)s sessions", n),
        "answer": lambda n: ngettext("%(n)s answer that worked", "%(n)s answers that worked", n),
    }
    return listed(
        [said[kind](counts[kind]) % {"n": number(counts[kind])} for kind in said if counts.get(kind)]
    )


def lines_by_kind(lines: list[Line]) -> list[tuple[str, list[Line]]]:
    """Lines of evidence under the name of their kind, the latest first."""
    found: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda one: (-(one.year or 0), one.pk)):
        found.setdefault(str(line.get_kind_display()), []).append(line)
    return list(found.items())


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
