"""Texts of made-up words for `bench search`, drawn as words are; the number of one says what it holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from highground.methods.search.experts import Document
from highground.methods.search.steps import Passage

WORDS, BEGINNING = 60, 25
"""Words of a passage, and of the beginning of one."""
LINE = 20
VOCABULARY = 50_000


class Texts:
    """Passages, two thirds in Latin letters and one third in Chinese ones."""

    def __init__(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        syllables = [
            first + second for first in "bdfghklmnprstvw" for second in ("a", "e", "i", "o", "u", "an", "ing")
        ]
        latin = ["".join(chance.choice(syllables, 3)) for _ in range(VOCABULARY)]
        chinese = ["".join(map(chr, chance.integers(0x4E00, 0x5600, 2))) for _ in range(VOCABULARY)]
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self._seed, self._chosen = seed, {"en": latin, "zh": chinese}
        self._edges = np.cumsum(weights / weights.sum())

    def passage(self, number: int) -> Passage:
        """The passage of a number."""
        language, words = self.words(number, WORDS)
        return Passage(str(number), language, ("" if language == "zh" else " ").join(words))

    def beginning(self, number: int) -> Passage:
        """The first words of a passage."""
        language, words = self.words(number, WORDS)
        return Passage(str(number), language, ("" if language == "zh" else " ").join(words[:BEGINNING]))

    def named(self, number: int) -> Passage:
        """The key and the language of a passage without its words."""
        return Passage(str(number), _language(number), str(number))

    def words(self, number: int, count: int) -> tuple[str, list[str]]:
        """The language and the words of a passage."""
        language = _language(number)
        drawn = np.random.default_rng([self._seed, number]).random(count)
        return language, [self._chosen[language][place] for place in np.searchsorted(self._edges, drawn)]

    def queries(self, total: int, count: int) -> list[tuple[str, str]]:
        """Four words of passages drawn at random, which is what people remember; and their language."""
        chance, found = np.random.default_rng(self._seed + 1), []
        for number in chance.integers(0, total, count):
            language, parts = self.words(int(number), WORDS)
            picked = [*parts[10:12], parts[30], parts[45]]
            found.append((("" if language == "zh" else " ").join(picked), language))
        return found


def drawn_people(total: int, lines: int, *, seed: int = 0) -> Iterator[tuple[str, Document[int]]]:
    """Lines of evidence of so many people, by name, with the words of the profiles."""
    texts = Texts(0)
    for person in range(total):
        for line in range(lines):
            _, words = texts.words(person * lines + line + seed * 10_000_000, LINE)
            yield f"{seed}/{person}/{line}", Document(words, [person])


def _language(number: int) -> str:
    return "zh" if number % 3 == 2 else "en"
