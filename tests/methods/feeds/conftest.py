"""A small register in a store, and files as departments send them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.persons import write_persons
from highground.methods.feeds.uses import Uses, wanted
from highground.methods.store import Store
from tests.methods.feeds.oracle import Person

KEY = bytes(range(32))
TODAY = date(2026, 11, 26)
GX = "CN-GX"
PERSONS = [
    Person("990001198001010011", "H001-0001", "P001-0001", "450101"),
    Person("99000119800101002X", "H001-0001", "P001-0002", "450101"),
    Person("990001199001010033", "H001-0002", "P001-0003", "450101"),
    Person("990001199001010044", "H001-0003", "P001-0004", "450102"),
    Person("990001199001010055", "H001-0003", "P001-0005", "450102"),
    # Two members share a number: it leads to neither.
    Person("990001200001010066", "H001-0004", "P001-0006", "450102"),
    Person("990001200001010066", "H001-0005", "P001-0007", "450103"),
]
NAMES = ["王小明", "李 娜", "Somsak Chan", "欧阳明", "王小明", "张伟", "张伟"]
BORN = ["1980-01-01", "1980-01-01", "1990-01-01", "1990-01-01", "1990-01-01", "2000-01-01", "2000-01-01"]
ALL: Uses = {name: ["test: a rule"] for feed in load_feeds().values() for name in feed.facts}


def make_register(
    folder: Path, store: Store, persons: Sequence[Person] = PERSONS, province: str = GX
) -> None:
    """Index these persons as the register of a province."""
    folder.mkdir(parents=True, exist_ok=True)
    homes = sorted({(person.household, person.county) for person in persons})
    households = {
        "household": [household for household, _ in homes],
        "county": [county for _, county in homes],
        "area": [f"{county}100201" for _, county in homes],
    }
    members = {
        "household": [person.household for person in persons],
        "member": [person.member for person in persons],
        "identity_number": [person.number for person in persons],
        "name": NAMES[: len(persons)],
        "birth_date": BORN[: len(persons)],
        "sex": ["male"] * len(persons),
    }
    for name, table in (("households", households), ("members", members)):
        pq.write_table(pa.table(table), folder / f"{name}.parquet")
    write_persons(
        store, province, households=folder / "households.parquet", members=folder / "members.parquet", key=KEY
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with the register of one province."""
    made = Store(tmp_path / "store")
    make_register(tmp_path / "register", made)
    return made


def open_landing(
    store: Store, feed: str, *, today: date = TODAY, uses: Uses = ALL, **options: Any
) -> Landing:
    """A landing of one feed."""
    return Landing(store, wanted(load_feeds()[feed], uses), key=KEY, today=today, **options)


def land(
    store: Store, feed: str, *paths: Path, today: date = TODAY, uses: Uses = ALL, **options: Any
) -> dict[str, Any]:
    """Land files; the manifest of the last."""
    with open_landing(store, feed, today=today, uses=uses) as landing:
        return [landing.land(path, **{"province": GX, **options}) for path in paths][-1]


@pytest.fixture
def sent(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as a CSV file."""

    def write(rows: Sequence[dict[str, str]], name: str = "sent.csv", columns: Sequence[str] = ()) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns or list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def bill(who: int = 0, **values: str) -> dict[str, str]:
    """A medical bill of a person of the register."""
    plain = {
        "identity_number": PERSONS[who].number,
        "record": "",
        "day": "2026-11-02",
        "total": "",
        "own_paid": "10",
    }
    return {**plain, **values}


def rows_of(store: Store, feed: str, kind: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a feed's `landed` or current `months`, by month."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((store.feed(feed) / kind).glob("*/*.parquet")):
        found.setdefault(path.parent.name, []).extend(pq.read_table(path).to_pylist())
    return found


def current(store: Store, feed: str) -> dict[str, list[dict[str, Any]]]:
    """The sums that the months' manifests name."""
    from highground.methods.store.publishing import read_json

    found = {}
    for path in sorted((store.feed(feed) / "months").glob("*/manifest.json")):
        files = [path.parent / entry["file"] for entry in read_json(path)["provinces"].values()]
        found[path.parent.name] = [row for file in files for row in pq.read_table(file).to_pylist()]
    return found
