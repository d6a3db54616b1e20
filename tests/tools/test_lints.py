"""Each rule of the house finds what it is there to find."""

import subprocess
from pathlib import Path

import pytest

from tools import catalogues
from tools.lints import file_sizes, plain_words, unread_words, unscoped


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An empty checkout."""
    (tmp_path / "src" / "highground" / "people").mkdir(parents=True)
    (tmp_path / "tools" / "lints").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def test_long_files_are_found_and_migrations_are_not(house: Path) -> None:
    people = house / "src" / "highground" / "people"
    (people / "migrations").mkdir()
    (people / "models.py").write_text("x = 1\n" * (file_sizes.LIMIT + 1))
    (people / "queries.py").write_text("x = 1\n" * file_sizes.LIMIT)
    (people / "migrations" / "0001_initial.py").write_text("x = 1\n" * 1000)
    assert [line.split(":")[0] for line in file_sizes.problems(house)] == ["src/highground/people/models.py"]


def test_words_in_an_f_string_are_found_and_names_that_are_looked_up_are_not(house: Path) -> None:
    page = house / "src" / "highground" / "people" / "page.py"
    page.write_text("a = f\"{_('Visit')}: {title}\"\nb = f\"{_(label)}\"\nc = _('Visit')\n")
    (found,) = unread_words.problems(house)
    assert found.startswith("src/highground/people/page.py:1: ")


def test_reading_everywhere_needs_a_line_with_a_reason(house: Path) -> None:
    people = house / "src" / "highground" / "people"
    (people / "tasks.py").write_text('Household.objects.everywhere(reason="rebuild").count()\n')
    (people / "pages.py").write_text('Household.objects.everywhere(reason="lazy").count()\n')
    (house / "tools" / "lints" / "unscoped.txt").write_text(
        "# comment\npeople/tasks.py  rebuilds the projection\npeople/commands.py  was removed\n"
    )
    found = unscoped.problems(house)
    assert len(found) == 2
    assert found[0].startswith("src/highground/people/pages.py: calls everywhere()")
    assert "people/commands.py does not call everywhere() any more" in found[1]
    (house / "tools" / "lints" / "unscoped.txt").write_text("people/tasks.py\npeople/pages.py  a reason\n")
    assert unscoped.problems(house) == ["tools/lints/unscoped.txt: people/tasks.py has no reason"]


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.py", "# TODO later\n", 1),
        ("a.py", "todo = 'a list'\n", 0),
        ("a.md", "see /root/notes for more\n", 1),
        ("a.md", "see /rooted/notes and ../home/x\n", 0),
        ("a.txt", "--index-url x\n", 1),
        ("a.md", "fixes #12\n", 1),
        ("src/highground/people/a.html", '<script src="https://example.org/x.js"></script>\n', 1),
        ("src/highground/people/a.html", '<a href="https://example.org/">out</a>\n', 0),
        ("src/highground/people/a.css", "@import 'https://example.org/x.css';\n", 1),
        ("src/highground/vendor/a.py", "# TODO theirs\n", 0),
    ],
)
def test_plain_words(house: Path, name: str, content: str, found: int) -> None:
    path = house / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    assert len(plain_words.problems(house)) == found


def test_texts_are_read_from_python_and_from_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogues, "PACKAGE", tmp_path)
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    (tmp_path / "enums.py").write_text('from x import gettext_lazy as _\nROLE = _("township officer")\n')
    page = tmp_path / "templates" / "people" / "household.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<p>\n    {% translate "Isn\'t it" %}\n  {% blocktranslate count n=n trimmed %}\n'
        "one {{ n }} clue\n{% plural %}\n{{ n }} clues\n{% endblocktranslate %}</p>\n"
    )
    texts = {message.id for message in catalogues.texts_in_source() if message.id}
    assert texts == {"township officer", "Isn't it", ("one %(n)s clue", "%(n)s clues")}

    po = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "gone"\nmsgstr "没了"\n'
    )
    catalogues.update()
    catalogues.compile_all()
    assert sorted(line.split(": ", 1)[1] for line in catalogues.problems()) == [
        "'Isn't it' is not translated",
        "'one %(n)s clue' is not translated",
        "'township officer' is not translated",
    ]
    filled = po.read_text().replace(
        'msgid "township officer"\nmsgstr ""', 'msgid "township officer"\nmsgstr "乡镇干部"'
    )
    filled = filled.replace('msgid "Isn\'t it"\nmsgstr ""', 'msgid "Isn\'t it"\nmsgstr "不是吗"')
    po.write_text(filled.replace('msgstr[0] ""', 'msgstr[0] "%(m)s 条线索"'))
    found = catalogues.problems()
    assert any("has other placeholders than ['%(n)s']" in line for line in found)
    assert any("is not compiled" in line for line in found)
    po.write_text(po.read_text().replace("%(m)s", "%(n)s"))
    catalogues.compile_all()
    assert catalogues.problems() == []
