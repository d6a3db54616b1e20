"""Lines of evidence from the files that researchers have: an ORCID record, works of OpenAlex, a BibTeX bibliography.

Every line comes in as a suggestion, which the expert confirms or refuses: all three kinds of files hold works of other
people now and then. What cannot be read is told with its place; the rest is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.knowledge.actions.experts import Suggested
from highground.knowledge.enums import LineKind
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.models import Expert
from highground.methods.search.glossary import LANGUAGES
from highground.methods.search.segmenting import letters
from highground.methods.search.text import normalise

LARGEST = 5 * 2**20
MOST = 2_000
_DOI = re.compile(r"10\.\d{4,9}/\S+")


@dataclass
class Works:
    """What a file of works held: lines, what was left out, and what its reader should know."""

    lines: list[Suggested] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_works(content: bytes, expert: Expert) -> Works:
    """The works in a file for an expert. Raises KnowledgeError for a file of another kind or another person."""
    if len(content) > LARGEST:
        raise KnowledgeError(_("Larger than 5 MB. Export your works alone, without their full texts."))
    if content[:5] == b"%PDF-":
        raise KnowledgeError(
            _("This is a PDF. Export your works as BibTeX, or save your ORCID record as JSON.")
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise KnowledgeError(
            _("Not UTF-8 (byte %(place)s). Save the file as UTF-8.") % {"place": problem.start}
        ) from None
    if text.lstrip()[:1] in ("{", "["):
        try:
            found: Any = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            raise KnowledgeError(_("This begins like JSON and is none. Download the file again.")) from None
        works = _from_orcid(found, expert) if _is_orcid(found) else _from_openalex(found, expert)
    elif "@" in text:
        works = _from_bibtex(text, expert)
    else:
        raise KnowledgeError(_("Neither an ORCID record, nor works of OpenAlex, nor BibTeX."))
    if len(works.lines) > MOST:
        raise KnowledgeError(_("More than %(most)s works. Choose those about poverty.") % {"most": MOST})
    return works


def _is_orcid(found: Any) -> bool:
    return isinstance(found, dict) and "orcid-identifier" in found


def _from_orcid(found: dict[str, Any], expert: Expert) -> Works:
    orcid = str(_at(found, "orcid-identifier", "path") or "")
    if expert.orcid and orcid and expert.orcid != orcid:
        raise KnowledgeError(
            _("This record belongs to %(other)s, and the profile to %(own)s. Choose your own record.")
            % {"other": orcid, "own": expert.orcid}
        )
    works = Works()
    name = " ".join(
        str(_at(found, "person", "name", part, "value") or "") for part in ("given-names", "family-name")
    ).strip()
    if name and not _shares_a_word(name, expert.name):
        works.warnings.append(
            _("The record is of “%(name)s”. If that is not you, refuse its works.") % {"name": name[:120]}
        )
    for number, group in enumerate(_rows(found, "activities-summary", "works", "group"), start=1):
        summary: Any = next(iter(_rows(group, "work-summary")), {})
        title = normalise(str(_at(summary, "title", "title", "value") or ""))
        if not title:
            works.problems.append(_("work %(number)s: no title") % {"number": number})
            continue
        doi = next(
            (
                str(_at(one, "external-id-value"))
                for one in _rows(summary, "external-ids", "external-id")
                if _at(one, "external-id-type") == "doi"
            ),
            "",
        )
        works.lines.append(
            Suggested(
                LineKind.PUBLICATION,
                title,
                _key(doi, title),
                source="orcid",
                year=_year(_at(summary, "publication-date", "year", "value")),
            )
        )
    return works


def _from_openalex(found: Any, expert: Expert) -> Works:
    rows = found.get("results") if isinstance(found, dict) else found
    if isinstance(found, dict) and rows is None and "display_name" in found:
        rows = [found]
    if not isinstance(rows, list):
        raise KnowledgeError(_("Neither an ORCID record, nor works of OpenAlex, nor BibTeX."))
    works, strange = Works(), 0
    for number, row in enumerate(rows, start=1):
        title = normalise(str(_at(row, "display_name") or _at(row, "title") or ""))
        if not title:
            works.problems.append(_("work %(number)s: no title") % {"number": number})
            continue
        authors = [str(_at(one, "author", "display_name") or "") for one in _rows(row, "authorships")]
        if authors and not any(_shares_a_word(one, expert.name) for one in authors):
            strange += 1
            continue
        language = str(_at(row, "language") or "en")
        works.lines.append(
            Suggested(
                LineKind.PUBLICATION,
                title,
                _key(str(_at(row, "doi") or ""), title),
                source="openalex",
                language=language if language in LANGUAGES else "en",
                year=_year(_at(row, "publication_year")),
            )
        )
    if strange:
        said = ngettext(
            "%(count)s work names no author like %(name)s and was left out.",
            "%(count)s works name no author like %(name)s and were left out.",
            strange,
        )
        works.warnings.append(said % {"count": strange, "name": expert.name})
    return works


def _from_bibtex(text: str, expert: Expert) -> Works:
    works = Works()
    for line, entry in bibtex_entries(text):
        if isinstance(entry, str):
            works.problems.append(_("line %(line)s: %(problem)s") % {"line": line, "problem": entry})
            continue
        title = normalise(_plain(entry.get("title", "")))
        if not title:
            works.problems.append(_("line %(line)s: %(problem)s") % {"line": line, "problem": _("no title")})
            continue
        authors = _plain(entry.get("author", ""))
        if authors and not _shares_a_word(authors, expert.name):
            works.warnings.append(
                _("line %(line)s: by %(authors)s") % {"line": line, "authors": authors[:80]}
            )
        works.lines.append(
            Suggested(
                LineKind.PUBLICATION,
                title,
                _key(entry.get("doi", ""), title),
                source="bibtex",
                year=_year(entry.get("year") or entry.get("date", "")[:4]),
            )
        )
    return works


def bibtex_entries(text: str) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each entry with its line: its fields by name in small letters, or what is wrong with it.

    A broken entry ends where the next `@` begins a line, so that one slip does not swallow the rest.
    """
    for found in re.finditer(r"(?m)^\s*@(\w+)\s*[{(]", text):
        line = text.count("\n", 0, found.start(1)) + 1
        if found.group(1).lower() in ("comment", "preamble", "string"):
            continue
        following = re.compile(r"(?m)^\s*@\w+\s*[{(]").search(text, found.end())
        body = text[found.end() : following.start() if following else len(text)]
        yield line, _fields(body)


