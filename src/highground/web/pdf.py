"""Pages as PDF (extra `[pdf]`): what a browser would print, with lines broken between words in every script.

WeasyPrint lays the page out with the styles of the house. Khmer, Lao, Burmese and Thai put no spaces between words, and the
library that breaks its lines knows the words of none but Thai: so ICU's dictionaries say where a word ends, and a break is
allowed there (a space without width). Nothing is fetched but the styles and fonts of this installation.
"""

from __future__ import annotations

import logging
import mimetypes
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from icu4py.breakers import WordBreaker

BREAK = "\u200b"
BASE = "https://highground.invalid/"
"""Before every address of a page, so that addresses of this installation are told from all others. No such host exists."""

SCRIPTS = {
    "th": r"\u0e01-\u0e3a\u0e40-\u0e4e",
    "lo": r"\u0e81-\u0ece\u0edc-\u0edf",
    "my": r"\u1000-\u103f\u104c-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f",
    "km": r"\u1780-\u17d3\u17d7\u17dc\u17dd",
}
"""The letters and signs of each script that writes words without spaces between them; digits and full stops are none."""

_RUNS = {language: re.compile(f"[{letters}]{{2,}}") for language, letters in SCRIPTS.items()}


PAPER = """
@page { margin: 14mm 15mm 18mm; @bottom-left { content: string(what); font: 8pt "Noto Sans", sans-serif; color: #4a5752; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt "Noto Sans", sans-serif; color: #4a5752; } }
h1 { string-set: what content(); }
h2, caption, thead { break-after: avoid; }
tr, li, .rows__row { break-inside: avoid; }
.crumbs { display: none; }
.picture { container-type: normal; }
.rows { display: block; }
.rows__row { display: table; table-layout: fixed; width: 100%; }
.rows__label { display: table-cell; width: 32%; max-width: none; padding-right: 10px; vertical-align: middle; }
.rows__marks { display: inline-block; vertical-align: middle; }
.rows__text { display: table-cell; width: 80px; vertical-align: middle; }
.rows__row--mark .rows__marks { display: none; }
.rows__row--mark .rows__mark-words, .rows__mark-words svg { display: inline-block; }
"""
"""What paper has beside the rules of the house: numbers of pages, and bars without a grid in a grid, which is not known here."""

MARKS = """
.fill-clay { fill: #a83a17; } .fill-gold { fill: #b47a05; } .fill-plum { fill: #58468c; } .fill-water { fill: #17618c; }
.fill-green { fill: #1f7a5c; } .fill-brand { fill: #0f4c3a; } .fill-ink { fill: #14211d; } .fill-grey { fill: #8b8f86; }
.rows__unknown { fill: #ece8f6; stroke: #58468c; stroke-dasharray: 3 2; } .rows__zero { stroke: #8b8f86; }
.rows__mark { stroke: #a83a17; stroke-width: 2; stroke-dasharray: 5 3; }
"""
_MARKS = re.compile(r'(<svg class="rows__marks"[^>]*>|<p class="rows__mark-words"><svg[^>]*>)')


class CannotPrint(RuntimeError):
    """WeasyPrint, or what it needs of the system, is missing; the message says what to install."""


def with_breaks(text: str) -> str:
    """The text with a space without width between words of Thai, Lao, Burmese and Khmer; nothing else changes."""
    for language, run in _RUNS.items():
        text = run.sub(lambda found, one=language: BREAK.join(WordBreaker(found[0], one)), text)  # type: ignore[misc]
    return text


@cache
def can_print() -> bool:
    """Whether PDF can be made here."""
    try:
        _weasyprint()
    except CannotPrint:
        return False
    return True


def pdf_of(html: str) -> bytes:
    """A page as PDF, by its rules for print. Raises CannotPrint."""
    weasyprint = _weasyprint()

    class OwnFiles(weasyprint.urls.URLFetcher):  # type: ignore[name-defined, misc]
        """Opens the static files of this installation and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            file = _static_file(url)
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return weasyprint.urls.URLFetcherResponse(url, file.read_bytes(), {"Content-Type": kind})

    ready = for_paper(with_breaks(html))
    made: bytes = weasyprint.HTML(string=ready, base_url=BASE, url_fetcher=OwnFiles()).write_pdf()
    return made


def for_paper(html: str) -> str:
    """The page with the rules of paper after its own, and the colours of its bars inside each picture.

    The rules of a page do not reach into a picture here.
    """
    html = html.replace("</head>", f"<style>{PAPER}</style></head>", 1)
    return _MARKS.sub(rf"\1<style>{MARKS}</style>", html)


def pdf_response(html: str, name: str) -> HttpResponse:
    """A page as a PDF file to keep. Raises CannotPrint."""
    response = HttpResponse(pdf_of(html), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _weasyprint() -> Any:
    try:
        import weasyprint
        import weasyprint.urls
    except (ImportError, OSError) as error:
        raise CannotPrint(
            "PDF needs WeasyPrint (pip install 'highground[pdf]') and the library Pango of the system"
            " (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0)"
        ) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # rules for screens are no news on paper
    return weasyprint


def _static_file(url: str) -> Path:
    """The file of a static address. Raises ValueError for any other, which leaves a gap on the page."""
    parts, start = urlsplit(url), settings.STATIC_URL
    path = unquote(parts.path)
    if f"{parts.scheme}://{parts.netloc}/" != BASE or not path.startswith(start):
        raise ValueError(f"{url} is no file of this installation")
    name = path.removeprefix(start)
    try:
        found = finders.find(name) or staticfiles_storage.path(name)
    except SuspiciousFileOperation as error:
        raise ValueError(f"{url} is no file of this installation") from error
    if not Path(found).is_file():
        raise ValueError(f"{url} is no file of this installation")
    return Path(found)
