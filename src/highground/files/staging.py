"""Arrow tables into the database in bulk: a temporary table that set-wise SQL can join.

PostgreSQL takes the rows by COPY, SQLite by one `executemany`. Whatever the number of rows, a staged table
costs a fixed number of statements.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.db.models import Model

SLICE = 10_000
"""Rows that are turned into Python objects at a time."""

FETCHED = 50_000
"""Rows that are read from the database at a time."""

_numbers = itertools.count(1)


@contextmanager
def staged(table: pa.Table) -> Iterator[str]:
    """The rows of `table` in a temporary table; yields its quoted name, drops it at the end.

    Columns may be whole numbers, floats, booleans, text, dates, binary and UTC timestamps. Text that is
    meant as JSON is cast by the statement that reads it (`json_text`). Must run inside a transaction, so
    that the rows are seen and written under one lock.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("staged() outside a transaction: wrap the action in transaction.atomic()")
    name = connection.ops.quote_name(f"staged_{next(_numbers)}")
    columns = ", ".join(f'"{field.name}" {_sql_type(field.type)}' for field in table.schema)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({columns})")
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in _rows(table):
                    copy.write_row(row)
            cursor.execute(f"ANALYZE {name}")
        else:
            marks = ", ".join("?" * table.num_columns)
            # Django's own executemany keeps every row it has passed on until the last one is in.
            connection.connection.executemany(
                f"INSERT INTO {name} VALUES ({marks})", _rows(_for_sqlite(table))
            )
    yield name
    # After an error the transaction rolls back and takes the table along.
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {name}")


def execute(sql: str, parameters: tuple[Any, ...] = ()) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _adapted(parameters))
        return max(int(cursor.rowcount), 0)


def refresh_statistics(*models: type[Model]) -> None:
    """Let the database plan with the numbers of these tables as they are now: after much was written at once.

    Without them SQLite reads every household for a list of one village, and PostgreSQL keeps plans from when the
    tables were small for as long as a session lasts. A sample suffices: a fraction of a second, however many rows.
    """
    if connection.vendor == "sqlite":
        execute("PRAGMA analysis_limit = 400")
        for model in models:
            execute(f"ANALYZE {model._meta.db_table}")
    else:
        execute(f"ANALYZE {', '.join(model._meta.db_table for model in models)}")


def fetch(sql: str, parameters: tuple[Any, ...], schema: pa.Schema) -> pa.Table:
    """The rows of one query as an Arrow table with this schema."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _adapted(parameters))
        return pa.Table.from_batches(list(_batches(cursor, schema)), schema)


def fetch_batches(sql: str, parameters: tuple[Any, ...], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of one query as Arrow batches with this schema; the result is never held as a whole."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, _adapted(parameters))
        yield from _batches(cursor, schema)


def _batches(cursor: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while found := cursor.fetchmany(FETCHED):
        columns = zip(zip(*found, strict=True), schema, strict=True)
        yield pa.RecordBatch.from_arrays(
            [_column(values, field.type) for values, field in columns], schema=schema
        )


def json_text(column: str) -> str:
    """SQL that turns a staged text column into the database's JSON type."""
    return f"CAST({column} AS jsonb)" if connection.vendor == "postgresql" else column


def distinct(left: str, right: str) -> str:
    """SQL for "differs, nulls counted as a value"."""
    return f"{left} IS DISTINCT FROM {right}"


def _adapted(parameters: tuple[Any, ...]) -> list[Any]:
    """Times and days in the form in which Django stores them in this database."""
    adapted = []
    for value in parameters:
        if isinstance(value, datetime.datetime):
            value = connection.ops.adapt_datetimefield_value(value)
        elif isinstance(value, datetime.date):
            value = connection.ops.adapt_datefield_value(value)
        adapted.append(value)
    return adapted


def _column(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    # SQLite hands raw queries dates as ISO text and truth as 0 and 1.
    first = next((value for value in values if value is not None), None)
    if isinstance(first, str) and not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_boolean(kind) and isinstance(first, int):
        return pa.array([None if value is None else bool(value) for value in values], kind)
    return pa.array(values, kind)


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for start in range(0, table.num_rows, SLICE):
        part = table.slice(start, SLICE)
        yield from zip(*(column.to_pylist() for column in part.columns), strict=True)


def _for_sqlite(table: pa.Table) -> pa.Table:
    """Dates and times as the text in which Django stores them on SQLite."""
    columns = []
    for column in table.columns:
        if pa.types.is_date(column.type):
            column = column.cast(pa.date32()).cast(pa.string())
        elif pa.types.is_timestamp(column.type):
            column = pc.strftime(column.cast(pa.timestamp("us", "UTC")), format="%Y-%m-%d %H:%M:%S")
        elif pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _sql_type(kind: pa.DataType) -> str:
    postgres = connection.vendor == "postgresql"
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_floating(kind):
        return "double precision"
    if pa.types.is_boolean(kind):
        return "boolean" if postgres else "integer"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "timestamp with time zone" if postgres else "text"
    if pa.types.is_binary(kind):
        return "bytea" if postgres else "blob"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    raise TypeError(f"no column type for {kind}")
