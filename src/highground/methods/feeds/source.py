"""A department's file as the engine reads it: the view `source`, then the view `given` with one column per field."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import name, text
from highground.methods.feeds.definitions import Feed
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.mapping import LINKS, Column, FeedMapping
from highground.methods.store.files import (
    briefly,
    columns_of,
    csv_header,
    csv_reader,
    is_parquet,
    parquet_reader,
)

CHUNK = 4 * 1024 * 1024
ROW = "row_number"
_FLOATING = ("FLOAT", "DOUBLE")


@dataclass(frozen=True)
class Opened:
    """What was opened: the SQL type of each column, and whether all are text (CSV)."""

    path: Path
    columns: dict[str, str]
    text_only: bool


@contextmanager
def opened(
    connection: duckdb.DuckDBPyConnection, path: Path, mapping: FeedMapping, work: Path
) -> Iterator[Opened]:
    """Make the view `source` of a file, with the number of each row as a spreadsheet counts it.

    A CSV file in another encoding is read into UTF-8 in the folder `work` and removed again. Raises FeedError for
    what cannot be read, and for columns of the mapping that the file lacks.
    """
    if not path.is_file():
        raise FeedError(f"{path}: there is no such file; check the path")
    if path.stat().st_size == 0:
        raise FeedError(f"{path.name}: is empty; a file without rows still names its columns")
    plain = None
    try:
        with _reading(path):
            if is_parquet(path):
                names, reader, place = columns_of(path), parquet_reader(path), "file_row_number + 1"
            else:
                plain = _in_utf8(path, mapping, work)
                read = plain or path
                names, delimiter = csv_header(read, _wanted(mapping), mapping.delimiter)
                # The heading is row 1.
                reader, place = csv_reader(read, names, delimiter), "row_number() OVER () + 1"
            _check_columns(path, names, mapping)
            connection.execute(
                f"CREATE OR REPLACE TEMP VIEW source AS SELECT {place} AS {ROW}, * FROM {reader}"
            )
            described = connection.execute("DESCRIBE source").fetchall()
        yield Opened(path, {str(row[0]): str(row[1]) for row in described}, not is_parquet(path))
    finally:
        if plain:
            plain.unlink(missing_ok=True)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """What goes wrong while a file is read, said of the file."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, csv.Error) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> FeedError:
    """The error of a file that cannot be read as what it claims to be."""
    said = briefly(error)
    if "utf-8" in said.lower() or "unicode" in said.lower():
        return FeedError(
            f"{path.name}: is not UTF-8; name its encoding in the mapping, such as `file: {{encoding: gb18030}}`"
        )
    kind = "Parquet" if is_parquet(path) else "CSV"
    return FeedError(f"{path.name}: cannot be read as {kind}, it may be cut off: {said}")


def _in_utf8(path: Path, mapping: FeedMapping, work: Path) -> Path | None:
    """The file in UTF-8 when it is in another encoding. Raises FeedError where it is not in that one either."""
    if codecs.lookup(mapping.encoding).name in ("utf-8", "utf-8-sig", "ascii"):
        return None
    if path.suffix.lower() == ".gz":
        raise FeedError(f"{path.name}: a compressed file must be in UTF-8; unpack it first")
    plain = work / f".{path.name}.utf-8.tmp"
    plain.touch(mode=0o600)
    try:
        with (
            path.open(encoding=mapping.encoding, newline="") as given,
            plain.open("w", encoding="utf-8", newline="") as kept,
        ):
            while chunk := given.read(CHUNK):
                kept.write(chunk)
    except UnicodeDecodeError as error:
        plain.unlink(missing_ok=True)
        raise FeedError(
            f"{path.name}: is not {mapping.encoding} (byte {error.start:,} of a part); name its encoding in the mapping"
        ) from error
    return plain


def _wanted(mapping: FeedMapping) -> set[str]:
    """The columns that the mapping names."""
    keys = {one for one in (mapping.number, mapping.household) if one}
    return keys | {one.name for one in mapping.fields.values()} | set(mapping.links.values())


