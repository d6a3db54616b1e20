"""A hash over what a table says, whatever file, engine or order of columns it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc


def content_hash(table: pa.Table) -> str:
    """The SHA-256 over the values of a table: columns by name, rows in their order, nulls as nulls.

    Whole numbers count as 64-bit integers, texts as UTF-8. Raises TypeError for floating numbers: nothing that a
    run keeps is one.
    """
    total = hashlib.sha256()
    for name in sorted(table.column_names):
        column = table.column(name).combine_chunks()
        total.update(f"{name}:{len(column)}:".encode())
        for part in _parts(column):
            total.update(part)
    return total.hexdigest()


def _parts(column: pa.Array) -> Iterable[memoryview | bytes]:
    """The bytes of a column: which values are there, and the values with nulls as zero or nothing."""
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    yield _packed(pc.is_valid(column))
    kind = column.type
    if pa.types.is_boolean(kind):
        yield _packed(pc.fill_null(column, False))
    elif pa.types.is_integer(kind):
        yield _values(pc.fill_null(column.cast(pa.int64()), 0))
    elif pa.types.is_date(kind):
        yield _values(pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), 0))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        filled = pc.fill_null(column.cast(pa.large_string()), "")
        yield _values(pc.binary_length(filled).cast(pa.int64()))
        yield _texts(filled)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        lengths = pc.fill_null(pc.list_value_length(column), 0).cast(pa.int64())
        yield _values(lengths)
        yield from _parts(pc.list_flatten(column))
    else:
        raise TypeError(f"a column of {kind} has no content hash")


def _texts(column: pa.Array) -> memoryview:
    """All texts of a column one after the other."""
    _, offsets, data = column.buffers()
    if data is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("q")
    return memoryview(data)[ends[column.offset] : ends[column.offset + len(column)]]


def _packed(column: pa.Array) -> bytes:
    return bytes(_values(column.cast(pa.int8())))


def _values(column: pa.Array) -> memoryview:
    """The values of a column without gaps, from its first row on."""
    size = column.type.bit_width // 8
    data = column.buffers()[1]
    if data is None:
        return memoryview(b"")
    return memoryview(data)[column.offset * size : (column.offset + len(column)) * size]
