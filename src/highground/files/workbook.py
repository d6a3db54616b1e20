"""Workbooks (XLSX) as batches of text, row by row, without holding a sheet in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from highground.files.layout import ROW, Layout, TableError, batch_rows
from highground.files.rejects import Reject

UNPACKED_LIMIT = 2 * 1024**3
"""Bytes that a workbook may unpack to; a larger one is refused before it is opened."""


def read_workbook(path: Path, layout: Layout, on_reject: Callable[[Reject], None], rows: int | None) -> Any:
    """The columns of a sheet, and its batches. Raises TableError for a damaged workbook."""
    from openpyxl import load_workbook

    _check_workbook(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as problem:
        raise _broken(path, problem) from problem
    if layout.sheet is not None and layout.sheet not in book.sheetnames:
        raise TableError(f"{path}: no sheet {layout.sheet!r}; the workbook has {', '.join(book.sheetnames)}")
    sheet = book[layout.sheet] if layout.sheet is not None else book.worksheets[0]
    # The size that a workbook states is often wrong; openpyxl would cut rows off by it.
    sheet.reset_dimensions()
    lines = enumerate(sheet.iter_rows(values_only=True), start=1)
    try:
        heading = next(lines, (1, ()))[1]
    except Exception as problem:
        raise _broken(path, problem) from problem
    columns = [str(cell).strip() if cell is not None else "" for cell in heading]
    while columns and not columns[-1]:
        columns.pop()
    if not columns or "" in columns:
        raise TableError(f"{path}: sheet {sheet.title!r} needs a heading in every column of its first row")

    return columns, _batches(path, book, lines, columns, on_reject, batch_rows(len(columns), rows))


def _broken(path: Path, problem: Exception) -> TableError:
    return TableError(
        f"{path}: the workbook is damaged or cut off; open it in a spreadsheet program and save it again "
        f"({type(problem).__name__})"
    )


def _batches(
    path: Path,
    book: Any,
    lines: Iterator[tuple[int, tuple[Any, ...]]],
    columns: list[str],
    on_reject: Callable[[Reject], None],
    rows: int,
) -> Iterator[pa.RecordBatch]:
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
        raise _broken(path, problem) from problem
    finally:
        book.close()
    if kept:
        yield _text_batch(columns, numbers, kept)


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as problem:
        raise _broken(path, problem) from problem
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
