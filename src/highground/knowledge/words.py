"""What pages of knowledge say, in the language that the reader chose for them.

The office speaks the languages of its catalogues. Knowledge is read in eleven: where there is no catalogue, the main words
come from `data/knowledge/words.yaml`, else they stay in the language of the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import pycountry
import yaml
from django.db.models import TextChoices
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from highground.cases.story import risk_words
from highground.knowledge.enums import (
    Decline,
    Evidence,
    Field,
    Gender,
    Income,
    Institution,
    LineKind,
    Progress,
    Zone,
)
from highground.knowledge.languages import NAMES, concept_words, plain
from highground.knowledge.matching import CAUSES_AS_CONCEPTS
from highground.methods.search.glossary import load_glossary
from highground.web.numbers import listed, number

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
    "graded": gettext_noop("evidence: %(grade)s"),
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
    "title": gettext_noop("What has worked against poverty, and who has done it?"),
    "intro": gettext_noop(
        "%(practices)s from many countries, each with its source and where it failed. Ask in any language."
    ),
    "answer": gettext_noop("%(practices)s and %(experts)s answer."),
    "practices": gettext_noop("Practices"),
    "experts": gettext_noop("Experts"),
    "country": gettext_noop("Country"),
    "evidence": gettext_noop("Evidence"),
    "field": gettext_noop("Field"),
    "all": gettext_noop("All"),
    "read_in": gettext_noop("Read in"),
    "start": gettext_noop("Or start from a cause"),
    "nothing": gettext_noop("Nothing was found."),
    "advice": gettext_noop("Use other words, another language, or fewer filters."),
    "invented": gettext_noop("invented"),
    "since": gettext_noop("since %(since)s"),
    "years": gettext_noop("%(since)s to %(until)s"),
    "per_household": gettext_noop("%(amount)s per household"),
    "page": gettext_noop("page %(page)s of a file"),
    "open_file": gettext_noop("Open the file"),
    "between": gettext_noop("; "),
    "reasons": gettext_noop("%(reasons)s."),
    "came": gettext_noop("What came of asking"),
    "glance": gettext_noop("At a glance"),
    "cost": gettext_noop("Cost"),
    "no_cost": gettext_noop("the source does not say"),
    "open_source": gettext_noop("Open the source"),
    "others": gettext_noop("In other languages"),
    "files": gettext_noop("Files"),
    "languages": gettext_noop("Languages"),
    "fields": gettext_noop("Fields"),
    "free": gettext_noop("Free from"),
    "who_reads": gettext_noop(
        "Questions are asked by officers for their area; what they write is read by the expert and in that area, and by "
        "nobody else."
    ),
    "no_lines": gettext_noop("No line of evidence yet."),
    "shown_by": gettext_noop("Stated, and shown by evidence:"),
    "not_shown": gettext_noop("Stated, without a line of evidence:"),
    "not_real": gettext_noop("Invented for the demonstration: this person does not exist."),
    "ask_title": gettext_noop("What do you want to know from %(name)s?"),
    "no_common": gettext_noop(
        "You may have no language in common: write short sentences, or find somebody who interprets."
    ),
    "for_area": gettext_noop("For %(area)s."),
    "for_which": gettext_noop("For which area"),
    "sent": gettext_noop("The question is sent. You are shown the answer here."),
    "asks": gettext_noop("%(area)s asks %(name)s"),
    "how_far": gettext_noop("How far it is"),
    "step_asked": gettext_noop("Asked"),
    "step_answered": gettext_noop("Answered"),
    "step_declined": gettext_noop("Declined"),
    "after_months": gettext_noop("After %(months)s months"),
    "thanks": gettext_noop("Thank you. Others learn from it, and it stands for the expert."),
    "your_answer": gettext_noop("Your answer"),
    "any_language": gettext_noop("In any language"),
    "send_answer": gettext_noop("Send the answer"),
    "answer_sent": gettext_noop(
        "The answer is sent. After 3 and 12 months the area is asked what came of it."
    ),
    "later": gettext_noop("I will answer later"),
    "cannot": gettext_noop("I cannot answer this"),
    "why_not": gettext_noop("Why not"),
    "decline": gettext_noop("Decline"),
    "needs_intro": gettext_noop(
        "What families and visits named when households were recognised; a household may name several causes."
    ),
    "all_worked": gettext_noop("All that has worked: %(cause)s"),
    "by_cause": gettext_noop("Causes, by monitored households"),
    "land": gettext_noop("Land"),
    "income_of": gettext_noop("Income of the country"),
    "runs": gettext_noop("Who runs it"),
    "gender": gettext_noop("Gender"),
    "stands": gettext_noop("How it stands up, 0 to 3"),
    "not_compared": gettext_noop("This record has not been compared with its source yet."),
    "sustainable": gettext_noop("sustainable"),
    "replicable": gettext_noop("replicable"),
    "practical": gettext_noop("practical"),
    "inclusive": gettext_noop("inclusive"),
}
"""What these pages say, by a short name."""

COUNTED: dict[str, Callable[[int], str]] = {
    "practice": lambda n: ngettext("%(n)s practice", "%(n)s practices", n),
    "expert": lambda n: ngettext("%(n)s expert", "%(n)s experts", n),
    "project": lambda n: ngettext("%(n)s project", "%(n)s projects", n),
    "publication": lambda n: ngettext("%(n)s publication", "%(n)s publications", n),
    "session": lambda n: ngettext("%(n)s session", "%(n)s sessions", n),
    "answer": lambda n: ngettext("%(n)s answer that worked", "%(n)s answers that worked", n),
}
"""What is counted, said of some of them; in the other languages it is `n_practice` and so on."""

CHOICES: dict[str, type[TextChoices]] = {
    "grade": Evidence, "field": Field, "kind": LineKind, "progress": Progress, "decline": Decline,
    "zone": Zone, "income": Income, "institution": Institution, "gender": Gender,
}  # fmt: skip
"""Choices that readers meet; in the other languages they are `grade_told` and so on."""


@cache
def _file() -> dict[str, Any]:
    source = files("highground") / "data" / "knowledge" / "words.yaml"
    return dict(yaml.safe_load(source.read_text(encoding="utf-8")))


def own_word(name: str, reader: str) -> str:
    """A word of the file; nothing where it has none in this language."""
    return str(_file()["words"].get(reader, {}).get(name, ""))


def word(name: str, reader: str) -> str:
    """A word of `TABLE` in the reader's language."""
    return own_word(name, reader) or gettext(TABLE[name])


