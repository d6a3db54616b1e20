"""What people upload: looked at, cleaned, stored once under the hash of its content, sent back safely.

    upload = keep_upload(file, area_path=household.area.path, kind="visit", by="7", today=today)
    return send_upload(upload)

A file lies in `HIGHGROUND_HOME/uploads/`, readable by its owner alone, and is there before the database names
it, in a column of the kind `FileHash`; what was kept for an action that failed stays behind unnamed until it is swept away
(`files/sweeping.py`). The room that calls records the event, with `upload.hash` in it. Who may see an upload is for the page
that sends it.
"""

from __future__ import annotations

import datetime
import fcntl
import hashlib
import io
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.http import FileResponse
from django.utils.translation import gettext as _

from highground.files.cleaning import clean
from highground.files.media import BY_TYPE, HEAD, Media, UploadRefused, recognise
from highground.files.models import Upload

MEGABYTE = 1_000_000
POLICY = "default-src 'none'; sandbox"
"""Whatever is in a file, a browser that opens it runs nothing of it."""


FIELD = ("image", "pdf", "audio")
"""What a visit or a family brings."""
PAPERS = ("pdf", "document", "image")
"""What somebody writes and hands in."""


@dataclass(frozen=True)
class Content:
    """What is stored under a hash (SHA-256), of which media type, how many bytes."""

    hash: str
    media: str
    size: int


def keep_upload(
    file: File[bytes] | IO[bytes],
    *,
    area_path: str,
    kind: str,
    by: str,
    today: datetime.date,
    behind: str = "households",
) -> Upload:
    """Store a photo, a PDF or a recording without what it says of its maker; a row for this use of it.

    `kind` is what it was given for, `behind` the kind of sight that opens it (a value of `Sight`). What it is
    is told by its content. Raises UploadRefused, with words for the person who chose it, when it is of another
    kind, too large (`settings.UPLOAD_LIMITS`, bytes), damaged or unsafe.
    """
    if not area_path:
        raise ValueError("an upload belongs to an area: give its path")
    given, media = _given(file, FIELD)
    kept = _keep(clean(given, media), media)
    return Upload.objects.create(
        hash=kept.hash,
        media=kept.media,
        size=kept.size,
        kind=kind,
        behind=behind,
        area_path=area_path,
        kept_on=today,
        by=by,
    )


def keep_both(
    file: File[bytes] | IO[bytes], *, look: Callable[[bytes, Media], None] | None = None
) -> tuple[Content, Content]:
    """Store a paper or a picture twice: as it was given, and as it may be shown to people who must not know its maker.

    `look` sees what will be shown and may raise. The room that calls keeps a row of its own for the two. Raises UploadRefused as
    `keep_upload` does. Nothing is stored when something is raised.
    """
    given, media = _given(file, PAPERS)
    shown = clean(given, media)
    if look:
        look(shown, media)
    return _keep(given, media), _keep(shown, media)


def _given(file: File[bytes] | IO[bytes], forms: Collection[str]) -> tuple[bytes, Media]:
    """The bytes of a file of one of these forms, and what it is."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise UploadRefused(_("This file is empty. Choose another one."))
    media = recognise(head)
    if media is None or media.form not in forms:
        raise UploadRefused(_wanted(forms))
    limit: int = settings.UPLOAD_LIMITS[media.form]
    size = file.seek(0, io.SEEK_END) if not isinstance(file, File) else file.size
    if size > limit:
        raise UploadRefused(_too_large(media.form) % {"size": _megabytes(size), "limit": _megabytes(limit)})
    file.seek(0)
    return file.read(), media


def _keep(content: bytes, media: Media) -> Content:
    digest = hashlib.sha256(content).hexdigest()
    _store(content, path_of(digest))
    return Content(digest, media.type, len(content))


def move_uploads(before: str, after: str) -> None:
    """The area at the path `before` lies at `after` now, with everything below it: what was given there goes along."""
    Upload.objects.move(before, after)


def path_of(digest: str) -> Path:
    """Where the content with this SHA-256 lies."""
    return Path(settings.HIGHGROUND_HOME) / "uploads" / digest[:2] / digest[2:]


def send_upload(upload: Upload) -> FileResponse:
    """The answer that hands an upload out: to be saved, never to be run. Raises FileNotFoundError when it is gone.

    The caller answers for who may see it, and notes in the access log who did.
    """
    return send_content(upload.hash, upload.media, f"{upload.kind}-{upload.hash[:8]}")


def send_content(digest: str, media: str, name: str) -> FileResponse:
    """The same for content that another room keeps a row for; `name` is the file's name without an ending."""
    response = FileResponse(
        path_of(digest).open("rb"),
        as_attachment=True,
        filename=f"{name}.{BY_TYPE[media].ending}",
        content_type=media,
    )
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    # What is compressed already is not compressed again.
    response["Content-Encoding"] = "identity"
    return response


def _wanted(forms: Collection[str]) -> str:
    if forms == PAPERS:
        return _(
            "This is not a kind of file that can be kept. Choose a PDF, a text document (DOCX) or a picture (JPEG, PNG, WebP)."
        )
    return _(
        "This is not a kind of file that can be kept. Choose a photo (JPEG, PNG, WebP), a PDF, or a recording "
        "of sound (Ogg, WebM, MP3, M4A, WAV)."
    )


def _too_large(form: str) -> Any:
    return {
        "image": _("This photo has %(size)s MB; at most %(limit)s MB can be kept. Choose a smaller one."),
        "pdf": _("This PDF has %(size)s MB; at most %(limit)s MB can be kept. Choose a smaller one."),
        "document": _(
            "This document has %(size)s MB; at most %(limit)s MB can be kept. Choose a smaller one."
        ),
        "audio": _("This recording has %(size)s MB; at most %(limit)s MB can be kept. Make a shorter one."),
    }[form]


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}".removesuffix(".0")


def _store(content: bytes, path: Path) -> None:
    """Put the content in its place; two who store the same at once both find it there. What is there is young again."""
    with held():
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            os.utime(path)
            return
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
                target.write(content)
                target.flush()
                os.fsync(target.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


class FilesBusy(RuntimeError):
    """The stored files cannot be swept now."""


WAIT = 10.0
"""Seconds that sweeping waits for those who store a file."""


@contextmanager
def held(*, alone: bool = False) -> Iterator[None]:
    """Nothing is swept from the store meanwhile; many hold it at once. `alone`: for sweeping, while nobody holds it.

    Raises FilesBusy where somebody holds it for long.
    """
    home = Path(settings.HIGHGROUND_HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(home / ".uploads.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if alone:
            _take_alone(lock)
        else:
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


def _take_alone(lock: int) -> None:
    until = time.monotonic() + WAIT
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise FilesBusy(
                    "the stored files are in use, most likely by a backup; give the same command again when it is done"
                ) from None
            time.sleep(0.05)
