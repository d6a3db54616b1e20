"""Putting a backup back: unpack beside the home folder, check every checksum, and only then rename.

The files of before are kept in a folder beside it (with `--replace`), and the keys and the signing key stay
in force: a backup holds neither. On PostgreSQL the database is replaced in a single transaction.
"""

import datetime
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from highground.audit.actions import record
from highground.operate import databases
from highground.operate.backup import (
    DATABASE_FILE,
    FILES,
    FORMAT,
    KEPT_APART,
    MANIFEST,
    NEIGHBOURS,
    BackupError,
    key_ids,
)


@dataclass(frozen=True)
class Restored:
    """What was put back, where the files of before are, and what the person should know."""

    home: Path
    files: int
    made_at: str
    kept: Path | None
    warnings: list[str] = field(default_factory=list)


def restore(source: Path, *, replace: bool) -> Restored:
    """Put the backup `source` in the place of this installation's data.

    Raises BackupError, with nothing changed, for a damaged or foreign backup, or when there is data already
    and `replace` is false.
    """
    home: Path = settings.HIGHGROUND_HOME
    _check_place(home)
    if not replace and (held := _holds(home)):
        raise BackupError(f"{held}; restore with --replace puts it aside and the backup in its place")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{home.name}.restoring-", dir=home.parent) as folder:
        unpacked = Path(folder) / "unpacked"
        manifest = _unpack(source, unpacked)
        _check_fits(manifest, source)
        fresh = Path(folder) / "home"
        _assemble(unpacked, fresh, home)
        if connection.vendor == "postgresql":
            databases.load_postgresql(unpacked / manifest["database"])
        connection.close()
        kept = _swap(fresh, home)
    _record(manifest)
    return Restored(
        home=home,
        files=len(manifest["files"]) - 1,
        made_at=manifest["made_at"],
        kept=kept,
        warnings=_warnings(manifest),
    )


def _check_place(home: Path) -> None:
    """Refuse where the database is a SQLite file outside the home folder, which a restore would not reach."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and Path(name).resolve() != (home / DATABASE_FILE).resolve():
        raise BackupError(
            f"DATABASE_URL names {name}; a backup is restored to {home / DATABASE_FILE}: unset DATABASE_URL, restore, "
            "and move the file"
        )


def _holds(home: Path) -> str | None:
    """What would be overwritten, as words, or None."""
    names = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    if beyond := [name for name in names if name not in {*KEPT_APART, *NEIGHBOURS} and name[0] != "."]:
        return f"{home} is not empty ({', '.join(beyond[:5])})"
    if connection.vendor == "postgresql" and (tables := connection.introspection.table_names()):
        return f"the database {connection.settings_dict['NAME']} is not empty ({len(tables)} tables)"
    return None


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into a new folder and compare it with its manifest, file by file."""
    digests: dict[str, str] = {}
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            for entry in tar:
                digests[entry.name] = _unpack_one(tar, entry, folder)
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        listed = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise BackupError(f"{source} is no complete backup ({error}); nothing was changed") from error
    del digests[MANIFEST]
    wrong = sorted(name for name in listed.keys() | digests.keys() if listed.get(name) != digests.get(name))
    if wrong:
        raise BackupError(f"{source} is damaged: {wrong[0]} does not match its checksum; nothing was changed")
    return manifest


def _unpack_one(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> str:
    """Write one entry below `folder` and return its SHA-256. Only plain files at plain paths are taken."""
    path = Path(entry.name)
    content = tar.extractfile(entry) if entry.isfile() else None
    if content is None or path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{entry.name} has no place in a backup")
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        while chunk := content.read(2**20):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _check_fits(manifest: dict[str, Any], source: Path) -> None:
    """Refuse a backup of another vendor or of a newer Highground."""
    if manifest.get("format") != FORMAT:
        raise BackupError(f"{source} has format {manifest.get('format')}; this version reads format {FORMAT}")
    if manifest["database"] != databases.dump_name():
        raise BackupError(
            f"{source} holds {manifest['database']}, but DATABASE_URL names {connection.vendor}; restore it into "
            "the kind of database that it was made from"
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest["migrations"]) - known):
        raise BackupError(
            f"{source} was made by a newer Highground ({manifest['highground']}, with {newer[0]}); install that first"
        )


def _assemble(unpacked: Path, fresh: Path, home: Path) -> None:
    """Make the home folder as it will be: the backup's files, the database, and the keys of now."""
    fresh.mkdir(mode=0o700)
    if (unpacked / FILES).is_dir():
        for path in sorted((unpacked / FILES).iterdir()):
            path.rename(fresh / path.name)
    if connection.vendor == "sqlite":
        database = fresh / DATABASE_FILE
        (unpacked / databases.dump_name()).rename(database)
        found = databases.check_sqlite(database)
        if found != "ok":
            raise BackupError(f"the database in the backup is damaged ({found}); nothing was changed")
    for name in KEPT_APART:
        if (home / name).is_dir():
            shutil.copytree(home / name, fresh / name)
        elif (home / name).exists():
            shutil.copy2(home / name, fresh / name)


def _swap(fresh: Path, home: Path) -> Path | None:
    """Put the new folder in the place of the old one; where the old one is kept, unless it held nothing."""
    if not home.exists():
        fresh.rename(home)
        return None
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    kept = home.with_name(f"{home.name}.before-{stamp}")
    home.rename(kept)
    fresh.rename(home)
    for name in NEIGHBOURS:
        if (kept / name).exists():
            (kept / name).rename(home / name)
    if any(path.name not in KEPT_APART for path in kept.iterdir()):
        return kept
    shutil.rmtree(kept)
    return None


def _is_older(manifest: dict[str, Any]) -> bool:
    """Whether this version has migrations that the backup's database has not."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    return bool(known - set(manifest["migrations"]))


def _record(manifest: dict[str, Any]) -> None:
    """Say in the event log that it was put back to an earlier day: a restore also takes later events away."""
    if _is_older(manifest):
        return
    with transaction.atomic():
        record(
            "operate.restore",
            by="command:restore",
            subject_kind="installation",
            subject_id="",
            data={
                "made_at": manifest["made_at"],
                "database": manifest["files"][manifest["database"]]["sha256"],
            },
        )


def _warnings(manifest: dict[str, Any]) -> list[str]:
    """What to do next, or to know, after a restore."""
    said = []
    absent = sorted(set(manifest["key_ids"]) - set(key_ids(settings.HIGHGROUND_HOME)))
    if absent:
        said.append(
            f"the names and numbers in this backup need the key(s) {', '.join(absent)}, which are not here: copy the "
            f"keys folder that was kept apart to {settings.HIGHGROUND_HOME / 'keys'}"
        )
    if _is_older(manifest):
        said.append("the backup is of an older Highground; run: highground migrate")
    return said
