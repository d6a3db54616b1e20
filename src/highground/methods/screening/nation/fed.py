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
from highground.methods.rules.compiling import integer
from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import read_json

CODES = 64
"""A newest value is kept as day number times 64 plus the place of the value in its list."""

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
    def table(self) -> str:
        return f"feed_{self.feed}"

    def join(self, read: Callable[[list[Path]], str]) -> str:
        """The household's sums as a table beside `r`, or nothing where no file came. `read` makes SQL of paths."""
        longest = max(one.months for one in self.facts)
        parts = []
        for index, file in enumerate(self.files[:longest]):
            if file.paths:
                names = "".join(
                    f", {one.fact.name if index < one.months else 'CAST(NULL AS BIGINT)'} AS {one.fact.name}"
                    for one in self.facts
                )
                parts.append(f"SELECT household{names} FROM {read([path for path, _ in file.paths])}")
        if not parts:
            return ""
        sums = ", ".join(
            f"CAST({'MAX' if one.how == 'last' else 'SUM'}({one.fact.name}) AS BIGINT) AS {one.fact.name}"
            for one in self.facts
        )
        rows = " UNION ALL ".join(parts)
        return (
            f"LEFT JOIN (SELECT household, {sums} FROM ({rows}) AS months GROUP BY household) AS {self.table}"
            f" ON {self.table}.household = r.household"
        )

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
        """The files that are read, with their hashes."""
        longest = max(one.months for one in self.facts)
        return {
            f"{self.feed}/months/{file.month}/{path.name}": digest
            for file in self.files[:longest]
            for path, digest in file.paths
        }


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
    last = int(month[:4]) * 12 + int(month[5:]) - 1
    return [f"{(last - back) // 12:04d}-{(last - back) % 12 + 1:02d}" for back in range(count)]


def feed_windows(
    store: Store, dictionary: Dictionary, minor_digits: int, needed: set[str], province: str, month: str
) -> list[FeedWindow]:
    """The feeds that give a needed fact, for one province and the windows that end with `month`."""
    found = []
    for folder in sorted((store.root / "feeds").glob("*/months")):
        feed = folder.parent.name
        manifests = {path.parent.name: read_json(path) for path in sorted(folder.glob(f"*/{MANIFEST}"))}
        facts = _facts(manifests, month, dictionary, minor_digits, needed)
        if facts:
            longest = max(one.months for one in facts)
            files = tuple(
                _file(folder / one, manifests.get(one), one, province)
                for one in months_before(month, longest)
            )
            found.append(FeedWindow(feed, files, facts))
    return found


def _facts(
    manifests: Mapping[str, dict[str, Any]],
    month: str,
    dictionary: Dictionary,
    minor_digits: int,
    needed: set[str],
) -> tuple[FedFact, ...]:
    """The needed facts that the newest month up to `month` says are fed."""
    known = [one for one in sorted(manifests) if one <= month]
    if not known:
        return ()
    found = []
    for name, entry in manifests[known[-1]]["facts"].items():
        if name not in needed:
            continue
        fact = dictionary[name]
        limits = None
        if fact.minimum is not None and fact.maximum is not None:
            unit = 10**minor_digits if fact.type == "money" else 1
            limits = (fact.minimum * unit, fact.maximum * unit)
        values = tuple(entry.get("values") or fact.values)
        zero = entry.get("absent") == "zero"
        found.append(FedFact(fact, entry["how"], int(entry["months"]), zero, values, limits))
    return tuple(found)


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
