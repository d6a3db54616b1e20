"""The languages of knowledge: which one a reader reads, and which one a query is written in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header

from highground.methods.search.glossary import LANGUAGES, SAME, load_glossary

NAMES = {
    "en": "English", "zh": "中文", "th": "ไทย", "lo": "ລາວ", "km": "ខ្មែរ", "my": "မြန်မာ", "vi": "Tiếng Việt",
    "id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "fil": "Filipino", "ta": "தமிழ்",
}  # fmt: skip
"""Each language in its own name."""

SCRIPTS = {"CJK": "zh", "THAI": "th", "LAO": "lo", "KHMER": "km", "MYANMAR": "my", "TAMIL": "ta"}
"""Scripts that belong to one of the languages alone, by the first word of Unicode's names."""


KEPT = "reading"
"""Where the session keeps the language chosen for these pages, and that of the office when it was chosen."""

EVERYWHERE = ("poverty", "poverty-reduction", "poor-household")
"""Concepts that everything here is about; they tell nothing from another."""

LATIN = ("en", "id", "ms", "fil")
_VIETNAMESE = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]")


def tidy(text: str) -> str:
    """What somebody wrote, as it is kept: composed, without control characters and outer blanks.

    Punctuation and invisible breaks between words stay: Chinese and Khmer are read with them.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(
        letter for letter in composed if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs")
    ).strip()


def plain(code: str) -> str:
    """A language code as the glossary writes it: `zh` for `zh-hans`, `fil` for `tl`."""
    base = code.lower().split("-")[0]
    return SAME.get(base, base)


def reading(request: HttpRequest) -> str:
    """The language that the reader chose for these pages (`?lang=`); else the first one of the browser that knowledge is read
    in, unless they chose one for the office; else that of the page.

    Of somebody who is signed in the choice is kept from page to page, until they choose another language for the office.
    """
    chosen = plain(request.GET.get("lang", "") or request.POST.get("lang", ""))
    page = plain(get_language() or "en")
    known: Any = request.user.is_authenticated and request.session.get(KEPT)
    if chosen in LANGUAGES:
        if request.user.is_authenticated and known != [chosen, page]:
            request.session[KEPT] = [chosen, page]
        return chosen
    if known and known[1] == page:
        return str(known[0])
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
        page = next((one for code, _share in accepted if (one := plain(code)) in LANGUAGES), page)
    return page if page in LANGUAGES else "en"


def written_in(text: str, otherwise: str) -> str:
    """The language of a query: by its script or letters where only one of the languages has them, else by its words."""
    seen = Counter(
        unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha() or letter > "\x7f"
    )
    known = [(count, SCRIPTS[script]) for script, count in seen.items() if script in SCRIPTS]
    if known:
        return max(known)[1]
    if _VIETNAMESE.search(text.lower()):
        return "vi"
    # Languages of the Latin script: the one in which the text names most concepts, the reader's own first.
    first = otherwise if otherwise in LATIN else "en"
    glossary = load_glossary()
    return max(
        (first, *(one for one in LATIN if one != first)), key=lambda one: len(glossary.concepts_in(text, one))
    )


def concept_words(concepts: list[str], language: str) -> list[str]:
    """What concepts are called in a language, in English where the glossary lacks it; unknown ids are left out."""
    glossary = load_glossary()
    labels = (glossary.label(one, language) or glossary.label(one, "en") for one in concepts)
    return [label.label for label in labels if label is not None]