def _check_columns(path: Path, names: list[str], mapping: FeedMapping) -> None:
    """Every column that the mapping names is there, once."""
    if not any(names):
        raise FeedError(f"{path.name}: is empty; its first row names the columns")
    folded = Counter(one.lower() for one in names)
    for one in sorted(_wanted(mapping)):
        if one not in names:
            spare = {mapping.fields[field].name for field in mapping.optional if field in mapping.fields}
            if one not in spare | set(mapping.links.values() if mapping.optional else ()):
                raise FeedError(
                    f"{path.name}: there is no column '{one}', which {mapping.origin} names; columns are {', '.join(names)}"
                )
        elif folded[one.lower()] > 1:
            raise FeedError(
                f"{path.name}: the column '{one}' stands there twice, capitals aside; rename or drop one"
            )


def give(
    connection: duckdb.DuckDBPyConnection, feed: Feed, mapping: FeedMapping, file: Opened
) -> dict[str, str]:
    """Make the view `given`: row, `who`, each field as the mapping turns it, and `given_FIELD`: did anything stand there.

    Returns the SQL type of each field's column. Raises FeedError for identity numbers that are floating numbers.
    """
    key = mapping.number or mapping.household
    assert key is not None
    if file.columns[key] in _FLOATING:
        raise FeedError(
            f"{file.path.name}: column '{key}' holds floating numbers, which lose digits; send it as text"
        )
    columns = [ROW, f"{_word(key, mapping, file)} AS who"]
    for field in feed.fields:
        column = mapping.fields.get(field)
        if column is None or column.name not in file.columns:
            columns += [f"NULL AS {field}", f"FALSE AS given_{field}"]
            continue
        columns += [
            f"{_turned(column, mapping, file)} AS {field}",
            f"{_given(column.name, mapping, file)} AS given_{field}",
        ]
    for link in LINKS if mapping.number else ():
        linked = mapping.links.get(link)
        word = _word(linked, mapping, file) if linked in file.columns else "CAST(NULL AS VARCHAR)"
        columns.append(f"{word} AS link_{link}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW given AS SELECT {', '.join(columns)} FROM source")
    return {str(row[0]): str(row[1]) for row in connection.execute("DESCRIBE given").fetchall()}


def _word(column: str, mapping: FeedMapping, file: Opened) -> str:
    """A column as text without blanks around it; what stands for a missing value is none."""
    word = f"NULLIF(TRIM(CAST({name(column)} AS VARCHAR)), '')"
    if mapping.missing:
        word = f"CASE WHEN {word} NOT IN ({', '.join(text(one) for one in mapping.missing)}) THEN {word} END"
    return word


def _given(column: str, mapping: FeedMapping, file: Opened) -> str:
    """Whether anything stands there."""
    kind = file.columns[column]
    if kind == "VARCHAR" or mapping.missing:
        given = f"{_word(column, mapping, file)} IS NOT NULL"
        return f"({given} AND NOT isnan({name(column)}))" if kind in _FLOATING else f"({given})"
    return (
        f"({name(column)} IS NOT NULL AND NOT isnan({name(column)}))"
        if kind in _FLOATING
        else f"({name(column)} IS NOT NULL)"
    )


def _turned(column: Column, mapping: FeedMapping, file: Opened) -> str:
    """A column as the mapping says it is to be read."""
    word = _word(column.name, mapping, file)
    if column.values:
        cases = " ".join(f"WHEN {text(written)} THEN {text(value)}" for written, value in column.values)
        return f"CASE {word} {cases} END"
    if column.form:
        return f"CAST(TRY_STRPTIME({word}, {text(column.form)}) AS DATE)"
    if column.multiply is not None:
        return f"TRY_CAST({word} AS DECIMAL(24, 6)) * CAST({text(str(column.multiply))} AS DECIMAL(13, 6))"
    if file.columns[column.name] == "VARCHAR" or mapping.missing:
        plain = file.columns[column.name] if file.columns[column.name] != "VARCHAR" else None
        return f"CAST({word} AS {plain})" if plain else word
    return name(column.name)
