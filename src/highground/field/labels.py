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
from django.utils.translation import get_language

import highground
from highground.methods.facts import Fact
from highground.signals.rulebooks import said

FOLDER = Path(highground.__file__).parent / "data" / "labels"


@dataclass(frozen=True)
class Labels:
    """The names in one language: of facts, and of the values of each fact."""

    facts: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=16)
def labels_in(language: str) -> Labels:
    """The names in this language; none where it has no file."""
    file = FOLDER / f"{language}.yaml"
    if file.name not in {one.name for one in FOLDER.glob("*.yaml")}:
        return Labels({}, {})
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Labels(content["labels"], content["values"])


def label_of(fact: Fact) -> str:
    """What the fact is called in the reader's language."""
    return labels_in(get_language() or "").facts.get(fact.name) or capfirst(said(fact.label))


def value_labels_of(fact: Fact) -> list[list[str]]:
    """The values that the fact can have, each with its name in the reader's language."""
    known = labels_in(get_language() or "").values.get(fact.name, {})
    return [[name, known.get(name) or capfirst(said(text))] for name, text in fact.values.items()]
