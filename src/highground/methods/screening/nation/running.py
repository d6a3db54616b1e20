"""Run a rulebook over a whole country: province by province, resumable, published whole.

A run lies in `runs/<id>`: `PROVINCE/flagged.parquet` (every household that is yes, cannot be told, or was in the run
before), `PROVINCE/tallies.parquet` (households by county and bits), `gone.parquet` (who was in the run before and is
in the register no more), `shocks.parquet` where a rule asks for shocks, `rulebook.json` and, last, `manifest.json`.
Until then it lies in `runs/.work-<id>`, where each finished province has a `done.json`; a run that was stopped goes on
from there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from highground import __version__
from highground.methods.facts.literals import path as path_sql
from highground.methods.rules.masks import remapped
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.content import content_hash
from highground.methods.screening.nation.duck import PREVIOUS, DuckGroup, rank_values
from highground.methods.screening.nation.groups import BLOCK, Group, groups_of
from highground.methods.screening.nation.plan import FORMAT, SHOCKS, Plan, ProvinceInputs, make_plan
from highground.methods.screening.nation.stored import stored_facts
from highground.methods.screening.screen import check_period
from highground.methods.store.engine import Limits, connect
from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import (
    locked,
    publish_folder,
    read_json,
    sha256_of,
    sweep,
    whole_file,
    write_json,
)

DONE = "done.json"
CHANGES = ("new", "continuing", "cleared", "held")
Progress = Callable[[str, int, int], None]
"""Told after each province: its code, the households done so far, and all."""


def screen_country(
    store: Store,
    book: Rulebook,
    as_of: date,
    *,
    previous: str | None = "latest",
    month: str | None = None,
    engine: str = "duckdb",
    limits: Limits | None = None,
    progress: Progress | None = None,
    block: int = BLOCK,
) -> dict[str, Any]:
    """Screen every household of a store by a rulebook for a day; returns the manifest of the run.

    `previous` is the run to compare with: an id, `latest` (the newest run of the rulebook before `as_of`, if there
    is one), or None for an empty register. `month` chooses the register (default: the newest up to `as_of`).
    `engine` is `duckdb` or `spark`; both give the same run. `block` is how many households are held at once.

    A run of the same inputs is not made twice; one that was stopped goes on where it stopped. Raises StoreError for
    what the store lacks and where another run is at work, OutsidePeriod where the rulebook does not assess the day.
    """
    check_period(book, as_of)
    if previous == "latest":
        previous = latest_run(store, book.id, before=as_of)
    plan = make_plan(store, book, as_of, previous=previous, month=month)
    with locked(store.runs, "run"):
        place = store.run(plan.id)
        if not (place / MANIFEST).is_file():
            work = store.runs / f".work-{plan.id}"
            work.mkdir(mode=0o700, exist_ok=True)
            sweep(work)
            make_run(plan, work, engine, limits, progress, block)
            publish_folder(work, place)
            _forget_stopped(plan)
        return read_json(place / MANIFEST)


def latest_run(store: Store, rulebook: str, *, before: date | None = None) -> str | None:
    """The id of the newest run of a rulebook, by its day and then by its number; with `before`, of an earlier day."""
    known = [one for one in list_runs(store) if one["rulebook"] == rulebook]
    if before is not None:
        known = [one for one in known if one["as_of"] < before.isoformat()]
    return known[-1]["id"] if known else None


def list_runs(store: Store) -> list[dict[str, Any]]:
    """The manifests of all runs, oldest day first; those of one day in the order in which they were made."""
    found = [read_json(path) for path in sorted(store.runs.glob(f"[!.]*/{MANIFEST}"))]
    return sorted(found, key=lambda one: (one["as_of"], one["number"]))


def _forget_stopped(plan: Plan) -> None:
    """Runs of the same rulebook and day that were stopped, and whose inputs have changed since, are never finished."""
    for path in plan.store.runs.glob(f".work-{plan.book.id}-{plan.as_of}-*"):
        shutil.rmtree(path, ignore_errors=True)


def make_run(
    plan: Plan,
    work: Path,
    engine: str = "duckdb",
    limits: Limits | None = None,
    progress: Progress | None = None,
    block: int = BLOCK,
) -> dict[str, Any]:
    """Make the run of a plan in the folder `work`, going on where it was stopped; returns its manifest."""
    started = time.monotonic()
    before = _previous(plan)
    total, households = sum(given.rows for given in plan.provinces), 0
    with _engine(engine, plan, limits, before) as provinces:
        groups = groups_of(plan, block)
        ranks = _country_ranks(plan, groups, work, provinces)
        for group in groups:
            if not all((work / one.province / DONE).is_file() for one in group.provinces):
                _screen(group, work, plan.book, ranks, provinces)
            households += group.rows
            if progress:
                progress(group.provinces[-1].province, households, total)
    done = {given.province: read_json(work / given.province / DONE) for given in plan.provinces}
    gone = _write_gone(plan, work, before)
    shocks = _write_shocks(plan, work)
    (work / "rulebook.json").write_text(json.dumps(plan.book.content, ensure_ascii=False, default=str))
    manifest = _manifest(plan, done, gone, shocks, provinces.name, time.monotonic() - started)
    write_json(work / MANIFEST, manifest)
    return manifest


# --- engines ---


class DuckEngine:
    """All provinces on one DuckDB."""

    name = f"duckdb {duckdb.__version__}"

    def __init__(self, plan: Plan, limits: Limits | None, before: pa.Table) -> None:
        self.plan = plan
        self.limits = limits
        self.connection = connect(limits)
        self.connection.execute("SET preserve_insertion_order = false")  # what has an order says so
        self.connection.register("previous_arrow", before)
        self.connection.execute("CREATE TEMP TABLE previous AS SELECT * FROM previous_arrow")
        self.connection.unregister("previous_arrow")

    def __enter__(self) -> DuckEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def group(self, group: Group) -> DuckGroup:
        """The queries of one group of provinces."""
        files = [stored_facts(self.plan, one, self.limits) for one in group.provinces]
        return DuckGroup(self.connection, self.plan, group, files)

    def rank_values(self, histograms: Mapping[str, list[pa.Table]]) -> dict[str, dict[str, int]]:
        """The value of each rank from all its histograms."""
        return rank_values(self.connection, self.plan.book, histograms)


def _engine(engine: str, plan: Plan, limits: Limits | None, before: pa.Table) -> Any:
    if engine == "duckdb":
        return DuckEngine(plan, limits, before)
    if engine == "spark":
        from highground.methods.screening.nation.spark import SparkEngine  # an extra

        return SparkEngine(plan, before)
    raise StoreError(f"there is no engine '{engine}'; use duckdb or spark")


# --- provinces ---


def _country_ranks(plan: Plan, groups: list[Group], work: Path, provinces: Any) -> dict[str, dict[str, int]]:
    """The ranks over the whole register: a pass of its own over every province, kept for a run that goes on."""
    names = [name for name in plan.book.ranks if not plan.book.parameters[name].by]
    kept = work / "ranks.json"
    if not names:
        return {}
    if not kept.is_file():
        histograms: dict[str, list[pa.Table]] = {name: [] for name in names}
        for group in groups:
            for name, table in provinces.group(group).histograms(names):
                histograms[name].append(table)
        write_json(kept, provinces.rank_values(histograms))
    return read_json(kept)


def _screen(
    group: Group, work: Path, book: Rulebook, ranks: Mapping[str, dict[str, int]], provinces: Any
) -> None:
    """Screen the provinces of a group, each into its folder."""
    queries = provinces.group(group)
    own = [name for name in book.ranks if name not in ranks]
    histograms: dict[str, list[pa.Table]] = {name: [] for name in own}
    for name, table in queries.histograms(own) if own else ():
        histograms[name].append(table)
    values = {**ranks, **provinces.rank_values(histograms)}
    rows = pa.concat_tables([_plain(flagged) for flagged in queries.screen(book.ranked(values))])
    settled = {name: values[name] for name in own}
    for one in group.provinces:
        mine = rows.filter(pc.equal(rows["province"], one.province)) if len(group.provinces) > 1 else rows
        _write_province(one, work / one.province, mine, settled)
        settled = {}  # said once for the group


def _write_province(
    given: ProvinceInputs, folder: Path, rows: pa.Table, ranks: Mapping[str, dict[str, int]]
) -> None:
    """What was found of one province; `done.json` is written last."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    counts = _tallies(given, rows)
    with whole_file(folder / "flagged.parquet") as beside:
        pq.write_table(rows, beside, compression="zstd", row_group_size=100_000)
    with whole_file(folder / "tallies.parquet") as beside:
        pq.write_table(counts, beside, compression="zstd")
    done = {
        "households": given.rows,
        "flagged": len(rows),
        "ranks": ranks,
        "counts": _counts(rows, counts),
        "files": {name: sha256_of(folder / name) for name in ("flagged.parquet", "tallies.parquet")},
        "content": {"flagged": content_hash(rows), "tallies": content_hash(counts)},
    }
    write_json(folder / DONE, done)


