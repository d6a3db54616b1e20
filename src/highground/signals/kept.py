"""Runs as they are kept: households out of a run's tables, as the rules saw them on that day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from highground.methods.rules import Rulebook
from highground.methods.rules.explaining import Explanation, explain
from highground.methods.rules.record import Record
from highground.methods.screening.records import read_records
from highground.methods.store.engine import connect
from highground.signals.models import Run
from highground.signals.rulebooks import book_of


class RunGone(RuntimeError):
    """The folder of a run is not where it was written; the message names it and the mend."""


def runs_folder() -> Path:
    """Where the runs of this installation are kept."""
    return Path(settings.HIGHGROUND_HOME) / "runs"


def folder_of(run: Run) -> Path:
    """The folder of a run. Raises RunGone where it is missing."""
    folder = runs_folder() / run.folder
    if not (folder / "manifest.json").is_file():
        raise RunGone(f"{folder}: the folder of this run is missing; restore it from a backup")
    return folder


def verdicts_of(run: Run) -> pa.Table:
    """The verdicts of a run, for the next one to compare with. Raises RunGone where the file is not as it was written."""
    path = folder_of(run) / "verdicts.parquet"
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != run.manifest["files"][path.name]:
            raise RunGone(f"{path}: was changed after the run; restore it from a backup")
    return pq.read_table(path)


def records_of(
    book: Rulebook, as_of: Any, assumed: frozenset[str], households: pa.Table, members: pa.Table
) -> Iterator[Record]:
    """The households of these tables as the rules saw them, in the order of the household's id."""
    with connect() as connection:
        for name, table in (("households", households), ("m", members)):
            connection.register(f"{name}_rows", table)
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {name}_rows")
        yield from read_records(connection, book, as_of, assumed)


def rows_of(folder: Path, keys: Iterable[str]) -> tuple[pa.Table, pa.Table]:
    """The rows of these households, and of their members, in a run's folder."""
    only = [("household", "in", sorted(keys))]
    households = pq.read_table(folder / "input_households.parquet", filters=only)
    return households, pq.read_table(folder / "input_m.parquet", filters=only)


def explain_again(run: Run, key: str) -> Explanation:
    """Why the run said what it said of the household with this pseudonym.

    Raises RunGone where the run's folder is missing, KeyError where the household was not in the run.
    """
    folder = folder_of(run)
    book = book_of(run.rulebook_version.hash).ranked(run.manifest.get("ranks", {}))
    assumed = frozenset(run.manifest["assumed"])
    for record in records_of(book, run.as_of, assumed, *rows_of(folder, [key])):
        return explain(record, book)
    raise KeyError(f"household {key} is not in this run")
