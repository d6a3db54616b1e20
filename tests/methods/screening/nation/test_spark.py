"""Spark gives the same run as DuckDB: every column of every row, by content."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from highground.methods.rules import load_rulebook
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.running import screen_country
from highground.methods.store import Store
from tests.methods.screening.nation.small import landed
from tests.methods.screening.nation.test_agreement import random_book, tables
from tests.methods.screening.random_world import AS_OF

pytest.importorskip("pyspark", reason="PySpark is not installed")
if shutil.which("java") is None:
    pytest.skip("there is no Java on this machine", allow_module_level=True)


@pytest.mark.parametrize("book", [random_book(0), load_rulebook("cn-2021")], ids=["random", "cn-2021"])
def test_the_same_run(tmp_path: Path, book: Rulebook) -> None:
    before = AS_OF - timedelta(days=31)
    store = landed(tmp_path, book, *tables(1, book), month=before.isoformat()[:7], as_of=before)
    landed(tmp_path, book, *tables(2, book), month=AS_OF.isoformat()[:7], as_of=AS_OF)
    other = Store(tmp_path / "on-spark")
    other.root.mkdir()
    (other.root / "registers").symlink_to(store.registers)
    for day in (before, AS_OF):
        ours = screen_country(store, book, day)
        theirs = screen_country(other, book, day, engine="spark")
        assert theirs["engine"].startswith("spark")
        for path in sorted(store.run(ours["id"]).glob("**/*.parquet")):
            same = other.run(theirs["id"]) / path.relative_to(store.run(ours["id"]))
            assert pq.read_table(same).to_pylist() == pq.read_table(path).to_pylist()
        assert theirs["content_hash"] == ours["content_hash"] and theirs["ranks"] == ours["ranks"]