def words_for(reader: str) -> dict[str, str]:
    """Everything of `TABLE` in the reader's language."""
    return {name: word(name, reader) for name in TABLE}


def in_language(words: str, language: str, *around: str) -> str:
    """Words for a template: where the page, or what stands around them, is in another language, they say which they are in.

    Of no words nothing is made, so that a template can ask whether there are any.
    """
    same = not words or {language} == {plain(get_language() or "en"), *around}
    return words if same else format_html('<span lang="{}">{}</span>', language, words)


def language_of(name: str, reader: str) -> str:
    """The language of a word of `words_for`: the reader's, else that of the page."""
    return reader if own_word(name, reader) else plain(get_language() or "en")


def said(name: str, reader: str, /, **values: object) -> str:
    """A word of `TABLE` with its values, for a template."""
    words = word(name, reader)
    return in_language(filled(words, **values) if values else words, language_of(name, reader))


_PLACE = re.compile(r"%\((\w+)\)s")


def counted(kind: str, count: int, reader: str) -> str:
    """3 practices, for a template."""
    name = f"n_{kind}"
    words = own_word(name, reader) or COUNTED[kind](count)
    return in_language(words % {"n": number(count)}, language_of(name, reader))


def filled(words: str, **values: object) -> str:
    """Words with what stands in their places, which may be words of a template."""
    return format_html(_PLACE.sub(r"{\1}", words), **values)


def choice_word(prefix: str, value: str, reader: str) -> tuple[str, str]:
    """What a choice of `CHOICES` is called, and in which language."""
    name = f"{prefix}_{value}"
    return own_word(name, reader) or str(CHOICES[prefix](value).label), language_of(name, reader)


def choice_named(prefix: str, value: str, reader: str) -> str:
    """What a choice of `CHOICES` is called, for a template."""
    return in_language(*choice_word(prefix, value, reader))


def marked(words: dict[str, str], reader: str, *around: str) -> dict[str, str]:
    """All words for a template."""
    return {name: in_language(one, language_of(name, reader), *around) for name, one in words.items()}


def named(languages: Iterable[str]) -> str:
    """Languages for a template, each by its own name."""
    return in_a_row(in_language(NAMES[one], one) for one in languages)


def speaks(languages: Iterable[str], reader: str) -> str:
    """Which languages somebody speaks, for a template."""
    return format_html("{} {}", said("speaks_languages", reader), named(languages))


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


def country_named(code: str, reader: str) -> str:
    """A country in the reader's language, for a template."""
    own = _file()["countries"].get(reader, {}).get(code)
    return in_language(own, reader) if own else country_word(code)


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
