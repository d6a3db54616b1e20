"""The concepts of poverty reduction and their names in eleven languages: what else a query means.

A query that names a concept is asked in the other languages as well, without any model, and the reader is told
with which words. Every label says whether a person who speaks the language has reviewed it or a machine drafted it.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from highground.methods.search.errors import SearchError
from highground.methods.search.segmenting import letters, words
from highground.methods.search.text import normalise

LANGUAGES = ("en", "zh", "th", "lo", "km", "my", "vi", "id", "ms", "fil", "ta")
DRAFT, REVIEWED = "machine draft", "reviewed"
COLUMNS = ["concept", "language", "label", "also", "status"]
SAME = {"tl": "fil", "in": "id"}
"""Other codes for a language of the glossary."""


@dataclass(frozen=True)
class Label:
    """What a concept is called in a language: its label, other names, and whether somebody reviewed them."""

    concept: str
    language: str
    label: str
    also: tuple[str, ...]
    status: str

    @property
    def names(self) -> tuple[str, ...]:
        """The label and the other names."""
        return (self.label, *self.also)


class Glossary:
    """Labels by concept and language."""

    def __init__(self, labels: Iterable[Label]) -> None:
        self._labels: dict[tuple[str, str], Label] = {}
        self._names: dict[str, dict[str, str]] = {}
        for each in labels:
            self._labels[each.concept, each.language] = each
            for name in each.names:
                self._names.setdefault(each.language, {})[letters(normalise(name))] = each.concept

    @property
    def concepts(self) -> list[str]:
        """The ids of the concepts, in order."""
        return list(dict.fromkeys(concept for concept, _ in self._labels))

    def label(self, concept: str, language: str) -> Label | None:
        """What a concept is called in a language, if the glossary says."""
        return self._labels.get((concept, SAME.get(language, language)))

    def coverage(self) -> dict[str, dict[str, int]]:
        """Of each language how many labels have which status."""
        counted: dict[str, dict[str, int]] = {}
        for each in self._labels.values():
            of_language = counted.setdefault(each.language, {DRAFT: 0, REVIEWED: 0})
            of_language[each.status] += 1
        return counted

    def concepts_in(self, text: str, language: str) -> list[str]:
        """The concepts that a text names, in its own order; of names that overlap the longest counts.

        A name begins and ends where words do, so that "price" is not found to name rice.
        """
        names = self._names.get(SAME.get(language, language), {})
        sequence = words(normalise(text), language)
        longest = max(map(len, names), default=0)
        found, at = [], 0
        while at < len(sequence):
            concept, length = _longest(sequence[at:], names, longest)
            if concept:
                found.append(concept)
            at += length
        return list(dict.fromkeys(found))

    def expand(self, text: str, language: str, into: Collection[str]) -> list[Label]:
        """What a text's concepts are called in other languages, and in its own if they have other names there."""
        found = []
        for concept in self.concepts_in(text, language):
            for each in into:
                label = self.label(concept, each)
                if label is not None and (each != language or label.also):
                    found.append(label)
        return found


def _longest(sequence: list[str], names: Mapping[str, str], longest: int) -> tuple[str | None, int]:
    """The concept of the longest name that a sequence of words begins with, and how many words that is."""
    concept, length, held = None, 1, ""
    for count, word in enumerate(sequence, start=1):
        held += word
        if len(held) > longest:
            break
        if held in names:
            concept, length = names[held], count
    return concept, length


@cache
def load_glossary() -> Glossary:
    """The glossary that comes with Highground."""
    content = (files("highground") / "data" / "glossary.csv").read_text(encoding="utf-8")
    return Glossary(_read(content.splitlines(keepends=True), "data/glossary.csv"))


def read_glossary(path: Path) -> Glossary:
    """A glossary of one's own in the same form. Raises SearchError, naming the row, for another form."""
    with path.open(encoding="utf-8", newline="") as file:
        return Glossary(_read(file, str(path)))


def _read(lines: Iterable[str], name: str) -> list[Label]:
    rows = csv.DictReader(lines)
    if rows.fieldnames != COLUMNS:
        raise SearchError(f"{name}: the columns must be {', '.join(COLUMNS)}")
    labels: list[Label] = []
    taken: dict[tuple[str, str], str] = {}
    for number, row in enumerate(rows, start=2):
        if row["status"] not in (DRAFT, REVIEWED):
            raise SearchError(
                f"{name}, row {number}: status is '{DRAFT}' or '{REVIEWED}', not '{row['status']}'"
            )
        if not letters(row["label"] or ""):
            raise SearchError(f"{name}, row {number}: the label is empty")
        also = tuple(part.strip() for part in row["also"].split(";") if part.strip())
        label = Label(row["concept"], row["language"], row["label"], also, row["status"])
        for each in (f"concept {label.concept}", *(letters(normalise(part)) for part in label.names)):
            key = (label.language, each)
            if key in taken:
                raise SearchError(
                    f"{name}, row {number}: {label.language} has '{each}' already, for {taken[key]}; use another name"
                )
            taken[key] = label.concept
        labels.append(label)
    return labels
