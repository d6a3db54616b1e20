"""A run is whole or not there, goes on where it was stopped, and can be checked and made again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from highground.methods.rules import load_rulebook
from highground.methods.screening.nation import running
from highground.methods.screening.nation.checking import replay_run, verify_run
from highground.methods.screening.nation.content import content_hash
from highground.methods.screening.nation.explaining import explain_household
from highground.methods.screening.nation.landing import land_register
from highground.methods.screening.nation.running import latest_run, list_runs, screen_country
from highground.methods.screening.tables import InputError
from highground.methods.store import Store, StoreError
from highground.methods.store.publishing import locked
from tests.methods.screening.nation.small import found, landed, write_raw
from tests.methods.screening.nation.test_agreement import tables
from tests.methods.screening.random_world import AS_OF

BOOK = load_rulebook("cn-2021")
BLOCK = 40
"""Small, so that a run of 240 households has several groups to be stopped between."""

START = """
import sys
from datetime import date
from pathlib import Path
from highground.methods.rules import load_rulebook
from highground.methods.screening.nation.running import screen_country
from highground.methods.store import Store
screen_country(Store(Path(sys.argv[1])), load_rulebook("cn-2021"), date.fromisoformat(sys.argv[2]), block=40)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    households, members = tables(5, BOOK)
    return landed(tmp_path, BOOK, households, members, month="2024-06", as_of=AS_OF)


def test_the_same_inputs_make_one_run(store: Store) -> None:
    first = screen_country(store, BOOK, AS_OF)
    assert screen_country(store, BOOK, AS_OF) == first
    assert [one["id"] for one in list_runs(store)] == [first["id"]] == [latest_run(store, BOOK.id)]


def test_a_clock_that_was_put_back_does_not_make_an_old_run_the_newest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = screen_country(store, BOOK, AS_OF)

    class PutBack(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> PutBack:
            return cls(2001, 1, 1, tzinfo=tz)

    monkeypatch.setattr(running, "datetime", PutBack)
    second = screen_country(store, replace(BOOK, version="later", hash="0" * 64), AS_OF)
    assert [one["id"] for one in list_runs(store)] == [first["id"], second["id"]]
    assert second["made_at"] < first["made_at"] and latest_run(store, BOOK.id) == second["id"]


def test_killed_at_any_moment_it_goes_on_and_says_the_same(store: Store, tmp_path: Path) -> None:
    undisturbed = screen_country(store, BOOK, AS_OF, block=BLOCK)
    chance = random.Random(3)
    for _ in range(4):
        other = Store(tmp_path / f"killed-{chance.random()}")
        other.root.mkdir()
        (other.root / "registers").symlink_to(store.registers)
        process = subprocess.Popen([sys.executable, "-c", START, str(other.root), AS_OF.isoformat()])
        deadline = time.monotonic() + 60
        while not list(other.runs.glob(".work-*")) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(list_runs(other)) in (0, 1)  # there whole, or not at all
        again = screen_country(other, BOOK, AS_OF, block=BLOCK)
        assert again["content_hash"] == undisturbed["content_hash"]
        assert verify_run(other, again["id"]).holds
        assert not list(other.runs.glob(".work-*"))


def test_what_was_stopped_of_another_rulebook_is_left(store: Store) -> None:
    own, other = (store.runs / f".work-{name}-{AS_OF}-0123456789ab" for name in (BOOK.id, "other"))
    for folder in (own, other):
        folder.mkdir(parents=True)
    screen_country(store, BOOK, AS_OF)
    assert other.is_dir() and not own.exists()


def test_a_changed_file_is_found(store: Store) -> None:
    run = screen_country(store, BOOK, AS_OF)["id"]
    assert verify_run(store, run).holds
    path = next(store.run(run).glob("*/flagged.parquet"))
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    checked = verify_run(store, run)
    assert not checked.holds and "was changed after the run" in checked.wrong[0]


def test_made_again_it_says_the_same_whatever_came_since(store: Store) -> None:
    run = screen_country(store, BOOK, AS_OF)["id"]
    assert replay_run(store, run).same
    assert not list(store.runs.glob(".replay-*"))
    members = next(store.registers.glob("*/*/members.parquet"))
    members.unlink()
    checked = verify_run(store, run)
    assert checked.holds and len(checked.gone) == 1  # what is past its retention does not speak against a run
    with pytest.raises(StoreError, match="is gone"):
        replay_run(store, run)


def test_two_runs_at_once_are_refused(store: Store) -> None:
    with locked(store.runs, "run"), pytest.raises(StoreError, match="another run is at work"):
        screen_country(store, BOOK, AS_OF)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.unlink(), "which is not there"),
        (lambda path: path.write_bytes(path.read_bytes()[:1000]), "is cut off or damaged"),
        (lambda path: pq.write_table(pq.read_table(path).slice(1), path), "does not have the rows"),
    ],
)
def test_a_register_that_lacks_a_file_or_is_cut_off(store: Store, harm: Any, said: str) -> None:
    harm(next(store.registers.glob("*/*/households.parquet")))
    with pytest.raises(StoreError, match=said):
        screen_country(store, BOOK, AS_OF)
    assert not list_runs(store)


