"""Reading tables of any origin as one kind of stream: Arrow batches of text with row numbers.

Every value arrives as text or null, whatever the file: what a column means is for its mapping to say, and
one way of reading values serves all formats. Nothing larger than a batch is held in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from highground.files.rejects import Reject
from highground.files.text import read_delimited

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
ROW = "__row"
"""The last column of every batch: the row number (int64)."""

BATCH = 20_000
UNPACKED_LIMIT = 2 * 1024**3
"""Bytes that a workbook may unpack to; a larger one is refused before it is opened."""


class TableError(ValueError):
    """A file that cannot be read as a table; the message names the file, the place and the mend."""


@dataclass(frozen=True)
class Layout:
    """How a file is laid out, where its ending does not say it.

    `format` is one of csv, xlsx, parquet, stata. `encoding` and `delimiter` are for csv (the delimiter of a
    `.tsv` is a tab), `sheet` is the name of a sheet in a workbook (the first one without it).
    """

    format: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None


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
    rows: int = BATCH,
) -> Table:
    """Open a CSV, XLSX, Parquet or Stata file. Raises TableError for a file that is not what it should be."""
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


def _read_csv(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int) -> Any:
    delimiter = layout.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    try:
        columns, slices = read_delimited(path, layout.encoding, delimiter, on_reject, rows)
    except ValueError as problem:
        raise TableError(str(problem)) from problem

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for numbers, values in slices:
                arrays = [pa.array(column, pa.string()) for column in values]
                yield pa.RecordBatch.from_arrays(
                    [*arrays, pa.array(numbers, pa.int64())], names=[*columns, ROW]
                )
        except ValueError as problem:
            raise TableError(str(problem)) from problem

    return columns, batches()


def _read_xlsx(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int) -> Any:
    from openpyxl import load_workbook

    _check_workbook(path)
    broken = f"{path}: the workbook is damaged or cut off; open it in a spreadsheet program and save it again"
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as problem:
        raise TableError(f"{broken} ({type(problem).__name__})") from problem
    if layout.sheet is not None and layout.sheet not in book.sheetnames:
        raise TableError(f"{path}: no sheet {layout.sheet!r}; the workbook has {', '.join(book.sheetnames)}")
    sheet = book[layout.sheet] if layout.sheet is not None else book.worksheets[0]
    # The size that a workbook states is often wrong; openpyxl would cut rows off by it.
    sheet.reset_dimensions()
    lines = enumerate(sheet.iter_rows(values_only=True), start=1)
    try:
        heading = next(lines, (1, ()))[1]
    except Exception as problem:
        raise TableError(f"{broken} ({type(problem).__name__})") from problem
    columns = [str(cell).strip() if cell is not None else "" for cell in heading]
    while columns and not columns[-1]:
        columns.pop()
    if not columns or "" in columns:
        raise TableError(f"{path}: sheet {sheet.title!r} needs a heading in every column of its first row")

    def batches() -> Iterator[pa.RecordBatch]:
        numbers: list[int] = []
        kept: list[list[str | None]] = []
        try:
            for number, cells in lines:
                row = [_cell_text(cell) for cell in cells]
                if all(cell is None for cell in row):
                    continue
                if any(cell is not None for cell in row[len(columns) :]):
                    on_reject(_wide(number, columns, row))
                    continue
                numbers.append(number)
                kept.append((row + [None] * len(columns))[: len(columns)])
                if len(kept) == rows:
                    yield _text_batch(columns, numbers, kept)
                    numbers, kept = [], []
        except (zipfile.BadZipFile, EOFError, SyntaxError, OSError, KeyError) as problem:
            raise TableError(f"{broken} ({type(problem).__name__})") from problem
        finally:
            book.close()
        if kept:
            yield _text_batch(columns, numbers, kept)

    return columns, batches()


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as problem:
        raise TableError(
            f"{path}: the workbook is damaged or cut off; open it in a spreadsheet program and save it again"
        ) from problem
    if unpacked > UNPACKED_LIMIT:
        raise TableError(f"{path}: the workbook unpacks to {unpacked // 1024**2} MB; save it as CSV instead")


def _cell_text(cell: Any) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if hasattr(cell, "isoformat"):
        text = str(
            cell.isoformat(sep=" ") if hasattr(cell, "hour") and hasattr(cell, "year") else cell.isoformat()
        )
        return text.removesuffix(" 00:00:00")
    return str(cell)


def _wide(number: int, columns: list[str], row: list[str | None]) -> Reject:
    extra = "; ".join(cell for cell in row[len(columns) :] if cell is not None)
    return Reject(
        number,
        "",
        extra,
        "the row has values to the right of the last heading",
        "give the column a heading, or delete the values",
        dict(zip(columns, row, strict=False)),
    )


def _text_batch(columns: list[str], numbers: list[int], kept: list[list[str | None]]) -> pa.RecordBatch:
    arrays = [pa.array(values, pa.string()) for values in zip(*kept, strict=True)]
    return pa.RecordBatch.from_arrays([*arrays, pa.array(numbers, pa.int64())], names=[*columns, ROW])


def _read_parquet(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int) -> Any:
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
            for batch in file.iter_batches(batch_size=rows):
                arrays = [
                    _as_text(column, f"{path}: column {name!r}")
                    for name, column in zip(columns, batch.columns, strict=True)
                ]
                yield _numbered(columns, arrays, first)
                first += batch.num_rows
        except (pa.ArrowException, OSError) as problem:
            raise TableError(f"{broken} ({type(problem).__name__})") from problem

    return columns, batches()


def _read_stata(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int) -> Any:
    try:
        import pandas
    except ImportError as problem:
        raise TableError(f"{path}: reading Stata files needs pandas; install highground[stata]") from problem
    broken = f"{path}: not a readable Stata file; save it again from Stata"
    try:
        # Codes, not labels: the mapping translates them, and labels need not be unique.
        reader = pandas.read_stata(path, chunksize=rows, convert_categoricals=False)
        columns = list(reader.variable_labels())
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


_READERS: dict[str, Callable[[Path, Layout, Callable[[Reject], None], int], Any]] = {
    "csv": _read_csv,
    "xlsx": _read_xlsx,
    "parquet": _read_parquet,
    "stata": _read_stata,
}
