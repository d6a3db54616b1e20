"""Words of a text, also where a script puts no spaces between them, and the runs of three letters in it.

ICU knows the words of Chinese, Thai, Lao, Khmer and Burmese from dictionaries. What is indexed and what is
asked go through the same functions, or nothing would be found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import icu4py
from icu4py.breakers import WordBreaker

from highground.methods.search.text import NORMALISER

SEGMENTER = f"{NORMALISER}/icu-{icu4py.icu_version}/2"
"""What the tokens of an index depend on. Another value means that the index must be built anew."""

GRAM = 3
_JOINED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai and Lao, Burmese, Khmer, Chinese."""


def pieces(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """The parts of a normalised text in order, each with whether it is a word; together they are the text."""
    for piece in WordBreaker(text, language):
        yield piece, any(letter.isalnum() for letter in piece)


def words(text: str, language: str) -> list[str]:
    """The words of a normalised text without case; `language` is a code such as `km`, of the field it stands in."""
    return [letters(piece) for piece, is_word in pieces(text, language) if is_word]


def letters(text: str) -> str:
    """The letters, digits and vowel signs of a text, without case."""
    folded = text.casefold()
    return folded if folded.isalnum() else "".join(letter for letter in folded if _counts(letter))


def holds(text: str, word: str) -> bool:
    """Whether a word of `words` begins somewhere in a text without case: `bank` in `banks`, and not in `embankment`.

    In scripts that put no spaces between words it may stand anywhere.
    """
    place = text.find(word)
    if place < 0 or _JOINED.match(word):
        return place >= 0
    while place > 0 and text[place - 1].isalnum():
        place = text.find(word, place + 1)
    return place >= 0


def grams(text: str, *, tails: bool = False) -> list[str]:
    """Every run of three letters, digits and vowel signs, without case, spaces and punctuation.

    With `tails` the last two runs are shorter, so that each place of the text begins one: what an index holds.
    """
    bare = letters(text)
    return [bare[place : place + GRAM] for place in range(len(bare) if tails else len(bare) - GRAM + 1)]


def _counts(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M")
