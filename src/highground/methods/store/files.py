"""Files that come in from elsewhere: how the engine reads a CSV or Parquet file, and what it says when it cannot."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from highground.methods.facts.literals import path as path_literal
from highground.methods.facts.literals import text
from highground.methods.store.layout import StoreError

DELIMITERS = (",", ";", "\t", "|")
ROW_GROUP = 122_880
PARQUET = f"FORMAT PARQUET, COMPRESSION ZSTD, ROW_GROUP_SIZE {ROW_GROUP}"
"""How every Parquet file of a store is written."""


@dataclass(frozen=True)
class ProvinceTables:
    """The tables of one province's register as they came."""

    province: str
    households: Path
    members: Path | None


def tables_in(source: Path) -> Iterator[ProvinceTables]:
    """The tables in a folder, `CN-GX/households` and `members` (.parquet, .csv or .csv.gz), in order of the province."""
    for folder in sorted(path for path in source.glob("*") if path.is_dir()):
        households, members = _table(folder, "households"), _table(folder, "members")
        if households is not None:
            yield ProvinceTables(folder.name, households, members)


def _table(folder: Path, name: str) -> Path | None:
    paths = (folder / f"{name}{ending}" for ending in (".parquet", ".csv", ".csv.gz"))
    return next((path for path in paths if path.is_file()), None)


def is_parquet(path: Path) -> bool:
    """Whether a file is read as Parquet; anything else is read as CSV."""
    return path.suffix.lower() in (".parquet", ".pq")


def columns_of(path: Path) -> list[str]:
    """The names of the columns of a Parquet file."""
    names: list[str] = pq.read_schema(path).names
    return names


def parquet_rows(path: Path) -> int:
    """How many rows a Parquet file of the store has. Raises StoreError where it is gone, cut off or damaged."""
    try:
        rows: int = pq.read_metadata(path).num_rows
    except FileNotFoundError as error:
        raise StoreError(f"{path}: is gone; restore it from a backup") from error
    except pa.ArrowException as error:
        raise StoreError(f"{path}: is cut off or damaged; restore it from a backup") from error
    return rows


def parquet_reader(path: Path) -> str:
    """SQL that reads a Parquet file; `file_row_number` counts its rows from 0."""
    return f"read_parquet({path_literal(path)}, file_row_number=true)"


def csv_header(path: Path, wanted: Collection[str], delimiter: str | None = None) -> tuple[list[str], str]:
    """The names in the first row of a CSV file, and its delimiter: the one that finds most of the `wanted` names."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline()
    candidates = (delimiter,) if delimiter else DELIMITERS
    headers = {
        one: [field.strip() for field in next(csv.reader([first], delimiter=one), [])] for one in candidates
    }
    best = max(headers, key=lambda one: (len(set(wanted) & set(headers[one])), len(headers[one])))
    return headers[best], best


def csv_reader(path: Path, names: Sequence[str], delimiter: str) -> str:
    """SQL that reads a CSV file, every column as text. Nothing of its form is guessed but the delimiter.

    A guess from the first rows would read a file with `;` in its lists, or one broken row, as something else.
    """
    columns = ", ".join(f"{text(one)}: 'VARCHAR'" for one in _apart(names))
    return (
        f"read_csv({path_literal(path)}, auto_detect=false, header=true, columns={{{columns}}},"
        f" delim={text(delimiter)}, quote='\"', escape='\"')"
    )


def briefly(error: Exception) -> str:
    """What is wrong, in one line, without the row itself and without advice on the engine's settings."""
    said = []
    for line in str(error).splitlines():
        if line.startswith("Possible"):
            break
        if line.strip() and not line.startswith("Original Line"):
            said.append(line.strip())
    return ": ".join(said)


def _apart(names: Sequence[str]) -> Iterator[str]:
    """Names that differ: what is empty or stands again gets its place as a name. Nobody reads these columns."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        yield f"column {index + 1}" if not name or name.lower() in seen else name
        seen.add(name.lower())
