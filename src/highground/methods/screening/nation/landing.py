"""Land the register of a month: checked, in the engine's types, sorted, one folder per province, published whole.

Only facts that a rulebook in use reads are landed, and none that a department feed gives instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from highground import __version__
from highground.methods.facts import Fact
from highground.methods.facts.literals import path as path_sql
from highground.methods.facts.literals import text
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import SCREENED, facts_needed
from highground.methods.screening.door import ASSUMED_TRUE, Door
from highground.methods.screening.tables import InputError
from highground.methods.shocks.recording import FACT as EXPOSED_TO
from highground.methods.store.engine import Limits, connect, first_row
from highground.methods.store.files import PARQUET, ProvinceTables, tables_in
from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import locked, publish_folder, sha256_of, sweep, write_json

FORMAT = 1
KEYS = ("household", "area", "province", "city", "county")


class RegisterDoor(Door):
    """The door for a register that several rulebooks read."""

    def __init__(self, *arguments: Any, facts: Collection[str]) -> None:
        self.wanted = facts
        super().__init__(*arguments)

    @property
    def facts(self) -> list[Fact]:
        return [
            fact
            for fact in self.dictionary.values()
            if fact.name in self.wanted and fact.entity == self.entity
        ]


def land_register(
    store: Store,
    source: Path,
    *,
    month: str,
    as_of: date,
    books: Sequence[Rulebook],
    fed: Collection[str] = (),
    limits: Limits | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Land `source/PROVINCE/households.parquet` and `members.parquet` (or .csv) as the register of `month`.

    `as_of` is the day for which values without a day of their own hold. `fed` names facts that feeds give.
    `progress` is told each province, how many are landed and how many there are. Returns the manifest. Raises
    InputError for tables that cannot be used, StoreError where the month has been landed or another landing is at
    work.
    """
    if not books or len({book.currency for book in books}) > 1:
        raise StoreError("give the rulebooks in use, all of one currency")
    given = list(tables_in(source))
    if not given:
        raise InputError(
            f"{source}: holds no folder of a province with households.parquet in it; see the layout in the docs"
        )
    place = store.register(month)
    facts = set().union(*(facts_needed(book, SCREENED) for book in books)) - set(fed) - {EXPOSED_TO}
    with locked(store.registers, "landing of a register"):
        if place.exists():
            raise StoreError(f"{place}: the register of {month} has been landed, and never changes")
        sweep(store.registers)
        work = store.registers / f".{month}.{os.getpid()}.tmp"
        work.mkdir(mode=0o700)
        try:
            landed = {}
            for one in given:
                landed[one.province] = _land(work / one.province, one, books[0], as_of, facts, limits)
                if progress:
                    progress(one.province, len(landed), len(given))
            _refuse_twice(work, limits)
            manifest = {
                "format": FORMAT,
                "highground": __version__,
                "month": month,
                "as_of": as_of.isoformat(),
                "rulebooks": {book.id: book.hash for book in books},
                "facts": sorted(facts),
                "provinces": landed,
            }
            write_json(work / MANIFEST, manifest)
            publish_folder(work, place)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return manifest


def _land(
    folder: Path, given: ProvinceTables, book: Rulebook, as_of: date, facts: set[str], limits: Limits | None
) -> dict[str, Any]:
    folder.mkdir()
    with connect(limits) as connection:
        door = RegisterDoor(connection, book, as_of, "household", given.households, facts=facts)
        door.open("households")
        notices = list(door.notices)
        _refuse_strangers(connection, given)
        entry: dict[str, Any] = {"households": _write(connection, door, "households", given, folder)}
        if given.members is not None:
            members = RegisterDoor(connection, book, as_of, "member", given.members, facts=facts)
            members.open("m")
            notices += [one for one in members.notices if one.kind != "assumed"]
            entry["members"] = _write(connection, members, "members", given, folder)
        entry["counties"] = connection.execute(
            "SELECT county, COUNT(*) FROM households GROUP BY county ORDER BY county NULLS FIRST"
        ).fetchall()
        entry["notices"] = [notice.as_dict() for notice in notices]
        return entry


def _write(
    connection: duckdb.DuckDBPyConnection, door: Door, name: str, given: ProvinceTables, folder: Path
) -> dict[str, Any]:
    """One landed file: keys, values, and the days of values that grow old."""
    columns = []
    for fact in door.facts:
        if fact.name not in door.columns and fact.name not in ASSUMED_TRUE:
            continue
        if fact.name in door.columns:
            columns.append(f"COALESCE(t.f_{fact.name}, t.old_{fact.name}) AS {fact.name}")
            if fact.fresh_for is not None and f"{fact.name}__date" in door.columns:
                columns.append(f"t.day_{fact.name} AS {fact.name}__date")
    if door.entity == "household":
        keys = [f"t.{key}" if key != "province" else f"{text(given.province)} AS province" for key in KEYS]
        rows, order = "households AS t", "t.county, t.household"
    else:
        keys = ["t.household", "t.member", "h.county"]
        rows, order = (
            "m AS t JOIN households AS h ON h.household = t.household",
            "h.county, t.household, t.member",
        )
    path = folder / f"{name}.parquet"
    query = f"SELECT {', '.join([*keys, *columns])} FROM {rows} ORDER BY {order}"
    connection.execute(f"COPY ({query}) TO {path_sql(path)} ({PARQUET})")
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({path_sql(path)})").fetchall()
    count = first_row(connection, f"SELECT COUNT(*) FROM read_parquet({path_sql(path)})")
    assert count is not None
    return {
        "file": f"{given.province}/{path.name}",
        "rows": count[0],
        "sha256": sha256_of(path),
        "columns": {str(row[0]): str(row[1]) for row in described},
    }


def _refuse_strangers(connection: duckdb.DuckDBPyConnection, given: ProvinceTables) -> None:
    """A folder holds the households of its own province."""
    other = first_row(
        connection,
        f"SELECT household, province FROM households WHERE province <> {text(given.province)} LIMIT 1",
    )
    if other:
        raise InputError(
            f"{given.households}: household {other[0]} is of province {other[1]}; put it into the folder {other[1]}"
        )


def _refuse_twice(work: Path, limits: Limits | None) -> None:
    """A household stands in one province only."""
    with connect(limits) as connection:
        twice = first_row(
            connection,
            f"SELECT household, MIN(province), MAX(province) FROM read_parquet({path_sql(work)[:-1]}/*/households.parquet')"
            " GROUP BY household HAVING COUNT(*) > 1 ORDER BY household LIMIT 1",
        )
    if twice:
        raise InputError(
            f"household {twice[0]} stands in {twice[1]} and in {twice[2]}; keep it where it lives now"
        )
