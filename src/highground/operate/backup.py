"""Backups: one compressed tar with the database, the stored files, and a manifest of checksums at its end.

What is in it: the database (one consistent state, taken first) and the files of `HIGHGROUND_HOME`. Files are
published before the database names them, and none is swept away while a backup is being written, so files copied after the
database hold everything that it refers to.

What is not in it: `keys/` and `secret_key`. Whoever holds a backup and the keys can read every name and
number; so the keys are copied once, by hand, to another place, and a stolen backup alone gives none away.
What can be made again (`static/`, `search/`) or is an installation of its own (`demo/`) stays out as well.
"""

import datetime
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

import highground
from highground.files.uploads import held
from highground.operate import databases

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files"
KEPT_APART = ("keys", "secret_key")
NEIGHBOURS = ("static", "demo")
MADE_AGAIN = ("search",)
"""Made of the database: left out, and never kept beside another one."""
DATABASE_FILE = "db.sqlite3"
LEFT_OUT = {
    *KEPT_APART,
    *NEIGHBOURS,
    *MADE_AGAIN,
    *(f"{DATABASE_FILE}{suffix}" for suffix in ("", "-wal", "-shm", "-journal")),
}


class BackupError(ValueError):
    """The backup can't be written or put back; the message says why and how to mend it."""


@dataclass(frozen=True)
class Written:
    """What a backup holds."""

    files: int
    size: int
    keys: Path


class _Counted:
    """A file being read, its checksum and size taken on the way."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        chunk = self._source.read(size)
        self.digest.update(chunk)
        self.size += len(chunk)
        return chunk


def stored_files(home: Path) -> Iterator[Path]:
    """The files of a home folder that belong in a backup, in a fixed order; links and drafts do not."""
    for folder, names, files in os.walk(home):
        here = Path(folder)
        if here == home:
            names[:] = [name for name in names if name not in LEFT_OUT]
            files = [name for name in files if name not in LEFT_OUT]
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = here / name
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def applied_migrations() -> list[str]:
    """`app.name` of every migration the database has had."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def key_ids(home: Path) -> list[str]:
    """The ids (not the keys) in the key file: what is needed to read the protected values."""
    path = home / "keys" / "protected.json"
    if not path.exists():
        return []
    return sorted(entry["id"] for entry in json.loads(path.read_text(encoding="ascii"))["keys"])


def back_up(target: Path) -> Written:
    """Write a backup to `target`, which must not exist. It appears there only when it is complete."""
    if target.exists():
        raise BackupError(f"{target} exists already; backups are never overwritten, choose another name")
    if not target.parent.is_dir():
        raise BackupError(f"{target.parent} is no folder; make it first")
    home: Path = settings.HIGHGROUND_HOME
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "highground": highground.__version__,
        "made_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "database": databases.dump_name(),
        "migrations": applied_migrations(),
        "key_ids": key_ids(home),
        "files": {},
    }
    try:
        with (
            held(),
            tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder,
            open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw,  # noqa: PTH123
            tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as tar,
        ):
            dumped = Path(folder) / databases.dump_name()
            databases.dump(dumped)
            _add(tar, dumped, dumped.name, manifest["files"])
            for path in stored_files(home):
                if path.resolve() not in {target.resolve(), draft.resolve()}:
                    _add(tar, path, f"{FILES}/{path.relative_to(home)}", manifest["files"])
            content = json.dumps(manifest, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size, entry.mode = len(content), 0o600
            tar.addfile(entry, io.BytesIO(content))
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return Written(files=len(manifest["files"]), size=target.stat().st_size, keys=home / "keys")


def _add(tar: tarfile.TarFile, path: Path, name: str, files: dict[str, Any]) -> None:
    """Put one file into the tar and its checksum into the manifest."""
    with path.open("rb") as source:
        entry = tarfile.TarInfo(name)
        status = os.fstat(source.fileno())
        entry.size, entry.mtime, entry.mode = status.st_size, int(status.st_mtime), 0o600
        counted = _Counted(source)
        tar.addfile(entry, counted)
    files[name] = {"size": counted.size, "sha256": counted.digest.hexdigest()}
