"""What a run of a country reads, settled before it begins: register, feeds, rulebook, day, the run before.

A run is named by a hash over all of it. The same inputs give the same name, so that a run that was stopped is found
again and finished, and one that is there is not made twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from highground.methods.rules.masks import MaskStatement
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import SCREENED, facts_needed
from highground.methods.screening.nation.columns import Landed
from highground.methods.screening.nation.content import content_hash
from highground.methods.screening.nation.fed import FedMonths, FeedWindow
from highground.methods.screening.notices import Notice
from highground.methods.shocks import exposed, villages_exposed
from highground.methods.shocks.recording import FACT as EXPOSED_TO
from highground.methods.store.files import parquet_rows
from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import read_json

FORMAT = 1
SHOCKS = "shocks.parquet"
"""Beside a run: the villages that were exposed, where its rules asked for shocks."""


@dataclass(frozen=True)
class ProvinceInputs:
    """The files of one province. `counties` are pairs of code and households, in the order of the file.

    `shocks` says whether rules ask for shocks: then there is a table `exposure` of the villages that are exposed.
    """

    province: str
    rows: int
    households: Path
    members: Path | None
    household_columns: Landed
    member_columns: Landed
    counties: tuple[tuple[str | None, int], ...]
    feeds: tuple[FeedWindow, ...]
    shocks: bool

    @property
    def fed(self) -> dict[str, str]:
        """The facts that the register leaves to feeds and, where rules ask for them, to shocks; and where each comes from."""
        found = {one.fact.name: feed.said for feed in self.feeds for one in feed.facts}
        return {**found, EXPOSED_TO: "shocks recorded"} if self.shocks else found

    def register_files(self, month: str) -> list[str]:
        """The files of the register by their path within the store."""
        files = [path for path in (self.households, self.members) if path is not None]
        return [f"registers/{month}/{self.province}/{path.name}" for path in files]


@dataclass(frozen=True)
class Plan:
    """One run, before it begins. `inputs` are the files with their hashes, by their path within the store.

    `exposure` are the villages that are exposed to shocks (`area`, `exposed_to`, `since`, `events`), None where no rule
    asks for them.
    """

    store: Store
    book: Rulebook
    as_of: date
    month: str
    provinces: tuple[ProvinceInputs, ...]
    inputs: Mapping[str, str]
    previous: str | None
    notices: tuple[Notice, ...]
    exposure: pa.Table | None = None

    @cached_property
    def statement(self) -> MaskStatement:
        """The queries of the rulebook."""
        return MaskStatement(self.book)

    @cached_property
    def id(self) -> str:
        """The name of the run: rulebook, day, and a hash over everything that it reads."""
        what = {
            "format": FORMAT,
            "rulebook": self.book.hash,
            "as_of": self.as_of.isoformat(),
            "inputs": dict(sorted(self.inputs.items())),
            "previous": self.previous,
        }
        if self.exposure is not None:
            what["shocks"] = content_hash(self.exposure)
        digest = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
        return f"{self.book.id}-{self.as_of.isoformat()}-{digest[:12]}"


Windows = Callable[[str], list[FeedWindow]]
"""The feeds of a province."""


def make_plan(
    store: Store, book: Rulebook, as_of: date, *, previous: str | None, month: str | None = None
) -> Plan:
    """Settle what a run reads: the register of `month` (default: the newest up to `as_of`), and the feeds.

    `previous` is the id of an earlier run, or None. Raises StoreError where the store has no such register, or
    where a file that a manifest names is not there.
    """
    needed = facts_needed(book, SCREENED)
    fed = FedMonths(store, book.dictionary, book.minor_digits, needed)
    month = month or _newest(store, as_of)
    exposure = None
    if EXPOSED_TO in needed:
        exposure = villages_exposed(exposed(store, as_of, month=month))
    return _plan(
        store, book, as_of, month, previous, exposure, lambda one: fed.windows(one, as_of.isoformat()[:7])
    )


def plan_again(store: Store, book: Rulebook, as_of: date, manifest: Mapping[str, Any]) -> Plan:
    """The plan of a run that was made, from its manifest: the same files, whatever has been landed since."""

    def windows(province: str) -> list[FeedWindow]:
        kept = manifest["feeds"].get(province, [])
        return [FeedWindow.read(one, store, book.dictionary, book.minor_digits) for one in kept]

    exposure = pq.read_table(store.run(manifest["id"]) / SHOCKS) if manifest.get("shocks") else None
    return _plan(store, book, as_of, manifest["register"], manifest["previous"], exposure, windows)


def _plan(
    store: Store,
    book: Rulebook,
    as_of: date,
    month: str,
    previous: str | None,
    exposure: pa.Table | None,
    windows: Windows,
) -> Plan:
    register = store.register(month)
    manifest = read_json(register / MANIFEST)
    landed_on = date.fromisoformat(manifest["as_of"])
    provinces, inputs = [], {}
    for name, entry in sorted(manifest["provinces"].items()):
        members = entry.get("members")
        for part in (entry["households"], members):
            if part is None:
                continue
            path = register / part["file"]
            if not path.is_file():
                raise StoreError(
                    f"{register / MANIFEST}: names {part['file']}, which is not there; restore it from a backup"
                )
            if parquet_rows(path) != part["rows"]:
                raise StoreError(f"{path}: does not have the rows of its manifest; restore it from a backup")
            inputs[f"registers/{month}/{part['file']}"] = part["sha256"]
        feeds = windows(name)
        for feed in feeds:
            inputs |= feed.inputs
        provinces.append(
            ProvinceInputs(
                province=name,
                rows=entry["households"]["rows"],
                households=register / entry["households"]["file"],
                members=None if members is None else register / members["file"],
                household_columns=Landed(frozenset(entry["households"]["columns"]), landed_on),
                member_columns=Landed(frozenset(members["columns"] if members else ()), landed_on),
                counties=tuple((county, int(rows)) for county, rows in entry["counties"]),
                feeds=tuple(feeds),
                shocks=exposure is not None,
            )
        )
    notices = _notices(book, manifest, provinces, month, as_of)
    return Plan(store, book, as_of, month, tuple(provinces), inputs, previous, notices, exposure)


def _newest(store: Store, as_of: date) -> str:
    months = [month for month in store.register_months() if month <= as_of.isoformat()[:7]]
    if not months:
        raise StoreError(
            f"{store.registers}: there is no register up to {as_of}; land one with `highground register land`"
        )
    return months[-1]


def _notices(
    book: Rulebook,
    manifest: Mapping[str, Any],
    provinces: list[ProvinceInputs],
    month: str,
    as_of: date,
) -> tuple[Notice, ...]:
    """What a reader of the run must know: an older register, facts that nobody gives, feeds that are not whole."""
    found = []
    if month != as_of.isoformat()[:7]:
        found.append(
            Notice("older_register", f"the register is of {month}, the run of {as_of}", {"month": month})
        )
    fed = set().union(*(province.fed for province in provinces))
    nobody = sorted(facts_needed(book, SCREENED) - fed - set(manifest["facts"]))
    if nobody:
        found.append(
            Notice(
                "not_landed",
                f"neither the register nor a feed gives {', '.join(nobody)}: they count as missing",
                {"facts": nobody},
            )
        )
    for province in provinces:
        for feed in province.feeds:
            longest = max(one.months for one in feed.facts)
            gaps = [file.month for file in feed.files[:longest] if not file.complete]
            if gaps:
                found.append(
                    Notice(
                        "feed_not_whole",
                        f"{province.province}: the feed {feed.feed} is not complete for {', '.join(sorted(gaps))}; "
                        f"what it gives counts as missing there",
                        {"province": province.province, "feed": feed.feed, "months": sorted(gaps)},
                    )
                )
    return tuple(found)
