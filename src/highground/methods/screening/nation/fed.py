"""Facts that department feeds give: the trailing windows over what landing has summed per household and month.

A sum or count is known only where every month of its window has come in whole for the province; then a household
without a row has none (`absent: zero`). A newest value is known where a row of the window gives it, whatever older
months lack. Otherwise no row says nothing. The window is the freshness of such a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from highground.methods.facts import Dictionary, Fact
from highground.methods.facts.literals import text
from highground.methods.facts.readings import SQL_TYPES
from highground.methods.feeds.definitions import CODES
from highground.methods.feeds.windows import first_day, month_number, month_text
from highground.methods.rules.compiling import integer
from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import read_json

_ABSENT = {"boolean": "FALSE", "integer": integer(0), "money": integer(0)}


@dataclass(frozen=True)
class MonthFiles:
    """What landing has summed of one feed for one month: files by hash, none where nothing came."""

    month: str
    paths: tuple[tuple[Path, str], ...]
    complete: bool


@dataclass(frozen=True)
class FedFact:
    """A fact of the dictionary and how its window is read."""

    fact: Fact
    how: str
    months: int
    zero: bool
    values: tuple[str, ...]
    limits: tuple[int, int] | None


@dataclass(frozen=True)
class FeedWindow:
    """One feed for a province, or for several alike: its months, newest first, and the facts that are read from it."""

    feed: str
    files: tuple[MonthFiles, ...]
    facts: tuple[FedFact, ...] = field(default=())

    @property
    def kind(self) -> tuple[object, ...]:
        """What must be the same of two provinces that are read together."""
        return self.feed, self.facts, tuple((file.month, file.complete) for file in self.files)

    @staticmethod
    def together(windows: Sequence[FeedWindow]) -> FeedWindow:
        """One feed of several provinces that are alike."""
        first = windows[0]
        files = tuple(
            MonthFiles(
                file.month, tuple(path for one in windows for path in one.files[index].paths), file.complete
            )
            for index, file in enumerate(first.files)
        )
        return FeedWindow(first.feed, files, first.facts)

    @property
    def came(self) -> bool:
        """Whether any file of its longest window is there."""
        return any(file.paths for file in self.files[: self.longest])

    @property
    def longest(self) -> int:
        """Months of its longest window."""
        return max(one.months for one in self.facts)

    @property
    def table(self) -> str:
        return f"feed_{self.feed}"

    @property
    def said(self) -> str:
        """Where its facts come from, in words."""
        return f"feed {self.feed}, up to {self.files[0].month}"

    def sums(self, read: Callable[[list[Path]], str]) -> str:
        """A query: one row per household with its sums, if any file `came`. `read` makes SQL of paths."""
        parts = []
        for index, file in enumerate(self.files[: self.longest]):
            if file.paths:
                names = "".join(
                    f", {one.fact.name if index < one.months else 'CAST(NULL AS BIGINT)'} AS {one.fact.name}"
                    for one in self.facts
                )
                parts.append(f"SELECT household{names} FROM {read([path for path, _ in file.paths])}")
        sums = ", ".join(
            f"CAST({'MAX' if one.how == 'last' else 'SUM'}({one.fact.name}) AS BIGINT) AS {one.fact.name}"
            for one in self.facts
        )
        return f"SELECT household, {sums} FROM ({' UNION ALL '.join(parts)}) AS months GROUP BY household"

    def join(self, source: str) -> str:
        """The household's sums, from a table or query, beside `r`."""
        return f"LEFT JOIN {source} AS {self.table} ON {self.table}.household = r.household"

    def values(self) -> Iterator[tuple[str, str]]:
        """Each fact and its SQL."""
        for one in self.facts:
            yield one.fact.name, self._value(one)

    def _value(self, one: FedFact) -> str:
        window = self.files[: one.months]
        whole = len(window) == one.months and all(file.complete for file in window)
        nothing = f"CAST(NULL AS {SQL_TYPES[one.fact.type]})"
        came = any(file.paths for file in window)
        if not whole and one.how != "last":
            return nothing  # a sum over some of its months is no sum
        value = _decoded(one, f"{self.table}.{one.fact.name}") if came else nothing
        absent = _ABSENT.get(one.fact.type)
        if not (whole and one.zero and absent):
            return value
        return f"COALESCE({value}, {absent})" if came else absent

    @property
    def inputs(self) -> dict[str, str]:
        """The files that are read, by their path within the store, with their hashes."""
        return {
            f"feeds/{self.feed}/months/{file.month}/{path.name}": digest
            for file in self.files
            for path, digest in file.paths
        }

    def as_dict(self) -> dict[str, Any]:
        """For a manifest."""
        return {
            "feed": self.feed,
            "files": [
                [file.month, [[path.name, digest] for path, digest in file.paths], file.complete]
                for file in self.files
            ],
            "facts": [
                {
                    "fact": one.fact.name,
                    "how": one.how,
                    "months": one.months,
                    "zero": one.zero,
                    "values": one.values,
                }
                for one in self.facts
            ],
        }

    @staticmethod
    def read(kept: Mapping[str, Any], store: Store, dictionary: Dictionary, minor_digits: int) -> FeedWindow:
        """From a manifest."""
        folder = store.feed(kept["feed"]) / "months"
        return FeedWindow(
            kept["feed"],
            tuple(
                MonthFiles(month, tuple((folder / month / name, digest) for name, digest in files), complete)
                for month, files, complete in kept["files"]
            ),
            tuple(
                FedFact(
                    dictionary[one["fact"]],
                    one["how"],
                    one["months"],
                    one["zero"],
                    tuple(one["values"]),
                    _limits(dictionary[one["fact"]], minor_digits),
                )
                for one in kept["facts"]
            ),
        )


