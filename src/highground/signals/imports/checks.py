"""Checking a batch of rows as a set: one SQL statement reads every column as its fact and finds what is wrong.

The statement is put together from the mapping's checked parts; column names and values are quoted. It runs in
DuckDB over the batch alone, so that its cost does not grow with the file.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from highground.files.rejects import Reject
from highground.files.tables import ROW
from highground.signals.imports import problems
from highground.signals.imports.mapping import Entry, TableMapping, When
from highground.signals.imports.readers import EARLIEST, date_literal, day_of, joined, text_of, value_of

KEY_LENGTH = 60


@dataclass(frozen=True)
class Checked:
    """The good rows of a batch, and what is wrong with the others.

    `rows` has ROW, `key`, `day`, `area` (id), `day_0..` per distinct date, `value_0..` per entry (canonical
    text or null) and `plain_0..` per protected column; `rounded` counts amounts that were rounded.
    """

    rows: pa.Table
    rejects: list[Reject]
    rounded: int


class Checker:
    """Checks batches of one table. Remembers which household was seen on which day, through the whole file."""

    def __init__(
        self,
        mapping: TableMapping,
        columns: list[str],
        *,
        connection: duckdb.DuckDBPyConnection,
        fixed_area: int | None,
        today: datetime.date,
    ) -> None:
        self.mapping = mapping
        self.days: list[When] = mapping.days()
        self.today = today
        self._connection = connection
        self._fixed_area = fixed_area
        self._seen = f"seen_{mapping.entity}"
        self._sql = self._statement(columns)
        self._do(f"CREATE TABLE {self._seen} (key VARCHAR, day DATE, row BIGINT)")

    def day_of(self, entry: Entry) -> str:
        """The name of the column that holds the day of an entry."""
        return f"day_{self.days.index(entry.when)}"

    def check(self, batch: pa.RecordBatch) -> Checked:
        """Read one batch. Rows that stand for a household and day seen before are rejected too."""
        table = pa.Table.from_batches([batch])
        self._connection.register("batch", table)
        read = self._ask(self._sql)
        self._connection.register("read", read)
        good = self._ask("SELECT * FROM read WHERE NOT bad ORDER BY __row")
        bad = self._ask("SELECT * FROM read WHERE bad ORDER BY __row")
        originals = self._originals(table, bad)
        rejects = [reject for row in bad.to_pylist() for reject in self._problems(row, originals[row[ROW]])]
        good, doubles = self._without_doubles(good)
        if doubles:
            rows = pa.table({ROW: pa.array([row for row, _, _ in doubles], pa.int64())})
            originals = self._originals(table, rows)
            rejects += [self._double(*double, originals[double[0]]) for double in doubles]
        rounded = sum(_sum(good[f"rounded_{number}"]) for number, _ in self._money())
        return Checked(good, sorted(rejects, key=lambda reject: reject.row), rounded)

    def _ask(self, sql: str) -> pa.Table:
        return self._connection.sql(sql).to_arrow_table()

    def _do(self, sql: str) -> None:
        self._connection.execute(sql)

    def _money(self) -> Iterator[tuple[int, Entry]]:
        for number, entry in enumerate(self.mapping.entries):
            if entry.fact.type == "money":
                yield number, entry

    def _originals(self, table: pa.Table, rows: pa.Table) -> dict[int, dict[str, str | None]]:
        if not rows.num_rows:
            return {}
        self._connection.register("wanted", rows)
        found = self._ask(f"SELECT b.* FROM batch b WHERE b.{ROW} IN (SELECT {ROW} FROM wanted)")
        return {row.pop(ROW): row for row in found.to_pylist()}

    def _without_doubles(self, good: pa.Table) -> tuple[pa.Table, list[tuple[int, str, int]]]:
        """Drop rows whose key was seen on one of their days; they come back as row, day and first row."""
        days = ", ".join(f"day_{number}" for number in range(len(self.days)))
        self._connection.register("good", good)
        pairs = f"SELECT DISTINCT {ROW} AS row, key, unnest(list_distinct([{days}])) AS day FROM good"
        found = self._ask(
            f"WITH pairs AS ({pairs}), first AS (SELECT key, day, min(row) AS row FROM pairs GROUP BY key, day), "
            f"known AS (SELECT p.row, p.day, coalesce(s.row, f.row) AS first_row FROM pairs p "
            f"JOIN first f USING (key, day) LEFT JOIN {self._seen} s USING (key, day) "
            "WHERE s.row IS NOT NULL OR f.row < p.row) "
            "SELECT row, CAST(min(day) AS VARCHAR) AS day, min(first_row) AS first_row FROM known GROUP BY row ORDER BY row"
        )
        doubles = list(zip(*(found[name].to_pylist() for name in ("row", "day", "first_row")), strict=True))
        if doubles:
            self._connection.register("doubles", pa.table({"row": [row for row, _, _ in doubles]}))
            good = self._ask(
                f"SELECT * FROM good WHERE {ROW} NOT IN (SELECT row FROM doubles) ORDER BY {ROW}"
            )
            self._connection.register("good", good)
        self._do(f"INSERT INTO {self._seen} SELECT key, day, row FROM ({pairs})")
        return good, doubles

    def _statement(self, columns: list[str]) -> str:
        mapping, parts = self.mapping, []
        parts.append(f"b.{ROW}")
        household = joined(mapping.key) if mapping.key else f"CAST(b.{ROW} AS VARCHAR)"
        if mapping.member_key:
            parts += [f"{household} AS household", f"{joined(mapping.member_key)} AS member"]
            parts.append(f"{household} || '/' || {joined(mapping.member_key)} AS key")
        else:
            parts.append(f"{household} AS key")
        for number, when in enumerate(self.days):
            parts.append(f"{day_of(when)} AS day_{number}")
        for number, entry in enumerate(mapping.entries):
            parts += value_of(entry, number, self.today)
        for number, (_, column) in enumerate(mapping.protected):
            parts.append(f"{text_of(column)} AS plain_{number}")
        base = f"SELECT {', '.join(parts)}, {self._area_text()} AS area_code FROM batch b"
        placed = self._placed(f"SELECT *, {self._row_day()} AS day FROM ({base})")
        flagged = f"SELECT *, {self._row_problems()} FROM ({placed})"
        flags = [
            "key_problem",
            "area_problem",
            *(f"day_problem_{number}" for number in range(len(self.days))),
        ]
        flags += [f"problem_{number}" for number in range(len(mapping.entries))]
        flags += [name for name, _, _ in self._twice()]
        bad = " OR ".join(f"{flag} IS NOT NULL" for flag in flags)
        return f"SELECT *, ({bad}) AS bad FROM ({flagged})"

    def _area_text(self) -> str:
        where = self.mapping.where
        return text_of(where.column) if where and where.column else "NULL"

    def _row_day(self) -> str:
        """The day since when the household is known to live where it does: the earliest of the row's days."""
        return f"least({', '.join(f'day_{number}' for number in range(len(self.days)))})"

    def _placed(self, rows: str) -> str:
        if self.mapping.where is None:
            return f"SELECT *, CAST(NULL AS BIGINT) AS area, NULL AS area_problem FROM ({rows})"
        if self._fixed_area is not None:
            return f"SELECT *, CAST({self._fixed_area} AS BIGINT) AS area, NULL AS area_problem FROM ({rows})"
        fits = (
            "(a.valid_from IS NULL OR a.valid_from <= r.day) AND (a.valid_to IS NULL OR a.valid_to >= r.day)"
        )
        return (
            "SELECT r.*, a.id AS area, CASE WHEN r.area_code IS NULL THEN 'missing' WHEN a.id IS NULL THEN 'unknown' "
            f"WHEN NOT ({fits}) THEN 'ended' END AS area_problem FROM ({rows}) r LEFT JOIN areas a ON a.code = r.area_code "
            f"QUALIFY row_number() OVER (PARTITION BY r.{ROW} ORDER BY ({fits}) DESC, a.path) = 1"
        )

    def _row_problems(self) -> str:
        longest = KEY_LENGTH * (2 if self.mapping.member_key else 1)
        parts = [
            f"CASE WHEN key IS NULL THEN 'missing' WHEN length(key) > {longest} THEN 'long' END AS key_problem"
        ]
        for number, when in enumerate(self.days):
            parts.append(
                f"CASE WHEN day_{number} IS NULL AND ({self._needs_day(number, when)}) THEN 'unreadable' "
                f"WHEN day_{number} > {date_literal(self.today)} THEN 'future' "
                f"WHEN day_{number} < {date_literal(EARLIEST)} THEN 'past' END AS day_problem_{number}"
            )
        for name, first, second in self._twice():
            left, right = self.mapping.entries[first], self.mapping.entries[second]
            parts.append(
                f"CASE WHEN value_{first} IS NOT NULL AND value_{second} IS NOT NULL "
                f"AND {self.day_of(left)} = {self.day_of(right)} THEN 'twice' END AS {name}"
            )
        return ", ".join(parts)

    def _needs_day(self, number: int, when: When) -> str:
        """SQL: the row cannot do without this day. It always needs the table's own, else some day at all."""
        if when == self.mapping.date:
            return "true"
        entries = [place for place, entry in enumerate(self.mapping.entries) if entry.when == when]
        named = [f"{kind}_{place} IS NOT NULL" for place in entries for kind in ("value", "problem")]
        return " OR ".join([*named, *(["day IS NULL"] if number == 0 else [])])

    def _twice(self) -> list[tuple[str, int, int]]:
        """Pairs of entries about one fact, whose days could meet in a row."""
        entries = self.mapping.entries
        return [
            (f"twice_{first}_{second}", first, second)
            for first in range(len(entries))
            for second in range(first + 1, len(entries))
            if entries[first].fact is entries[second].fact
        ]

    def _problems(self, row: dict, original: dict[str, str | None]) -> Iterator[Reject]:  # type: ignore[type-arg]
        mapping, number = self.mapping, row[ROW]

        def reject(column: str | None, reason: str, mend: str) -> Reject:
            value = original.get(column or "") or ""
            return Reject(number, column or "", value, reason, mend, original)

        if row["key_problem"] == "missing":
            columns = [
                column
                for column in (*mapping.key, *mapping.member_key)
                if not (original[column] or "").strip()
            ]
            yield reject(columns[0], "no number to know the row by", "fill in the number")
        elif row["key_problem"]:
            yield reject(
                [*mapping.key, *mapping.member_key][0], "the number is too long", "use at most 60 characters"
            )
        if row["area_problem"] and mapping.where:
            reason, mend = problems.AREA[row["area_problem"]]
            yield reject(mapping.where.column, reason, mend)
        for position, when in enumerate(self.days):
            if problem := row[f"day_problem_{position}"]:
                reason, mend = problems.DAY[problem]
                yield reject(
                    when.column, reason, mend if not when.values else "add the value to the map of dates"
                )
        for position, entry in enumerate(mapping.entries):
            if problem := row[f"problem_{position}"]:
                reason, mend = problems.of_value(problem, entry.fact)
                yield reject(entry.column, reason, mend)
        for name, first, second in self._twice():
            if row[name]:
                both = f"{mapping.entries[first].column}, {mapping.entries[second].column}"
                reason = f"two values of {mapping.entries[first].fact.name} on one day"
                yield Reject(number, both, "", reason, "leave one of them empty", original)

    def _double(self, row: int, day: str, first: int, original: dict[str, str | None]) -> Reject:
        columns = [*self.mapping.key, *self.mapping.member_key]
        value = "/".join(original.get(column) or "" for column in columns)
        mend = "keep one of the rows, or give them different dates"
        return Reject(
            row,
            ", ".join(columns),
            value,
            f"the same {self.mapping.entity} is in row {first} for {day}",
            mend,
            original,
        )


def _sum(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column.cast(pa.int64())).as_py() or 0)
