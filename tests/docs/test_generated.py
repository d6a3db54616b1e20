"""The generated pages of docs/reference say what the code says today."""

import pytest

from tests.docs.pages import DOCS
from tools import make_docs


@pytest.mark.parametrize("name", make_docs.PAGES)
def test_writing_a_page_again_changes_nothing(name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert make_docs.page(name) == written, "run: ./run python tools/make_docs.py"


def test_a_cell_keeps_the_table_whole() -> None:
    assert cell_of("one|two\nthree") == "one\\|two three"


def cell_of(text: str) -> str:
    """A text through a table and out again."""
    return list(make_docs.table(["a"], [[text]]))[-1].removeprefix("| ").removesuffix(" |")
