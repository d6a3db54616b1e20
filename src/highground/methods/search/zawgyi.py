"""Burmese written in the Zawgyi font encoding, brought to Unicode by ICU's own transform `Zawgyi-my` (CLDR).

Zawgyi uses the code points of Unicode Burmese for other letters, so that a text in it looks right only in that font and is
found by nobody. The package `icu4py` has no word for transforms; it carries the whole of ICU though, and ICU's C interface is
asked for this one. Where the libraries of the package lie otherwise (`is_able`), nothing is converted.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import icu4py

_BURMESE = re.compile("[\u1000-\u109f]")
# What Unicode Burmese never has and Zawgyi is full of: its own shapes of stacked consonants and vowels, the
# vowel e typed before its consonant, and asat where Unicode has a virama that must be followed by a consonant.
_ZAWGYI = re.compile(
    "[\u1060-\u1097]|(?:^|[^\u1000-\u109f])[\u1031\u103b\u107e-\u1084]+[\u1000-\u1021]|\u1039(?![\u1000-\u1021])"
)
ZAWGYI_SHARE = 0.02
FORWARD = 0


def looks_like_zawgyi(text: str) -> bool:
    """True when Burmese text is most likely written in the Zawgyi font encoding instead of Unicode."""
    burmese = len(_BURMESE.findall(text))
    return burmese > 0 and len(_ZAWGYI.findall(text)) / burmese > ZAWGYI_SHARE


def is_able() -> bool:
    """True where Zawgyi can be converted here."""
    return _transform() is not None


def from_zawgyi(text: str) -> str:
    """The same words in Unicode; as it is where it can't be converted, or would not be Unicode afterwards."""
    transform = _transform()
    if transform is None:
        return text
    made = transform(text)
    return text if looks_like_zawgyi(made) else made


@cache
def _transform() -> Callable[[str], str] | None:
    library = _library()
    if library is None:
        return None
    version = icu4py.icu_version.split(".")[0]
    opened, run = (getattr(library, f"utrans_{name}_{version}", None) for name in ("openU", "transUChars"))
    if opened is None or run is None:
        return None
    opened.restype = ctypes.c_void_p
    name, status = "Zawgyi-my".encode("utf-16-le"), ctypes.c_int(0)
    transform = opened(name, len(name) // 2, FORWARD, None, 0, None, ctypes.byref(status))
    if status.value > 0 or not transform:
        return None

    def apply(text: str) -> str:
        written = text.encode("utf-16-le", "surrogatepass")
        length = ctypes.c_int32(len(written) // 2)
        room = 4 * length.value + 16
        buffer = ctypes.create_string_buffer(written, 2 * room)
        limit, failed = ctypes.c_int32(length.value), ctypes.c_int(0)
        run(
            ctypes.c_void_p(transform),
            buffer,
            ctypes.byref(length),
            room,
            0,
            ctypes.byref(limit),
            ctypes.byref(failed),
        )
        if failed.value > 0:
            return text
        return buffer.raw[: 2 * length.value].decode("utf-16-le", "surrogatepass")

    return apply


def _library() -> ctypes.CDLL | None:
    """ICU's library of transforms, as the wheel of icu4py brings it along."""
    package = Path(icu4py.__file__).parent
    for folder in (package.parent / "icu4py.libs", package / ".dylibs"):
        for path in sorted(folder.glob("libicui18n*")):
            try:
                return ctypes.CDLL(str(path))
            except OSError:
                continue
    return None
