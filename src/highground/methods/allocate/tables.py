"""The folder of tables that a plan is made from, and the numbers that they become."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from highground.methods.allocate.arrays import Bools, InputError, Ints
from highground.methods.store.publishing import sha256_of

COLUMNS = {
    "people": {
        "person": "id", "unit": "id", "level": "any", "home_village": "any", "county": "any", "x": "any", "y": "any",
        "skills": "list", "languages": "list", "woman": "yes/no", "first_secretary_ok": "yes/no", "served_from": "any",
        "spouse": "maybe",
    },
    "units": {"unit": "id", "cap": "count", "paired_villages": "list"},
    "villages": {
        "village": "id", "county": "maybe", "province": "id", "x": "any", "y": "any", "needs": "list", "language": "maybe",
        "remoteness": "number", "leads": "count", "members": "count", "at_risk_people": "any",
    },
    "pairs": {"person": "id", "village": "id", "points": "whole"},
    "previous": {"person": "id", "village": "id"},
}  # fmt: skip


@dataclass(frozen=True)
class Tables:
    """The tables of one folder; `previous` may be absent."""

    people: pa.Table
    units: pa.Table
    villages: pa.Table
    pairs: pa.Table
    previous: pa.Table | None = None


def read_tables(folder: Path) -> Tables:
    """Read the Parquet files of a folder.

    Raises InputError naming the file, and the column and row where there is one, for what cannot be read.
    """
    found: dict[str, Any] = {}
    for name, columns in COLUMNS.items():
        path = folder / f"{name}.parquet"
        if not path.is_file():
            if name == "previous":
                continue
            raise InputError(f"{path}: this file is missing; the folder needs {', '.join(list(COLUMNS)[:4])}")
        try:
            table = pq.read_table(path)
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path}: not a Parquet file ({str(error).splitlines()[0]})") from error
        for column, kind in columns.items():
            if column not in table.column_names:
                raise InputError(
                    f"{path}: there is no column '{column}'; add it (columns: {', '.join(table.column_names)})"
                )
            _check(path, column, table.column(column), kind)
        if name in ("people", "villages") and not len(table):
            raise InputError(f"{path}: there are no rows; write at least one")
        if name == "previous" and "locked" in table.column_names:
            locked = table.column("locked").type
            if not pa.types.is_null(locked):
                check_kind(path, "locked", locked, "yes/no")
        found[name] = table
    return Tables(**found)


def _check(path: Path, column: str, values: pa.ChunkedArray, kind: str) -> None:
    if kind == "any":
        return
    if kind not in ("list", "maybe", "number") and values.null_count:
        row = pc.index(pc.is_null(values), True).as_py() + 1
        raise InputError(f"{path}: column '{column}': row {row} is empty; missing is not zero, so fill it in")
    check_kind(path, column, values.type, kind)
    if kind == "count" and len(values) and pc.min(values).as_py() < 0:
        row = int(np.argmax(values.to_numpy() < 0)) + 1
        raise InputError(f"{path}: column '{column}': row {row} is {values[row - 1]}; a count is 0 or more")
    if kind == "whole" and len(values):
        ends = pc.min_max(values).as_py()
        if ends["min"] < -5000 or ends["max"] > 5000:
            row = int(np.argmax(np.abs(values.to_numpy()) > 5000)) + 1
            raise InputError(
                f"{path}: column '{column}': row {row} is {values[row - 1]}; points are -5000 to 5000"
            )


def check_kind(path: Path, column: str, kind_of: pa.DataType, kind: str) -> None:
    """Raise InputError where a column of a file holds something else than its kind of values."""
    known = pa.types
    listed = known.is_list(kind_of) or known.is_large_list(kind_of)
    fits = {
        "list": listed and (known.is_null(kind_of.value_type) or _is_name(kind_of.value_type)),
        "yes/no": known.is_boolean(kind_of),
        "count": known.is_integer(kind_of),
        "whole": known.is_integer(kind_of),
        "number": known.is_integer(kind_of) or known.is_floating(kind_of) or known.is_null(kind_of),
        "id": _is_name(kind_of),
        "text": known.is_string(kind_of) or known.is_large_string(kind_of),
        "maybe": _is_name(kind_of) or known.is_null(kind_of),
    }
    said = {
        "list": "lists of texts",
        "yes/no": "true or false",
        "number": "numbers",
        "text": "text",
        "id": "whole numbers or text",
        "maybe": "whole numbers or text",
    }
    if not fits[kind]:
        raise InputError(
            f"{path}: column '{column}' is {kind_of}; it must hold {said.get(kind, 'whole numbers')}"
        )


def _is_name(kind: pa.DataType) -> bool:
    """Whether ids, skills and languages can be of this type."""
    return bool(pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind))


def input_hash(folder: Path) -> str:
    """One SHA-256 over the files of the folder that a plan is made from."""
    total = hashlib.sha256()
    for name in COLUMNS:
        path = folder / f"{name}.parquet"
        if path.is_file():
            total.update(f"{name} {sha256_of(path)}\n".encode())
    return total.hexdigest()


def place_in(values: pa.ChunkedArray | pa.Array, known: pa.ChunkedArray | pa.Array) -> Ints:
    """Where each value first stands in `known`, -1 where it does not. Whole numbers may be written as text, on either side."""
    if values.type != known.type:
        values, known = _as_text(values), _as_text(known)
    if isinstance(known, pa.ChunkedArray):
        known = known.combine_chunks()
    found = pc.index_in(values, value_set=known)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    numbers: Ints = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _as_text(values: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    return values.cast(pa.string())


def first_of_each(ids: pa.ChunkedArray) -> Bools:
    """Which rows hold an id for the first time."""
    kept: Bools = place_in(ids, ids) == np.arange(len(ids))
    return kept


def need(
    table: pa.Table,
    name: str,
    columns: Sequence[str],
    whole: Mapping[str, int | None],
    *,
    there: Sequence[str] = (),
) -> None:
    """Raise InputError unless a table has these columns, filled, and whole numbers from 0 to the most where `whole` says so.

    A most of None is for numbers that may be below 0. Columns of `there` may be empty in some rows.
    """
    for column in (*columns, *there):
        if column not in table.column_names:
            known = ", ".join(table.column_names)
            raise InputError(f"{name}: there is no column '{column}'; add it (columns: {known})")
        if column in columns and table.column(column).null_count:
            row = pc.index(pc.is_null(table.column(column)), True).as_py() + 1
            raise InputError(f"{name}: column '{column}': row {row} is empty; fill it in or take the row out")
    for column, most in whole.items():
        values = table.column(column)
        if not pa.types.is_integer(values.type):
            raise InputError(f"{name}: column '{column}' is {values.type}; it must hold whole numbers")
        if most is None or not len(values):
            continue
        numbers = values.to_numpy()
        for wrong, said in ((numbers < 0, "below 0; write 0 or more"), (numbers > most, f"above {most}")):
            if wrong.any():
                raise InputError(f"{name}: column '{column}': row {int(np.argmax(wrong)) + 1} is {said}")


def list_rows(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """The row of every item of a column of lists, and the items; null and empty lists have none."""
    lists = column.combine_chunks()
    rows = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    return rows, pc.list_flatten(lists)
