"""Rows summed per household and month, so that a run reads one small file for each month of a window.

`months/2026-11/CN-GX-<hash>.parquet` has a row for each household with anything that month: household, county, and
per fact one BIGINT: the sum, the number of rows (NULL where there is none), or for the newest value its day's number
times 64 plus the place of the value in its list (false 0, true 1). `months/2026-11/manifest.json` says which file is
current for each province, from which landed parts, and for which provinces everything has come. A file that has been
superseded stays until its retention ends: older runs replay from it.

Facts with `open` tell of persons: their newest value of any month is carried from month to month in `states/`, for as
long as rows are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from highground.methods.facts.literals import day, text
from highground.methods.facts.literals import path as path_literal
from highground.methods.feeds.definitions import CODES, FedFact, Feed
from highground.methods.feeds.manifests import SHORT, Landed, Part
from highground.methods.feeds.uses import Wanted
from highground.methods.feeds.windows import first_day, month_number, month_text
from highground.methods.store.engine import first_row
from highground.methods.store.files import PARQUET
from highground.methods.store.layout import MANIFEST, Store
from highground.methods.store.publishing import force_to_disk, read_json, sha256_of, write_json

FORMAT = 1


def sum_months(
    store: Store, wanted: Wanted, landed: Landed, connection: duckdb.DuckDBPyConnection
) -> list[str]:
    """Bring every month up to date with what has been landed; the months that changed.

    Only months and provinces whose landed parts, state of the month before, or facts have changed are summed again.
    """
    work = _Work(store, wanted, landed, connection)
    changed: list[str] = []
    for month in work.months():
        if work.sum_month(month):
            changed.append(month)
    return changed


def described(fact: FedFact, feed: Feed) -> dict[str, Any]:
    """What a months manifest says of a fact: how its window is read."""
    field = feed.fields[fact.field].fact if fact.field else None
    return {
        "how": fact.how,
        "field": fact.field,
        "where": dict(fact.where),
        "open": fact.open,
        "months": fact.months,
        "absent": fact.absent,
        "values": list(field.values) if field and fact.open is None else [],
    }


@dataclass(frozen=True)
class _Built:
    file: str
    sha256: str
    rows: int


class _Work:
    """The months of one feed."""

    def __init__(
        self, store: Store, wanted: Wanted, landed: Landed, connection: duckdb.DuckDBPyConnection
    ) -> None:
        self.folder = store.feed(wanted.feed.name)
        self.wanted = wanted
        self.feed = wanted.feed
        self.connection = connection
        self.facts = {fact.name: described(fact, self.feed) for fact in wanted.facts}
        self.landed = landed
        self.parts = {place: landed.parts(*place) for place in landed.places()}
        self.complete = landed.complete()
        self.opened = [fact for fact in wanted.facts if fact.open is not None]
        self.states: dict[str, dict[str, Any]] = {}
        """The state at the end of the month before, by province."""

    def months(self) -> list[str]:
        """Every month from the first of which anything is known to the last."""
        if not self.wanted.facts:
            return []
        summed = {path.parent.name for path in (self.folder / "months").glob(f"*/{MANIFEST}")}
        known = sorted(summed | {month for month, _ in [*self.parts, *self.complete]})
        if not known:
            return []
        first, last = month_number(first_day(known[0])), month_number(first_day(known[-1]))
        return [month_text(number) for number in range(first, last + 1)]

    def sum_month(self, month: str) -> bool:
        """Sum one month again where anything behind it has changed."""
        path = self.folder / "months" / month / MANIFEST
        before = read_json(path) if path.is_file() else {}
        if before.get("removed"):
            # The state at the end of the newest month that retention has removed is still there.
            self.states = {
                province: entry["state"]
                for province, entry in before["provinces"].items()
                if entry.get("state")
            }
            return False
        same_facts = before.get("facts") == self.facts
        provinces: dict[str, dict[str, Any]] = {}
        states: dict[str, dict[str, Any]] = {}
        here = {province for one, province in [*self.parts, *self.complete] if one == month}
        for province in sorted(here | set(self.states)):
            parts = self.parts.get((month, province), [])
            entry: dict[str, Any] = {
                "inputs": [part.sha256 for part in parts],
                "carried": self.states.get(province, {}).get("sha256"),
            }
            old = before.get("provinces", {}).get(province)
            stands = old is not None and self._is_there(month, old)
            if not same_facts or not stands or any(old.get(key) != value for key, value in entry.items()):
                entry |= self._sum(month, province, parts)
            else:
                entry = old
            provinces[province] = entry
            if entry.get("state"):
                states[province] = entry["state"]
        self.states = states
        manifest = {
            "format": FORMAT,
            "feed": self.feed.name,
            "month": month,
            "facts": self.facts,
            "provinces": provinces,
            "complete": sorted(
                province
                for one, province in self.complete
                if one == month and not self._lacking(self.parts.get((month, province), []))
            ),
        }
        if manifest == before or (not provinces and not before):
            return False
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(path, manifest)
        return True

    def _is_there(self, month: str, entry: dict[str, Any]) -> bool:
        """Whether the files of a sum are still there; what somebody has deleted is made again."""
        files = [self.folder / "months" / month / entry["file"]]
        if state := entry.get("state"):
            files.append(self.folder / "states" / state["month"] / state["file"])
        return all(path.is_file() for path in files)

    def _lacking(self, parts: Sequence[Part]) -> list[str]:
        """Fields that a fact needs and that some part was landed without."""
        needed = set(self.wanted.columns)
        return sorted(set().union(*(needed - set(part.columns) for part in parts)))

    def _sum(self, month: str, province: str, parts: Sequence[Part]) -> dict[str, Any]:
        self._load(parts)
        state = self._carry(month, province) if self.opened else None
        households = self._query(state)
        built = self._write("months", month, province, f"{households} ORDER BY county, household")
        entry: dict[str, Any] = {"file": built.file, "rows": built.rows, "sha256": built.sha256}
        if state is not None:
            entry["state"] = {"file": state.file, "sha256": state.sha256, "month": month}
        if lacking := self._lacking(parts):
            entry["lacking"] = lacking
        return entry

    def _load(self, parts: Sequence[Part]) -> None:
        """The view `rows` of the landed parts, with every column that a fact needs."""
        columns = {"household": "VARCHAR", "member": "VARCHAR", "county": "VARCHAR"}
        for name in self.wanted.fields:
            field = self.feed.fields[name]
            columns[name] = {
                "money": "BIGINT",
                "integer": "BIGINT",
                "boolean": "BOOLEAN",
                "date": "DATE",
            }.get(field.type, "VARCHAR")
        queries = [
            "SELECT "
            + ", ".join(
                name if name in part.columns else f"CAST(NULL AS {kind}) AS {name}"
                for name, kind in columns.items()
            )
            + f" FROM read_parquet({path_literal(part.path)})"
            for part in self.landed.present(parts)
        ]
        nothing = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items())
        query = " UNION ALL ".join(queries) or f"SELECT {nothing} WHERE FALSE"
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW rows AS {query}")

    def _query(self, state: _Built | None) -> str:
        """One row for each household with anything that month."""
        measured = [fact for fact in self.wanted.facts if fact.open is None]
        measures = [f"{self._measure(fact)} AS {fact.name}" for fact in measured]
        of_rows = (
            f"SELECT household, ANY_VALUE(county) AS county{_listed(measures)} FROM rows GROUP BY household"
        )
        if state is None:
            return of_rows
        opened = [f"{_opened(fact, self.feed)} AS {fact.name}" for fact in self.opened]
        of_states = (
            f"SELECT household, ANY_VALUE(county) AS county{_listed(opened)} FROM state GROUP BY household"
        )
        if not measured:
            return of_states
        names = ", ".join(fact.name for fact in self.wanted.facts)
        return (
            f"SELECT COALESCE(r.household, s.household) AS household, COALESCE(r.county, s.county) AS county, {names}"
            f" FROM ({of_rows}) AS r FULL JOIN ({of_states}) AS s ON s.household = r.household"
        )

    def _measure(self, fact: FedFact) -> str:
        conditions = [f"{field} = {text(value)}" for field, value in fact.where]
        if fact.field is not None:
            conditions.append(f"{fact.field} IS NOT NULL")
        rows = f" FILTER ({' AND '.join(conditions)})" if conditions else ""
        if fact.how == "sum":
            return f"CAST(SUM({fact.field}){rows} AS BIGINT)"
        if fact.how == "last":
            return f"MAX({_coded(fact, self.feed)}){rows}"
        return f"NULLIF(COUNT(*){rows}, 0)"

    def _carry(self, month: str, province: str) -> _Built:
        """The table `state`: of each person whose newest value is an open one, that value with its day."""
        fields = sorted({str(fact.field) for fact in self.opened})
        codes = {field: _code(self.feed, field) for field in fields}
        day_number = f"CAST({self.feed.month} - DATE '1970-01-01' AS BIGINT)"
        queries = [
            f"SELECT member, household, county, {day_number} AS day"
            + "".join(f", {day_number} * {CODES} + {codes[field]} AS state_{field}" for field in fields)
            + " FROM rows"
        ]
        carried = self.states.get(province)
        if carried:
            path = self.folder / "states" / carried["month"] / carried["file"]
            oldest = month_number(first_day(month)) - self.feed.basis.retention_months + 1
            since = f"CAST({day(first_day(month_text(oldest)))} - DATE '1970-01-01' AS BIGINT)"
            queries.append(
                f"SELECT member, household, county, day{_listed([f'state_{field}' for field in fields])}"
                f" FROM read_parquet({path_literal(path)}) WHERE day >= {since}"
            )
        states = ", ".join(f"MAX(state_{field}) AS state_{field}" for field in fields)
        kept = " OR ".join(
            f"state_{fact.field} % {CODES} = {_place(fact, self.feed)}" for fact in self.opened
        )
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE state AS SELECT member, ARG_MAX(household, (day, household)) AS household,"
            f" ARG_MAX(county, (day, household)) AS county, MAX(day) AS day, {states}"
            f" FROM ({' UNION ALL '.join(queries)}) WHERE member IS NOT NULL GROUP BY member HAVING {kept}"
        )
        return self._write(
            "states", month, province, "SELECT * FROM state ORDER BY county, household, member"
        )

    def _write(self, kind: str, month: str, province: str, query: str) -> _Built:
        """A file named after its content."""
        folder = self.folder / kind / month
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = folder / f".{province}.tmp"
        try:
            self.connection.execute(f"COPY ({query}) TO {path_literal(beside)} ({PARQUET})")
            force_to_disk(beside)
            sha256 = sha256_of(beside)
            path = folder / f"{province}-{sha256[:SHORT]}.parquet"
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        force_to_disk(folder)
        row = first_row(self.connection, f"SELECT COUNT(*) FROM read_parquet({path_literal(path)})")
        assert row is not None
        return _Built(path.name, sha256, row[0])


def _listed(columns: Sequence[str]) -> str:
    return "".join(f", {one}" for one in columns)


def _code(feed: Feed, field: str) -> str:
    """SQL: the place of a value in its list; false 0, true 1."""
    fact = feed.fields[field].fact
    assert fact is not None
    if fact.type == "boolean":
        return f"CAST({field} AS BIGINT)"
    cases = " ".join(f"WHEN {text(value)} THEN {place}" for place, value in enumerate(fact.values))
    return f"CAST(CASE {field} {cases} END AS BIGINT)"


def _coded(fact: FedFact, feed: Feed) -> str:
    assert fact.field is not None
    return f"CAST({feed.month} - DATE '1970-01-01' AS BIGINT) * {CODES} + {_code(feed, fact.field)}"


def _place(fact: FedFact, feed: Feed) -> int:
    """The place of the open value in its list."""
    assert fact.field is not None and fact.open is not None
    field = feed.fields[fact.field].fact
    assert field is not None
    return list(field.values).index(fact.open)


def _opened(fact: FedFact, feed: Feed) -> str:
    """SQL: the measure over the persons of a household whose newest value is the open one."""
    state = f"state_{fact.field}"
    is_open = f"{state} % {CODES} = {_place(fact, feed)}"
    if fact.how == "last":
        return f"MAX({state} // {CODES} * {CODES}) FILTER ({is_open})"
    return f"NULLIF(COUNT(*) FILTER ({is_open}), 0)"
