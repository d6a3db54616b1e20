"""What is generated under docs says what the code says today."""

import re

import pytest

from tests.docs.pages import DOCS, ROOT
from tools import make_docs


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_writing_a_page_again_changes_nothing(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert make_docs.page(name) == written, "run: ./run python tools/make_docs.py"


def test_a_cell_keeps_the_table_whole() -> None:
    assert cell_of("one|two\nthree") == "one\\|two three"


def cell_of(text: str) -> str:
    """A text through a table and out again."""
    return list(make_docs.table(["a"], [[text]]))[-1].removeprefix("| ").removesuffix(" |")


def test_every_setting_is_described_and_read() -> None:
    named = re.compile(r'(?:environ(?:\.get)?[(\[]|_flag\(|_words\(|_megabytes\()\s*"([A-Z_]+)"')
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    read = set(named.findall(sources)) | {"DATABASE_URL"}  # dj_database_url reads that one
    assert described == read - {"DJANGO_SETTINGS_MODULE"}
