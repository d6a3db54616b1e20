"""Rows that could not be used, handed back so that they can be mended and read again."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

HEADINGS = ("row", "column", "value", "reason", "mend")


@dataclass(frozen=True)
class Reject:
    """One thing wrong with one row: where, what stood there, why it cannot be used, what to do.

    `row` is the number that a spreadsheet program shows (the heading is row 1); files without a heading
    (Parquet, Stata) count from 1. `original` is the row as it was read.
    """

    row: int
    column: str
    value: str
    reason: str
    mend: str
    original: Mapping[str, Any] | None = None


class RejectsFile:
    """A CSV of rejects, published by rename when the `with` block ends; nothing is left when it is empty.

    Columns: row, column, value, reason, mend, then the original row under its own headings. Readable by its
    owner alone, because original rows hold personal data. After an error the part that was written stays
    beside the target with the ending `.partial`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.rows = 0
        # Two readers of one file must not write into each other's draft.
        self._draft = path.with_name(f"{path.name}.{os.getpid()}.partial")
        self._last_row: int | None = None
        self._columns: Sequence[str] = ()

    def __enter__(self) -> RejectsFile:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # The byte order mark makes spreadsheet programs read the file as UTF-8.
        self._file = open(descriptor, "w", encoding="utf-8-sig", errors="backslashreplace", newline="")  # noqa: PTH123
        self._writer = csv.writer(self._file)
        return self

    def headings(self, columns: Sequence[str]) -> None:
        """Begin with the columns of the table that is read."""
        self._columns = list(columns)
        self._writer.writerow([*HEADINGS, *columns])

    def add(self, rejects: Iterable[Reject]) -> None:
        """Write rejects; those of one row follow each other."""
        for reject in rejects:
            original = reject.original or {}
            self._writer.writerow(
                [
                    *(reject.row, reject.column, reject.value, reject.reason, reject.mend),
                    *("" if original.get(name) is None else original[name] for name in self._columns),
                ]
            )
            self.count += 1
            if reject.row != self._last_row:
                self.rows += 1
                self._last_row = reject.row

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is not None and self.count:
            self._draft.replace(self.path.with_name(self.path.name + ".partial"))
            return
        if self.count:
            self._draft.replace(self.path)
        else:
            self._draft.unlink()
            self.path.unlink(missing_ok=True)
