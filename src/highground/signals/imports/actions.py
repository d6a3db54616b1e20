"""Importing households and their members: read, check, record, batch by batch."""

from __future__ import annotations

import datetime
import functools
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.conf import settings

from highground.areas.models import Area, AreaCode
from highground.areas.queries import find
from highground.files.rejects import Reject, RejectsFile
from highground.files.tables import ROW, Table, open_table
from highground.people.actions import Received, receive, source_of
from highground.people.bulk import refresh_plans
from highground.people.enums import Protected
from highground.people.models import Source
from highground.people.own_facts import learn_facts, refuse_other_meanings
from highground.people.queries import known_numbers
from highground.signals.imports.checks import Checked, Checker
from highground.signals.imports.mapping import Mapping, TableMapping

MEMORY = "160MB"
SPILL = "4GB"


@dataclass
class TableOutcome:
    """What became of one file: rows read, rows used, rows rejected and where they are."""

    entity: str
    file: Path
    rejects: Path
    used: int = 0
    rejected: int = 0
    rounded: int = 0


@dataclass
class Outcome:
    """What an import did; with `dry_run` the counts of what is new stay at zero."""

    dry_run: bool
    tables: list[TableOutcome] = field(default_factory=list)
    new_households: int = 0
    new_members: int = 0
    observations: int = 0
    stored: int = 0
    protected: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was recorded."""
        return bool(self.new_households or self.new_members or self.stored or self.protected)

    def count(self, received: Received) -> None:
        self.new_households += received.new_households
        self.new_members += received.new_members
        self.observations += received.observations.rows
        self.stored += received.observations.stored
        self.protected += received.protected


def import_households(
    file: Path,
    mapping: Mapping,
    *,
    members_file: Path | None = None,
    by: str,
    today: datetime.date,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda rows: None,
) -> Outcome:
    """Bring a file of households, and one of members, onto the register.

    Each batch is one transaction with one event and a fixed number of statements; a crash leaves whole batches
    only, and running the import again completes it. Rows that cannot be used are written to rejects files in
    `HIGHGROUND_HOME/rejects`. `progress` is called with the number of rows done. Raises MappingError and
    TableError, before anything is written where the heading shows it already, and RegisterError where a fact of the
    mapping's rulebook means something else on the register.
    """
    if members_file and mapping.members is None:
        raise mapping.section.error("members", "missing; a file of members needs this part of the mapping")
    if mapping.rulebook:
        check = refuse_other_meanings if dry_run else functools.partial(learn_facts, by=by)
        check(mapping.own_facts, rulebook=mapping.rulebook.id)
    run = _Run(mapping, by, today, dry_run, progress, Outcome(dry_run))
    # What DuckDB spills may be personal: it stays in the home, which is its owner's alone.
    home = Path(settings.HIGHGROUND_HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=home) as folder:
        run.connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "threads": 2,
                "temp_directory": folder,
                "max_temp_directory_size": SPILL,
            }
        )
        run.connection.execute("SET enable_external_access = false")
        with run.connection:
            run.read(file, mapping.households)
            if members_file and mapping.members:
                run.read(members_file, mapping.members)
    if run.outcome.changed:
        refresh_plans()
    return run.outcome


@dataclass
class _Run:
    mapping: Mapping
    by: str
    today: datetime.date
    dry_run: bool
    progress: Callable[[int], None]
    outcome: Outcome
    connection: duckdb.DuckDBPyConnection = field(init=False)
    source: Source | None = None

    def read(self, file: Path, mapping: TableMapping) -> None:
        target = Path(settings.HIGHGROUND_HOME) / "rejects" / f"{file.stem}.{mapping.entity}s.csv"
        outcome = TableOutcome(mapping.entity, file, target)
        unreadable: list[Reject] = []
        table = open_table(file, mapping.layout, on_reject=unreadable.append)
        _check_columns(table, mapping)
        checker = Checker(
            mapping,
            table.columns,
            connection=self.connection,
            fixed_area=self._fixed_area(mapping),
            today=self.today,
        )
        self.outcome.tables.append(outcome)
        with RejectsFile(target) as rejects:
            rejects.headings(table.columns)
            for batch in table.batches:
                checked = checker.check(batch)
                if mapping.member_key:
                    checked = self._with_known_households(checked, batch)
                self._record(checked.rows, mapping, checker)
                rejects.add(sorted([*unreadable, *checked.rejects], key=lambda reject: reject.row))
                unreadable.clear()
                outcome.used += checked.rows.num_rows
                outcome.rounded += checked.rounded
                self.progress(outcome.used + rejects.rows)
            rejects.add(unreadable)
            outcome.rejected = rejects.rows

    def _fixed_area(self, mapping: TableMapping) -> int | None:
        """The area of every row, if the mapping fixes it; else its codes go to DuckDB for the checks to join."""
        where = mapping.where
        if where is None:
            return None
        if where.code is not None:
            if (area := find(where.code, where.scheme)) is None:
                raise mapping.section.error("area", f"there is no area {where.code!r}; import it first")
            return area.pk
        rows: Iterable[tuple[Any, ...]]
        if where.scheme is None:
            rows = Area.objects.values_list("code", "id", "path", "valid_from", "valid_to")
        else:
            rows = AreaCode.objects.filter(scheme=where.scheme).values_list(
                "code", "area_id", "area__path", "valid_from", "valid_to"
            )
        kinds = [pa.string(), pa.int64(), pa.string(), pa.date32(), pa.date32()]
        found = list(rows)
        if not found:
            known = f"codes of the scheme {where.scheme!r}" if where.scheme else "areas"
            raise mapping.section.error("area", f"there are no {known} yet; import areas first")
        columns = [
            pa.array(values, kind) for values, kind in zip(zip(*found, strict=True), kinds, strict=True)
        ]
        arrived = pa.table(columns, names=["code", "id", "path", "valid_from", "valid_to"])
        self.connection.register("arrived", arrived)
        self.connection.execute("CREATE TABLE areas AS SELECT * FROM arrived")
        self.connection.unregister("arrived")
        return None

    def _with_known_households(self, checked: Checked, batch: pa.RecordBatch) -> Checked:
        """Leave out members of households that are neither on the register nor in the households' file."""
        rows = checked.rows
        numbers = rows.select(["household"]).group_by("household").aggregate([])["household"]
        known = known_numbers(numbers, register=self.mapping.register)
        self.connection.register("known", pa.table({"number": known}))
        self.connection.register("people", rows)
        here = "household IN (SELECT number FROM known) OR household IN (SELECT key FROM seen_household)"
        unknown = self.connection.execute(f"SELECT {ROW} FROM people WHERE NOT ({here})").fetchall()
        strangers = {row for (row,) in unknown}
        if not strangers:
            return checked
        column = (self.mapping.members or self.mapping.households).key[0]
        rejects = [
            Reject(
                row[ROW],
                column,
                row[column] or "",
                "the household is not on the register",
                "add the household to the file of households, or correct its number",
                {name: value for name, value in row.items() if name != ROW},
            )
            for row in batch.to_pylist()
            if row[ROW] in strangers
        ]
        rows = self.connection.sql(f"SELECT * FROM people WHERE {here} ORDER BY {ROW}").to_arrow_table()
        return Checked(rows, [*checked.rejects, *rejects], checked.rounded)

    def _record(self, rows: pa.Table, mapping: TableMapping, checker: Checker) -> None:
        if self.dry_run or not rows.num_rows:
            return
        if self.source is None:
            self.source = self._find_source()
        of_members = bool(mapping.member_key)
        households = members = None
        if of_members:
            members = _dated(rows, {"key": "number", "household": "household", "day": "day"})
        else:
            households = _dated(rows, {"key": "number", "area": "area", "day": "day"})
        received = receive(
            register=self.mapping.register,
            households=households,
            members=members,
            observations=_observations(rows, mapping, checker),
            protected=_protected(rows, mapping),
            source=self.source,
            by=self.by,
            today=self.today,
        )
        self.outcome.count(received)

    def _find_source(self) -> Source:
        name, kind, day = self.mapping.source_name, self.mapping.source_kind, self.mapping.source_day
        if day is None and (known := Source.objects.filter(kind=kind, name=name).order_by("-day").first()):
            return known
        return source_of(kind=kind, name=name, day=day or self.today)


