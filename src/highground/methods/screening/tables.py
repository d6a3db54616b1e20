"""Tables of any kind made readable for the engine: pandas, Polars, Arrow, rows, Parquet and CSV files."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from highground.methods.rules.compiling import text

DELIMITERS = (",", ";", "\t", "|")


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
    is_csv = path.suffix.lower() not in (".parquet", ".pq")
    try:
        reader = _csv(path, entity, known) if is_csv else _parquet(path, entity, known)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {reader}")
    except (duckdb.Error, pa.ArrowException, OSError, csv.Error) as error:
        kind = "CSV" if is_csv else "Parquet"
        raise InputError(f"{path.name}: cannot be read as {kind}: {_briefly(error)}") from error
    return is_csv


def _parquet(path: Path, entity: str, known: Collection[str]) -> str:
    _refuse_twins(pq.read_schema(path).names, entity, known)
    return f"read_parquet({_literal(path)})"


def _csv(path: Path, entity: str, known: Collection[str]) -> str:
    """The reader of a CSV file, every column as text. Nothing of its form is guessed but the delimiter.

    A guess from the first rows would read a file with `;` in its lists, or one broken row, as something else.
    """
    with (gzip.open if path.suffix.lower() == ".gz" else open)(
        path, "rt", encoding="utf-8-sig", errors="replace", newline=""
    ) as file:
        first = file.readline()
    headers = {one: next(csv.reader([first], delimiter=one), []) for one in DELIMITERS}
    # The key column is there in one of them; a file without it is an error that names the column.
    delimiter = max(headers, key=lambda one: ("household" in map(str.strip, headers[one]), len(headers[one])))
    names = [field.strip() for field in headers[delimiter]]
    if not names:
        raise InputError(f"{path.name}: is empty; its first row names the columns")
    _refuse_twins(names, entity, known)
    columns = ", ".join(f"{text(one)}: 'VARCHAR'" for one in _apart(names))
    return (
        f"read_csv({_literal(path)}, auto_detect=false, header=true, columns={{{columns}}},"
        f" delim={text(delimiter)}, quote='\"', escape='\"')"
    )


def _literal(path: Path) -> str:
    """A path in SQL; its brackets and stars are part of its name."""
    return text("".join(f"[{one}]" if one in "*?[" else one for one in str(path)))


def _briefly(error: Exception) -> str:
    """What is wrong, in one line, without the row itself and without advice on the engine's settings."""
    said = []
    for line in str(error).splitlines():
        if line.startswith("Possible"):
            break
        if line.strip() and not line.startswith("Original Line"):
            said.append(line.strip())
    return ": ".join(said)


def _refuse_twins(names: Sequence[str], entity: str, known: Collection[str]) -> None:
    """The engine knows columns by name, capitals or not: of two alike it would read the first."""
    counts = Counter(name.lower() for name in names)
    twin = next((name.lower() for name in names if counts[name.lower()] > 1 and name.lower() in known), None)
    if twin is not None:
        alike = " and ".join(f"'{name}'" for name in names if name.lower() == twin)
        raise InputError(
            f"{entity} table: the columns {alike} have one name, capitals aside; rename or drop one"
        )


def _apart(names: Sequence[str]) -> Iterator[str]:
    """Names that differ: what is empty or stands again gets its place as a name. Nobody reads these columns."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        yield f"column {index + 1}" if not name or name.lower() in seen else name
        seen.add(name.lower())


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
