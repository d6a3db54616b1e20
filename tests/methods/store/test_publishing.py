"""What is written is whole or not there, and only one writes at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from highground.methods.store.layout import MANIFEST, Store, StoreError
from highground.methods.store.publishing import (
    locked,
    publish_folder,
    read_json,
    sha256_of,
    sweep,
    whole_file,
    write_json,
)


def test_a_manifest_is_read_back(tmp_path: Path) -> None:
    write_json(tmp_path / MANIFEST, {"b": 1, "a": "中文"})
    assert read_json(tmp_path / MANIFEST) == {"a": "中文", "b": 1}
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


@pytest.mark.parametrize(
    ("content", "said"), [(b'{"a": 1', "cut off"), (b"\xff\xfe", "cut off"), (b"[1]", "no manifest")]
)
def test_a_damaged_manifest_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / MANIFEST
    path.write_bytes(content)
    with pytest.raises(StoreError, match=said) as caught:
        read_json(path)
    assert str(path) in str(caught.value)


def test_an_absent_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such manifest"):
        read_json(tmp_path / MANIFEST)


def test_a_file_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    place = tmp_path / "part.parquet"
    place.write_bytes(b"before")
    with pytest.raises(RuntimeError), whole_file(place) as beside:
        beside.write_bytes(b"half")
        raise RuntimeError
    assert place.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["part.parquet"]


def test_a_folder_without_its_manifest_is_not_published(tmp_path: Path) -> None:
    work = tmp_path / ".work"
    work.mkdir()
    (work / "part.parquet").write_bytes(b"1")
    with pytest.raises(StoreError, match="not finished"):
        publish_folder(work, tmp_path / "run")
    write_json(work / MANIFEST, {"files": {"part.parquet": sha256_of(work / "part.parquet")}})
    publish_folder(work, tmp_path / "run")
    assert read_json(tmp_path / "run" / MANIFEST)["files"] == {
        "part.parquet": sha256_of(tmp_path / "run" / "part.parquet")
    }
    work.mkdir()
    write_json(work / MANIFEST, {})
    with pytest.raises(StoreError, match="never changes"):
        publish_folder(work, tmp_path / "run")


def test_what_a_stopped_writer_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".part.parquet.77.tmp").write_bytes(b"half")
    (tmp_path / "a" / "part.parquet").write_bytes(b"whole")
    sweep(tmp_path)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["part.parquet"]


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    with locked(tmp_path, "landing"):
        script = (
            "import sys; from pathlib import Path; from highground.methods.store.publishing import locked\n"
            "with locked(Path(sys.argv[1]), 'landing'): pass"
        )
        other = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)
        assert other.returncode == 1 and "another landing is at work" in other.stderr
    with locked(tmp_path, "landing"):
        pass  # the lock went with its holder


@pytest.mark.parametrize("name", ["", "..", "../out", "a/b", ".hidden", "x" * 81])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError):
        Store(tmp_path).run(name)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "202611", "../2026-11"])
def test_a_month_is_a_month(tmp_path: Path, month: str) -> None:
    with pytest.raises(StoreError):
        Store(tmp_path).register(month)
