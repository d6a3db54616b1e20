"""A disk that fills up during a run: the run before stays whole and current, and the next start finishes."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from highground.cli import say
from highground.methods.rules import load_rulebook
from highground.methods.screening.nation.checking import verify_run
from highground.methods.screening.nation.running import latest_run, list_runs, screen_country
from highground.methods.store import Store
from tests.methods.screening.nation.small import landed
from tests.methods.screening.nation.test_agreement import tables
from tests.methods.screening.random_world import AS_OF
from tests.support.parts import skip_without

BOOK = load_rulebook("cn-2021")
BEFORE = AS_OF - timedelta(days=31)
SIZE = 4 * 1024**2
FREE = [0, 8, 30, 80]
"""KiB that are free when the run starts: it stops at its first manifest, in stored facts, in a province, near the end."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], capture_output=True, text=True
    )
    if mounted.returncode:
        skip_without("small disk", f"this machine does not let tests mount one: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_stops_a_run_and_harms_nothing(small_disk: Path, tmp_path: Path) -> None:
    source = landed(tmp_path, BOOK, *tables(5, BOOK), month=BEFORE.isoformat()[:7], as_of=BEFORE)
    landed(tmp_path, BOOK, *tables(6, BOOK), month=AS_OF.isoformat()[:7], as_of=AS_OF)
    first = screen_country(source, BOOK, BEFORE)
    undisturbed = screen_country(source, BOOK, AS_OF)
    store = Store(small_disk / "store")
    store.root.mkdir()
    (store.root / "registers").symlink_to(source.registers)
    assert screen_country(store, BOOK, BEFORE)["content_hash"] == first["content_hash"]
    ballast, stopped = small_disk / "ballast", 0
    for free in FREE:
        _leave(small_disk, ballast, free * 1024)
        try:
            screen_country(store, BOOK, AS_OF, block=100)
        except (OSError, duckdb.Error) as error:
            assert str(say(error)).startswith("the disk is full (")
            stopped += 1
            assert [one["id"] for one in list_runs(store)] == [first["id"]] == [latest_run(store, BOOK.id)]
            assert verify_run(store, first["id"]).holds
    assert stopped >= 2
    ballast.unlink()
    made = screen_country(store, BOOK, AS_OF, block=100)
    assert made["content_hash"] == undisturbed["content_hash"] and made["previous"] == first["id"]
    assert verify_run(store, made["id"]).holds
    assert not list(store.runs.glob(".work-*"))


def _leave(disk: Path, ballast: Path, free: int) -> None:
    """Fill the disk until that many bytes are free."""
    ballast.unlink(missing_ok=True)
    asked = subprocess.run(
        ["df", "--output=avail", "-B1", str(disk)], capture_output=True, text=True, check=True
    )
    ballast.write_bytes(bytes(max(0, int(asked.stdout.split()[1]) - free)))