def _decoded(one: FedFact, column: str) -> str:
    """The fact from its sum or its encoded newest value."""
    if one.how == "last":
        code = f"({column} % {CODES})"
        if one.fact.type == "boolean":
            return f"({code} = 1)"
        if one.fact.type == "date":
            return f"(DATE '1970-01-01' + CAST(({column} - {code}) // {CODES} AS INTEGER))"
        cases = " ".join(f"WHEN {index} THEN {text(value)}" for index, value in enumerate(one.values))
        return f"CASE {code} {cases} END"
    if one.fact.type == "boolean":
        return f"({column} > 0)"
    assert one.limits is not None
    low, high = one.limits
    return f"CASE WHEN {column} BETWEEN {integer(low)} AND {integer(high)} THEN {column} END"


def months_before(month: str, count: int) -> list[str]:
    """The `count` months that end with `month`, newest first."""
    last = month_number(first_day(month))
    return [month_text(last - back) for back in range(count)]


class FedMonths:
    """What the feeds of a store have summed, for the facts that are needed; every manifest is read once."""

    def __init__(self, store: Store, dictionary: Dictionary, minor_digits: int, needed: set[str]) -> None:
        self.dictionary = dictionary
        self.minor_digits = minor_digits
        self.needed = needed
        self._feeds = {
            folder: {path.parent.name: read_json(path) for path in sorted(folder.glob(f"*/{MANIFEST}"))}
            for folder in sorted((store.root / "feeds").glob("*/months"))
        }

    def windows(self, province: str, month: str) -> list[FeedWindow]:
        """The feeds that give a needed fact, for one province and the windows that end with `month`."""
        found = []
        for folder, manifests in self._feeds.items():
            facts = self._facts(manifests, month)
            if facts:
                longest = max(one.months for one in facts)
                files = tuple(
                    _file(folder / one, manifests.get(one), one, province)
                    for one in months_before(month, longest)
                )
                found.append(FeedWindow(folder.parent.name, files, facts))
        return found

    def _facts(self, manifests: Mapping[str, dict[str, Any]], month: str) -> tuple[FedFact, ...]:
        """The needed facts that the newest month up to `month` says are fed."""
        known = [one for one in manifests if one <= month]
        found = []
        for name, entry in (manifests[max(known)]["facts"] if known else {}).items():
            if name in self.needed:
                fact = self.dictionary[name]
                values = tuple(entry.get("values") or fact.values)
                zero = entry.get("absent") == "zero"
                limits = _limits(fact, self.minor_digits)
                found.append(FedFact(fact, entry["how"], int(entry["months"]), zero, values, limits))
        return tuple(found)


def _limits(fact: Fact, minor_digits: int) -> tuple[int, int] | None:
    """Minimum and maximum of a number in the engine's units."""
    if fact.minimum is None or fact.maximum is None:
        return None
    unit = 10**minor_digits if fact.type == "money" else 1
    return fact.minimum * unit, fact.maximum * unit


def _file(folder: Path, manifest: dict[str, Any] | None, month: str, province: str) -> MonthFiles:
    if manifest is None:
        return MonthFiles(month, (), complete=False)
    complete = province in manifest["complete"]
    entry = manifest["provinces"].get(province)
    if entry is None:
        return MonthFiles(month, (), complete)
    path = folder / entry["file"]
    if not path.is_file():
        raise StoreError(
            f"{folder / MANIFEST}: names {entry['file']}, which is not there; land the feed again"
        )
    return MonthFiles(month, ((path, entry["sha256"]),), complete)
