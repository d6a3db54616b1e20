"""Tables of any kind made readable for the engine: pandas, Polars, Arrow, rows, Parquet and CSV files."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import path as path_literal
from highground.methods.store.files import briefly, columns_of, csv_header, csv_reader, is_parquet


class InputError(ValueError):
    """A table that cannot be screened; the message names the table, the column and the mend."""


def load(
    connection: duckdb.DuckDBPyConnection, name: str, source: Any, entity: str, known: Collection[str]
) -> bool:
    """Make the raw table `name` readable; whether every column is text (a CSV file).

    Raises InputError where the source cannot be read, or where two columns could be meant by one `known` name.
    """
    if isinstance(source, str | Path):
        return _load_file(connection, name, Path(source), entity, known)
    connection.register(f"{name}_arrow", arrow(source, entity, known))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {name}_arrow")
    return False


def _load_file(
    connection: duckdb.DuckDBPyConnection, name: str, path: Path, entity: str, known: Collection[str]
) -> bool:
    if not path.is_file():
        raise InputError(f"{path}: there is no such {entity} table; check the path")
    is_csv = not is_parquet(path)
    try:
        reader = _csv(path, entity, known) if is_csv else _parquet(path, entity, known)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {reader}")
    except (duckdb.Error, pa.ArrowException, OSError, csv.Error) as error:
        kind = "CSV" if is_csv else "Parquet"
        raise InputError(f"{path.name}: cannot be read as {kind}: {briefly(error)}") from error
    return is_csv


def _parquet(path: Path, entity: str, known: Collection[str]) -> str:
    _refuse_twins(columns_of(path), entity, known)
    return f"read_parquet({path_literal(path)})"


def _csv(path: Path, entity: str, known: Collection[str]) -> str:
    # The key column is there in one of the delimiters; a file without it is an error that names the column.
    names, delimiter = csv_header(path, ("household",))
    if not names:
        raise InputError(f"{path.name}: is empty; its first row names the columns")
    _refuse_twins(names, entity, known)
    return csv_reader(path, names, delimiter)


def _refuse_twins(names: Sequence[str], entity: str, known: Collection[str]) -> None:
    """The engine knows columns by name, capitals or not: of two alike it would read the first."""
    counts = Counter(name.lower() for name in names)
    twin = next((name.lower() for name in names if counts[name.lower()] > 1 and name.lower() in known), None)
    if twin is not None:
        alike = " and ".join(f"'{name}'" for name in names if name.lower() == twin)
        raise InputError(
            f"{entity} table: the columns {alike} have one name, capitals aside; rename or drop one"
        )


def arrow(source: Any, entity: str, known: Collection[str]) -> pa.Table:
    """Any table as Arrow, column by column, so that an error can name the column.

    Raises InputError where it cannot be read, or where two columns could be meant by one `known` name.
    """
    table = _arrow(source, entity)
    _refuse_twins(table.column_names, entity, known)
    return _plain(table, entity)


def _arrow(source: Any, entity: str) -> pa.Table:
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatchReader):
        return source.read_all()
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if hasattr(source, "collect") and hasattr(source, "lazy"):
        source = source.collect()  # a Polars LazyFrame
    if hasattr(source, "to_arrow"):
        return source.to_arrow()
    if isinstance(source, list) and all(isinstance(row, Mapping) for row in source):
        return _rows(source, entity)
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        columns = list(_pandas_columns(source, entity))
        return pa.Table.from_arrays(columns, names=[str(name) for name in source.columns])
    raise InputError(
        f"{entity} table: a {type(source).__name__} is no table; give pandas, Polars, Arrow or a path"
    )


def _rows(rows: list[Mapping[str, Any]], entity: str) -> pa.Table:
    if not rows:  # no rows have no columns either, and are a table all the same
        keys = ("household", "member") if entity == "member" else ("household",)
        return pa.table({name: pa.array([], pa.string()) for name in keys})
    columns = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        try:
            columns[name] = pa.array([row.get(name) for row in rows])
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(f"{entity} table: column '{name}' mixes types: {error}") from error
    return pa.table(columns)


def _pandas_columns(frame: Any, entity: str) -> Iterator[pa.Array]:
    for index, name in enumerate(frame.columns):
        try:
            yield pa.Array.from_pandas(frame.iloc[:, index])
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(f"{entity} table: column '{name}' mixes types: {error}") from error


def _plain(table: pa.Table, entity: str) -> pa.Table:
    """Every column in a type that the engine has."""
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        try:
            columns.append(column.cast(_plain_type(field.type)))
        except pa.ArrowException as error:
            raise InputError(f"{entity} table: column '{field.name}' cannot be read: {error}") from error
    return pa.Table.from_arrays(columns, names=table.column_names)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_type)
    if pa.types.is_float16(kind):
        return pa.float32()
    return pa.float64() if pa.types.is_decimal256(kind) else kind
