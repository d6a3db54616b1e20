"""The register snapshot: what is known of every household on a day, as two Parquet files.

Screening and statistics read the snapshot; people work on the database. A snapshot is a folder
`HIGHGROUND_HOME/snapshots/<id>/` with `households.parquet`, `members.parquet` and `manifest.json`. It is
complete or not there: it is written beside its place and renamed. Households and members appear under their
pseudonyms, protected attributes not at all, and the folder is its owner's alone.

Each fact is a column in the type of the dictionary, with `FACT__date` (since when the value holds) and
`FACT__source` beside it. `on_register`, `lives_with` and `shares_budget` are left out where nobody has ever
recorded them: screening then counts every member, and says so.
"""

from __future__ import annotations

import datetime
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.audit.actions import record
from highground.files.staging import fetch_batches
from highground.methods.facts import Fact
from highground.methods.store.publishing import sha256_of
from highground.people.actions import RegisterError
from highground.people.models import Source
from highground.people.queries import end_of, register_dictionary

FORMAT = 1
MEMORY = "512MB"
SPILL = "16GB"
OPTIONAL = ("on_register", "lives_with", "shares_budget")
_TYPES = {
    "money": "CAST({0} AS DECIMAL(18, 2))",
    "integer": "CAST({0} AS BIGINT)",
    "boolean": "CAST({0} AS BOOLEAN)",
    "category": "{0}",
    "list": "CASE WHEN {0} = '[]' THEN CAST([] AS VARCHAR[]) ELSE string_split({0}, ';') END",
    "date": "CAST({0} AS DATE)",
}


@dataclass(frozen=True)
class Snapshot:
    """A published snapshot."""

    folder: Path
    manifest: dict[str, Any]


