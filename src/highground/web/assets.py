"""Publish the files that pages load: hashed names, compressed, in the installation's own folder."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from whitenoise.storage import CompressedManifestStaticFilesStorage

_STAMP = "published"


def publish() -> bool:
    """Bring the published files up to date; False if they were so already.

    Call it before the server starts: a process that starts later serves the published files, which browsers
    may keep for ever because their names carry a hash, and which travel compressed. Without it pages work
    too, from the package's own folders, uncompressed.
    """
    found = _sources()
    stamp = Path(settings.STATIC_ROOT) / _STAMP
    fingerprint = _fingerprint(found)
    if stamp.exists() and stamp.read_text() == fingerprint:
        return False
    storage = CompressedManifestStaticFilesStorage()
    for name, (source, path) in found.items():
        with source.open(path) as file:
            storage.delete(name)
            storage.save(name, file)
    for _name, _hashed, outcome in storage.post_process(found):
        if isinstance(outcome, Exception):
            raise outcome
    stamp.write_text(fingerprint)
    return True


def _sources() -> dict[str, tuple[Any, str]]:
    """Each file under its public name, from the first app that has it, as collectstatic does."""
    found: dict[str, tuple[Any, str]] = {}
    for finder in get_finders():
        for path, storage in finder.list([".*"]):
            found.setdefault(path.replace("\\", "/"), (storage, path))
    return found


def _fingerprint(found: dict[str, tuple[Any, str]]) -> str:
    whole = hashlib.sha256()
    for name, (source, path) in sorted(found.items()):
        with source.open(path) as file:
            whole.update(name.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return whole.hexdigest()
