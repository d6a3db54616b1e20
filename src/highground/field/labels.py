"""What facts and their values are called on the phone, in its languages beyond those of the office.

The fact dictionary speaks English and Chinese. The other languages stand in `data/labels/LANGUAGE.yaml`; each file says
who answers for it. What is missing there is said in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

import highground
from highground.methods.facts import Fact
from highground.methods.facts.entering import items_of
from highground.signals.household_page import value_in_words
from highground.signals.rulebooks import said
from highground.web.numbers import listed

FOLDER = Path(highground.__file__).parent / "data" / "labels"


@dataclass(frozen=True)
class Labels:
    """The names in one language: of facts, and of the values of each fact; and the few sentences that the phone is told."""

    facts: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    words: Mapping[str, str]


@lru_cache(maxsize=16)
def labels_in(language: str) -> Labels:
    """The names in this language; none where it has no file."""
    file = FOLDER / f"{language}.yaml"
    if file.name not in {one.name for one in FOLDER.glob("*.yaml")}:
        return Labels({}, {}, {})
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Labels(content["labels"], content["values"], content["words"])


def label_of(fact: Fact) -> str:
    """What the fact is called in the reader's language."""
    return labels_in(get_language() or "").facts.get(fact.name) or capfirst(said(fact.label))


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
        return listed([names.get(one, one) for one in (items_of(value) if fact.type == "list" else [value])])
    return value_in_words(fact, value, currency)


def word(message: str) -> str:
    """A sentence of the phone, marked with `gettext_noop` where it stands, in the reader's language."""
    return labels_in(get_language() or "").words.get(message) or gettext(message)
