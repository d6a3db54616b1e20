"""The words that the officers' page prints in bold are those of the pages of the program, in both languages."""

import re

from babel.messages.pofile import read_po

from tests.docs.pages import DOCS, ROOT

CATALOGUE = ROOT / "src" / "highground" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PAIR = re.compile(r"^\| \*\*(.+?)\*\* \| \*\*(.+?)\*\* \|", re.MULTILINE)


def test_words_on_pages_are_quoted_as_they_stand_there() -> None:
    with CATALOGUE.open("rb") as file:
        words = {message.id: message.string for message in read_po(file) if isinstance(message.id, str)}
    pairs = PAIR.findall((DOCS / "how-to" / "work-with-clues.md").read_text(encoding="utf-8"))
    assert len(pairs) == 7
    assert {english: words.get(english) for english, _ in pairs} == dict(pairs)
