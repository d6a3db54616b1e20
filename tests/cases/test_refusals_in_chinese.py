"""What an action refuses is said in the reader's language: every text raised in the room stands in the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone, translation

import highground
from tests.cases.test_notice_pages import hang
from tests.support.case_lists import many

SOURCE = Path(highground.__file__).parent
FILES = [
    *sorted((SOURCE / "cases" / "actions").glob("*.py")),
    SOURCE / "cases" / "flow.py",
    SOURCE / "cases" / "public" / "actions.py",
    SOURCE / "people" / "authorisations.py",
]
REFUSALS = {"CaseError": 0, "NotAuthorised": 0, "NotAllowed": 1}
"""The exceptions whose text reaches a page, and which of their arguments it is."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def raised(path: Path) -> Iterator[tuple[int, ast.expr]]:
    """The text of each refusal of a file, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        called = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Name) and called.func.id in REFUSALS:
            yield node.lineno, called.args[REFUSALS[called.func.id]]


def messages(text: ast.expr) -> list[str]:
    """What gettext is asked for in it."""
    return [
        call.args[0].value
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext")
        and call.args and isinstance(call.args[0], ast.Constant)
    ]  # fmt: skip


def test_every_refusal_is_in_the_catalogue() -> None:
    seen = 0
    for path in FILES:
        for line, text in raised(path):
            where = f"{path.name}:{line}"
            found = messages(text)
            assert found, f"{where}: this text does not go through gettext"
            for message in found:
                with translation.override("zh-hans"):
                    said = translation.gettext(message)
                assert CHINESE.search(said), f"{where}: no Chinese for {message!r}"
                seen += 1
    assert seen > 90, "the walk has lost its files"


@pytest.mark.django_db
def test_a_refusal_is_read_in_chinese(office, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: office.today)
    notice = hang(office, *many(office, 1, to="notice"))
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(office.staff["secretary"])
    with translation.override("en"):  # what a request sets stays for the tests after it
        page = client.post(f"/cases/notices/{notice.pk}/", {"do": "down"}, follow=True).content.decode()
    assert "公示须满5整天，现已满0天" in page
