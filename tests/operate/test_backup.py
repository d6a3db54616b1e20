"""A backup brings everything back that was there, and nothing less than a whole backup is taken."""

import gzip
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.office import Office, Offices

SEED = """
from pathlib import Path
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from highground.audit.actions import record
from highground.people.vault import open_vault
open_vault()
with transaction.atomic():
    ContentType.objects.create(app_label="seeded", model="MARK")
    record("test.seed", by="test", subject_kind="test", subject_id="MARK")
run = Path(settings.HIGHGROUND_HOME) / "runs" / "2024" / "verdicts.parquet"
run.parent.mkdir(parents=True, exist_ok=True)
run.write_bytes(b"MARK" * 1000)
(Path(settings.HIGHGROUND_HOME) / "runs" / ".draft").write_bytes(b"half")
import datetime, io
from PIL import Image
from highground.files.uploads import keep_upload
photo = io.BytesIO()
Image.new("RGB", (4, 4)).save(photo, "PNG")
keep_upload(photo, area_path="0001", kind="MARK", by="test", today=datetime.date(2026, 3, 1))
"""
STATE = """
import json
from django.apps import apps
from django.db import connection
rows = {}
with connection.cursor() as cursor:
    for table in sorted(set(connection.introspection.table_names()) - {"audit_event", "audit_chainhead"}):
        cursor.execute(f'SELECT * FROM "{table}"')
        rows[table] = sorted(map(repr, cursor.fetchall()))
print(json.dumps(rows))
"""
LOG = """
from highground.audit.actions import verify
from highground.audit.models import Event
print(*Event.objects.order_by("sequence").values_list("kind", "subject_id"), verify().faults, sep="\\n")
"""


@pytest.fixture(scope="module")
def seeded(new_office: Offices) -> Office:
    """A migrated installation with a row, an event and a file of its own."""
    made = new_office(migrated=True)
    made.python(SEED.replace("MARK", "one"))
    return made


@pytest.fixture
def office(seeded: Office, new_office: Offices) -> Office:
    """A copy of it for one test."""
    return new_office(like=seeded)


def state(office: Office) -> dict[str, list[str]]:
    """Every row of every table."""
    rows: dict[str, list[str]] = json.loads(office.python(STATE))
    return rows


def files(office: Office) -> dict[str, bytes]:
    """Every stored file, the database and the keys aside."""
    return {
        str(path.relative_to(office.home)): path.read_bytes()
        for path in office.home.rglob("*")
        if path.is_file() and "db.sqlite3" not in path.name and not path.name.startswith(".")
    }


def test_a_lost_installation_comes_back(office: Office, tmp_path: Path) -> None:
    rows, stored = state(office), files(office)
    said = office.run("backup", str(tmp_path / "one.tar.gz"))
    assert "The keys are NOT in it" in said.stderr
    assert (tmp_path / "one.tar.gz").stat().st_mode & 0o077 == 0
    keys = tmp_path / "apart"
    shutil.copytree(office.home / "keys", keys)
    secret = (office.home / "secret_key").read_bytes()

    shutil.rmtree(office.home)
    said = office.run(
        "restore", str(tmp_path / "one.tar.gz"), *(["--replace"] if office.database_url else [])
    )
    assert "which are not here" in said.stderr
    shutil.copytree(keys, office.home / "keys")

    assert state(office) == rows
    restored = files(office)
    assert restored.pop("secret_key") != secret
    del stored["secret_key"]
    assert restored == stored
    assert any(name.startswith("uploads/") for name in restored)
    assert office.python(LOG).splitlines() == ["('test.seed', 'one')", "('operate.restore', '')", "[]"]


def test_replacing_keeps_what_was_there_and_takes_out_what_came_later(office: Office, tmp_path: Path) -> None:
    rows = state(office)
    office.run("backup", str(tmp_path / "one.tar.gz"))
    office.python(SEED.replace("MARK", "two"))

    said = office.run("restore", str(tmp_path / "one.tar.gz"), exit_code=2)
    assert "is not empty" in said.stderr
    assert "two" in str(state(office))

    office.run("restore", str(tmp_path / "one.tar.gz"), "--replace")
    assert state(office) == rows
    # What a restore made can be backed up and restored again.
    office.run("backup", str(tmp_path / "two.tar.gz"))
    said = office.run("restore", str(tmp_path / "two.tar.gz"), "--replace")
    assert state(office) == rows
    assert (office.home / "runs" / "2024" / "verdicts.parquet").read_bytes() == b"one" * 1000
    kept = Path(said.stdout.split("what was there before is in ")[1].split(";")[0])
    assert (kept / "runs").is_dir()


