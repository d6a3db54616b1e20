"""What every reader of tables shares: how a file is laid out, how large a batch is, and the error."""

from __future__ import annotations

from dataclasses import dataclass

ROW = "__row"
"""The last column of every batch: the row number (int64)."""

BATCH = 20_000
"""Rows of a batch, at most."""

CELLS = 250_000
"""Values of a batch, about: a file with many columns comes in smaller batches and needs no more memory."""


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


def batch_rows(columns: int, rows: int | None) -> int:
    """Rows of a batch of this many columns: `rows` where somebody asks for a number."""
    return rows or max(1_000, min(BATCH, CELLS // max(columns, 1)))
