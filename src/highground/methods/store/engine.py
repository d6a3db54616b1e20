"""The engine: a DuckDB connection with its limits always set."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

GIB = 1024**3


@dataclass(frozen=True)
class Limits:
    """What a screening may use: bytes of memory, bytes of spill on disk, threads, and where it spills."""

    memory: int
    spill: int
    threads: int
    folder: Path | None = None


def machine_limits() -> Limits:
    """Half of the memory (1 to 8 GiB), half of the free disk (at most 50 GiB), all processors.

    `HIGHGROUND_MEMORY` and `HIGHGROUND_SPILL` (whole GiB) and `HIGHGROUND_THREADS` override them.
    """
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory = max(GIB, min(8 * GIB, total // 2))
    spill = min(50 * GIB, shutil.disk_usage(tempfile.gettempdir()).free // 2)
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Limits(
        int(os.environ.get("HIGHGROUND_MEMORY", 0)) * GIB or memory,
        int(os.environ.get("HIGHGROUND_SPILL", 0)) * GIB or spill,
        int(os.environ.get("HIGHGROUND_THREADS", 0)) or threads,
    )


def connect(limits: Limits | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory database with memory, spill and threads limited; nothing is installed or loaded from outside."""
    limits = limits or machine_limits()
    folder = limits.folder or Path(tempfile.gettempdir()) / f"highground-spill-{os.getpid()}"
    return duckdb.connect(
        config={
            "memory_limit": f"{limits.memory // 1024**2}MiB",
            "max_temp_directory_size": f"{limits.spill // 1024**2}MiB",
            "temp_directory": str(folder),
            "threads": limits.threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def first_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...] | None:
    """The first row of a query, which is read to its end so that the connection is free again."""
    found = connection.execute(query).fetchall()
    return found[0] if found else None


def arrow_table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """All rows of a query as an Arrow table."""
    return connection.sql(query).to_arrow_table()
