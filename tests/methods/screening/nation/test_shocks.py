"""A shock that is recorded reaches the households of its villages, and a run that is made again knows what was known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from highground.methods.rules import read_rulebook
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.checking import replay_run, verify_run
from highground.methods.screening.nation.county import CountyScreen
from highground.methods.screening.nation.explaining import explain_household
from highground.methods.screening.nation.running import screen_country
from highground.methods.shocks import Shock, add_shock, end_shock
from highground.methods.store import Store
from tests.methods.screening.nation.small import found, landed
from tests.methods.screening.nation.test_agreement import tables
from tests.methods.screening.random_world import AS_OF

STRUCK = "V3"


@pytest.fixture
def book() -> Rulebook:
    return read_rulebook(
        {
            "id": "shocked",
            "currency": "CNY",
            "classes": [{"id": "poor", "when": "income_wage_12m < 0"}],
            "clues": [
                {"id": "flooded", "when": "has_any(exposed_to, 'flood', 'storm')"},
                {"id": "spared", "when": "is_empty(exposed_to) AND dwelling_unsafe"},
            ],
        }
    )


@pytest.fixture
def store(tmp_path: Path, book: Rulebook) -> Store:
    return landed(tmp_path, book, *tables(4, book), month="2024-06", as_of=AS_OF)


def flood(store: Store) -> Shock:
    began = AS_OF - timedelta(days=3)
    return add_shock(
        store,
        kind="flood",
        areas=[STRUCK],
        began=began,
        source="bulletin 7",
        by="officer",
        now=datetime.now(UTC),
    )


def fired(store: Store, run: dict[str, Any], rule: str) -> set[str]:
    return {row["household"] for row in found(store, run) if rule in row["fired"]}


def test_the_households_of_a_struck_village_are_clues(store: Store, book: Rulebook) -> None:
    before = screen_country(store, book, AS_OF)
    assert fired(store, before, "flooded") == set()
    shock = flood(store)
    after = screen_country(store, book, AS_OF, previous=None)
    assert after["id"] != before["id"] and after["shocks"]["events"] == [shock.id]
    struck = {row["household"] for row in tables(4, book)[0] if row["area"] == STRUCK}
    assert fired(store, after, "flooded") == struck
    assert fired(store, after, "spared") == fired(store, before, "spared") - struck
    one = min(struck)
    explanation = explain_household(store, after["id"], one)
    assert "shocks recorded" in explanation.text("en")
    with CountyScreen(store, after["id"]) as screen:
        county = next(row["county"] for row in tables(4, book)[0] if row["household"] == one)
        assert one in screen.again(county)["household"].to_pylist()


def test_made_again_it_knows_what_was_known(store: Store, book: Rulebook) -> None:
    shock = flood(store)
    run = screen_country(store, book, AS_OF)["id"]
    now = datetime.now(UTC)
    end_shock(store, shock.id, on=AS_OF - timedelta(days=2), by="officer", now=now)
    add_shock(store, kind="storm", areas=["V1"], began=AS_OF, source="bulletin 8", by="officer", now=now)
    assert replay_run(store, run).same
    assert verify_run(store, run).holds
