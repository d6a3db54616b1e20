"""Spark and DuckDB give the same run: every column of every row, by content, on edge values too."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from highground.methods.rules import load_rulebook
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.running import screen_country
from highground.methods.screening.nation.spark_session import require_java, start_spark
from highground.methods.store import Store, StoreError
from tests.methods.screening.nation.small import landed
from tests.methods.screening.nation.test_agreement import random_book, tables
from tests.methods.screening.random_world import AS_OF
from tests.support.country import BOOK, DAYS, landed_country
from tests.support.parts import skip_without


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spark in this process, where the engine finds it running."""
    try:
        import pyspark  # noqa: F401
    except ImportError:
        skip_without("spark", "PySpark is not installed (pip install -r requirements/spark.txt)")
    try:
        require_java()
    except StoreError as problem:
        skip_without("spark", str(problem))
    session = start_spark("", tmp_path_factory.mktemp("spark"))
    yield
    session.stop()


def both(store: Store, book: Rulebook, as_of: date, **options: Any) -> dict[str, Any]:
    """Make a run on both engines and compare every file of it."""
    other = Store(store.root.with_name(f"{store.root.name}-on-spark"))
    shutil.copytree(store.root, other.root, dirs_exist_ok=True)
    ours = screen_country(store, book, as_of, **options)
    theirs = screen_country(other, book, as_of, engine="spark", **options)
    assert theirs["engine"].startswith("spark") and ours["engine"].startswith("duckdb")
    assert theirs["id"] == ours["id"]
    names = [path.relative_to(store.run(ours["id"])) for path in store.run(ours["id"]).rglob("*.parquet")]
    assert len(names) == 2 * len(ours["provinces"]) + 1
    for name in names:
        one, two = (pq.read_table(where.run(ours["id"]) / name) for where in (store, other))
        assert two.select(one.column_names).equals(one), name
    assert theirs["content_hash"] == ours["content_hash"] and theirs["ranks"] == ours["ranks"]
    return ours


def test_random_rules_over_two_months(spark: None, tmp_path: Path) -> None:
    book, before = random_book(0), AS_OF - timedelta(days=31)
    store = landed(tmp_path, book, *tables(1, book), month=before.isoformat()[:7], as_of=before)
    landed(tmp_path, book, *tables(2, book), month=AS_OF.isoformat()[:7], as_of=AS_OF)
    screen_country(store, book, before)
    made = both(store, book, AS_OF)
    assert made["previous"] and made["flagged"] and made["ranks"]


@pytest.mark.parametrize("name", ["random", "cn-2021"])
def test_edge_values_on_a_leap_day(spark: None, tmp_path: Path, name: str) -> None:
    """Ties of many at every rank and line, zeros, nothing known, the largest amounts, days that few years have."""
    book, as_of = random_book(1) if name == "random" else load_rulebook(name), date(2024, 2, 29)
    households, members = tables(5, book)
    born = [
        date(2018, 1, 31),
        date(2008, 2, 29),
        date(1964, 2, 28),
        date(2008, 3, 1),
        date(1980, 12, 31),
        None,
    ]
    days = [as_of, None, date(2023, 2, 28), date(2023, 3, 1)]
    amounts = [one for one in book.dictionary.values() if one.type == "money" and one.entity == "household"]
    for index, row in enumerate(households):
        on_the_line = 8300 * (row["household_size"] or 1)
        for fact in amounts:
            if fact.name in row:
                row[fact.name] = [0, None, fact.maximum, fact.minimum, on_the_line][index % 5]
                row[f"{fact.name}__date"] = days[index % 4]
    for index, member in enumerate(members):
        member["birth_date"] = born[index % len(born)]
    key = households[0]["household"]
    for one in (households[0], *(member for member in members if member["household"] == key)):
        one["household"] = 'it\'s "one" \\ two, 三'
    half = members[: len(members) // 2]  # of the others nobody knows the members
    made = both(
        landed(tmp_path, book, households, half, month="2024-02", as_of=as_of), book, as_of, block=150
    )
    assert made["flagged"] and made["households"] == len(households)


def test_a_country_with_its_feeds(spark: None, tmp_path: Path) -> None:
    """Two provinces with two months of the register and 13 of feeds; `./run bench spark` has many more."""
    store, book = landed_country(tmp_path, households=20_000, provinces=2), load_rulebook(BOOK)
    screen_country(store, book, DAYS[0])
    made = both(store, book, DAYS[1])
    assert made["households"] > 19_000 and made["previous"] and made["feeds"]
    assert all(entry["flagged"] for entry in made["provinces"].values())


# --- what is lacking is said ---


def test_java_that_is_missing_or_too_old_is_said_with_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(StoreError, match=r"no Java was found\. Spark needs Java 17 or newer: install it"):
        require_java()
    (tmp_path / "bin").mkdir()
    for said, told in (("1.8.0_392", "Java 8"), ("11.0.2", "Java 11"), ("17.0.15", ""), ("21", "")):
        java = tmp_path / "bin" / "java"
        java.write_text(f"#!/bin/sh\necho 'openjdk version \"{said}\" 2025-04-15' >&2\n")
        java.chmod(0o755)
        if told:
            with pytest.raises(StoreError, match=f"{told}.*JAVA_HOME"):
                require_java()
        else:
            require_java()


def test_a_missing_package_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = load_rulebook("cn-2021")
    store = landed(tmp_path, book, *tables(5, book), month="2024-06", as_of=AS_OF)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(StoreError, match=r"PySpark is not installed; .*highground\[spark\]"):
        screen_country(store, book, AS_OF, engine="spark")
    assert not list(store.runs.glob("[!.]*"))
