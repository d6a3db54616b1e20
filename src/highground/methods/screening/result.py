"""What a screening gives back, and how it is kept on disk."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from highground import __version__
from highground.methods.rules.explaining import Explanation, explain
from highground.methods.rules.reading import read_rulebook
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.notices import Notice
from highground.methods.screening.records import read_records
from highground.methods.screening.tables import InputError
from highground.methods.store.engine import arrow_table, connect
from highground.methods.store.publishing import sha256_of

SCHEMA = 1
MANIFEST = "manifest.json"
ROW_GROUP = 20_000


@dataclass(frozen=True)
class ScreenResult:
    """One run: `verdicts` and `changes` (Arrow tables), `notices`, and what is needed to explain each verdict."""

    book: Rulebook
    as_of: date
    verdicts: pa.Table
    changes: pa.Table
    notices: tuple[Notice, ...]
    connection: duckdb.DuckDBPyConnection
    assumed: frozenset[str]

    def summary(self) -> dict[str, Any]:
        """Counts: households, verdicts, classes, fired and undecided rules, changes."""
        return {
            "rulebook": self.book.id,
            "rulebook_hash": self.book.hash,
            "as_of": self.as_of.isoformat(),
            "households": len(self.verdicts),
            "verdicts": _counted(self.verdicts.column("class_verdict"), ("yes", "no", "cannot_tell")),
            "classes": _counted(self.verdicts.column("class"), [one.id for one in self.book.classes]),
            "fired": _counted(
                pc.list_flatten(self.verdicts.column("fired")), [one.id for one in self.book.clues]
            ),
            "undecided": _counted(
                pc.list_flatten(self.verdicts.column("undecided")), [one.id for one in self.book.clues]
            ),
            "changes": _counted(self.changes.column("change"), ("new", "continuing", "cleared")),
            "notices": [notice.message for notice in self.notices],
        }

    def record(self, household: str) -> Record:
        """The household as the rules saw it. Raises KeyError where it is not in this run."""
        for record in read_records(self.connection, self.book, self.as_of, self.assumed, str(household)):
            return record
        raise KeyError(f"household {household} is not in this run")

    def records(self) -> Iterator[Record]:
        """Every household as the rules saw it, in the order of the household's id."""
        return read_records(self.connection, self.book, self.as_of, self.assumed)

    def explain(self, household: str) -> Explanation:
        """Why the verdict on one household is what it is; `str()` gives the text.

        Raises KeyError where the household is not in this run.
        """
        return explain(self.record(household), self.book)

    def save(self, folder: str | Path) -> Path:
        """Keep the run as Parquet and JSON: written beside, then renamed; the manifest comes last.

        Raises InputError where the folder already holds something: a run is never overwritten.
        """
        folder = Path(folder)
        if folder.exists() and any(folder.iterdir()):
            raise InputError(f"{folder}: is not empty; a run is never overwritten: give a new folder")
        beside = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True, mode=0o700)
        try:
            self._write(beside)
            if folder.exists():
                folder.rmdir()
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return folder

    def _write(self, folder: Path) -> None:
        pq.write_table(self.verdicts, folder / "verdicts.parquet", compression="zstd")
        pq.write_table(self.changes, folder / "changes.parquet", compression="zstd")
        inputs = {"households": "household", "m": "household, member"}
        for table, order in inputs.items():
            arrow = arrow_table(self.connection, f"SELECT * FROM {table} ORDER BY {order}")
            # Small groups of rows: one household is found again without reading the whole file.
            pq.write_table(
                arrow, folder / f"input_{table}.parquet", compression="zstd", row_group_size=ROW_GROUP
            )
        (folder / "rulebook.json").write_text(_json(self.book.content), encoding="utf-8")
        manifest = {
            "schema": SCHEMA,
            "highground": __version__,
            "engine": f"duckdb {duckdb.__version__}",
            "rulebook": self.book.id,
            "rulebook_version": self.book.version,
            "rulebook_hash": self.book.hash,
            "as_of": self.as_of.isoformat(),
            "assumed": sorted(self.assumed),
            "ranks": {name: self.book.rank_values(name) for name in self.book.ranks},
            "rows": {"households": len(self.verdicts), "changes": len(self.changes)},
            "files": {path.name: sha256_of(path) for path in sorted(folder.iterdir())},
            "notices": [notice.as_dict() for notice in self.notices],
        }
        (folder / MANIFEST).write_text(_json(manifest), encoding="utf-8")


def load_result(folder: str | Path) -> ScreenResult:
    """A run from its folder. Raises InputError where the folder holds no whole run, or a changed one."""
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        raise InputError(f"{folder}: there is no run here ({MANIFEST} is missing)")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name, expected in manifest["files"].items():
        if not (folder / name).is_file() or sha256_of(folder / name) != expected:
            raise InputError(
                f"{folder / name}: is missing or was changed after the run; restore it from a backup"
            )
    content = json.loads((folder / "rulebook.json").read_text(encoding="utf-8"))
    connection = connect()
    for table in ("households", "m"):
        connection.register(f"{table}_arrow", pq.read_table(folder / f"input_{table}.parquet"))
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM {table}_arrow")
    return ScreenResult(
        book=read_rulebook(content, origin=f"{manifest['rulebook']}.yaml").ranked(manifest.get("ranks", {})),
        as_of=date.fromisoformat(manifest["as_of"]),
        verdicts=pq.read_table(folder / "verdicts.parquet"),
        changes=pq.read_table(folder / "changes.parquet"),
        notices=tuple(Notice(**notice) for notice in manifest["notices"]),
        connection=connection,
        assumed=frozenset(manifest["assumed"]),
    )


def _counted(column: Any, names: Any) -> dict[str, int]:
    counts = Counter(column.to_pylist())
    return {name: counts.get(name, 0) for name in names}


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