def test_a_register_is_landed_once_and_whole(store: Store, tmp_path: Path) -> None:
    households, members = tables(5, BOOK)
    raw = write_raw(tmp_path / "again", households, members)
    options: dict[str, Any] = {"as_of": AS_OF, "books": [BOOK]}
    with pytest.raises(StoreError, match="never changes"):
        land_register(store, raw, month="2024-06", **options)
    twin = raw / "CN-TW"
    twin.mkdir()
    pq.write_table(pa.Table.from_pylist([{"household": "H00000"}]), twin / "households.parquet")
    with pytest.raises(InputError, match="household H00000 stands in"):
        land_register(store, raw, month="2024-07", **options)
    assert store.register_months() == ["2024-06"]
    assert [path.name for path in store.registers.iterdir() if path.is_dir()] == ["2024-06"]


def test_only_what_a_rule_reads_is_landed(store: Store) -> None:
    for path in store.registers.glob("*/*/households.parquet"):
        names = pq.read_schema(path).names
        assert "income_wage_12m" in names and "land_area" not in names


def test_every_verdict_is_explained_as_the_run_gave_it(store: Store) -> None:
    manifest = screen_country(store, BOOK, AS_OF)
    rows = found(store, manifest)
    for row in random.Random(1).sample(rows, 12):
        verdict = explain_household(store, manifest["id"], row["household"]).verdict
        assert verdict["class"] == row["class"] and verdict["class_verdict"] == row["class_verdict"]
        assert verdict["fired"] == row["fired"] and verdict["undecided"] == row["undecided"]
    with pytest.raises(KeyError, match="not in the register"):
        explain_household(store, manifest["id"], "nobody")


def test_content_is_hashed_whatever_the_file(tmp_path: Path) -> None:
    table = pa.table(
        {
            "b": pa.array([1, None, 3], pa.int64()),
            "a": pa.array(["x", None, "ü"]),
            "c": pa.array([[1], [], None], pa.list_(pa.int64())),
            "d": pa.array([True, None, False]),
        }
    )
    assert content_hash(table) == content_hash(table.select(["d", "c", "b", "a"]))
    assert content_hash(table) == content_hash(table.set_column(0, "b", table["b"].cast(pa.int32())))
    assert content_hash(table.slice(1)) == content_hash(
        pa.Table.from_pylist(table.slice(1).to_pylist(), table.schema)
    )
    for name, value in (("b", 2), ("a", ""), ("c", [])):
        rows = table.to_pylist()
        rows[0 if name != "a" else 1][name] = value
        assert content_hash(pa.Table.from_pylist(rows, table.schema)) != content_hash(table)
