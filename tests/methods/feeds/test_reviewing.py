"""Rows without a number wait until a person decides, pair by pair; nothing is merged by a score."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from math import log2
from pathlib import Path

import pytest

from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.manifests import Landed
from highground.methods.feeds.mapping import read_feed_mapping
from highground.methods.feeds.reviewing import LEVELS, Waiting, record_decision, waiting, weight
from highground.methods.store import Store
from tests.methods.feeds.conftest import PERSONS, TODAY, bill, current, land, open_landing, rows_of

AREA = f"{PERSONS[0].county}100201"


def nameless(**values: str) -> dict[str, str]:
    """A bill without a number."""
    return {**bill(), "identity_number": "", "name": "", "birth_date": "", "sex": "", "area": "", **values}


ROWS = [
    nameless(name="王小明", birth_date="1980-01-01", area=AREA),
    nameless(name=" 王 小明", birth_date="1990-01-01", own_paid="20"),
    nameless(name="张伟", birth_date="2000-01-01", sex="male", own_paid="30"),
    nameless(name="Nobody Known", birth_date="1971-01-01"),
    nameless(name="王小明"),
    {**nameless(name="欧阳明", birth_date="1990-01-01"), "own_paid": "ten"},
]


def waits(store: Store) -> list[Waiting]:
    return waiting(store, "medical", Landed(store, "medical").manifests)


def test_rows_wait_with_the_members_they_may_be_about(store: Store, sent: Callable[..., Path]) -> None:
    manifest = land(store, "medical", sent(ROWS))
    assert manifest["counts"] == {"rows": 6, "landed": 0, "nobody": 2, "rejected": 1, "waiting": 3}
    assert manifest["rejects"]["kinds"] == {"no_number": 2, "wrong_type": 1}
    found = waits(store)
    assert [(one.row, one.month, [pair.member for pair in one.pairs]) for one in found] == [
        (2, "2026-11", ["P001-0001", "P001-0002"]),
        (3, "2026-11", ["P001-0005"]),
        (4, "2026-11", ["P001-0006", "P001-0007"]),
    ]
    first, second = found[0].pairs
    assert first.agrees == ("name", "birth_date", "area") and second.agrees == ("birth_date", "area")
    total = log2(0.92 / 0.0005) + log2(0.95 * 25_000) + log2(0.9 / 0.002)
    assert abs(first.score / 100 - total) < 0.02 and first.score > second.score
    assert found[2].pairs[0].agrees == ("name", "birth_date", "sex")
    assert rows_of(store, "medical", "landed") == {}, "nothing is merged by a score"
    everything = b"".join(path.read_bytes() for path in store.feed("medical").rglob("*") if path.is_file())
    assert "王小明".encode() not in everything and "张伟".encode() not in everything


def test_weights_are_of_chances_that_add_up_to_one() -> None:
    for levels in LEVELS.values():
        assert abs(sum(m for _, m, _ in levels) - 1) < 1e-9 and abs(sum(u for _, _, u in levels) - 1) < 1e-3
    assert weight("sex", "same") == round(100 * log2(0.995 / 0.5))


def test_a_decision_lands_the_row_at_once_and_is_kept(store: Store, sent: Callable[..., Path]) -> None:
    land(store, "medical", sent(ROWS))
    one, two, three = waits(store)
    with open_landing(store, "medical") as landing:
        with pytest.raises(
            FeedError, match="'P001-0003' is none of the members it may be about: P001-0001, P001-0002"
        ):
            landing.decide(one, member="P001-0003", by="officer-7")
        with pytest.raises(FeedError, match="say who decides"):
            landing.decide(one, member="P001-0001", by=" ")
        landing.decide(one, member="P001-0001", by="officer-7")
        landing.decide(three, member=None, by="officer-7")
        with pytest.raises(FeedError, match=f"was decided on {TODAY} by officer-7"):
            landing.decide(one, member="P001-0002", by="officer-8")
    assert waits(store) == [two]
    assert [row["own_paid"] for row in rows_of(store, "medical", "landed")["2026-11"]] == [1000]
    assert current(store, "medical")["2026-11"][0]["household"] == PERSONS[0].household
    kept = json.loads((store.feed("medical") / "reviews" / "decisions" / f"{one.id}.json").read_text())
    assert (kept["by"], kept["decided_on"], kept["pair"]["member"]) == (
        "officer-7",
        "2026-11-26",
        "P001-0001",
    )
    # The same bill, sent again with its number, is there already.
    again = land(store, "medical", sent([bill()], "again.csv"))
    assert again["counts"] == {"rows": 1, "landed": 0, "duplicate": 1, "waiting": 0}


def test_a_mapping_may_name_some_of_what_is_compared(store: Store, sent: Callable[..., Path]) -> None:
    content = {
        "number": "identity_number",
        "person": {"name": "n", "birth_date": "b"},
        "fields": {"day": "d", "own_paid": "p"},
    }
    rows = [{"identity_number": "", "n": "王小明", "b": "1980-01-01", "d": "2026-11-02", "p": "10"}]
    land(store, "medical", sent(rows), mapping=read_feed_mapping(content, load_feeds()["medical"]))
    assert [[pair.member for pair in one.pairs] for one in waits(store)] == [["P001-0001"]]


def test_a_decision_that_was_not_carried_out_is_at_the_next_landing(
    store: Store, sent: Callable[..., Path]
) -> None:
    land(store, "medical", sent(ROWS))
    record_decision(store, waits(store)[1], member="P001-0005", by="officer-7", today=TODAY)
    assert rows_of(store, "medical", "landed") == {}
    land(store, "medical", sent([bill(2, day="2026-10-02")], "next.csv"))
    assert [row["own_paid"] for row in rows_of(store, "medical", "landed")["2026-11"]] == [2000]
    assert current(store, "medical")["2026-11"][0]["household"] == PERSONS[4].household


def test_changes_of_work_that_were_decided_are_carried_on(store: Store, sent: Callable[..., Path]) -> None:
    row = {
        "identity_number": "",
        "name": "王小明",
        "birth_date": "1980-01-01",
        "day": "2026-09-10",
        "status": "lost_work",
    }
    land(store, "employment", sent([row]))
    land(
        store,
        "employment",
        sent([{**row, "identity_number": PERSONS[2].number, "day": "2026-11-01"}], "b.csv"),
    )
    found = waiting(store, "employment", Landed(store, "employment").manifests)
    with open_landing(store, "employment", today=date(2026, 11, 27)) as landing:
        landing.decide(found[0], member="P001-0001", by="officer-7")
    assert [row["members_out_of_work"] for row in current(store, "employment")["2026-11"]] == [1, 1]
