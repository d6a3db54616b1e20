"""Sweeping: what nothing names goes, what is named or young stays, whatever happens at the same moment."""

from __future__ import annotations

import datetime
import hashlib
import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import CharField

from highground.audit.models import Event
from highground.files import uploads
from highground.files.fields import FileHash
from highground.files.sweeping import YOUNG, Swept, sweep
from highground.files.uploads import FilesBusy, _store, held, keep_both, keep_upload, path_of
from highground.operate.sweeping import sweep_store
from tests.files import samples

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 1)

NAMING = {
    "field.SubmissionFile.hash",
    "files.Upload.hash",
    "forum.Attachment.original",
    "forum.Attachment.shown",
    "knowledge.Attachment.hash",
    "people.Authorisation.evidence",
    "support.Delivery.evidence",
}

LIKELY = ("hash", "evidence", "original", "shown", "file", "photo", "picture", "upload")
ELSEWHERE = ("audit.", "signals.", "works.")
"""Rooms whose hashes are of events, rulebooks and plans, not of stored files."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    settings.HIGHGROUND_HOME = tmp_path / "home"
    return settings.HIGHGROUND_HOME


def put(content: bytes, *, days: float = 2) -> Path:
    """A stored file of so many days ago."""
    path = path_of(hashlib.sha256(content).hexdigest())
    _store(content, path)
    made_old(path, days)
    return path


def made_old(path: Path, days: float = 2) -> None:
    then = time.time() - days * 24 * 60 * 60
    os.utime(path, (then, then))


def test_what_nothing_names_goes_and_what_is_named_stays() -> None:
    kept = keep_upload(io.BytesIO(samples.photo()), area_path="0001", kind="visit", by="7", today=TODAY)
    made_old(path_of(kept.hash))
    lost, young = put(b"lost" * 100), put(b"young", days=0.5)
    draft = lost.with_name(f".{lost.name}.4711.deadbeef")
    draft.write_bytes(b"half")
    made_old(draft)
    note = lost.parent / "README"
    note.write_text("somebody's own")
    made_old(note)
    assert sweep(dry_run=True) == Swept(files=2, size=404, young=1) and lost.exists() and draft.exists()
    assert sweep() == Swept(files=2, size=404, young=1)
    assert path_of(kept.hash).exists() and young.exists() and note.exists()
    assert not lost.exists() and not draft.exists()
    assert sweep(now=time.time() + YOUNG) == Swept(files=1, size=5) and not young.exists()


def test_a_paper_that_was_kept_twice_for_nothing_goes() -> None:
    given, shown = keep_both(io.BytesIO(samples.paper()))
    for one in (given, shown):
        made_old(path_of(one.hash))
    assert sweep().files == len({given.hash, shown.hash})
    assert not path_of(given.hash).exists() and not path_of(shown.hash).exists()


def test_every_column_that_names_a_file_is_known() -> None:
    columns = [(model, one) for model in apps.get_models() for one in model._meta.local_fields]
    found = {f"{model._meta.label}.{one.name}" for model, one in columns if isinstance(one, FileHash)}
    assert found == NAMING
    doubtful = {
        f"{model._meta.label}.{one.name}"
        for model, one in columns
        if type(one) is CharField and one.max_length == 64 and one.name in LIKELY
    }
    assert not {one for one in doubtful if not one.startswith(ELSEWHERE)}


def test_a_file_that_is_stored_anew_at_the_same_moment_is_never_lost() -> None:
    contents = [b"%d" % number * 50 for number in range(120)]
    paths = [put(content) for content in contents]

    def give(number: int) -> bool:
        _store(contents[number], paths[number])
        time.sleep(0.002)
        return paths[number].exists()

    with ThreadPoolExecutor(4) as pool:
        given = [pool.submit(give, number) for number in range(len(paths))]
        while not all(one.done() for one in given):
            sweep()
    assert all(one.result() for one in given)
    assert all(path.read_bytes() == content for path, content in zip(paths, contents, strict=True))
    assert sweep() == Swept(young=len(paths))


def test_nothing_is_swept_while_a_backup_holds_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = put(b"lost")
    monkeypatch.setattr(uploads, "WAIT", 0.1)
    with held(), pytest.raises(FilesBusy, match="again when it is done"):
        sweep()
    assert lost.exists()
    with held():
        put(b"others may store meanwhile")
    assert sweep().files == 2 and not lost.exists()


def test_one_event_says_how_much_went() -> None:
    put(b"lost" * 25)
    sweep_store(dry_run=True)
    assert not Event.objects.filter(kind="files.sweep").exists()
    sweep_store()
    assert Event.objects.get(kind="files.sweep").data == {"count": 1, "bytes": 100}
    sweep_store()
    assert Event.objects.filter(kind="files.sweep").count() == 1
