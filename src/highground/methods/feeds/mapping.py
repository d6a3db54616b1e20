"""What the columns of a department's file mean: a small YAML file.

    file: {encoding: gb18030, delimiter: ";"}       # of CSV; Parquet says it itself
    missing: [NA, "-9"]
    number: id_card                                 # of a feed of persons: the identity number
    person: {name: xm, birth_date: csrq, sex: xb, area: village}      # for rows without a number
    household: household_key                        # of a feed of households
    fields:
      day: {column: settle_date, form: "%Y%m%d"}
      own_paid: {column: fee, multiply: 0.01}
      status: {column: state, values: {"1": lost_work, "2": at_work}}

Without a mapping the columns are named as the fields are, with `identity_number` or `household`, and `name`,
`birth_date`, `sex`, `area`. Keys are explained in `docs/reference/feeds.md`.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from highground.methods.feeds.definitions import Feed
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.hashing import IDENTITY_NUMBER

LINKS = ("name", "birth_date", "sex", "area")
MOST_DECIMALS = 6
_TOP = {"file", "missing", "number", "person", "household", "fields"}
_COLUMN = {"column", "form", "multiply", "values"}


@dataclass(frozen=True)
class Column:
    """The column a field is read from. `form` is of dates (strptime), `values` turns what stands there into values."""

    name: str
    form: str | None = None
    multiply: Decimal | None = None
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FeedMapping:
    """A checked mapping. `optional` columns may be absent in the file."""

    origin: str
    fields: Mapping[str, Column]
    number: str | None
    household: str | None
    links: Mapping[str, str]
    missing: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str | None = None
    optional: frozenset[str] = field(default_factory=frozenset)


def plain_mapping(feed: Feed) -> FeedMapping:
    """The mapping of a file whose columns are named as the fields are."""
    persons = feed.per == "person"
    spare = {name for name, one in feed.fields.items() if one.optional}
    return FeedMapping(
        "the feed's own names",
        {name: Column(name) for name in feed.fields},
        IDENTITY_NUMBER if persons else None,
        None if persons else "household",
        {name: name for name in LINKS} if persons else {},
        optional=frozenset(spare | set(LINKS)),
    )


def load_feed_mapping(path: Path, feed: Feed) -> FeedMapping:
    """Read a mapping for a feed. Raises FeedError naming the file, the key and the mend."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506
    except OSError as error:
        raise FeedError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise FeedError(f"{path}: not UTF-8; save the mapping as UTF-8") from error
    except yaml.YAMLError as error:
        raise FeedError(f"{path}: not YAML ({error}); check indents and colons") from error
    return read_feed_mapping(content, feed, where=path.name)


def read_feed_mapping(content: Any, feed: Feed, *, where: str = "mapping") -> FeedMapping:
    """A mapping from its content, every scalar a text. Raises FeedError."""

    def wrong(at: str, problem: str) -> FeedError:
        return FeedError(f"{where}: `{at}` {problem}")

    def section(of: Mapping[str, Any], at: str, known: set[str]) -> dict[str, Any]:
        found = of.get(at) or {}
        if not isinstance(found, Mapping):
            raise wrong(at, "needs keys below it")
        for key in found:
            if key not in known:
                raise wrong(f"{at}.{key}", f"is unknown; known are {', '.join(sorted(known))}")
        return dict(found)

    if not isinstance(content, Mapping):
        raise FeedError(f"{where}: a mapping is made of keys and values, such as `fields:`")
    for key in content:
        if key not in _TOP:
            raise wrong(str(key), f"is unknown; known are {', '.join(sorted(_TOP))}")
    layout = section(content, "file", {"encoding", "delimiter"})
    encoding = layout.get("encoding") or "utf-8"
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise wrong("file.encoding", f"'{encoding}' is unknown; write for example gb18030") from None
    delimiter = {"tab": "\t", "\\t": "\t"}.get(layout.get("delimiter", ""), layout.get("delimiter"))
    if delimiter is not None and len(delimiter) != 1:
        raise wrong("file.delimiter", "is one character, or tab")
    missing = content.get("missing") or []
    fields = {
        name: _column(name, entry, feed, wrong)
        for name, entry in section(content, "fields", set(feed.fields)).items()
    }
    for name, one in feed.fields.items():
        if name not in fields and not one.optional:
            raise wrong(f"fields.{name}", f"is missing; name the column with the {one.label['en']}")
    key = "number" if feed.per == "person" else "household"
    if not isinstance(content.get(key), str) or not content[key]:
        raise wrong(key, f"is missing; the feed is per {feed.per}: name the column")
    links = section(content, "person", set(LINKS)) if feed.per == "person" else {}
    return FeedMapping(
        where,
        fields,
        content["number"] if key == "number" else None,
        content["household"] if key == "household" else None,
        links,
        tuple([missing] if isinstance(missing, str) else missing),
        encoding,
        delimiter,
    )


def _column(name: str, entry: Any, feed: Feed, wrong: Any) -> Column:
    """One field's column: its name alone, or keys."""
    at = f"fields.{name}"
    if isinstance(entry, str) and entry:
        return Column(entry)
    if not isinstance(entry, Mapping) or not isinstance(entry.get("column"), str):
        raise wrong(at, "needs the name of a column, or {column: NAME, ...}")
    for key in entry:
        if key not in _COLUMN:
            raise wrong(f"{at}.{key}", f"is unknown; known are {', '.join(sorted(_COLUMN))}")
    kind = feed.fields[name].type
    if "form" in entry and kind != "date":
        raise wrong(f"{at}.form", "belongs to dates")
    multiply = None
    if "multiply" in entry:
        try:
            multiply = Decimal(str(entry["multiply"]))
        except InvalidOperation:
            multiply = Decimal("NaN")
        places = multiply.as_tuple().exponent
        if (
            kind not in ("money", "integer")
            or not multiply.is_finite()
            or multiply == 0
            or not isinstance(places, int)
        ):
            raise wrong(f"{at}.multiply", "is a number, such as 100 or 0.01, for an amount or a count")
        if -places > MOST_DECIMALS or abs(multiply) > 10**6:
            raise wrong(f"{at}.multiply", f"has at most {MOST_DECIMALS} decimals and is at most 1000000")
    values = entry.get("values") or {}
    if not isinstance(values, Mapping):
        raise wrong(f"{at}.values", "needs pairs: what stands in the file, and the value it means")
    fact = feed.fields[name].fact
    allowed = set(fact.values) if fact and fact.values else {"true", "false"} if kind == "boolean" else None
    for written, value in values.items():
        if allowed is None or value not in allowed:
            known = ", ".join(sorted(allowed)) if allowed else "none, for this type"
            raise wrong(f"{at}.values.{written}", f"'{value}' is no value of the field; known are {known}")
    return Column(
        entry["column"], entry.get("form"), multiply, tuple((str(a), str(b)) for a, b in values.items())
    )