def write_snapshot(
    *,
    as_of: datetime.date,
    by: str,
    today: datetime.date,
    area: Area | None = None,
    known_on: datetime.date | None = None,
) -> Snapshot:
    """Write what is known of the households that live in `area` (everywhere without it) on `as_of`.

    With `known_on`, only what was recorded up to the end of that day counts. One event is recorded. Raises
    RegisterError for a day after `today`.
    """
    for day in (as_of, known_on):
        if day and day > today:
            raise RegisterError(
                _("%(day)s lies after %(today)s; a snapshot cannot show what has not happened yet")
                % {"day": day, "today": today}
            )
    home = Path(settings.HIGHGROUND_HOME) / "snapshots"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{as_of:%Y%m%d}-{timezone.now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    draft = home / f".{name}"
    draft.mkdir(mode=0o700)
    try:
        counts = _write(draft, as_of, area, known_on)
        manifest = {
            "format": FORMAT,
            "id": name,
            "as_of": as_of.isoformat(),
            "known_on": known_on.isoformat() if known_on else None,
            "area": area.code if area else None,
            "created_at": timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds"),
            **counts,
            "files": {file.name: sha256_of(file) for file in sorted(draft.glob("*.parquet"))},
        }
        _write_durably(draft / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        draft.rename(home / name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    with transaction.atomic():
        record(
            "people.snapshot",
            by=by,
            subject_kind="snapshot",
            subject_id=name,
            area_path=area.path if area else "",
            data={"as_of": f"{as_of}", "known_on": f"{known_on or ''}", **counts, "files": manifest["files"]},
        )
    return Snapshot(home / name, manifest)


def _write(
    draft: Path, as_of: datetime.date, area: Area | None, known_on: datetime.date | None
) -> dict[str, int]:
    with _engine(draft) as engine:
        _load_households(engine, as_of, area, known_on)
        _load_members(engine, as_of, area, known_on)
        _load_observations(engine, as_of, area, known_on)
        dictionary = register_dictionary()
        known = {
            name
            for (name,) in engine.execute(
                "SELECT DISTINCT fact FROM known WHERE member IS NOT NULL"
            ).fetchall()
        }
        of_households = [fact for fact in dictionary.household if fact.in_rules]
        members = [
            fact
            for fact in dictionary.members
            if fact.in_rules and (fact.name not in OPTIONAL or fact.name in known)
        ]
        households = _copy(
            engine,
            draft / "households.parquet",
            f"SELECT h.key AS household, h.area, h.province, h.county, h.city, f.* EXCLUDE (subject) FROM households h "
            f"LEFT JOIN ({_pivot(of_households, 'household', 'member IS NULL')}) f ON f.subject = h.id "
            "ORDER BY h.area, h.key",
        )
        people = _copy(
            engine,
            draft / "members.parquet",
            f"SELECT h.key AS household, m.key AS member, f.* EXCLUDE (subject) FROM members m "
            f"JOIN households h ON h.id = m.household "
            f"LEFT JOIN ({_pivot(members, 'member', 'member IS NOT NULL')}) f ON f.subject = m.id "
            "ORDER BY h.area, h.key, m.key",
        )
        return {"households": households, "members": people}


@contextmanager
def _engine(draft: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    spill = draft / ".spill"
    spill.mkdir(mode=0o700)
    with duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": os.cpu_count() or 1,
            "temp_directory": str(spill),
            "max_temp_directory_size": SPILL,
        }
    ) as engine:
        yield engine
    shutil.rmtree(spill, ignore_errors=True)


def _load_households(
    engine: duckdb.DuckDBPyConnection, as_of: datetime.date, area: Area | None, known_on: datetime.date | None
) -> None:
    """The table `households`: id, key and where each lives on the day."""
    wanted, parameters = _recorded("r", as_of, known_on)
    schema = pa.schema([("id", pa.int64()), ("key", pa.string()), ("place", pa.int64())])
    _fill(
        engine,
        "residences",
        "SELECT household_id, key, area_id FROM (SELECT r.household_id, h.key, r.area_id, row_number() OVER "
        "(PARTITION BY r.household_id ORDER BY r.valid_from DESC, r.recorded_at DESC, r.id DESC) AS place "
        f"FROM people_residence r JOIN people_household h ON h.id = r.household_id WHERE {wanted}) latest "
        "WHERE place = 1 AND area_id IS NOT NULL",
        parameters,
        schema,
    )
    places = _places(area)
    engine.register("places", places)
    engine.execute(
        "CREATE TABLE households AS SELECT r.id, r.key, p.area, p.province, p.county, p.city "
        "FROM residences r JOIN places p ON p.id = r.place"
    )


def _places(area: Area | None) -> pa.Table:
    """Each area with the ISO code of its province and the codes of its county and city."""
    rows = list(Area.objects.values_list("id", "path", "code", "level", "iso"))
    above = {path: (code, level, iso) for _id, path, code, level, iso in rows}
    columns: dict[str, list[Any]] = {name: [] for name in ("id", "area", "province", "county", "city")}
    for identity, path, code, _level, _iso in rows:
        if area and not path.startswith(area.path):
            continue
        columns["id"].append(identity)
        columns["area"].append(code)
        found: dict[str, str] = {}
        for step in [*ancestor_paths(path), path]:
            upper, level, iso = above[step]
            if level == "province":
                found["province"] = iso or upper
            elif level in ("county", "city"):
                found[level] = upper
        for name in ("province", "county", "city"):
            columns[name].append(found.get(name))
    kinds = [pa.int64()] + [pa.string()] * 4
    return pa.table(
        [pa.array(values, kind) for values, kind in zip(columns.values(), kinds, strict=True)], list(columns)
    )


def _load_members(
    engine: duckdb.DuckDBPyConnection, as_of: datetime.date, area: Area | None, known_on: datetime.date | None
) -> None:
    """The table `members`: id, key and the household each belongs to on the day."""
    wanted, parameters = _recorded("p", as_of, known_on)
    schema = pa.schema([("id", pa.int64()), ("key", pa.string()), ("household", pa.int64())])
    _fill(
        engine,
        "members",
        "SELECT member_id, key, household_id FROM (SELECT p.member_id, m.key, p.household_id, row_number() OVER "
        "(PARTITION BY p.member_id ORDER BY p.valid_from DESC, p.recorded_at DESC, p.id DESC) AS place "
        f"FROM people_membership p JOIN people_member m ON m.id = p.member_id WHERE {wanted}) latest "
        "WHERE place = 1 AND household_id IS NOT NULL",
        parameters,
        schema,
    )


def _load_observations(
    engine: duckdb.DuckDBPyConnection, as_of: datetime.date, area: Area | None, known_on: datetime.date | None
) -> None:
    """The table `known`: for each subject and fact the statement that holds on the day, with its source."""
    wanted, parameters = _recorded("o", as_of, known_on)
    if area:
        # A first, generous cut by where a household has ever lived; the exact one is the join with the households.
        there = "SELECT r.household_id FROM people_residence r JOIN areas_area a ON a.id = r.area_id WHERE a.path LIKE %s"
        wanted += (
            f" AND (o.household_id IN ({there}) OR o.member_id IN "
            f"(SELECT p.member_id FROM people_membership p WHERE p.household_id IN ({there})))"
        )
        parameters += (f"{area.path}%",) * 2
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("household", pa.int64()),
            ("member", pa.int64()),
            ("fact", pa.string()),
            ("value", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
            ("recorded", pa.string()),
            ("source", pa.int64()),
        ]
    )
    _fill(
        engine,
        "observations",
        # Dates as text: Arrow reads a column of them at once, Django would parse a million one by one.
        "SELECT o.id, o.household_id, o.member_id, o.fact, o.value, CAST(o.valid_from AS text), "
        f"CAST(o.valid_to AS text), CAST(o.recorded_at AS text), o.source_id FROM people_observation o WHERE {wanted}",
        parameters,
        schema,
    )
    sources = list(Source.objects.values_list("id", "name"))
    engine.register(
        "sources",
        pa.table(
            {
                "id": pa.array([row[0] for row in sources], pa.int64()),
                "name": pa.array([row[1] for row in sources], pa.string()),
            }
        ),
    )
    engine.execute(
        "CREATE TABLE known AS SELECT o.household, o.member, o.fact, o.value, o.valid_from, s.name AS source FROM ("
        "SELECT * FROM observations QUALIFY row_number() OVER ("
        "PARTITION BY member, CASE WHEN member IS NULL THEN household END, fact "
        "ORDER BY valid_from DESC, recorded DESC, id DESC) = 1) o JOIN sources s ON s.id = o.source "
        f"WHERE o.value IS NOT NULL AND (o.valid_to IS NULL OR o.valid_to >= DATE '{as_of}')"
    )
    engine.execute("DROP TABLE observations")


def _recorded(
    alias: str, as_of: datetime.date, known_on: datetime.date | None
) -> tuple[str, tuple[Any, ...]]:
    wanted, parameters = f"{alias}.valid_from <= %s", (as_of,)
    if known_on is None:
        return wanted, parameters
    return f"{wanted} AND {alias}.recorded_at < %s", (*parameters, end_of(known_on))


def _fill(
    engine: duckdb.DuckDBPyConnection, table: str, sql: str, parameters: tuple[Any, ...], schema: pa.Schema
) -> None:
    """Stream a query of the database into a table of the engine."""
    engine.register("arriving", schema.empty_table())
    engine.execute(f"CREATE TABLE {table} AS SELECT * FROM arriving")
    for batch in fetch_batches(sql, parameters, schema):
        engine.register("arriving", pa.Table.from_batches([batch]))
        engine.execute(f"INSERT INTO {table} SELECT * FROM arriving")
    engine.unregister("arriving")


def _pivot(facts: tuple[Fact, ...] | list[Fact], subject: str, of: str) -> str:
    """SQL: one row per subject, three columns per fact. One aggregate for each column would take seven times as long."""
    columns = [
        f"{_TYPES[fact.type].format(f'{fact.name}_v')} AS {fact.name}, {fact.name}_d AS {fact.name}__date, "
        f"{fact.name}_s AS {fact.name}__source"
        for fact in facts
    ]
    names = ", ".join(f"'{fact.name}'" for fact in facts)
    stated = f"SELECT {subject} AS subject, fact, value, valid_from, source FROM known WHERE {of}"
    return (
        f"SELECT subject, {', '.join(columns)} FROM (PIVOT ({stated}) ON fact IN ({names}) "
        "USING any_value(value) AS v, any_value(valid_from) AS d, any_value(source) AS s GROUP BY subject)"
    )


def _copy(engine: duckdb.DuckDBPyConnection, path: Path, sql: str) -> int:
    target = str(path).replace("'", "''")
    engine.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)")
    path.chmod(0o600)
    (rows,) = engine.execute(f"SELECT count(*) FROM read_parquet('{target}')").fetchall()[0]
    return int(rows)


def _write_durably(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