def _tallies(given: ProvinceInputs, rows: pa.Table) -> pa.Table:
    """How many households of each county have which bits; most have none, and are in no row."""
    names = ["county", "yes", "maybe"]
    told: Counter[tuple[str | None, int, int]] = Counter()
    of_county: Counter[str | None] = Counter()
    for county, yes, maybe, households in zip(
        *rows.group_by(names).aggregate([([], "count_all")]).to_pydict().values(), strict=True
    ):
        told[county, yes, maybe] = households
        of_county[county] += households
    for county, households in given.counties:
        told[county, 0, 0] += households - of_county[county]
    found = sorted(
        ((county, *bits, count) for (county, *bits), count in told.items() if count),
        key=lambda one: (one[0] is None, *one),
    )
    return pa.table(
        {
            "province": pa.array([given.province] * len(found), pa.string()),
            **{
                name: pa.array([one[place] for one in found], pa.int64() if place else pa.string())
                for place, name in enumerate([*names, "households"])
            },
        }
    )


def _plain(table: pa.Table) -> pa.Table:
    """The same types whatever the engine: 64-bit integers, plain texts and lists."""
    fields = [pa.field(field.name, _plain_type(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return pa.int64()
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.field("element", _plain_type(kind.value_type)))
    return pa.string() if pa.types.is_large_string(kind) else kind


def _counts(rows: pa.Table, tallies: pa.Table) -> dict[str, Any]:
    """Households by bits: `yes` and `maybe` over all of them, and each kind of change."""
    by_bits: Counter[str] = Counter()
    for yes, maybe, households in zip(
        *(tallies[name].to_pylist() for name in ("yes", "maybe", "households")), strict=True
    ):
        by_bits[f"{yes}:{maybe}"] += households
    changes = {}
    for change in CHANGES:
        counted = rows[change].value_counts().to_pylist()
        changes[change] = {str(one["values"]): one["counts"] for one in counted if one["values"]}
    return {"bits": dict(sorted(by_bits.items())), "changes": changes}


# --- the run before ---


def _previous(plan: Plan) -> pa.Table:
    """The bits that stood in the run before, in the order of this rulebook's rules."""
    if plan.previous is None:
        return PREVIOUS.empty_table()
    folder = plan.store.run(plan.previous)
    manifest = read_json(folder / MANIFEST)
    if manifest["rulebook"] != plan.book.id:
        raise StoreError(
            f"{plan.previous} is a run of {manifest['rulebook']}, this one is of {plan.book.id}; "
            f"only runs of one rulebook can be compared"
        )
    before = remapped("(yes | held)", manifest["bits"]["rules"], plan.statement.bits.rules)
    files = f"{path_sql(folder)[:-1]}/*/flagged.parquet'"
    with connect() as connection:
        table = connection.sql(
            f"SELECT household, {before} AS before FROM read_parquet({files}) WHERE yes <> 0 OR held <> 0"
        ).to_arrow_table()
    return table.cast(PREVIOUS)


def _write_gone(plan: Plan, work: Path, before: pa.Table) -> dict[str, Any]:
    """Who stood in the run before and is in no province now: named, not cleared."""
    files = f"{path_sql(work)[:-1]}/*/flagged.parquet'"
    with connect() as connection:
        connection.register("before", before)
        gone = connection.sql(
            f"SELECT household, before FROM before WHERE before <> 0"
            f" AND household NOT IN (SELECT household FROM read_parquet({files})) ORDER BY household"
        ).to_arrow_table()
    gone = gone.cast(PREVIOUS)
    with whole_file(work / "gone.parquet") as beside:
        pq.write_table(gone, beside, compression="zstd")
    return {"households": len(gone), "file": sha256_of(work / "gone.parquet"), "content": content_hash(gone)}


def _write_shocks(plan: Plan, work: Path) -> dict[str, Any] | None:
    """Which villages were exposed to what, as far as it was recorded by then."""
    if plan.exposure is None:
        return None
    with whole_file(work / SHOCKS) as beside:
        pq.write_table(plan.exposure, beside, compression="zstd")
    events = {event for events in plan.exposure["events"].to_pylist() for event in events}
    return {
        "villages": len(plan.exposure),
        "events": sorted(events),
        "file": sha256_of(work / SHOCKS),
        "content": content_hash(plan.exposure),
    }


# --- the manifest ---


def _manifest(
    plan: Plan,
    done: Mapping[str, dict[str, Any]],
    gone: dict[str, Any],
    shocks: dict[str, Any] | None,
    engine: str,
    seconds: float,
) -> dict[str, Any]:
    as_of = plan.as_of.isoformat()
    return {
        "format": FORMAT,
        "id": plan.id,
        # Runs are counted: a clock may be put back.
        "number": 1 + max((one["number"] for one in list_runs(plan.store)), default=0),
        "highground": __version__,
        "engine": engine,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "rulebook": plan.book.id,
        "rulebook_version": plan.book.version,
        "rulebook_hash": plan.book.hash,
        "origin": plan.book.origin,
        "as_of": as_of,
        "register": plan.month,
        "previous": plan.previous,
        "bits": asdict(plan.statement.bits),
        "ranks": _merged(one["ranks"] for one in done.values()),
        "inputs": dict(sorted(plan.inputs.items())),
        "feeds": {one.province: [feed.as_dict() for feed in one.feeds] for one in plan.provinces},
        **({"shocks": shocks} if shocks else {}),
        "notices": [notice.as_dict() for notice in plan.notices],
        "provinces": done,
        "gone": gone,
        "households": sum(one["households"] for one in done.values()),
        "flagged": sum(one["flagged"] for one in done.values()),
        "content_hash": content_of(done, gone, plan.book.hash, as_of),
    }


def content_of(
    provinces: Mapping[str, Mapping[str, Any]], gone: Mapping[str, Any], rulebook: str, as_of: str
) -> str:
    """The hash over everything that a run says."""
    content = {
        "rulebook": rulebook,
        "as_of": as_of,
        "provinces": {name: one["content"] for name, one in sorted(provinces.items())},
        "gone": gone["content"],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _merged(ranks: Iterable[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    merged: dict[str, dict[str, int]] = {}
    for one in ranks:
        for name, values in one.items():
            merged.setdefault(name, {}).update(values)
    return merged
