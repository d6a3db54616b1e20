"""Practices from files: one record checked field by field, whatever it came from.

A file of practices is YAML with a list under `practices:`, as those that come with Highground (`data/practices/`), or a
table (CSV, XLSX ...) with one language of one practice in each row. What cannot be used is told with file, row, column
and mend; the other records are kept.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pycountry
import yaml
from django.utils.translation import gettext as _

from highground.files.columns import WrongValue, one_of, whole, yes
from highground.files.columns import text as text_of
from highground.files.columns import words as split
from highground.files.rejects import Reject
from highground.files.tables import ROW, open_table
from highground.knowledge.enums import Evidence, Field, Income, Institution, TextStatus, Zone
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.languages import tidy
from highground.methods.facts import load_dictionary
from highground.methods.search.glossary import LANGUAGES, load_glossary
from highground.methods.search.zawgyi import from_zawgyi, looks_like_zawgyi

Reads = Callable[[Any], Any]
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
CRITERIA = ("sustainable", "replicable", "practical", "inclusive")
"""What the Global Solicitation on Best Poverty Reduction Practices looks for; each 0 to 3."""
WORDS = {
    "title": 200,
    "problem": 2_000,
    "done": 4_000,
    "results": 2_000,
    "failures": 2_000,
    "elsewhere": 1_000,
}
"""The longest words of each part of a text."""
LARGEST = 5 * 2**20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one written in C, where PyYAML was built with it: ten times as fast."""


@dataclass(frozen=True)
class Record:
    """A practice that was read: the fields of the model, and the texts by language."""

    where: str
    values: dict[str, Any]
    texts: dict[str, dict[str, str]]


@dataclass
class Read:
    """What a file held."""

    records: list[Record] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


class Misplaced(WrongValue):
    """A value that cannot be used, and its column."""

    def __init__(self, column: str, wrong: WrongValue) -> None:
        super().__init__(wrong.reason, wrong.mend)
        self.column = column


@contextmanager
def _in(column: str) -> Iterator[None]:
    """What is wrong inside is wrong in this column, or in the part of it that it names itself."""
    try:
        yield
    except Misplaced as wrong:
        raise Misplaced(f"{column}.{wrong.column}", wrong) from wrong
    except WrongValue as wrong:
        raise Misplaced(column, wrong) from wrong


def causes() -> list[str]:
    """The causes that a practice may address: the risks of the fact dictionary."""
    return [name for name in load_dictionary()["risks"].values if name != "other"]


def read_practices(path: Path) -> Read:
    """The practices of a file. Raises KnowledgeError where it cannot be read at all."""
    if not path.is_file():
        raise KnowledgeError(f"{path}: no such file; check the path")
    if path.stat().st_size > LARGEST:
        raise KnowledgeError(f"{path}: larger than 5 MiB; cut it into several files")
    if path.suffix.lower() in (".yaml", ".yml"):
        return _checked(path, _from_yaml(path))
    read = Read()
    rows = _from_table(path, read)
    checked = _checked(path, rows)
    return Read(checked.records, [*read.rejects, *checked.rejects])


