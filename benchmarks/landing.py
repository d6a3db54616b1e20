"""`./run bench landing`: medical bills of a country land, province by province; rows a second, processor time, memory.

`--persons` people in 31 provinces are indexed and `--rows` bills over 13 months come in, one file for each province or
all in one (`--files 1`): 0.3 % without a number, 0.2 % with a wrong one, 0.1 % sent twice, 0.5 % with an amount that
cannot be, 0.1 % dated after the landing. A sample of one file is landed row by row in plain Python, too, and must come
out the same. The floor is one scan of the files
that hashes every value.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, peak_memory
from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.persons import write_persons
from highground.methods.feeds.uses import wanted
from highground.methods.store import Store
from highground.methods.store.engine import GIB, Limits
from tests.methods.feeds.oracle import Oracle, Person

PROVINCES = 31
TODAY = date(2026, 11, 30)
OLDEST = date(2024, 12, 1)
KEY = bytes(range(32))
USES = {"out_of_pocket_12m": ["benchmark"], "medical_bills_12m": ["benchmark"]}


def province(place: int) -> str:
    """A code of no country."""
    return f"XX-{place:02d}"


def make(folder: Path, rows: int, persons: int, files: int, seed: int) -> None:
    """Write the registers and the files."""
    each = persons // PROVINCES
    with duckdb.connect() as connection:
        connection.execute(f"SELECT SETSEED({1 / (seed + 1)})")
        for place in range(PROVINCES):
            (folder / province(place)).mkdir()
            people = (
                f"SELECT 'H' || i // 3 AS household, 'P' || i AS member, '99' || LPAD(i::VARCHAR, 16, '0') AS identity_number,"
                f" LPAD(({place} * 1000 + (i - {place * each}) // 10000)::VARCHAR, 6, '0') AS county"
                f" FROM RANGE({place * each}, {(place + 1) * each}) AS t(i)"
            )
            for name, query in (
                ("members", f"SELECT household, member, identity_number FROM ({people})"),
                ("households", f"SELECT household, MIN(county) AS county FROM ({people}) GROUP BY household"),
            ):
                connection.execute(f"COPY ({query}) TO '{folder / province(place) / name}.parquet'")
        for place in range(files):
            low, high = (place * each, (place + 1) * each) if files > 1 else (0, PROVINCES * each)
            count = rows // files
            bills = (
                f"SELECT i, {low} + FLOOR(RANDOM() * {high - low})::BIGINT AS who, RANDOM() AS luck,"
                f" DATE '2025-11-01' + FLOOR(RANDOM() * 395)::INTEGER AS day, ROUND(EXP(4 + 2 * RANDOM() * 3), 2) AS total,"
                f" RANDOM() AS share FROM RANGE({count}) AS t(i)"
            )
            sent = (
                "SELECT CASE WHEN luck < 0.003 THEN NULL WHEN luck < 0.005 THEN '98' || LPAD(who::VARCHAR, 16, '0')"
                " ELSE '99' || LPAD(who::VARCHAR, 16, '0') END AS identity_number,"
                f" 'B{place}-' || i AS record, CASE WHEN luck > 0.999 THEN DATE '2027-01-01' ELSE day END AS day,"
                " total::DECIMAL(12, 2) AS total, CASE WHEN luck BETWEEN 0.99 AND 0.995 THEN -1"
                " ELSE total * share END::DECIMAL(12, 2) AS own_paid"
            )
            connection.execute(f"CREATE OR REPLACE TEMP TABLE bills AS {bills}")
            again = "SELECT * FROM bills WHERE luck BETWEEN 0.5 AND 0.501"
            connection.execute(
                f"COPY ({sent} FROM (SELECT * FROM bills UNION ALL {again})) TO '{folder / str(place)}.parquet'"
            )


def agrees(folder: Path, persons: int, sample: int) -> bool:
    """Whether the first rows of the first file come out as they do row by row."""
    path, each = folder / "sample.csv", persons // PROVINCES
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM '{folder / '0.parquet'}' LIMIT {sample}) TO '{path}' (HEADER)"
        )
        households = f"'{folder / '*' / 'households.parquet'}'"
        county = dict(connection.execute(f"SELECT household, county FROM {households}").fetchall())
    people = [Person(f"99{i:016d}", f"H{i // 3}", f"P{i}", county[f"H{i // 3}"]) for i in range(each)]
    oracle = Oracle("medical", people, oldest=OLDEST, today=TODAY)
    with path.open(encoding="utf-8") as file:
        told = oracle.land(list(csv.DictReader(file)))
    store = Store(folder / "sampled")
    store.root.mkdir()
    (store.root / "persons").symlink_to(folder / "store" / "persons")
    with Landing(store, wanted(load_feeds()["medical"], USES), key=KEY, today=TODAY) as landing:
        counts = landing.land(path, province=province(0))["counts"]
    return {name: count for name, count in counts.items() if count} == dict(told.counts)


def main() -> None:
    """Make the files, land them, tell the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--persons", type=int, default=None, help="as many as rows, if not given")
    options.add_argument("--files", type=int, choices=(1, PROVINCES), default=PROVINCES)
    options.add_argument("--memory", type=float, default=0.75, help="of the engine, in GiB")
    options.add_argument("--sample", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    told = options.parse_args()
    persons = (told.persons or told.rows) // PROVINCES // 3 * 3 * PROVINCES
    bench = Bench("landing", rows=told.rows, persons=persons, files=told.files, load=os.getloadavg()[0])
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as name:
        folder = Path(name)
        pid = os.fork()
        if pid == 0:  # in a process of its own, so that its memory does not count
            make(folder, told.rows, persons, told.files, told.seed)
            os._exit(0)
        if os.waitpid(pid, 0)[1]:
            sys.exit("the files could not be made")
        limits = Limits(int(told.memory * GIB), 20 * GIB, os.cpu_count() or 1)
        store = Store(folder / "store")
        with bench.part("index of persons"):
            for place in range(PROVINCES):
                at = folder / province(place)
                tables: dict[str, Any] = {
                    "households": at / "households.parquet",
                    "members": at / "members.parquet",
                }
                write_persons(store, province(place), **tables, key=KEY, limits=limits)
        counts: dict[str, int] = {}
        with bench.part("land"):
            feed = wanted(load_feeds()["medical"], USES)
            with Landing(store, feed, key=KEY, today=TODAY, limits=limits) as landing:
                for place in range(told.files):
                    where = province(place) if told.files > 1 else None
                    manifest = landing.land(folder / f"{place}.parquet", province=where)
                    counts = {what: counts.get(what, 0) + more for what, more in manifest["counts"].items()}
        with bench.part("floor: one scan"), duckdb.connect() as connection:
            # A hash of every value: a largest value would be read from the files' statistics.
            columns = "BIT_XOR(HASH(own_paid, total, day, identity_number, record))"
            connection.execute(f"SELECT {columns} FROM read_parquet('{folder / '*.parquet'}')").fetchall()
        figures = bench.figures("land")
        cpu, floor = figures["cpu_seconds"], bench.figures("floor: one scan")["cpu_seconds"]
        bench.add(
            "land",
            rows_per_second=round(counts["rows"] / figures["seconds"]),
            rows_per_cpu_second=round(counts["rows"] / cpu),
            floor_ratio=round(cpu / floor, 1),
        )
        bench.add(
            "rows",
            **{what: counts.get(what, 0) for what in ("rows", "landed", "duplicate", "changed", "stranger")},
        )
        bench.add("rows", rejected=counts.get("rejected", 0), nobody=counts.get("nobody", 0))
        bench.add("memory", peak_gib=round(peak_memory() / GIB, 2))
        bench.add("sample", rows=told.sample, agrees=agrees(folder, persons, told.sample))
    bench.finish()


if __name__ == "__main__":
    main()
