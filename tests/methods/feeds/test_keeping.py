"""What is past its retention, what no rule needs and what a family withdrew is gone; its hash stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.keeping import authorise, prune, retain
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.manifests import Landed
from highground.methods.feeds.uses import Uses, Wanted
from highground.methods.store import Store
from tests.methods.feeds.conftest import ALL, KEY, PERSONS, bill, current, land, rows_of

LATER = date(2028, 1, 15)
MONTHS = ("2026-01", "2026-02", "2026-10", "2026-11")


def opened(store: Store, feed: str, uses: Uses = ALL, today: date = LATER) -> Landing:
    """A landing that may need nothing of the feed."""
    one = load_feeds()[feed]
    facts = tuple(fact for name, fact in one.facts.items() if uses.get(name))
    return Landing(store, Wanted(one, facts), key=KEY, today=today)


def months(store: Store, feed: str, kind: str) -> list[str]:
    return sorted({path.parent.name for path in (store.feed(feed) / kind).glob("*/*.parquet")})


def test_rows_and_sums_past_retention_are_gone_and_their_hashes_stay(
    store: Store, sent: Callable[..., Path]
) -> None:
    land(store, "medical", sent([bill(n, day=f"{month}-02") for n, month in enumerate(MONTHS)]))
    first = (store.feed("medical") / "months" / "2026-01" / "manifest.json").read_text()
    for day, oldest, there in ((date(2027, 12, 31), "2026-01", MONTHS), (LATER, "2026-02", MONTHS[1:])):
        with opened(store, "medical", today=day) as landing:
            told = retain(landing)
        assert told["oldest"] == oldest and months(store, "medical", "landed") == list(there)
    assert told["rows"] == 1 and told["months"] == ["2026-01"]
    assert "2026-01" not in months(store, "medical", "months")
    after = json.loads((store.feed("medical") / "months" / "2026-01" / "manifest.json").read_text())
    assert after.pop("removed") == "2028-01-15" and after == json.loads(first)
    (manifest,) = Landed(store, "medical").manifests.values()
    assert [bool(part.get("removed")) for part in manifest["parts"]] == [True, False, False, False]
    assert all(part["sha256"] for part in manifest["parts"])
    kept = [json.loads(path.read_text()) for path in (store.feed("medical") / "kept").iterdir()]
    assert [(one["day"], one["rows"], one["months"]) for one in kept] == [("2028-01-15", 1, ["2026-01"])]
    with opened(store, "medical") as landing:
        assert retain(landing) | {"rows": 0, "files": 0, "months": []} == retain(landing)
    again = land(
        store,
        "medical",
        sent([bill(0, day="2026-01-02"), bill(1, day="2026-02-05")], "late.csv"),
        today=LATER,
    )
    assert again["rejects"]["kinds"] == {"too_old": 1}
    assert current_of(store, "2026-02") == [2]


def current_of(store: Store, month: str) -> list[int]:
    """The bills of each household in a month."""
    path = store.feed("medical") / "months" / month / "manifest.json"
    entries = json.loads(path.read_text())["provinces"].values()
    return [
        row["medical_bills_12m"]
        for entry in entries
        for row in pq.read_table(path.parent / entry["file"]).to_pylist()
    ]


def test_who_is_out_of_work_stays_so_when_older_months_go(store: Store, sent: Callable[..., Path]) -> None:
    rows = [
        {"identity_number": PERSONS[0].number, "day": "2026-01-10", "status": "lost_work"},
        {"identity_number": PERSONS[2].number, "day": "2026-02-10", "status": "lost_work"},
        {"identity_number": PERSONS[3].number, "day": "2026-11-10", "status": "lost_work"},
    ]
    land(store, "employment", sent(rows))
    assert len(current(store, "employment")["2026-11"]) == 3
    before = months(store, "employment", "states")
    with opened(store, "employment") as landing:
        retain(landing)
    assert before[:2] == ["2026-01", "2026-02"] and months(store, "employment", "states") == before
    late = [{"identity_number": PERSONS[1].number, "day": "2026-02-20", "status": "lost_work"}]
    land(store, "employment", sent(late, "late.csv"), today=LATER)
    newest = json.loads((store.feed("employment") / "months" / "2026-11" / "manifest.json").read_text())
    file = next(iter(newest["provinces"].values()))["file"]
    table = pq.read_table(store.feed("employment") / "months" / "2026-11" / file).to_pylist()
    assert {row["household"]: row["members_out_of_work"] for row in table} == {
        "H001-0001": 2, "H001-0002": 1, "H001-0003": 1,
    }  # fmt: skip


def test_a_field_that_no_rule_needs_any_more_is_written_out(store: Store, sent: Callable[..., Path]) -> None:
    land(store, "medical", sent([bill(own_paid="12345.67"), bill(1)]), complete="2026-11")
    fewer: Uses = {"medical_bills_12m": ["r"]}
    with opened(store, "medical", fewer, date(2026, 11, 27)) as landing:
        told = prune(landing)
    assert told["fields"] == ["own_paid"] and told["rows"] == 0 and told["files"] == 1
    (landed,) = (store.feed("medical") / "landed").rglob("*.parquet")
    assert pq.read_schema(landed).names == ["household", "county", "row_key", "row_content"]
    assert rows_of(store, "medical", "months")["2026-11"] == [
        {"household": "H001-0001", "county": "450101", "medical_bills_12m": 2}
    ]
    everything = b"".join(path.read_bytes() for path in store.feed("medical").rglob("*") if path.is_file())
    assert (1234567).to_bytes(8, "little") not in everything
    # What is kept still tells a row that comes again.
    again = land(store, "medical", sent([bill(1)], "again.csv"), uses=fewer)
    assert again["counts"]["duplicate"] == 1


def test_a_feed_that_no_rule_needs_any_more_is_gone(store: Store, sent: Callable[..., Path]) -> None:
    land(
        store,
        "employment",
        sent([{"identity_number": PERSONS[0].number, "day": "2026-11-10", "status": "lost_work"}]),
    )
    with opened(store, "employment", {}, date(2026, 11, 27)) as landing:
        told = prune(landing)
    assert told["rows"] == 1 and told["months"] == ["2026-11"]
    assert not list(store.feed("employment").rglob("*.parquet"))
    assert Landed(store, "employment").manifests


def test_who_withdraws_an_authorisation_is_gone(
    store: Store, sent: Callable[..., Path], tmp_path: Path
) -> None:
    signed = tmp_path / "signed.csv"
    signed.write_text("household\nH001-0001\nH001-0002\n")
    authorise(store, signed)
    land(
        store,
        "vehicles",
        sent([{"household": f"H001-000{n}", "day": "2026-11-02", "owns_car": "1"} for n in (1, 2)]),
    )
    signed.write_text("household\nH001-0002\n")
    authorise(store, signed)
    with opened(store, "vehicles", today=date(2026, 11, 27)) as landing:
        assert prune(landing)["rows"] == 1
    assert [row["household"] for row in rows_of(store, "vehicles", "landed")["2026-11"]] == ["H001-0002"]
    assert [row["household"] for row in current(store, "vehicles")["2026-11"]] == ["H001-0002"]


@pytest.mark.parametrize("feed", ["medical", "employment"])
def test_rows_that_wait_are_not_kept_longer(store: Store, sent: Callable[..., Path], feed: str) -> None:
    values = {"own_paid": "10"} if feed == "medical" else {"status": "lost_work"}
    who = {"identity_number": "", "name": "王小明", "birth_date": "1980-01-01", "day": "2026-01-02"}
    land(store, feed, sent([{**who, **values}]))
    reviews = store.feed(feed) / "reviews"
    assert len(list(reviews.glob("*.parquet"))) == 2
    with opened(store, feed) as landing:
        retain(landing)
    assert not list(reviews.glob("*.parquet"))
