"""Whether a text or a file names somebody whom a reviewer must not know."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from highground.files.cleaning import words_of
from highground.files.media import BY_TYPE
from highground.files.uploads import path_of

LONG = 6
"""From so many letters on a name is also found where it is written together, spaced out or cut into lines."""
SHORTEST = 3
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")


def named_in(text: str, names: Iterable[str]) -> list[str]:
    """Those of the names that the text holds, whatever the case, width and spacing. Names of one or two letters are not looked
    for, but two Chinese characters are.
    """
    plain = _plain(text)
    together = _together(plain)
    return [one for one in names if _stands(_plain(one), plain, together)]


def named_in_file(digest: str, media: str, names: Iterable[str]) -> list[str]:
    """Those of the names that stand in the words of a stored file."""
    return named_in(words_of(path_of(digest).read_bytes(), BY_TYPE[media]), names)


def _stands(name: str, plain: str, together: str) -> bool:
    letters = _together(name)
    if _HAN.fullmatch(letters) or len(letters) >= LONG:
        return letters in together
    if len(letters) < SHORTEST:
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _together(plain: str) -> str:
    """Without spaces, punctuation and what does not show (zero-width joiners between words of Khmer and Thai)."""
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] not in "ZPCS")