def test_a_backup_is_taken_while_somebody_writes(office: Office, tmp_path: Path) -> None:
    office.python(
        f"""
import subprocess, sys
from django.db import transaction
from django.contrib.contenttypes.models import ContentType
with transaction.atomic():
    ContentType.objects.create(app_label="unfinished", model="row")
    subprocess.run([sys.executable, "-m", "highground", "backup", {str(tmp_path / "one.tar.gz")!r}], check=True)
"""
    )
    office.run("restore", str(tmp_path / "one.tar.gz"), "--replace")
    assert "unfinished" not in str(state(office))


def _rewritten(source: Path, target: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    """Copy a backup, entry by entry, through `change`."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for entry in old:
            content = old.extractfile(entry)
            assert content is not None
            changed = change(entry.name, content.read())
            if changed:
                info = tarfile.TarInfo(changed[0])
                info.size = len(changed[1])
                new.addfile(info, io.BytesIO(changed[1]))


DAMAGES = {
    "cut": "is no complete backup",
    "no tar": "is no complete backup",
    "a byte": "does not match its checksum",
    "a file less": "does not match its checksum",
    "a file more": "does not match its checksum",
    "no manifest": "is no complete backup",
    "outside": "has no place in a backup",
    "newer": "was made by a newer Highground",
    "other database": "restore it into the kind of database",
}
TRY_EACH = """
from pathlib import Path
from highground.operate.backup import BackupError
from highground.operate.restore import restore
for path in sorted(Path(FOLDER).glob("*.tar.gz")):
    try:
        restore(path, replace=True)
    except BackupError as error:
        print(f"{path.name[:-7]}: {error}")
"""


def _damaged(whole: Path, broken: Path, damage: str) -> None:
    """Write `whole` to `broken` with one thing wrong."""
    run = "files/runs/2024/verdicts.parquet"

    def change(name: str, content: bytes) -> tuple[str, bytes] | None:
        manifest = name == "manifest.json"
        if damage == "a byte" and name == run:
            return name, content[:-1] + b"!"
        if (damage == "a file less" and name == run) or (damage == "no manifest" and manifest):
            return None
        if damage == "a file more" and manifest:
            return name, content.replace(b'"files/runs', b'"files/other')
        if damage == "outside" and name == run:
            return "files/../../../outside.txt", content
        if damage == "newer" and manifest:
            return name, content.replace(b'"migrations": [', b'"migrations": ["people.9999_later",')
        if damage == "other database" and manifest:
            return name, content.replace(b'"database": "database.', b'"database": "other.')
        return name, content

    if damage == "cut":
        broken.write_bytes(whole.read_bytes()[:-2000])
    elif damage == "no tar":
        broken.write_bytes(gzip.compress(b"hello"))
    else:
        _rewritten(whole, broken, change)


def test_what_is_no_whole_backup_changes_nothing(office: Office, tmp_path: Path) -> None:
    whole, broken = tmp_path / "one.tar.gz", tmp_path / "broken"
    office.run("backup", str(whole))
    broken.mkdir()
    for damage in DAMAGES:
        _damaged(whole, broken / f"{damage}.tar.gz", damage)
    rows, stored = state(office), files(office)
    said = dict(
        line.split(": ", 1)
        for line in office.python(TRY_EACH.replace("FOLDER", repr(str(broken)))).splitlines()
    )
    assert said.keys() == DAMAGES.keys()
    for damage, words in DAMAGES.items():
        assert words in said[damage]
    assert (state(office), files(office)) == (rows, stored)
    assert not list(office.home.parent.rglob("outside.txt"))
    assert not list(office.home.parent.glob(".*restoring*"))


def test_a_backup_is_never_overwritten(office: Office, tmp_path: Path) -> None:
    (tmp_path / "one.tar.gz").write_text("mine")
    said = office.run("backup", str(tmp_path / "one.tar.gz"), exit_code=2)
    assert "exists already" in said.stderr
    assert (tmp_path / "one.tar.gz").read_text() == "mine"
    assert "is no folder" in office.run("backup", str(tmp_path / "no" / "x.tar.gz"), exit_code=2).stderr
