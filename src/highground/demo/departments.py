"""What the demonstration's medical insurance bureau sent: a few bills without an identity number, for people to decide."""

from __future__ import annotations

import csv
import datetime
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings

from highground.areas.models import Area
from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.persons import index_of
from highground.methods.feeds.uses import keep_uses, wanted
from highground.methods.rules import load_rulebook
from highground.methods.screening.feed_commands import uses_of
from highground.methods.store import Store
from highground.people.indexing import index_persons
from highground.people.snapshot import write_snapshot
from highground.signals.unnumbered import office_store

BY = "demo"
RULEBOOK = "demo-cn"
COUNTY = "Longhe county"
FEED = "medical"
ROWS = 3
COLUMNS = ("identity_number", "birth_date", "sex", "area", "day", "own_paid")


def add_department_rows(today: datetime.date) -> None:
    """Index the people of the county and land a file of bills that name no number: each fits two people or one."""
    county = next(area for area in Area.objects.filter(level="county") if area.names.get("en") == COUNTY)
    store = office_store()
    made = write_snapshot(as_of=today, by=BY, today=today, area=county)
    (province,) = index_persons(made, store, by=BY).provinces
    book = load_rulebook(RULEBOOK)
    keep_uses(store, {book.id: book.hash}, uses := uses_of([book]))
    feeds = load_feeds()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"medical-bills-{today:%Y-%m}.csv"
        _write(path, _people(store, province), today)
        with Landing(
            store,
            wanted(feeds[FEED], uses),
            key=lookup_key(settings.HIGHGROUND_HOME),
            today=today,
            digits=feeds.minor_digits,
            rulebooks={book.id: book.hash},
        ) as landing:
            landing.land(path, province=province)


def _people(store: Store, province: str) -> list[dict[str, Any]]:
    """People of one village: two who share a day of birth, then others; always the same."""
    everybody = pq.read_table(
        index_of(store, province), columns=["member", "area", "birth_date", "sex"]
    ).to_pylist()
    known = sorted((one for one in everybody if one["birth_date"]), key=lambda one: str(one["member"]))
    often = Counter((one["area"], one["birth_date"]) for one in known)
    return sorted(known, key=lambda one: often[one["area"], one["birth_date"]] != 2)[:ROWS]


def _write(path: Path, people: list[dict[str, Any]], today: datetime.date) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", extrasaction="ignore")
        writer.writeheader()
        for place, one in enumerate(people):
            writer.writerow({**one, "day": today.isoformat(), "own_paid": 1_800 + 650 * place})