def _check_columns(table: Table, mapping: TableMapping) -> None:
    for column, (section, key) in mapping.columns().items():
        if column not in table.columns:
            has = ", ".join(table.columns)
            raise section.error(key, f"{table.path.name} has no column {column!r}; it has {has}")


def _dated(rows: pa.Table, columns: dict[str, str]) -> pa.Table:
    return rows.select(list(columns)).rename_columns(list(columns.values()))


def _observations(rows: pa.Table, mapping: TableMapping, checker: Checker) -> pa.Table | None:
    """One row per value that is not missing."""
    parts = []
    for number, entry in enumerate(mapping.entries):
        values = rows[f"value_{number}"]
        present = values.is_valid()
        part = rows.filter(present)
        parts.append(
            pa.table(
                {
                    "household": part["household" if mapping.member_key else "key"],
                    "member": part["key"] if mapping.member_key else pa.nulls(part.num_rows, pa.string()),
                    "fact": pa.array([entry.fact.name] * part.num_rows, pa.string()),
                    "value": part[f"value_{number}"],
                    "valid_from": part[checker.day_of(entry)],
                }
            )
        )
    return pa.concat_tables(parts) if parts else None


def _protected(rows: pa.Table, mapping: TableMapping) -> pa.Table | None:
    """One row per value that is not missing, and one per person whose identity number is."""
    parts = []
    for number, (kind, _) in enumerate(mapping.protected):
        part = rows
        if not (mapping.member_key and kind == Protected.IDENTITY_NUMBER):
            part = rows.filter(rows[f"plain_{number}"].is_valid())
        parts.append(
            pa.table(
                {
                    "household": part["household" if mapping.member_key else "key"],
                    "member": part["key"] if mapping.member_key else pa.nulls(part.num_rows, pa.string()),
                    "kind": pa.array([kind] * part.num_rows, pa.string()),
                    "value": part[f"plain_{number}"],
                }
            )
        )
    return pa.concat_tables(parts) if parts else None