def _from_yaml(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8")
        loader = _LOADER(text)
        tree = loader.get_single_node()
        plain = loader.construct_document(tree) if tree is not None else None
    except UnicodeDecodeError as problem:
        raise KnowledgeError(f"{path}: not UTF-8 (byte {problem.start}); save it as UTF-8") from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise KnowledgeError(f"{path}{line}: no YAML: {getattr(problem, 'problem', problem)}") from problem
    if not isinstance(plain, dict) or not isinstance(plain.get("practices"), list) or tree is None:
        raise KnowledgeError(f"{path}: put the records as a list under `practices:`")
    listed = next(value for key, value in tree.value if key.value == "practices")
    for node, record in zip(listed.value, plain["practices"], strict=True):
        yield node.start_mark.line + 1, record if isinstance(record, dict) else {}


def _from_table(path: Path, read: Read) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows of one practice (the same `code`) become one record with a text for each row's `language`."""
    merged: dict[str, tuple[int, dict[str, Any]]] = {}
    for batch in open_table(path, on_reject=read.rejects.append).batches:
        for row in batch.to_pylist():
            number = row.pop(ROW)
            values = {name: value.strip() for name, value in row.items() if value and value.strip()}
            text = {name: values.pop(name) for name in (*WORDS, "status") if name in values}
            language = values.pop("language", "")
            _first, record = merged.setdefault(values.get("code", f"row {number}"), (number, values))
            record.setdefault("texts", {})[language] = text
    return iter(merged.values())


def _checked(path: Path, rows: Iterator[tuple[int, Mapping[str, Any]]]) -> Read:
    read, codes = Read(), dict[str, int]()
    for number, row in rows:
        try:
            record = check(row, f"{path}, row {number}")
            with _in("code"):
                if (first := codes.setdefault(record.values["code"], number)) != number:
                    raise WrongValue(
                        _("the record of row %(row)s has this code already") % {"row": first},
                        _("give each practice its own code"),
                    )
            read.records.append(record)
        except Misplaced as wrong:
            read.rejects.append(Reject(number, wrong.column, "", wrong.reason, wrong.mend))
    return read


def check(row: Mapping[str, Any], where: str) -> Record:
    """A record whose values can all be used. Raises with the column, the reason and the mend for the first that cannot."""
    _only({*_READERS, "texts"}, row)
    values = {}
    for name, (reader, needed) in _READERS.items():
        given = row.get(name)
        with _in(name):
            if given is not None and given != "" and given != []:
                values[name] = reader(given)
            elif needed:
                raise WrongValue(_("is missing"), _("write it into each record"))
    with _in("cost"):
        if (values.get("cost") is None) != ("currency" not in values):
            raise WrongValue(
                _("a cost needs its currency, and a currency its cost"), _("write both or neither")
            )
    with _in("until"):
        if values.get("until") is not None and values["until"] < values.get("since", values["until"]):
            raise WrongValue(_("ends before it begins"), _("write years in their order"))
    with _in("verified"):
        if values.get("verified") and not values.get("url"):
            raise WrongValue(_("what was compared with its source has an address"), _("write the url"))
    texts = row.get("texts")
    with _in("texts"):
        if not isinstance(texts, Mapping) or not texts:
            raise WrongValue(_("is missing"), _("give the words in at least one language"))
    with _in("language"):
        if strange := next((one for one in texts if one not in LANGUAGES), None):
            raise WrongValue(
                _("%(language)s is no language of this office") % {"language": strange or "''"},
                _("write one of %(names)s") % {"names": ", ".join(LANGUAGES)},
            )
    with _in("texts"):
        return Record(where, values, {one: _text(one, text) for one, text in texts.items()})


def _only(known: Collection[str], row: Mapping[str, Any]) -> None:
    """Nothing but these columns."""
    if strange := sorted(str(name) for name in row if name not in known):
        with _in(strange[0]):
            raise WrongValue(_("no such column"), _("use %(names)s") % {"names": ", ".join(sorted(known))})


def _text(language: str, given: Any) -> dict[str, str]:
    """The words in one language."""
    with _in(language):
        if not isinstance(given, Mapping):
            raise WrongValue(_("holds no fields"), _("write title, problem and done under it"))
        _only({*WORDS, "status"}, given)
        text = {"status": one_of(TextStatus.values)(given.get("status", TextStatus.ORIGINAL))}
        for name, longest in WORDS.items():
            with _in(name):
                text[name] = _written(given.get(name), longest, needed=name in ("title", "problem", "done"))
        return text


def _written(given: Any, longest: int, *, needed: bool) -> str:
    words = tidy(str(given or ""))
    if looks_like_zawgyi(words):
        words = from_zawgyi(words)
    if not words and needed:
        raise WrongValue(_("is missing"), _("write it in this language, or leave the language out"))
    if looks_like_zawgyi(words):
        raise WrongValue(_("written for the Zawgyi font"), _("convert it to Unicode"))
    return str(text_of(longest)(words))


def _words(longest: int) -> Reads:
    return lambda value: text_of(longest)(tidy(str(value)))


def _matching(pattern: re.Pattern[str], mend: str) -> Reads:
    def read(value: Any) -> str:
        text = value.isoformat() if isinstance(value, datetime.date) else str(value)
        if len(text) > 60 or not pattern.fullmatch(text):
            raise WrongValue(_("not in the form wanted"), mend)
        return text

    return read


def _among(known: Callable[[], Collection[str]]) -> Reads:
    """One of some words that are only known when a file is read."""
    return lambda value: one_of(known())(str(value))


def _list_of(one: Reads) -> Reads:
    def read(value: Any) -> list[str]:
        parts = [str(part).strip() for part in value] if isinstance(value, list) else split(str(value))
        return list(dict.fromkeys(one(part) for part in parts if part))

    return read


def _whole(least: int, most: int) -> Reads:
    return lambda value: whole(least, most)(str(value))


def _country(value: Any) -> str:
    if not pycountry.countries.get(alpha_2=str(value)):
        raise WrongValue(_("no country has this code"), _("write two letters, as LA"))
    return str(value)


def _currency(value: Any) -> str:
    if not pycountry.currencies.get(alpha_3=str(value)):
        raise WrongValue(_("no currency has this code"), _("write three letters, as USD"))
    return str(value)


def _url(value: Any) -> str:
    parts = urlsplit(str(value))
    if parts.scheme not in ("http", "https") or not parts.netloc or len(str(value)) > 400:
        raise WrongValue(_("no address of a page"), _("write it as https://…"))
    return str(value)


def _rubric(value: Any) -> dict[str, int]:
    if isinstance(value, str):
        value = dict(part.split("=", 1) for part in split(value) if "=" in part)
    if not isinstance(value, Mapping) or not set(value) <= set(CRITERIA):
        raise WrongValue(_("not the four criteria"), "sustainable=2;replicable=3;practical=3;inclusive=1")
    found = {}
    for name, score in value.items():
        with _in(name):
            found[name] = _whole(0, 3)(score)
    return found


_READERS: dict[str, tuple[Reads, bool]] = {
    "code": (_matching(CODE, "small letters, digits and hyphens, as la-rice-bank"), True),
    "country": (_country, True),
    "place": (_words(120), False),
    "since": (_whole(1900, 2100), False),
    "until": (_whole(1900, 2100), False),
    "fields": (_list_of(_among(lambda: Field.values)), True),
    "causes": (_list_of(_among(causes)), False),
    "concepts": (_list_of(_among(lambda: load_glossary().concepts)), False),
    "zones": (_list_of(_among(lambda: Zone.values)), False),
    "income": (_among(lambda: Income.values), False),
    "institutions": (_list_of(_among(lambda: Institution.values)), False),
    "cost": (_whole(0, 10**15), False),
    "currency": (_currency, False),
    "evidence": (_among(lambda: Evidence.values), True),
    "rubric": (_rubric, False),
    "source": (_words(300), True),
    "url": (_url, False),
    "source_date": (_matching(DATE, "a year, a month or a day, as 2019, 2019-07 or 2019-07-22"), True),
    "verified": (lambda value: yes(str(value)), False),
}
"""How each column is read, and whether a record must have it. `cost` counts minor units: 4100 for 41 USD."""
