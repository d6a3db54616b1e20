"""Delimited text in any encoding, row by row, with bad bytes traced to their row and column."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from highground.files.layout import batch_rows
from highground.files.rejects import Reject

csv.field_size_limit(1024 * 1024)

_MARK = 0xDC00
"""Lone surrogates from here on stand for bytes that could not be decoded: decoded text holds none."""


def _mark_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(_MARK + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("highground.mark", _mark_bytes)

Slice = tuple[list[int], list[list[str | None]]]


def read_delimited(
    path: Path, encoding: str, delimiter: str, on_reject: Callable[[Reject], None], rows: int | None
) -> tuple[list[str], Iterator[Slice]]:
    """The headings of a delimited file, and an iterator of slices: row numbers and columns of text.

    Empty fields are null. Rows with undecodable bytes or with a wrong number of fields go to `on_reject`.
    Raises ValueError for an unknown encoding, an undecodable heading and an unclosed quotation mark.
    """
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        raise ValueError(
            f"{path}: unknown encoding {encoding!r}; use utf-8, gb18030, big5 or another known name"
        ) from None
    if codec == "utf-8":
        codec = "utf-8-sig"
    if len(delimiter) != 1:
        raise ValueError(f"{path}: the delimiter must be one character, not {delimiter!r}")
    file = path.open(encoding=codec, errors="highground.mark", newline="")
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    try:
        heading = next(reader, [])
    except csv.Error as problem:
        file.close()
        raise ValueError(f"{path}: the heading cannot be read ({problem}); check the delimiter") from problem
    columns = [name.strip() for name in heading]
    if not _is_clean("".join(columns)):
        file.close()
        raise ValueError(
            f"{path}: the heading is not {encoding} (at {_visible(''.join(columns))[:40]!r}); "
            "name the file's `encoding` in the mapping"
        )
    if not any(columns) or "" in columns:
        file.close()
        raise ValueError(f"{path}: every column needs a heading in the first row; check the `delimiter` too")
    return columns, _slices(path, file, reader, columns, encoding, on_reject, batch_rows(len(columns), rows))


def _slices(path, file, reader, columns, encoding, on_reject, rows) -> Iterator[Slice]:  # type: ignore[no-untyped-def]
    width = len(columns)
    numbers: list[int] = []
    kept: list[list[str]] = []
    with file:
        number = 1
        try:
            for number, row in enumerate(reader, start=2):
                if not row:
                    continue
                if len(row) != width:
                    on_reject(_ragged(number, row, columns))
                    continue
                numbers.append(number)
                kept.append(row)
                if len(kept) == rows:
                    checked = _checked(numbers, kept, columns, encoding, on_reject)
                    # Let go of the rows before the reader works on them: a batch is held once, not twice.
                    numbers, kept = [], []
                    yield checked
                    del checked
        except csv.Error as problem:
            raise ValueError(
                f"{path}: row {number + 1} cannot be read ({problem}); look for a quotation mark that is not closed"
            ) from problem
    if kept:
        yield _checked(numbers, kept, columns, encoding, on_reject)


def _checked(
    numbers: list[int],
    kept: list[list[str]],
    columns: list[str],
    encoding: str,
    on_reject: Callable[[Reject], None],
) -> Slice:
    good = [_is_clean("".join(row)) for row in kept]
    if not all(good):
        for number, row, fine in zip(numbers, kept, good, strict=True):
            if not fine:
                on_reject(_undecodable(number, row, columns, encoding))
        numbers = [number for number, fine in zip(numbers, good, strict=True) if fine]
        kept = [row for row, fine in zip(kept, good, strict=True) if fine]
    values = [[field or None for field in column] for column in zip(*kept, strict=True)]
    return numbers, values or [[] for _ in columns]


def _is_clean(text: str) -> bool:
    """No undecodable byte, and no NUL, which databases cannot hold (mostly UTF-16 that was named otherwise)."""
    if "\0" in text:
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _visible(text: str) -> str:
    """The text with undecodable bytes as \\xNN."""
    return "".join(
        f"\\x{ord(character) - _MARK:02x}" if "\udc00" <= character <= "\udcff" else character
        for character in text
    )


def _undecodable(number: int, row: list[str], columns: list[str], encoding: str) -> Reject:
    column, value = next(
        (name, field) for name, field in zip(columns, row, strict=True) if not _is_clean(field)
    )
    return Reject(
        number,
        column,
        _visible(value),
        f"bytes that are not {encoding}",
        "save the whole file in one encoding and name it in the mapping",
        {name: _visible(field) for name, field in zip(columns, row, strict=True)},
    )


def _ragged(number: int, row: list[str], columns: list[str]) -> Reject:
    return Reject(
        number,
        "",
        str(len(row)),
        f"the row has {len(row)} fields, the heading {len(columns)}",
        "quote fields that hold the delimiter, or fill in what is missing",
        {name: _visible(field) for name, field in zip(columns, row, strict=False)},
    )
