"""Bad rows come back whole, readable by their owner alone, and all at once."""

import csv
import stat
from pathlib import Path

import pytest

from highground.files.rejects import HEADINGS, Reject, RejectsFile

BAD = Reject(3, "income", "-5", "too small", "correct it", {"number": "7", "income": "-5", "name": None})


def test_rejects_carry_the_original_row(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "bad.csv"
    with RejectsFile(target) as rejects:
        rejects.headings(["number", "income", "name"])
        rejects.add([BAD, Reject(3, "name", "", "missing", "fill in", BAD.original)])
        assert not target.exists()
    assert (rejects.count, rejects.rows) == (2, 1)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [*HEADINGS, "number", "income", "name"]
    assert rows[1] == ["3", "income", "-5", "too small", "correct it", "7", "-5", ""]
    assert [path.name for path in target.parent.iterdir()] == ["bad.csv"]


def test_no_rejects_leave_no_file_not_even_an_old_one(tmp_path: Path) -> None:
    target = tmp_path / "bad.csv"
    target.write_text("from last time")
    with RejectsFile(target) as rejects:
        rejects.headings(["a"])
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_what_was_found_beside_the_target(tmp_path: Path) -> None:
    target = tmp_path / "bad.csv"
    with pytest.raises(RuntimeError), RejectsFile(target) as rejects:
        rejects.headings(["number"])
        rejects.add([BAD])
        raise RuntimeError
    assert not target.exists()
    assert "too small" in (tmp_path / "bad.csv.partial").read_text(encoding="utf-8-sig")
