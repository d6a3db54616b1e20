"""What departments may send: `data/feeds/cn.yaml`, or a file of the same form, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from highground.methods.facts import Dictionary, DictionaryError, Fact, load_dictionary
from highground.methods.facts.dictionary import LANGUAGES, parse_fact
from highground.methods.feeds.errors import FeedError

Text = Mapping[str, str]

PER = ("person", "household")
HOW = ("sum", "count", "any", "last")
ABSENT = ("zero", "unknown")
TEXT = "text"
CODES = 64
"""A newest value is kept as its day's number times 64 plus the place of the value in its list."""
MOST_FIELDS = 15
LONGEST_WINDOW = 60

_KEYS = {
    "feed": {"label", "department", "per", "month", "basis", "fields", "facts"},
    "basis": {
        *("purpose", "authority", "source", "verified", "retention_months", "refusal", "authorisation"),
    },
    "field": {"type", "label", "minimum", "maximum", "values", "optional", "at_most"},
    "fact": {"how", "field", "where", "open", "months", "absent"},
}


@dataclass(frozen=True)
class Field:
    """What a column of the department is read as. `fact` says its type, label, bounds and values; None is plain text."""

    name: str
    label: Text
    fact: Fact | None
    optional: bool
    at_most: str | None

    @property
    def type(self) -> str:
        return self.fact.type if self.fact else TEXT


@dataclass(frozen=True)
class FedFact:
    """A household's fact and how it is made of the rows of a window of `months` calendar months.

    `how`: `sum` of `field`; `count` of the rows; `any` row; `last` value. `where` takes only rows with these values.
    `open` takes only persons whose newest row of any month has this value of `field`; then the fact tells of the
    month alone. `absent`: what no row means when every month of the window has come in whole.
    """

    name: str
    how: str
    field: str | None
    where: tuple[tuple[str, str], ...]
    open: str | None
    months: int
    absent: str

    @property
    def fields(self) -> set[str]:
        """The fields that it is made of, beside the month."""
        return {name for name, _ in self.where} | ({self.field} if self.field else set())

    @property
    def needs_day(self) -> bool:
        """Whether the day within the month matters."""
        return self.how == "last" or self.open is not None


@dataclass(frozen=True)
class Basis:
    """Why the feed may be kept: the register of legal bases prints it."""

    purpose: Text
    authority: Text
    source: str | None
    verified: bool
    retention_months: int
    refusal: Text
    authorisation: bool


@dataclass(frozen=True)
class Feed:
    """One department feed."""

    name: str
    label: Text
    department: Text
    per: str
    month: str
    basis: Basis
    fields: Mapping[str, Field]
    facts: Mapping[str, FedFact]

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True)
class Feeds(Mapping[str, Feed]):
    """The feeds of one country by name, and how many decimals its money has."""

    feeds: Mapping[str, Feed]
    minor_digits: int

    def __getitem__(self, name: str) -> Feed:
        return self.feeds[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.feeds)

    def __len__(self) -> int:
        return len(self.feeds)

    def named(self, name: str) -> Feed:
        """A feed by its name. Raises FeedError naming those that there are."""
        if name not in self.feeds:
            raise FeedError(f"there is no feed '{name}'; known are {', '.join(self.feeds)}")
        return self.feeds[name]


