"""Tables of any kind made readable for the engine: pandas, Polars, Arrow, rows, Parquet and CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from highground.methods.rules.compiling import text


class InputError(ValueError):
    """A table that cannot be screened; the message names the table, the column and the mend."""


def load(connection: duckdb.DuckDBPyConnection, name: str, source: Any, entity: str) -> bool:
    """Make the raw table `name` readable; whether every column is text (a CSV file).

    Raises InputError where the source cannot be read.
    """
    if isinstance(source, str | Path):
        return _load_file(connection, name, Path(source), entity)
    connection.register(f"{name}_arrow", _arrow(source, entity))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {name}_arrow")
    return False


def _load_file(connection: duckdb.DuckDBPyConnection, name: str, path: Path, entity: str) -> bool:
    if not path.is_file():
        raise InputError(f"{path}: there is no such {entity} table; check the path")
    literal = text(str(path))
    is_csv = path.suffix.lower() not in (".parquet", ".pq")
    reader = f"read_csv({literal}, all_varchar=true, header=true)" if is_csv else f"read_parquet({literal})"
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {reader}")
    except duckdb.Error as error:
        raise InputError(
            f"{path.name}: cannot be read as {'CSV' if is_csv else 'Parquet'}: {error}"
        ) from error
    return is_csv


def _arrow(source: Any, entity: str) -> pa.Table:
    """Any table as Arrow, column by column, so that an error can name the column."""
    if isinstance(source, pa.Table):
        return _plain(source)
    if isinstance(source, pa.RecordBatchReader):
        return _plain(source.read_all())
    if isinstance(source, pa.RecordBatch):
        return _plain(pa.Table.from_batches([source]))
    if hasattr(source, "collect") and hasattr(source, "lazy"):
        source = source.collect()  # a Polars LazyFrame
    if hasattr(source, "to_arrow"):
        return _plain(source.to_arrow())
    if isinstance(source, list):
        names = dict.fromkeys(name for row in source for name in row)
        return _plain(pa.table({name: pa.array([row.get(name) for row in source]) for name in names}))
    if hasattr(source, "columns") and hasattr(source, "itertuples"):
        return _plain(pa.table(dict(_pandas_columns(source, entity))))
    raise InputError(
        f"{entity} table: a {type(source).__name__} is no table; give pandas, Polars, Arrow or a path"
    )


def _pandas_columns(frame: Any, entity: str) -> Iterator[tuple[str, pa.Array]]:
    for name in frame.columns:
        try:
            yield str(name), pa.Array.from_pandas(frame[name])
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise InputError(f"{entity} table: column '{name}' mixes types: {error}") from error


def _plain(table: pa.Table) -> pa.Table:
    """Dictionary-encoded and large-string columns as plain ones."""
    fields = []
    for field in table.schema:
        kind = field.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields))
