"""`./run bench screening --households N`: a country from landed feeds to new, continuing and cleared clues.

A synthetic country is made, its feeds and registers are landed, the rulebook `demo-nation` is run for October and then
for November 2026; each is a command of its own, whose processor time, wall time and peak memory are measured. The run
of November is held against:

- the raw floor: one scan of every landed column that the rulebook needs (households, members, 13 months of feed rows);
- a scan of the stored facts, which landing a register makes of households and members;
- a county screened again after a change at a door, the rules compiled: median of 20;
- a prefetched row loop through Django's ORM, and the rules engine ZEN, on the households of one county (`_rowwise.py`).

`--folder` keeps country and store for another start. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, measured
from highground.methods.feeds.definitions import load_feeds
from highground.methods.rules import load_rulebook
from highground.methods.rules.masks import names_of
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.columns import facts_of_entity
from highground.methods.screening.nation.commands import summary_of
from highground.methods.screening.nation.county import CountyScreen
from highground.methods.screening.nation.running import latest_run
from highground.methods.store.engine import connect
from highground.methods.store.layout import MANIFEST, Store
from highground.methods.store.publishing import read_json
from tests.support.country import BOOK, DAYS

COUNTY = 3_500
"""Households of the county for the comparisons, or the nearest to it."""


def highground(*arguments: object) -> list[str]:
    """A command of Highground."""
    return [sys.executable, "-m", "highground", *(str(one) for one in arguments)]


def files(paths: Sequence[Path], more: str = "") -> str:
    """Parquet files as a table."""
    return (
        f"read_parquet([{', '.join(repr(str(path)) for path in sorted(paths))}], union_by_name = true{more})"
    )


# --- the floors ---


def raw_tables(store: Store, book: Rulebook) -> dict[str, tuple[list[str], list[Path]]]:
    """What the rulebook needs of what was landed: columns and files of each table."""
    month = DAYS[1].isoformat()[:7]
    register = store.register(month)
    needed = {
        "households": ["household", "county", *(one.name for one in facts_of_entity(book, "household"))],
        "members": ["household", *(one.name for one in facts_of_entity(book, "member"))],
    }
    found = {}
    for name, columns in needed.items():
        paths = list(register.glob(f"*/{name}.parquet"))
        there = _columns(paths)
        found[name] = ([one for each in columns for one in (each, f"{each}__date") if one in there], paths)
    for feed in load_feeds().values():
        wanted = {name for one in feed.facts.values() for name in one.fields} | {"household", "member", "day"}
        paths = list(store.feed(feed.name).glob("landed/*/*.parquet"))
        if paths:
            found[f"feed {feed.name}"] = (
                [one for one in _columns(paths) if one in wanted],
                paths,
            )
    return found


def _columns(paths: Sequence[Path]) -> list[str]:
    with duckdb.connect() as connection:
        return [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {files(paths)}").fetchall()]


def scan(tables: dict[str, tuple[list[str], list[Path]]]) -> dict[str, Any]:
    """One scan that reads every value: processor seconds, wall seconds, rows and bytes."""
    told: dict[str, Any] = {"rows": 0, "mib": 0.0}
    cpu, wall = time.process_time(), time.perf_counter()
    with connect() as connection:
        for columns, paths in tables.values():
            with duckdb.connect() as looking:
                kinds = {
                    row[0]: row[1]
                    for row in looking.execute(f"DESCRIBE SELECT * FROM {files(paths)}").fetchall()
                }
            sums = ", ".join(_read_whole(name, kinds[name]) for name in columns)
            (row,) = connection.execute(f"SELECT COUNT(*), {sums} FROM {files(paths)}").fetchall()
            told["rows"] += row[0]
            told["mib"] += round(sum(path.stat().st_size for path in paths) / 2**20, 1)
    return {**told, "cpu_seconds": time.process_time() - cpu, "seconds": time.perf_counter() - wall}


def _read_whole(name: str, kind: str) -> str:
    if kind == "VARCHAR":
        return f"SUM(LENGTH({name}))"
    if kind.endswith("[]"):
        return f"SUM(LEN({name}))"
    if kind == "BOOLEAN":
        return f"COUNT(*) FILTER ({name})"
    return f"MAX({name})" if kind in ("DATE", "UUID") else f"SUM({name})"


def floor(store: Store) -> dict[str, Any]:
    """The raw floor."""
    return scan(raw_tables(store, load_rulebook(BOOK)))


def stored(store: Store) -> dict[str, Any]:
    """A scan of the stored facts of the last day."""
    paths = list((store.root / "derived" / DAYS[1].isoformat()[:7]).glob("*/facts-*.parquet"))
    return scan({"facts": (_columns(paths), paths)})


# --- one household at a time ---


def rowwise(store: Store) -> dict[str, Any]:
    """The row loop and the rules engine on one county, and how many of their verdicts are the run's."""
    from benchmarks._rowwise import RowLoop, Sample, timed

    manifest = read_json(store.run(latest_run(store, BOOK) or "") / MANIFEST)
    book = load_rulebook(BOOK).ranked(manifest["ranks"])
    province, county, _ = county_of(store)
    register = store.register(DAYS[1].isoformat()[:7]) / province
    fed = {
        name: [load_feeds()[name].facts[one.name] for one in _given(manifest, province, name)]
        for name in _feeds(manifest, province)
    }
    sample = Sample(
        households=files([register / "households.parquet"]),
        members=files([register / "members.parquet"]),
        feeds={
            name: files(list(store.feed(name).glob(f"landed/*/{province}-*.parquet")), ", filename = true")
            for name in fed
        },
        as_of=DAYS[1],
        county=county,
    )
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as folder:
        loop = RowLoop(book, Path(folder) / "rows.sqlite3", sample, fed)
        seconds, found = timed(loop.interpreted)
        compiled_seconds, compiled = timed(loop.compiled)
        engine_seconds, by_engine = loop.by_engine()
    bits = manifest["bits"]["rules"]
    flagged = store.run(manifest["id"]) / province / "flagged.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT household, yes, maybe FROM {files([flagged])} WHERE county = ?",
            [county],
        ).fetchall()
    kept = {key: tuple(names_of(mask, bits) for mask in masks) for key, *masks in rows}
    sure = [key for key in found if not kept.get(key, ([], []))[1]]
    return {
        "households": len(found),
        "seconds": seconds,
        "compiled_seconds": compiled_seconds,
        "engine_seconds": engine_seconds,
        "differ": sum(found[key] != kept.get(key, ([], [])) for key in found),
        "compiled_differ": sum(compiled[key] != kept.get(key, ([], [])) for key in found),
        "told": len(sure),
        "engine_differ": sum(by_engine[key] != kept.get(key, ([], []))[0] for key in sure),
    }


