"""Many Parquet files written side by side with little memory: small tables are gathered into row groups."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 122_880
GATHERED = 425_984
"""Rows of one feed that wait to be written, over all its months."""
UNIQUE = ("household", "member", "identity_number", "record")
"""Columns in which hardly any text repeats: a dictionary of them would be as long as they are."""


class WorldError(ValueError):
    """A nation that cannot be written there; the message names the file or folder and the mend."""


class Files:
    """Parquet files below a folder. Each appears under its name when all are finished, or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._gathered: dict[str, list[pa.Table]] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

    def add(self, name: str, table: pa.Table, *, group: int = ROW_GROUP) -> None:
        """Add rows to the file `name`; row groups have `group` rows or a little more."""
        waiting = self._gathered.setdefault(name, [])
        waiting.append(table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows
        if sum(each.num_rows for each in waiting) >= group:
            self._write(name)

    def finish(self) -> dict[str, int]:
        """Write what is left and give all files their names; bytes of each."""
        for name in list(self._gathered):
            self._write(name)
        sizes = {}
        for name, writer in self._writers.items():
            path = self.root / name
            try:
                writer.close()
            except OSError as error:
                raise self._refusal(name, error) from error
            _beside(path).replace(path)
            sizes[name] = path.stat().st_size
        self._writers.clear()
        return sizes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, writer in self._writers.items():
            with suppress(OSError):
                writer.close()
            _beside(self.root / name).unlink(missing_ok=True)

    def _write(self, name: str) -> None:
        waiting = self._gathered.pop(name, [])
        if not waiting:
            return
        table = pa.concat_tables(waiting)
        try:
            if name not in self._writers:
                self._writers[name] = self._open(name, table.schema)
            self._writers[name].write_table(table, row_group_size=2 * ROW_GROUP)
        except OSError as error:
            raise self._refusal(name, error) from error

    def _open(self, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        path = _beside(self.root / name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            store_schema=False,
            use_dictionary=[column for column in schema.names if column not in UNIQUE],
        )

    def _refusal(self, name: str, error: OSError) -> WorldError:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return WorldError(
            f"{self.root / name}: {reason}; make room and call the same command again: it goes on from there"
        )


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")