def _fields(body: str) -> dict[str, str] | str:
    """The fields of an entry's body, or what is wrong with it."""
    comma = body.find(",")
    if comma < 0:
        return _("the entry has no fields")
    fields: dict[str, str] = {}
    place = comma + 1
    while True:
        name = re.compile(r"\s*([\w-]+)\s*=\s*").match(body, place)
        if name is None:
            return fields if re.compile(r"\s*,?\s*[})]").match(body, place) else _("the entry is not closed")
        value, place = _value(body, name.end())
        if place < 0:
            return _("the value of %(name)s is not closed") % {"name": name.group(1)}
        while more := re.compile(r"\s*#\s*").match(body, place):  # a value in several pieces
            piece, place = _value(body, more.end())
            if place < 0:
                return _("the value of %(name)s is not closed") % {"name": name.group(1)}
            value += piece
        fields[name.group(1).lower()] = value
        comma_found = re.compile(r"\s*,").match(body, place)
        place = comma_found.end() if comma_found else place


def _value(body: str, place: int) -> tuple[str, int]:
    """A value in braces, in quotes or bare, and where it ends; -1 where it does not."""
    opening = body[place : place + 1]
    if opening == "{":
        depth = 0
        for at in range(place, len(body)):
            depth += (body[at] == "{") - (body[at] == "}")
            if depth == 0:
                return body[place + 1 : at], at + 1
        return "", -1
    if opening == '"':
        end = body.find('"', place + 1)
        return (body[place + 1 : end], end + 1) if end > 0 else ("", -1)
    bare = re.compile(r"[\w.-]*").match(body, place)
    return (bare.group(), bare.end()) if bare else ("", place)


ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "d": "\u0323", "h": "\u0309",
}  # fmt: skip
"""What TeX writes before a letter, and what Unicode writes after it."""
LETTERS = {
    "i": "i", "j": "j", "l": "ł", "L": "Ł", "o": "ø", "O": "Ø", "ss": "ß", "ae": "æ", "AE": "Æ", "aa": "å", "AA": "Å",
}  # fmt: skip
_ACCENT = re.compile(r"\\(?:(['`^\"~=.])\s*|([cvuHkrdh])(?:\s+|(?=\{)))\{?\s*(\\?[a-zA-Z])\s*\}?")
_LETTER = re.compile(r"\\(ss|ae|AE|aa|AA|[ijlLoO])(?![a-zA-Z])\s?")


def _plain(value: str) -> str:
    """A BibTeX value without its braces and commands, its accents as letters."""
    accented = _ACCENT.sub(lambda one: one[3].lstrip("\\") + ACCENTS[one[1] or one[2]], value)
    lettered = _LETTER.sub(lambda one: LETTERS[one[1]], accented)
    escaped = re.sub(r"\\([&%$#_])", r"\1", lettered.replace("~", " "))
    return re.sub(r"\\[a-zA-Z]+\s?|[{}]", "", escaped)


def _key(doi: str, title: str) -> str:
    """What names a work whichever file brings it: its DOI, else the letters of its title."""
    found = _DOI.search(doi.lower())
    return f"doi/{found.group()}" if found else f"title/{letters(title)[:150]}"


def _year(value: Any) -> int | None:
    text = str(value or "")[:4]
    return int(text) if text.isdecimal() and text.isascii() and 1900 <= int(text) <= 2100 else None


def _shares_a_word(one: str, other: str) -> bool:
    words = [
        {letters(word) for word in normalise(each).replace(",", " ").split()} - {""} for each in (one, other)
    ]
    return bool({word for word in words[0] & words[1] if len(word) > 1 or not word.isascii()})


def _at(found: Any, *names: str) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _rows(found: Any, *names: str) -> list[Any]:
    """A list in a file; none where something else stands."""
    rows = _at(found, *names)
    return rows if isinstance(rows, list) else []
