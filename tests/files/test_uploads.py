"""Uploads: what is taken, where it lies, what is refused and in which words, how it is handed out."""

from __future__ import annotations

import datetime
import hashlib
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from highground.files.media import UploadRefused
from highground.files.models import UnscopedUploads, Upload
from highground.files.uploads import _store, keep_upload, move_uploads, path_of, send_upload
from tests.files import samples
from tests.files.samples import MARK

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 1)
VILLAGE, NEIGHBOUR = "000100020001", "000100020002"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    settings.HIGHGROUND_HOME = tmp_path / "home"
    return settings.HIGHGROUND_HOME


def keep(content: bytes, name: str = "photo.jpg", **options: Any) -> Upload:
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return keep_upload(file, **{"area_path": VILLAGE, "kind": "visit", "by": "7", "today": TODAY, **options})


def stored(home: Path) -> list[Path]:
    return [path for path in (home / "uploads").rglob("*") if path.is_file()]


def test_a_photo_is_kept_under_the_hash_of_what_is_kept(home: Path) -> None:
    upload = keep(samples.photo())
    path = path_of(upload.hash)
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == upload.hash and len(content) == upload.size
    assert MARK not in content
    assert (upload.media, upload.kind, upload.area_path) == ("image/jpeg", "visit", VILLAGE)
    assert (upload.kept_on, upload.by, upload.behind) == (TODAY, "7", "households")
    assert stored(home) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (home / "uploads", path.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_content_decides_not_the_name() -> None:
    assert keep(samples.wav(), "photo.jpg").media == "audio/wav"
    assert keep(samples.paper(), "song.mp3").media == "application/pdf"


def test_equal_content_is_stored_once_with_a_row_for_each_use(home: Path) -> None:
    one = keep(samples.mp3())
    other = keep(samples.mp3(), kind="grievance", area_path=NEIGHBOUR, behind="objectors")
    assert one.pk != other.pk and one.hash == other.hash
    assert len(stored(home)) == 1


def test_two_who_store_the_same_at_once_leave_one_whole_file(home: Path) -> None:
    content = os.urandom(200_000)
    path = path_of(hashlib.sha256(content).hexdigest())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: _store(content, path), range(32)))
    assert path.read_bytes() == content and stored(home) == [path]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", b"MZ\x90\x00" + bytes(4_000)),
        ("paper.pdf", b"\x7fELF" + bytes(4_000)),
        ("page.png", b"<html><script>alert(1)</script>"),
    ],
)
def test_a_renamed_program_is_refused_and_the_kinds_are_named(home: Path, name: str, content: bytes) -> None:
    with pytest.raises(UploadRefused) as refused:
        keep(content, name)
    for word in ("JPEG", "PNG", "WebP", "PDF", "Ogg", "WebM", "MP3", "M4A", "WAV"):
        assert word in str(refused.value)
    assert not Upload.objects.within([""], behind="households").exists() and not (home / "uploads").exists()


def test_a_photo_of_50_megabytes_is_refused_and_the_limit_is_named(home: Path) -> None:
    file = TemporaryUploadedFile("photo.jpg", "image/jpeg", 50_000_000, None)
    file.write(samples.photo())
    file.truncate(50_000_000)
    with pytest.raises(UploadRefused, match="has 50 MB; at most 10 MB can be kept"):
        keep_upload(file, area_path=VILLAGE, kind="visit", by="7", today=TODAY)
    assert not (home / "uploads").exists()


@pytest.mark.parametrize(
    ("form", "content", "word"),
    [
        ("image", samples.photo(), "photo"),
        ("pdf", samples.paper(), "PDF"),
        ("audio", samples.mp3(), "recording"),
    ],
)
def test_each_kind_has_a_limit_of_its_own(settings, form: str, content: bytes, word: str) -> None:
    others = dict.fromkeys(("image", "pdf", "audio"), 1)
    settings.UPLOAD_LIMITS = {**others, form: len(content)}
    assert keep_upload(io.BytesIO(content), area_path=VILLAGE, kind="visit", by="7", today=TODAY).pk
    settings.UPLOAD_LIMITS = {**dict.fromkeys(others, 10**9), form: len(content) - 1}
    with pytest.raises(UploadRefused, match=f"This {word} has"):
        keep(content)


def test_the_limits_are_ten_ten_and_fifteen_megabytes(settings) -> None:
    ten = dict.fromkeys(("image", "pdf", "document"), 10_000_000)
    assert ten | {"audio": 15_000_000} == settings.UPLOAD_LIMITS


def test_what_cannot_be_is_refused(home: Path) -> None:
    with pytest.raises(UploadRefused, match="empty"):
        keep(b"")
    with pytest.raises(UploadRefused, match="damaged"):
        keep(samples.photo()[:300])
    with pytest.raises(ValueError, match="belongs to an area"):
        keep(samples.photo(), area_path="")
    assert not (home / "uploads").exists()


def test_uploads_are_asked_for_by_area_and_by_what_opens_them() -> None:
    mine = keep(samples.photo())
    keep(samples.mp3(), area_path=NEIGHBOUR)
    hidden = keep(samples.wav(), behind="objectors")
    assert list(Upload.objects.within([VILLAGE], behind="households")) == [mine]
    assert list(Upload.objects.within([VILLAGE], behind="objectors")) == [hidden]
    assert Upload.objects.within([VILLAGE[:8]], behind="households").count() == 2
    assert not Upload.objects.within([], behind="households").exists()
    for ask in (Upload.objects.all, Upload.objects.count, lambda: Upload.objects.filter(pk=1)):
        with pytest.raises(UnscopedUploads):
            ask()


def path_now(upload: Upload) -> str:
    return Upload.objects.within([""], behind="households").get(pk=upload.pk).area_path


def test_uploads_go_along_with_an_area_that_moves() -> None:
    mine, above, beside = (
        keep(samples.photo()),
        keep(samples.mp3(), area_path=VILLAGE[:8]),
        keep(samples.wav(), area_path=NEIGHBOUR),
    )
    move_uploads(VILLAGE, "00030001")
    paths = [path_now(one) for one in (mine, above, beside)]
    assert paths == ["00030001", VILLAGE[:8], NEIGHBOUR]
    move_uploads(VILLAGE[:8], "0009")
    paths = [path_now(one) for one in (mine, above, beside)]
    assert paths == ["00030001", "0009", "00090002"]


def test_it_is_handed_out_to_be_saved_and_never_to_be_run() -> None:
    upload = keep(samples.photo(), "../../etc/pass\r\nwd.html")
    response = send_upload(upload)
    assert b"".join(response.streaming_content) == path_of(upload.hash).read_bytes()
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == f'attachment; filename="visit-{upload.hash[:8]}.jpg"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    path_of(upload.hash).unlink()
    with pytest.raises(FileNotFoundError):
        send_upload(upload)