@cache
def load_feeds(path: Path | None = None) -> Feeds:
    """The feeds of a file, else those that ship. Raises FeedError naming the file, the feed, the key and the mend."""
    source = path or files("highground") / "data" / "feeds" / "cn.yaml"
    where = path.name if path else "cn.yaml"
    try:
        content = yaml.safe_load(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise FeedError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FeedError(f"{where}: is no YAML in UTF-8: {error}") from error
    return read_feeds(content, where=where)


def read_feeds(content: Any, *, where: str = "feeds", dictionary: Dictionary | None = None) -> Feeds:
    """Feeds from the content of such a file. Raises FeedError."""
    if not isinstance(content, Mapping) or not isinstance(content.get("feeds"), Mapping):
        raise FeedError(f"{where}: begin with `feeds:` and a feed below it")
    digits = content.get("minor_digits", 2)
    if not _is_whole(digits, 0, 4):
        raise FeedError(f"{where}: `minor_digits` is the number of decimals of the currency, 0 to 4")
    facts = dictionary or load_dictionary()
    feeds = {
        str(name): _Reader(where, str(name), facts).feed(entry) for name, entry in content["feeds"].items()
    }
    twice = {fact for feed in feeds.values() for fact in feed.facts}
    for fact in twice:
        givers = [feed.name for feed in feeds.values() if fact in feed.facts]
        if len(givers) > 1:
            raise FeedError(f"{where}: fact '{fact}' is fed by {' and '.join(givers)}; keep one of them")
    return Feeds(feeds, digits)


class _Reader:
    """Reads one feed; every complaint names where it stands."""

    def __init__(self, where: str, name: str, dictionary: Dictionary) -> None:
        self.where = f"{where}: feed '{name}'"
        self.name = name
        self.dictionary = dictionary

    def feed(self, entry: Any) -> Feed:
        if not self.name.isidentifier() or not self.name.islower():
            raise FeedError(f"{self.where}: use small letters, digits and _ in its name")
        self.keys(entry, "feed", "", required={"label", "department", "per", "month", "basis", "fields"})
        if entry["per"] not in PER:
            raise self.error("per", f"must be one of {', '.join(PER)}")
        fields = self.fields(entry["fields"])
        month = fields.get(str(entry["month"]))
        if month is None or month.type != "date" or month.optional:
            raise self.error("month", "must name a field of type date that is not optional")
        basis = self.basis(entry["basis"])
        facts = {
            str(name): self.fact(str(name), one, entry["per"], fields)
            for name, one in (entry.get("facts") or {}).items()
        }
        for one in facts.values():
            if one.months > basis.retention_months:
                raise self.error(
                    f"facts.{one.name}.months",
                    f"looks back {one.months} months, and rows are kept {basis.retention_months}; keep them longer",
                )
        label, department = self.text("label", entry["label"]), self.text("department", entry["department"])
        return Feed(self.name, label, department, entry["per"], month.name, basis, fields, facts)

    def basis(self, entry: Any) -> Basis:
        self.keys(entry, "basis", "basis", required=_KEYS["basis"] - {"source"})
        months = entry["retention_months"]
        if not _is_whole(months, 1, 1200):
            raise self.error("basis.retention_months", "must be a whole number of months, 1 or more")
        for flag in ("verified", "authorisation"):
            if not isinstance(entry[flag], bool):
                raise self.error(f"basis.{flag}", "must be true or false")
        if entry["verified"] and not entry.get("source"):
            raise self.error("basis.source", "what was verified needs its source")
        purpose, authority, refusal = (
            self.text(f"basis.{key}", entry[key]) for key in ("purpose", "authority", "refusal")
        )
        return Basis(
            purpose,
            authority,
            entry.get("source"),
            entry["verified"],
            months,
            refusal,
            entry["authorisation"],
        )

    def fields(self, entries: Any) -> dict[str, Field]:
        if not isinstance(entries, Mapping) or not entries:
            raise self.error("fields", "name at least one field")
        if len(entries) > MOST_FIELDS:
            raise self.error("fields", f"at most {MOST_FIELDS} fields are read")
        fields = {str(name): self.field(str(name), entry) for name, entry in entries.items()}
        for one in fields.values():
            other = fields.get(one.at_most) if one.at_most else one
            if (
                other is None
                or other.type != one.type
                or (one.at_most and one.type not in ("money", "integer"))
            ):
                raise self.error(f"fields.{one.name}.at_most", "must name a number of the same type")
        return fields

    def field(self, name: str, entry: Any) -> Field:
        at = f"fields.{name}"
        self.keys(entry, "field", at, required={"type", "label"})
        if not name.isidentifier() or not name.islower() or name.startswith("row_"):
            raise self.error(at, "use small letters, digits and _ in its name, and do not begin with row_")
        optional = entry.get("optional", False)
        if not isinstance(optional, bool):
            raise self.error(f"{at}.optional", "must be true or false")
        fact = None
        if entry["type"] != TEXT:
            known = {
                key: entry[key] for key in ("type", "label", "minimum", "maximum", "values") if key in entry
            }
            try:
                fact = parse_fact(name, {"entity": "household", **known}, where=self.where)
            except DictionaryError as error:
                raise FeedError(str(error)) from error
            if fact.type == "list":
                raise self.error(f"{at}.type", "a list cannot be read from a feed; use a category")
        return Field(name, self.text(f"{at}.label", entry["label"]), fact, optional, entry.get("at_most"))

    def fact(self, name: str, entry: Any, per: str, fields: Mapping[str, Field]) -> FedFact:
        at = f"facts.{name}"
        self.keys(entry, "fact", at, required={"how", "months", "absent"})
        fact = self.dictionary.get(name)
        if fact is None or fact.entity != "household":
            raise self.error(at, "is not a fact of households in the fact dictionary")
        for key, allowed in (("how", HOW), ("absent", ABSENT)):
            if entry[key] not in allowed:
                raise self.error(f"{at}.{key}", f"must be one of {', '.join(allowed)}")
        if not _is_whole(entry["months"], 1, LONGEST_WINDOW):
            raise self.error(f"{at}.months", f"must be a whole number of months, 1 to {LONGEST_WINDOW}")
        field = None if entry.get("field") is None else str(entry["field"])
        where = tuple((str(key), str(value)) for key, value in (entry.get("where") or {}).items())
        opened = None if entry.get("open") is None else str(entry["open"])
        found = FedFact(name, entry["how"], field, where, opened, entry["months"], entry["absent"])
        for one in found.fields:
            if one not in fields:
                raise self.error(at, f"'{one}' is no field of this feed; fields are {', '.join(fields)}")
        for one, value in where:
            typed = fields[one].fact
            if typed is None or value not in typed.values:
                raise self.error(
                    f"{at}.where.{one}", f"'{value}' is not one of the values of a category field"
                )
        if opened is not None:
            self.opened(found, per, fields)
        else:
            self.measured(found, fact, fields)
        return found

    def opened(self, one: FedFact, per: str, fields: Mapping[str, Field]) -> None:
        """What `open` needs: persons, a category, one month."""
        at = f"facts.{one.name}"
        wanted = {"count": "integer", "any": "boolean", "last": "date"}.get(one.how)
        if per != "person" or one.field is None or one.months != 1 or one.where:
            raise self.error(f"{at}.open", "needs `per: person`, a `field`, `months: 1` and no `where`")
        field = fields[one.field].fact
        if field is None or one.open not in field.values:
            raise self.error(f"{at}.open", f"'{one.open}' is not one of the values of '{one.field}'")
        if wanted is None or self.dictionary[one.name].type != wanted:
            raise self.error(
                f"{at}.how", "count feeds an integer, any a boolean, last the date of the change"
            )

    def measured(self, one: FedFact, fact: Fact, fields: Mapping[str, Field]) -> None:
        """Whether what is measured is of the type of the fact."""
        at = f"facts.{one.name}"
        field = fields[one.field].fact if one.field else None
        if one.how in ("sum", "last") and field is None:
            raise self.error(f"{at}.field", f"{one.how} needs a field that is not plain text")
        if one.how == "last" and field is not None:
            same = field.type == fact.type and set(field.values) <= set(fact.values)
            if not same or fact.type not in ("boolean", "category") or len(field.values) > CODES:
                raise self.error(
                    f"{at}.field", f"last needs a boolean or a category with values of '{one.name}'"
                )
        wanted = {"sum": field.type if field else "", "count": "integer", "any": "boolean"}.get(one.how)
        if wanted and (fact.type != wanted or fact.type not in ("money", "integer", "boolean")):
            raise self.error(f"{at}.how", f"{one.how} does not give a {fact.type}")

    def keys(self, entry: Any, kind: str, at: str, required: set[str]) -> None:
        if not isinstance(entry, Mapping):
            raise self.error(at, f"needs keys such as {', '.join(sorted(required))}")
        for key in entry:
            if key not in _KEYS[kind]:
                raise self.error(
                    f"{at}.{key}" if at else str(key),
                    f"is unknown; known are {', '.join(sorted(_KEYS[kind]))}",
                )
        for key in sorted(required):
            if key not in entry:
                raise self.error(f"{at}.{key}" if at else key, "is missing")

    def text(self, at: str, value: Any) -> Text:
        if not isinstance(value, Mapping) or set(value) != set(LANGUAGES):
            raise self.error(at, f"needs a text in each of {', '.join(LANGUAGES)}")
        return {language: str(value[language]) for language in LANGUAGES}

    def error(self, at: str, problem: str) -> FeedError:
        return FeedError(f"{self.where}: `{at}` {problem}")


def _is_whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
