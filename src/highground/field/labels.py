"""What facts, their values and the names in rulebooks are called on the phone, in its languages beyond those of the office.

The fact dictionary and the rulebooks speak English and Chinese. The other languages stand in `data/labels/LANGUAGE.yaml`;
each file says who answers for it. What is missing there is said in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

import highground
from highground.cases.forms.questions import Question, reasons_of
from highground.cases.models import Case
from highground.methods.facts import Fact
from highground.methods.facts.entering import items_of
from highground.methods.rules.rulebook import Rulebook, Text
from highground.signals.household_page import value_in_words
from highground.signals.rulebooks import rule_label, said
from highground.web.numbers import listed

FOLDER = Path(highground.__file__).parent / "data" / "labels"


@dataclass(frozen=True)
class Labels:
    """The names in one language: of facts, what each fact means, and of the values of each; the few sentences that the
    phone is told; and what shipped rulebooks name (classes, clues, outcomes of visits), by the English text."""

    facts: Mapping[str, str]
    meanings: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    words: Mapping[str, str]
    rules: Mapping[str, str]


@lru_cache(maxsize=16)
def labels_in(language: str) -> Labels:
    """The names in this language; none where it has no file."""
    file = FOLDER / f"{language}.yaml"
    if file.name not in {one.name for one in FOLDER.glob("*.yaml")}:
        return Labels({}, {}, {}, {}, {})
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Labels(*(content[part] for part in ("labels", "meanings", "values", "words", "rules")))


def label_of(fact: Fact) -> str:
    """What the fact is called in the reader's language."""
    return labels_in(get_language() or "").facts.get(fact.name) or capfirst(said(fact.label))


def meaning_of(fact: Fact) -> str:
    """What exactly is asked, in the reader's language."""
    return labels_in(get_language() or "").meanings.get(fact.name) or said(fact.meaning)


def value_labels_of(fact: Fact) -> list[list[str]]:
    """The values that the fact can have, each with its name in the reader's language."""
    known = labels_in(get_language() or "").values.get(fact.name, {})
    return [[name, known.get(name) or capfirst(said(text))] for name, text in fact.values.items()]


def value_of(fact: Fact, value: str, currency: str) -> str:
    """A value as it is said in the reader's language: its name, else as the office writes it."""
    if fact.type == "boolean":
        return word("yes") if value == "true" else word("no")
    if fact.type in ("category", "list"):
        names = dict(value_labels_of(fact))
        chosen = items_of(value) if fact.type == "list" else [value]
        return listed([names.get(one, one) for one in chosen]) or word(_("none"))
    return value_in_words(fact, value, currency)


def word(message: str) -> str:
    """A sentence of the phone, marked with `gettext_noop` where it stands, in the reader's language."""
    return labels_in(get_language() or "").words.get(message) or gettext(message)


def name_of(text: Text) -> str:
    """What a rulebook names, in the reader's language."""
    return labels_in(get_language() or "").rules.get(text.get("en", "")) or said(text)


def why_asked(question: Question, book: Rulebook) -> str:
    """ "Needed for: ...", naming the rules that wait for the answer."""
    return reasons_of(question, book, named=name_of, words=word)


def class_of(case: Case, book: Rulebook) -> str | None:
    """The class of a case, said to be no more than possible until people have recognised it."""
    if case.class_id:
        return name_of(rule_label(book, case.class_id))
    if case.proposed_class:
        return word(_("possible: %(label)s")) % {"label": name_of(rule_label(book, case.proposed_class))}
    return None
