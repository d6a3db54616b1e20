"""Rows of a department that came without an identity number to an office: its people are indexed, and a file is landed."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.uses import keep_uses, kept_uses, wanted
from highground.methods.store import Store
from highground.people.actions import receive, source_of
from highground.people.indexing import index_persons
from highground.people.snapshot import write_snapshot
from tests.support.register import KNOWN, LONG_AGO, TODAY

PROVINCE = "CN-ZZ"
PEOPLE = {
    "2231-1": ("2231", "王小明", "1980-01-01"),
    "0122-1": ("0122", "王小明", "1980-01-01"),
    "1410-1": ("1410", "李娜", "1990-05-06"),
    "9001-1": ("9001", "李娜", "1990-05-06"),
    "9002-1": ("9002", "韦兰", "1970-02-03"),
}
"""Member -> household, name, day of birth. The last two live in the county next door."""
ROWS = [
    {"name": "王小明", "birth_date": "1980-01-01", "area": "BAIYUN"},
    {"name": "李娜", "birth_date": "1990-05-06"},
    {"name": "韦兰", "birth_date": "1970-02-03"},
    {"name": "王小明", "birth_date": "1980-07-01", "area": "DATANG", "own_paid": "250"},
]
"""To decide: about one of two in Longhe county; about one in each county; about one next door; and again about the two."""


def send_rows(home: Path) -> None:
    """Receive `PEOPLE` into the small register, index them and land `ROWS`."""
    text = pa.string()
    numbers = list(PEOPLE)
    homes = [one for one, _name, _born in PEOPLE.values()]
    names = [name for _home, name, _born in PEOPLE.values()]
    born = [day for _home, _name, day in PEOPLE.values()]

    def table(**columns: list[str]) -> pa.Table:
        return pa.table({name: pa.array(values, text) for name, values in columns.items()})

    def since(day: datetime.date) -> pa.Array:
        return pa.array([day] * len(homes), pa.date32())

    receive(
        register="main",
        members=table(number=numbers, household=homes).append_column("day", since(LONG_AGO)),
        observations=table(
            household=homes, member=numbers, fact=["birth_date"] * len(homes), value=born
        ).append_column("valid_from", since(KNOWN)),
        protected=table(
            household=homes * 2,
            member=numbers * 2,
            kind=["name"] * len(homes) + ["identity_number"] * len(homes),
            value=names + [f"99-{one}" for one in numbers],
        ),
        source=source_of(kind="department", name="Register", day=KNOWN),
        by="test",
        today=KNOWN,
    )
    index_people(home)
    land_bills(home, ROWS)


def index_people(home: Path) -> Store:
    """Index the people of the office for departments, and name what rules read; the store."""
    store = Store(home / "store")
    index_persons(write_snapshot(as_of=TODAY, by="test", today=TODAY), store, by="test")
    keep_uses(store, {}, {"out_of_pocket_12m": ["test: a rule"]})
    return store


def land_bills(home: Path, rows: Sequence[dict[str, str]], name: str = "bills.csv") -> None:
    """Land a file of medical bills without identity numbers, each with what is given of the person."""
    columns = ("identity_number", "name", "birth_date", "area", "day", "own_paid")
    path = home / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows({"day": f"{TODAY}", "own_paid": "10", **row} for row in rows)
    feeds, store = load_feeds(), Store(home / "store")
    books, uses = kept_uses(store)
    with Landing(
        store, wanted(feeds["medical"], uses), key=lookup_key(home), today=TODAY, rulebooks=books
    ) as landing:
        landing.land(path, province=PROVINCE)
