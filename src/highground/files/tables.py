"""Reading tables of any origin as one kind of stream: Arrow batches of text with row numbers.

Every value arrives as text or null, whatever the file: what a column means is for its mapping to say, and
one way of reading values serves all formats. Nothing larger than a batch is held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from highground.files.layout import ROW, Layout, TableError, batch_rows
from highground.files.rejects import Reject
from highground.files.text import read_delimited
from highground.files.workbook import read_workbook

__all__ = ["FORMATS", "ROW", "Layout", "Table", "TableError", "open_table"]

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".dta": "stata",
}


@dataclass
class Table:
    """An opened table: its columns, and its batches, which can be read once.

    `batches` yields record batches of text columns and `ROW`. `on_reject` is called for rows that cannot
    even be read: undecodable bytes, too many or too few fields.
    """

    path: Path
    columns: list[str]
    batches: Iterator[pa.RecordBatch] = field(repr=False)


def open_table(
    path: Path | str,
    layout: Layout | None = None,
    *,
    on_reject: Callable[[Reject], None],
    rows: int | None = None,
) -> Table:
    """Open a CSV, XLSX, Parquet or Stata file. Raises TableError for a file that is not what it should be.

    `rows` is the size of a batch; without it batches are cut to about 250,000 values and at most 20,000 rows.
    """
    path, layout = Path(path), layout or Layout()
    kind = layout.format or FORMATS.get(path.suffix.lower())
    if not path.is_file():
        raise TableError(f"{path}: no such file; check the path")
    if kind not in _READERS:
        endings = ", ".join(sorted(FORMATS))
        raise TableError(f"{path}: unknown ending; use one of {endings}, or name the `format` in the mapping")
    if path.stat().st_size == 0:
        raise TableError(f"{path}: the file is empty; export it again")
    columns, batches = _READERS[kind](path, layout, on_reject, rows)
    _check_columns(path, columns)
    return Table(path, columns, batches)


def _check_columns(path: Path, columns: list[str]) -> None:
    for position, name in enumerate(columns):
        if name in columns[:position]:
            raise TableError(f"{path}: two columns are called {name!r}; give each column its own name")


def _numbered(columns: list[str], arrays: list[pa.Array], first: int) -> pa.RecordBatch:
    numbers = pa.array(range(first, first + len(arrays[0])), pa.int64())
    return pa.RecordBatch.from_arrays([*arrays, numbers], names=[*columns, ROW])


def _read_csv(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int | None) -> Any:
    delimiter = layout.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    try:
        columns, slices = read_delimited(path, layout.encoding, delimiter, on_reject, rows)
    except ValueError as problem:
        raise TableError(str(problem)) from problem

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for numbers, values in slices:
                arrays = [pa.array(column, pa.string()) for column in values]
                batch = pa.RecordBatch.from_arrays(
                    [*arrays, pa.array(numbers, pa.int64())], names=[*columns, ROW]
                )
                # Only the Arrow batch stays while it is worked on.
                del numbers, values, arrays
                yield batch
        except ValueError as problem:
            raise TableError(str(problem)) from problem

    return columns, batches()


def _read_parquet(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int | None) -> Any:
    import pyarrow.parquet as pq

    broken = f"{path}: not a readable Parquet file; write it again"
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as problem:
        raise TableError(f"{broken} ({type(problem).__name__})") from problem
    columns = list(file.schema_arrow.names)

    def batches() -> Iterator[pa.RecordBatch]:
        first = 1
        try:
            for batch in file.iter_batches(batch_size=batch_rows(len(columns), rows)):
                arrays = [
                    _as_text(column, f"{path}: column {name!r}")
                    for name, column in zip(columns, batch.columns, strict=True)
                ]
                yield _numbered(columns, arrays, first)
                first += batch.num_rows
        except (pa.ArrowException, OSError) as problem:
            raise TableError(f"{broken} ({type(problem).__name__})") from problem

    return columns, batches()


def _read_stata(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int | None) -> Any:
    try:
        import pandas
    except ImportError as problem:
        raise TableError(f"{path}: reading Stata files needs pandas; install highground[stata]") from problem
    broken = f"{path}: not a readable Stata file; save it again from Stata"
    try:
        with pandas.read_stata(path, iterator=True) as heading:
            columns = list(heading.variable_labels())
        size = batch_rows(len(columns), rows)
        # Codes, not labels: the mapping translates them, and labels need not be unique.
        reader = pandas.read_stata(path, chunksize=size, convert_categoricals=False)
    except Exception as problem:
        raise TableError(f"{broken} ({type(problem).__name__})") from problem

    def batches() -> Iterator[pa.RecordBatch]:
        first = 1
        with reader:
            try:
                for frame in reader:
                    table = pa.Table.from_pandas(frame[columns], preserve_index=False).combine_chunks()
                    arrays = [_as_text(_joined(table[name]), f"{path}: column {name!r}") for name in columns]
                    yield _numbered(columns, arrays, first)
                    first += table.num_rows
            except (ValueError, EOFError, OSError) as problem:
                if isinstance(problem, TableError):
                    raise
                raise TableError(f"{broken} ({type(problem).__name__})") from problem

    return columns, batches()


def _joined(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _as_text(column: pa.Array, where: str) -> pa.Array:
    """A column of any plain type as text: whole floats without a point, days without a clock, NaN as null."""
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        joined = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
        return pc.if_else(pc.equal(pc.list_value_length(column), 0), pa.scalar("[]"), joined)
    try:
        text = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as problem:
        raise TableError(
            f"{where} has the type {kind}, which is no plain value; convert it to text"
        ) from problem
    if pa.types.is_floating(kind):
        text = pc.replace_substring_regex(text, r"^(-?\d+)\.0$", r"\1")
    if pa.types.is_timestamp(kind):
        text = pc.replace_substring_regex(text, r" 00:00:00(\.0+)?Z?$", "")
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


_READERS: dict[str, Callable[[Path, Layout, Callable[[Reject], None], int | None], Any]] = {
    "csv": _read_csv,
    "xlsx": read_workbook,
    "parquet": _read_parquet,
    "stata": _read_stata,
}
