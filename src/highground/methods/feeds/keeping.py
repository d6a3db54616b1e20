"""How long and for what rows are kept: retention, fields that no rule needs any more, authorisations withdrawn.

What goes leaves its trace: the manifests keep every name, count and hash, so that a run that read the rows still
verifies, and `kept/<day>.json` says what was removed when.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from highground.methods.facts.literals import path as path_literal
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.landing import KEYS, Landing
from highground.methods.feeds.manifests import part_name
from highground.methods.feeds.matching import AUTHORISED, authorised
from highground.methods.feeds.source import ROW
from highground.methods.feeds.windows import first_day, month_number, month_text
from highground.methods.store.engine import connect, first_row
from highground.methods.store.files import PARQUET, briefly, columns_of, csv_header, csv_reader, is_parquet
from highground.methods.store.layout import MANIFEST, Store
from highground.methods.store.publishing import read_json, sha256_of, whole_file, write_json

AUTHORISATION = {"household": "VARCHAR", "given_on": "DATE", "withdrawn_on": "DATE"}


def retain(landing: Landing) -> dict[str, Any]:
    """Remove the rows and sums of months past the retention of an open landing's feed; what was removed.

    Returns day, oldest (the first month that is kept), rows, files, months.
    """
    oldest = month_text(month_number(landing.days.oldest))
    today = landing.days.today.isoformat()
    told: dict[str, Any] = {"day": today, "oldest": oldest, "rows": 0, "files": 0, "months": []}
    for name, manifest in sorted(landing.landed.manifests.items()):
        gone = [part for part in manifest["parts"] if part["month"] < oldest and not part.get("removed")]
        if gone:
            for part in gone:
                part["removed"] = today
                told["rows"] += part["rows"]
                told["files"] += 1
            landing.publish(name, manifest)
    landing.remove_orphans()
    for path in sorted((landing.folder / "months").glob(f"*/{MANIFEST}")):
        if path.parent.name < oldest and _remove_month(path, today):
            told["months"].append(path.parent.name)
    # A person's state of the last month that is gone is where the first month that is kept begins.
    before = month_text(month_number(first_day(oldest)) - 1)
    for path in (landing.folder / "states").glob("*/*.parquet"):
        if path.parent.name < before:
            path.unlink()
    _forget_waiting(landing, f"month >= {month_number(first_day(oldest))}")
    if told["files"] or told["months"]:
        _record(landing, "retention", told)
    return told


def prune(landing: Landing) -> dict[str, Any]:
    """Remove what no rule in use needs any more, and asset data of households that withdrew; what was removed.

    Landed files are written again without the fields; sums of facts that no rule reads go, superseded ones too. Where no
    rule needs the feed at all, all of it goes. Returns day, files (written again), rows (removed), fields, months.
    """
    today = landing.days.today.isoformat()
    told: dict[str, Any] = {"day": today, "files": 0, "rows": 0, "fields": [], "months": []}
    needed = [*landing.wanted.columns, *KEYS]
    condition = _still_authorised(landing)
    fields: set[str] = set()
    for name, manifest in sorted(landing.landed.manifests.items()):
        spare = [column for column in manifest["columns"] if column not in needed]
        there = [part for part in manifest["parts"] if not part.get("removed")]
        if there and not landing.wanted.facts:
            for part in there:
                part["removed"] = today
                told["rows"] += part["rows"]
            fields |= set(spare)
        elif there and (spare or condition):
            columns = [column for column in manifest["columns"] if column in needed]
            told["rows"] += _write_again(landing, name, manifest, there, columns, condition)
            fields |= set(spare)
        else:
            continue
        told["files"] += len(there)
        landing.publish(name, manifest)
    landing.remove_orphans()
    told["fields"] = sorted(fields)
    landing.bring_up_to_date()
    told["months"] = _remove_unneeded_sums(landing, today)
    if told["fields"] or told["rows"] or told["months"]:
        _forget_waiting(landing, "TRUE" if landing.wanted.facts else "FALSE")
        _record(landing, "prune", told)
    return told


def authorise(store: Store, path: Path) -> int:
    """Keep which households authorised the comparison of assets: a CSV or Parquet file; how many there are.

    Columns: household, and given_on and withdrawn_on where they are known. Replaces what was kept before.
    """
    store.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with connect() as connection:
        try:
            names = columns_of(path) if is_parquet(path) else None
            reader = (
                f"read_parquet({path_literal(path)})"
                if names
                else csv_reader(path, *csv_header(path, ("household",)))
            )
            there = {str(row[0]) for row in connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()}
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise FeedError(f"{path}: cannot be read: {briefly(error)}") from error
        if "household" not in there:
            raise FeedError(
                f"{path.name}: there is no column 'household'; name the column that holds the keys so"
            )
        columns = ", ".join(
            f"TRY_CAST({name} AS {kind}) AS {name}" if name in there else f"CAST(NULL AS {kind}) AS {name}"
            for name, kind in AUTHORISATION.items()
        )
        for name in set(AUTHORISATION) & there:
            wrong = f"{name} IS NOT NULL AND CAST({name} AS VARCHAR) <> '' AND TRY_CAST({name} AS {AUTHORISATION[name]}) IS NULL"
            row = first_row(connection, f"SELECT COUNT(*) FROM {reader} WHERE {wrong}")
            if row and row[0]:
                raise FeedError(
                    f"{path.name}: column '{name}' holds {row[0]:,} values that are no dates; write 2026-11-26"
                )
        with whole_file(store.root / AUTHORISED) as beside:
            connection.execute(
                f"COPY (SELECT {columns} FROM {reader} WHERE household IS NOT NULL ORDER BY household)"
                f" TO {path_literal(beside)} ({PARQUET})"
            )
    return int(pq.read_metadata(store.root / AUTHORISED).num_rows)


def _still_authorised(landing: Landing) -> str | None:
    """SQL of the households that may be kept, where not all may."""
    path = landing.store.root / AUTHORISED
    if not landing.feed.basis.authorisation:
        return None
    if not path.is_file():
        return "FALSE"
    return f"household IN ({authorised(path, landing.days.today)})"


def _write_again(
    landing: Landing,
    name: str,
    manifest: dict[str, Any],
    parts: list[dict[str, Any]],
    columns: list[str],
    condition: str | None,
) -> int:
    """Write the parts of a landing with these columns and rows alone; how many rows went."""
    manifest["generation"] += 1
    went = 0
    for part in parts:
        folder = landing.folder / "landed" / part["month"]
        path = folder / part_name(part["province"], name, manifest["generation"])
        old = f"read_parquet({path_literal(folder / part['file'])})"
        with whole_file(path) as beside:
            landing.connection.execute(
                f"COPY (SELECT {', '.join(columns)} FROM {old} WHERE {condition or 'TRUE'}) TO {path_literal(beside)} ({PARQUET})"
            )
        rows = pq.read_metadata(path).num_rows
        went += part["rows"] - rows
        part |= {"file": path.name, "rows": rows, "sha256": sha256_of(path)}
    manifest["columns"] = columns
    return went


def _remove_month(path: Path, today: str) -> bool:
    """Remove the sums of a month; its manifest stays with every hash."""
    manifest = read_json(path)
    if not manifest.get("removed"):
        write_json(path, {**manifest, "removed": today})
    found = sorted(path.parent.glob("*.parquet"))
    for one in found:
        one.unlink()
    return bool(found)


def _remove_unneeded_sums(landing: Landing, today: str) -> list[str]:
    """Remove sums of facts that no rule reads; the months that held them."""
    needed = {"household", "county", *(fact.name for fact in landing.wanted.facts)}
    months = set()
    for path in sorted((landing.folder / "months").glob(f"*/{MANIFEST}")):
        if not landing.wanted.facts:
            if _remove_month(path, today):
                months.add(path.parent.name)
            continue
        current = {entry["file"] for entry in read_json(path)["provinces"].values()}
        for one in path.parent.glob("*.parquet"):
            if one.name not in current and not set(columns_of(one)) <= needed:
                one.unlink()
                months.add(path.parent.name)
    if not any(fact.open for fact in landing.wanted.facts):
        for path in (landing.folder / "states").glob("*/*.parquet"):
            path.unlink()
    return sorted(months)


def _forget_waiting(landing: Landing, condition: str) -> None:
    """Keep of the rows that wait for a decision only those for which `condition` is true, and their needed fields."""
    needed = {ROW, "month", "record", "content", *landing.wanted.fields}
    for path in sorted((landing.folder / "reviews").glob("*.rows.parquet")):
        pairs = path.with_name(path.name.replace(".rows.", ".pairs."))
        columns = [column for column in columns_of(path) if column in needed]
        row = first_row(
            landing.connection, f"SELECT COUNT(*) FROM read_parquet({path_literal(path)}) WHERE {condition}"
        )
        if not row or not row[0]:
            path.unlink()
            pairs.unlink(missing_ok=True)
            continue
        with whole_file(path) as beside:
            landing.connection.execute(
                f"COPY (SELECT {', '.join(columns)} FROM read_parquet({path_literal(path)}) WHERE {condition})"
                f" TO {path_literal(beside)} ({PARQUET})"
            )


def _record(landing: Landing, what: str, told: dict[str, Any]) -> None:
    folder = landing.folder / "kept"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(folder / f"{told['day']}-{what}-{len(list(folder.glob('*.json'))) + 1}.json", told)
