"""One form for every text and every query, so that the two can meet.

The same letters are stored in several ways: Vietnamese in composed and decomposed form, Thai and Lao sara am
in one code point or two, digits in seven scripts, full-width Latin letters among Chinese ones, and marks that
nobody sees. `normalise` folds these and nothing else: upper case stays, because the embedding reads it.
NFKC is not used: it takes Lao and Thai letters apart and leaves the segmenter with no words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from highground.methods.search.zawgyi import from_zawgyi, looks_like_zawgyi

NORMALISER = 2
"""Goes up with every change to what `normalise` returns. An index of another version is built anew."""

FULL_WIDTH = {place: place - 0xFEE0 for place in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
LATIN_LIGATURES = {
    place: unicodedata.normalize("NFKC", chr(place)) for place in range(0xFB00, 0xFB07)
}  # ff, fi, fl and their kind, which come out of PDF files
SARA_AM = {"\u0e4d\u0e32": "\u0e33", "\u0ecd\u0eb2": "\u0eb3"}
"""Thai and Lao: the sign and the vowel typed apart, and the letter that they make."""

_SPACES = re.compile(r"\s+")
_SARA_AM = re.compile("|".join(SARA_AM))


@lru_cache(maxsize=8192)
def _fold(letter: str) -> str:
    """What stands for one character outside ASCII."""
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if letter.isspace():
        return " "
    if category in {"Cf", "Cc", "Cs"} or "\ufe00" <= letter <= "\ufe0f":
        return ""  # joiners, direction marks, soft hyphens, variation selectors, broken halves of a character
    place = ord(letter)
    if place in FULL_WIDTH:
        return chr(FULL_WIDTH[place])
    return LATIN_LIGATURES.get(place, letter)


def normalise(text: str) -> str:
    """The text in NFC, with digits in ASCII, no invisible marks, and single spaces between its words.

    Full-width forms and Latin ligatures become plain letters; Thai and Lao sara am becomes one letter; Burmese in the
    Zawgyi encoding becomes Unicode. Case is kept. Normalising twice changes nothing.
    """
    if text.isascii():
        return _folded(text)
    folded = _folded(text)
    # The text itself first: a Zawgyi sign that is a digit in Unicode must not be taken for one.
    for written in dict.fromkeys((text, folded)):
        if looks_like_zawgyi(written):
            made = _folded(from_zawgyi(written))
            if not looks_like_zawgyi(made):
                return made
    return folded


def _folded(text: str) -> str:
    if not text.isascii():
        text = "".join(_fold(letter) if letter > "\x7f" else letter for letter in text)
        text = _SARA_AM.sub(lambda found: SARA_AM[found.group()], unicodedata.normalize("NFC", text))
    text = "".join(letter for letter in text if (letter >= " " and letter != "\x7f") or letter.isspace())
    return _SPACES.sub(" ", text).strip()
