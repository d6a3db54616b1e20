"""What others wrote is what its manifest says."""

import hashlib
import json
import re
from pathlib import Path

import pytest

import highground

ROOT = Path(__file__).resolve().parents[2]
# npm's own list of what the referee of forms is built from; its lock names every file's hash itself.
LOCKED = {"web-forms/package.json", "web-forms/package-lock.json"}
PAGES = Path(highground.__file__).parent / "web/static/vendor"
SHELVES = [PAGES, ROOT / "tests/vendor"]


@pytest.mark.parametrize("shelf", SHELVES, ids=["pages", "tests"])
def test_every_file_is_in_the_manifest_and_unchanged(shelf: Path) -> None:
    entries = json.loads((shelf / "vendor.json").read_text())
    listed = {entry["file"]: entry["sha256"] for entry in entries}
    found = {
        str(file.relative_to(shelf)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in shelf.rglob("*")
        if file.is_file() and file.name != "vendor.json" and str(file.relative_to(shelf)) not in LOCKED
    }
    assert found == listed
    assert {entry["licence"] for entry in entries} <= {"MIT", "0BSD", "OFL-1.1", "MPL-2.0"}
    for entry in entries:
        assert entry["file"].startswith(f"{entry['name']}-{entry['version']}/")


def test_nothing_of_the_crown() -> None:
    sheet = (PAGES / "govuk-frontend-6.6.0/govuk.css").read_text()
    assert "GDS Transport" not in sheet
    assert "crown" not in sheet
    assert "url(" not in sheet


def test_every_font_that_is_declared_is_there() -> None:
    sheet = PAGES / "noto-sans-5.3.0/noto.css"
    named = set(re.findall(r'url\("([^"]+)"\)', sheet.read_text()))
    assert named == {file.name for file in sheet.parent.glob("*.woff2")}
    assert len(named) == 14
