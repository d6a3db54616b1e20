"""Persons of the register are found in department files by keyed hashes, and nothing else of them is written."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from highground.audit.models import Event
from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.persons import index_of
from highground.methods.feeds.uses import wanted
from highground.methods.store import Store
from highground.people.commands import snapshot
from highground.people.models import Household, Member
from tests.people.conftest import TODAY

pytestmark = pytest.mark.django_db
BEGIN = datetime.date(2026, 1, 1)


@pytest.fixture
def people(fill: Callable[..., Any], settings, tmp_path: Path) -> Path:
    settings.HIGHGROUND_HOME = tmp_path
    fill(
        [("1", "V1", BEGIN), ("2", "V2", BEGIN), ("3", "V3", BEGIN), ("4", "LA", BEGIN)],
        [("1/1", "1", BEGIN), ("1/2", "1", BEGIN), ("2/1", "2", BEGIN), ("3/1", "3", BEGIN)],
        [("1", "1/1", "birth_date", "1990-02-28", BEGIN)],
        protected=[
            ("1", "1/1", "name", "覃小龙"),
            ("1", "1/1", "identity_number", "990001199002280011"),
            ("2", "2/1", "identity_number", "990001198001010022"),
            ("3", "3/1", "identity_number", "LA-77"),
        ],
        today=BEGIN,
    )
    return tmp_path


def run(home: Path) -> str:
    told = CliRunner().invoke(snapshot, ["--persons", "--store", str(home / "store")], catch_exceptions=False)
    assert told.exit_code == 0
    return told.output


def test_the_register_of_an_office_is_indexed_province_by_province(people: Path) -> None:
    told = run(people)
    assert "CN-GX: 3 persons indexed; 1 without a number, 0 who share one" in told
    assert "LA-CH: 1 persons indexed; 0 without a number, 0 who share one" in told
    assert "1 households lie in no province and were not indexed" in told
    rows = {
        row["member"]: row for row in pq.read_table(index_of(Store(people / "store"), "CN-GX")).to_pylist()
    }
    known = {one.number: one.key for one in Member.objects.everywhere(reason="test")}
    assert set(rows) == {known[one] for one in ("1/1", "1/2", "2/1")}
    first = rows[known["1/1"]]
    assert (first["county"], first["area"], first["birth_date"]) == (
        "COUNTY",
        "V1",
        datetime.date(1990, 2, 28),
    )
    assert first["full_name"] is not None and rows[known["1/2"]]["digest"] is None
    event = Event.objects.get(kind="people.index_persons")
    assert event.data == {"persons": 4, "provinces": ["CN-GX", "LA-CH"]}


def test_no_name_and_no_number_is_written(people: Path) -> None:
    run(people)
    written = b"".join(path.read_bytes() for path in (people / "store").rglob("*") if path.is_file())
    written += b"".join(path.read_bytes() for path in (people / "snapshots").rglob("*") if path.is_file())
    for secret in ("覃小龙", "990001199002280011", "990001198001010022", "LA-77"):
        assert secret.encode() not in written


def test_what_a_department_sends_finds_the_household_of_the_office(people: Path, tmp_path: Path) -> None:
    run(people)
    sent = tmp_path / "bills.csv"
    sent.write_text("identity_number,day,own_paid\n99000119800101-0022,2026-02-03,10\n9900,2026-02-03,5\n")
    store, feed = Store(people / "store"), load_feeds()["medical"]
    with Landing(
        store, wanted(feed, {"out_of_pocket_12m": ["test"]}), key=lookup_key(people), today=TODAY
    ) as landing:
        told = landing.land(sent, province="CN-GX")
    assert told["counts"] == {"rows": 2, "landed": 1, "stranger": 1, "waiting": 0}
    (part,) = (people / "store" / "feeds" / "medical" / "landed").glob("*/*.parquet")
    (row,) = pq.read_table(part).to_pylist()
    assert row["household"] == Household.objects.everywhere(reason="test").get(number="2").key
