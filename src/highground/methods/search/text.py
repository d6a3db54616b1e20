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

NORMALISER = 1
"""Goes up with every change to what `normalise` returns. An index of another version is built anew."""

FULL_WIDTH = {place: place - 0xFEE0 for place in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
LATIN_LIGATURES = {
    place: unicodedata.normalize("NFKC", chr(place)) for place in range(0xFB00, 0xFB07)
}  # ff, fi, fl and their kind, which come out of PDF files
SARA_AM = {"\u0e4d\u0e32": "\u0e33", "\u0ecd\u0eb2": "\u0eb3"}
"""Thai and Lao: the sign and the vowel typed apart, and the letter that they make."""

_SPACES = re.compile(r"\s+")
_SARA_AM = re.compile("|".join(SARA_AM))
_BURMESE = re.compile("[\u1000-\u109f]")
# What Unicode Burmese never has and Zawgyi is full of: its own shapes of stacked consonants and vowels, the
# vowel e typed before its consonant, and asat where Unicode has a virama that must be followed by a consonant.
_ZAWGYI = re.compile(
    "[\u1060-\u1097]|(?:^|[^\u1000-\u109f])[\u1031\u103b\u107e-\u1084]+[\u1000-\u1021]|\u1039(?![\u1000-\u1021])"
)
ZAWGYI_SHARE = 0.02


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

    Full-width forms and Latin ligatures become plain letters; Thai and Lao sara am becomes one letter. Case is
    kept. Normalising twice changes nothing.
    """
    if not text.isascii():
        text = "".join(_fold(letter) if letter > "\x7f" else letter for letter in text)
        text = _SARA_AM.sub(lambda found: SARA_AM[found.group()], unicodedata.normalize("NFC", text))
    text = "".join(letter for letter in text if (letter >= " " and letter != "\x7f") or letter.isspace())
    return _SPACES.sub(" ", text).strip()


def looks_like_zawgyi(text: str) -> bool:
    """True when Burmese text is most likely written in the Zawgyi font encoding instead of Unicode.

    Such text looks right only in that font and is found by nobody; whoever sends it is asked to convert it.
    """
    burmese = len(_BURMESE.findall(text))
    return burmese > 0 and len(_ZAWGYI.findall(text)) / burmese > ZAWGYI_SHARE
