"""The words of the phone's page: each translation holds every English text of the scripts, and nothing else."""

import json
import re
from pathlib import Path

import pytest

import highground.field
from highground.cases.needs.forms import languages

SHELL = Path(highground.field.__file__).parent / "static" / "field"
FILES = sorted(SHELL.glob("words.*.json"))
CALL = re.compile(r"(?<![\w.$])(?<!function )t\(\s*")
LITERAL = re.compile(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"")
ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))")
PLACEHOLDER = re.compile(r"\{\w+\}")
SIMPLE = {"n": "\n", "t": "\t"}


def unquote(literal: str) -> str:
    """The text of a JavaScript string literal."""
    return ESCAPE.sub(
        lambda found: (
            chr(int(code, 16))
            if (code := found[1] or found[2] or found[3])
            else SIMPLE.get(found[4], found[4])
        ),
        literal[1:-1],
    )


def texts_of(script: str) -> tuple[set[str], list[str]]:
    """The first arguments of `t(` in a script, and the calls whose first argument is no plain literal."""
    texts, odd = set(), []
    for call in CALL.finditer(script):
        if literal := LITERAL.match(script, call.end()):
            texts.add(unquote(literal[0]))
        else:
            odd.append(script[call.start() : call.end() + 60])
    return texts, odd


def in_scripts() -> set[str]:
    return set().union(*(texts_of(one.read_text(encoding="utf-8"))[0] for one in SHELL.glob("*.js")))


def pairs_of(file: Path) -> list[tuple[str, str]]:
    return json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)


def test_texts_are_found_over_several_lines_and_with_escapes():
    script = (
        "x(t(\n  'It\\u2019s \\'so\\'', { n }), t(\"two\")); put('no'); meet.t('no'); set('no'); t(name);"
    )
    texts, odd = texts_of(script)
    assert texts == {"It’s 'so'", "two"}
    assert [one[:7] for one in odd] == ["t(name)"]


def test_every_text_is_written_where_it_is_used():
    # A text that is put together in the script could be looked up nowhere.
    assert [odd for one in sorted(SHELL.glob("*.js")) for odd in texts_of(one.read_text("utf-8"))[1]] == []
    assert len(in_scripts()) > 100


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_translation_holds_every_text_once(file):
    pairs = pairs_of(file)
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys))
    # The entry "" says in the file itself who answers for it.
    assert set(keys) - {""} == in_scripts()
    assert dict(pairs)[""]
    assert [key for key, value in pairs if not value.strip()] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_placeholders_agree(file):
    differing = [
        key
        for key, value in pairs_of(file)
        if set(PLACEHOLDER.findall(key)) != set(PLACEHOLDER.findall(value))
        or value.count("{") != value.count("}")
    ]
    assert differing == []


def test_a_family_may_speak_every_language_that_the_office_knows():
    script = (SHELL / "words.js").read_text("utf-8")
    lists = re.findall(r"export const (?:LANGUAGES|SPOKEN) = (\[.*\]);", script)
    offered = re.findall(r"\['([a-z-]+)', '", " ".join(lists))
    assert sorted(offered) == sorted(code for code, _name in languages() if code)
