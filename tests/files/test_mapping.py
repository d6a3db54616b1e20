"""The form of mappings: text stays text, and each complaint names file, line, key and mend."""

import datetime
from pathlib import Path

import pytest

from highground.files.mapping import MappingError, load_mapping


def write(folder: Path, text: str) -> Path:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_scalars_stay_the_text_that_was_written(tmp_path: Path) -> None:
    section = load_mapping(
        write(tmp_path, "values: {01: no, 1e3: 0x1F, on: ~, 'null': 'null'}\nday: 2024-06-30\n")
    )
    assert section.pairs("values") == {"01": "no", "1e3": "0x1F", "on": "", "null": "null"}
    assert section.day("day") == datetime.date(2024, 6, 30)
    section.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1\nb: 2\n", r"map\.yaml, line \d: not YAML .*check indents"),
        ("- a\n", r"map\.yaml, line 1: a mapping is made of keys"),
        ("", r"map\.yaml, line 1: a mapping is made of keys"),
        ("name: x\nname: y\n", r"map\.yaml, line 2: `name` stands here twice"),
        ("name: x\ncolour: y\n", r"map\.yaml, line 2: `colour`: unknown key; known here are .*name"),
        ("name: x\nday: 30.6.2024\n", r"line 2: `day`: '30\.6\.2024' is not a date; write it as YYYY-MM-DD"),
        ("name: x\nfactor: much\n", r"line 2: `factor`: 'much' is not a number"),
        ("name: x\nfactor: .inf\n", r"line 2: `factor`: '\.inf' is not a number"),
        ("name: x\nflag: yes\n", r"line 2: `flag`: 'yes' is not one of true, false"),
        ("name: [a, b]\n", r"line 1: `name`: write one value here"),
        ("inner: {deep: {name: 3}}\n", r"line 1: `inner\.deep\.name`: unknown key"),
    ],
)
def test_errors_name_the_place(tmp_path: Path, text: str, said: str) -> None:
    def read() -> None:
        section = load_mapping(write(tmp_path, text))
        section.text("name")
        section.day("day")
        section.number("factor")
        section.flag("flag")
        if inner := section.section("inner"):
            deep = inner.section("deep")
            assert deep is not None
            deep.close()
        section.close()

    with pytest.raises(MappingError, match=said):
        read()


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"gone\.yaml: cannot be read .*check the path"):
        load_mapping(tmp_path / "gone.yaml")
