"""Files and folders that are whole or not there: written beside their place, forced to disk, then renamed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from highground.methods.store.layout import MANIFEST, StoreError

if os.name == "posix":
    import fcntl

CHUNK = 1024 * 1024


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def force_to_disk(path: Path) -> None:
    """Make sure that a file, or the names in a folder, outlive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a manifest whole: beside its place, to disk, renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    force_to_disk(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """Read a manifest. Raises StoreError where there is none, or where it is cut off."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise StoreError(f"{path}: there is no such manifest; is the store complete?") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise StoreError(f"{path}: is cut off or damaged; restore it from a backup") from error
    if not isinstance(content, dict):
        raise StoreError(f"{path}: is no manifest")
    return content


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes `path` at the end, whole, or is gone when something went wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield beside
        force_to_disk(beside)
        beside.replace(path)
        force_to_disk(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def publish_folder(work: Path, place: Path) -> None:
    """Rename a finished folder to its place. Raises StoreError where one is there already."""
    if not (work / MANIFEST).is_file():
        raise StoreError(f"{work}: has no {MANIFEST}; it is not finished")
    for path in sorted(work.rglob("*")):
        force_to_disk(path)
    if place.exists():
        raise StoreError(f"{place}: is there already and never changes; choose another name")
    place.parent.mkdir(parents=True, exist_ok=True)
    work.rename(place)
    force_to_disk(place.parent)


def sweep(folder: Path) -> None:
    """Remove what a stopped writer left beside its place."""
    if folder.is_dir():
        for path in folder.rglob(".*.tmp"):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path, what: str) -> Iterator[None]:
    """Only one writer at a time. Raises StoreError, naming `what`, where another is at work.

    The lock is the operating system's: it is gone when its holder is, however it ended.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "posix":
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreError(f"another {what} is at work in {folder}; wait until it has ended") from error
        yield
    finally:
        os.close(handle)