def _feeds(manifest: dict[str, Any], province: str) -> list[str]:
    return [one["feed"] for one in manifest["feeds"][province]]


def _given(manifest: dict[str, Any], province: str, feed: str) -> list[Any]:
    facts = next(one["facts"] for one in manifest["feeds"][province] if one["feed"] == feed)
    return [load_feeds()[feed].facts[one["fact"]] for one in facts]


def counties(store: Store) -> list[tuple[str, str, int]]:
    """Province, code and households of every county of the last register."""
    manifest = read_json(store.register(DAYS[1].isoformat()[:7]) / MANIFEST)
    return [
        (province, county, rows)
        for province, entry in manifest["provinces"].items()
        for county, rows in entry["counties"]
        if county
    ]


def county_of(store: Store) -> tuple[str, str, int]:
    """The county nearest to `COUNTY`."""
    return min(counties(store), key=lambda one: (abs(one[2] - COUNTY), one[1]))


def county(store: Store) -> dict[str, Any]:
    """One county screened again after a change at a door, once the rules are compiled; milliseconds."""
    province, code, households = county_of(store)
    with CountyScreen(store, latest_run(store, BOOK) or "") as screen:
        one = screen.again(code)["household"][0].as_py()
        times = [_timed(lambda: screen.again(code, {one: {"dwelling_unsafe": True}})) for _ in range(20)]
        beside = (one for one in counties(store) if one[0] == province and one[1] != code)
        others = [county for _, county, rows in beside if rows > COUNTY // 4][:20]
        elsewhere = [_timed(lambda county=county: screen.again(county)) for county in others]  # type: ignore[misc]
    return {"households": households, "again": times, "elsewhere": elsewhere}


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


PARTS = {"county": county, "floor": floor, "stored": stored, "rowwise": rowwise}


def part(name: str, store: Store) -> dict[str, Any]:
    """One part in a process of its own; what it tells."""
    done = subprocess.run(
        [sys.executable, __file__, "--part", name, "--folder", str(store.root.parent)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


# --- all of it ---


def prepare(bench: Bench, folder: Path, households: int, seed: int) -> None:
    """The country and its store, unless a folder has them."""
    world, store = folder / "country", folder / "store"
    last = DAYS[1].isoformat()[:7]
    if not (store / "registers" / last / MANIFEST).is_file():
        bench.add(
            "generate",
            **measured(
                highground("world", "generate", "--households", households, "--seed", seed, "--out", world)
            ),
        )
        at = ("--store", store)
        measured(highground("feed", "use", BOOK, *at))
        bench.add("index persons", **measured(highground("feed", "persons", world / "register" / last, *at)))
        bench.add(
            "land 13 months of feeds",
            **measured(highground("feed", "land", world / "feeds", "--today", DAYS[1], *at)),
        )
        for day in DAYS:
            month = day.isoformat()[:7]
            land = highground(
                "register",
                "land",
                world / "register" / month,
                "--month",
                month,
                "--as-of",
                day,
                "--no-persons",
                *at,
            )
            bench.add(f"land the register of {month}", **measured(land))


def main() -> None:
    """Make, land, run, compare, tell."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--households", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--folder", type=Path, help="keep country and store here")
    options.add_argument("--spark", action="store_true", help="the same run on Spark")
    options.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    told = options.parse_args()
    if told.part:
        print(json.dumps(PARTS[told.part](Store(told.folder / "store"))))
        return
    bench = Bench("screening", households=told.households, seed=told.seed, load=round(os.getloadavg()[0], 1))
    with tempfile.TemporaryDirectory(prefix="highground-bench-", dir=os.environ.get("TMPDIR")) as name:
        folder = told.folder or Path(name)
        folder.mkdir(exist_ok=True)
        os.environ["HIGHGROUND_HOME"] = str(folder / "home")
        prepare(bench, folder, told.households, told.seed)
        compare(bench, Store(folder / "store"), spark=told.spark)


def compare(bench: Bench, store: Store, *, spark: bool) -> None:
    """Both runs, the floors, the loops; tells the figures."""
    at = ("--store", store.root, "--json")
    shutil.rmtree(store.runs, ignore_errors=True)  # of an earlier start: a run is not made twice
    names = []
    for day in DAYS:
        began = highground("run", "start", "--rulebook", BOOK, "--as-of", day, *at)
        figures = measured(began)
        manifest = read_json(store.run(latest_run(store, BOOK) or "") / MANIFEST)
        names.append(manifest["id"])
        bench.add(f"run of {day:%Y-%m}", **figures)
    run, manifest = figures, read_json(store.run(names[-1]) / MANIFEST)
    raw, facts, rows = part("floor", store), part("stored", store), part("rowwise", store)
    again = part("county", store)
    bench.times(f"a county of {again['households']:,} again", again["again"])
    bench.times("another county of the province", again["elsewhere"])
    bench.add("raw floor", **_rounded(raw))
    bench.add("scan of the stored facts", **_rounded(facts))
    households, cpu = manifest["households"], run["cpu_seconds"]
    a_second = households / cpu
    baselines = {
        "row_loop": ("row loop through the ORM", rows["seconds"]),
        "compiled_loop": ("row loop, rules compiled", rows["compiled_seconds"]),
        "rules_engine": ("rules engine ZEN, rules alone", rows["engine_seconds"]),
    }
    for label, seconds in baselines.values():
        bench.add(label, rows=rows["households"], cpu_seconds=round(seconds, 3))
    if spark:
        bench.add(
            "replay on Spark",
            **measured(highground("run", "replay", names[-1], "--engine", "spark", "--store", store.root)),
        )
    summary = summary_of(manifest)
    bench.finish(
        households=households,
        floor_ratio=round(cpu / raw["cpu_seconds"], 2),
        facts_ratio=round(cpu / facts["cpu_seconds"], 2),
        peak_gib=round(run["peak_mib"] / 1024, 3),
        **{
            f"{name}_ratio": round(a_second / (rows["households"] / seconds), 1)
            for name, (_, seconds) in baselines.items()
        },
        households_per_cpu_second=round(a_second),
        row_loop_differ=rows["differ"],
        compiled_loop_differ=rows["compiled_differ"],
        rules_engine_compared=rows["told"],
        rules_engine_differ=rows["engine_differ"],
        county_ms=round(statistics.median(again["again"]) * 1000, 1),
        another_county_ms=round(statistics.median(again["elsewhere"]) * 1000, 1),
        new=summary["changes"]["new"],
        continuing=summary["changes"]["continuing"],
        cleared=summary["changes"]["cleared"],
        held=summary["changes"]["held"],
        flagged=manifest["flagged"],
        run_hash=manifest["content_hash"],
    )


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in figures.items()}


if __name__ == "__main__":
    main()
