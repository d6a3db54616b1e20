"""Columns of Arrow tables as numbers: which rows agree in several columns, and what is wrong with a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class InputError(ValueError):
    """A table or a setting that cannot be used; the message names the table, the column and the mend."""


def need_columns(table: Any, name: str, columns: Sequence[str]) -> None:
    """Raises InputError where `table` is no Arrow table, or lacks one of `columns` or has it twice."""
    if not isinstance(table, pa.Table):
        raise InputError(f"{name}: a {type(table).__name__} is no Arrow table; give a pyarrow.Table")
    for column in columns:
        there = table.column_names.count(column)
        if there == 0:
            has = ", ".join(table.column_names) or "none"
            raise InputError(f"{name}: there is no column '{column}'; add or name it (columns: {has})")
        if there > 1:
            raise InputError(f"{name}: the column '{column}' is there {there} times; keep one")


def need_names(names: Any, setting: str) -> list[str]:
    """The names of columns as a list. Raises InputError for a single text, or where a name stands twice."""
    if isinstance(names, str):
        raise InputError(f"{setting}: give a list of columns, such as ['{names}']")
    found = list(names)
    for name in found:
        if found.count(name) > 1:
            raise InputError(f"{setting}: '{name}' stands twice; name it once")
    return found


def texts(table: pa.Table, name: str, column: str) -> pa.Array:
    """A column as text, one piece; null stays null. Raises InputError where it holds what has no text."""
    values = table.column(column).combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    try:
        return values.cast(pa.string())
    except pa.ArrowException as error:
        raise InputError(
            f"{name}: column '{column}' is {values.type}, which names no group; give text, whole numbers or yes/no"
        ) from error


def ids(table: pa.Table, name: str) -> pa.Array:
    """The column `household` as text. Raises InputError where one is missing or stands twice."""
    households = texts(table, name, "household")
    if households.null_count:
        row = pc.index(pc.is_null(households), True).as_py() + 1
        raise InputError(f"{name}: row {row}: 'household' is missing; give every household an id")
    if len(pc.unique(households)) < len(households):
        counts = pc.value_counts(households)
        twice = pc.index(pc.greater(counts.field("counts"), 1), True).as_py()
        said = counts.field("values")[twice].as_py()
        raise InputError(f"{name}: household '{said}' stands more than once; give each household one row")
    return households


def whole_numbers(table: pa.Table, name: str, column: str) -> Ints:
    """A column of counts. Raises InputError where one is missing, negative or not whole."""
    values = table.column(column).combine_chunks()
    wrong = f"{name}: column '{column}'"
    if values.null_count:
        row = pc.index(pc.is_null(values), True).as_py() + 1
        raise InputError(f"{wrong}: row {row} is empty; missing is not zero: write 0 where there are none")
    try:
        counts: Ints = values.cast(pa.int64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException as error:
        raise InputError(f"{wrong} is no column of whole numbers ({error}); give counts") from error
    if len(counts) and counts.min() < 0:
        row = int(np.argmax(counts < 0)) + 1
        raise InputError(f"{wrong}: row {row} is {counts[row - 1]}; a count is 0 or more")
    return counts


def codes(columns: Sequence[Sequence[pa.Array]]) -> tuple[list[Ints], int]:
    """Number the different combinations of values over several tables alike, null being a value of its own.

    `columns` holds for each table its columns as text, the same number for all. Returns one array for each table with
    the number of each row's combination, from 0, and how many there are. The numbers follow the order of the values
    (null first), column by column, so they do not depend on the order of the rows.
    """
    lengths = [len(one[0]) if one else 0 for one in columns]
    total = np.zeros(sum(lengths), dtype=np.int64)
    for place in range(len(columns[0]) if columns else 0):
        both = pa.chunked_array([one[place] for one in columns]).combine_chunks().dictionary_encode()
        order = np.argsort(np.array(both.dictionary.to_pylist(), dtype=object), kind="stable")
        rank = np.empty(len(order) + 1, dtype=np.int64)
        rank[order] = np.arange(1, len(order) + 1)
        rank[len(order)] = 0
        which = pc.fill_null(both.indices, len(order)).to_numpy(zero_copy_only=False)
        total = total * (len(order) + 1) + rank[which]
        total = np.unique(total, return_inverse=True)[1].astype(np.int64)
    parts = np.split(total, np.cumsum(lengths)[:-1])
    return parts, int(total.max()) + 1 if len(total) else 0
