"""Mappings of households: what is wrong is named with its file, line, key and mend."""

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from highground.files.mapping import MappingError
from highground.signals.imports.mapping import When, load_household_mapping

TODAY = datetime.date(2026, 3, 1)
GOOD = """
source: {name: Survey}
area: {code: CN}
household: {key: number}
date: 2023-12-31
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_mapping(tmp_path: Path) -> None:
    text = """
source: {name: Survey 2023, kind: department, day: 2024-02-01}
file: {format: csv, encoding: gb18030, delimiter: tab}
area: {column: village, scheme: nbs}
household: {key: [village, number], register: county-7}
date: {column: round, values: {0: 1991-12-31, 1: 1998-12-31}}
missing: [NA]
facts:
  household_size: people
  income_wage_12m: {column: wages, multiply: 1000, missing: "-9"}
  income_total_12m:
    - {column: income97, date: 1997-12-31}
    - {column: income98, date: 1998-12-31}
  dwelling_unsafe: {column: house, values: {危房: true, 安全: false}}
protected: {phone: tel}
members:
  household: {key: [village, number]}
  member: {key: line}
  date: 2023-12-31
  facts: {birth_date: {column: born, form: "%Y%m%d"}}
"""
    mapping = load_household_mapping(write(tmp_path, text), today=TODAY)
    assert (mapping.source_name, mapping.source_kind, mapping.register) == (
        "Survey 2023",
        "department",
        "county-7",
    )
    households = mapping.households
    assert (households.layout.encoding, households.layout.delimiter) == ("gb18030", "\t")
    days = (("0", datetime.date(1991, 12, 31)), ("1", datetime.date(1998, 12, 31)))
    assert households.entries[0].when == When(column="round", values=days)
    assert (households.entries[1].multiply, households.entries[1].missing) == (Decimal(1000), ("NA", "-9"))
    assert [entry.when.fixed for entry in households.entries[2:4]] == [
        datetime.date(1997, 12, 31),
        datetime.date(1998, 12, 31),
    ]
    assert households.columns()["tel"] == (mapping.section, "protected")
    assert mapping.members is not None
    assert (mapping.members.member_key, mapping.members.entries[0].form) == (("line",), "%Y%m%d")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("area: {code: CN}\n", r"line 1: `source`: missing"),
        ("source: {kind: import}\n", r"line 1: `source\.name`: missing; write where"),
        ("source: {name: x, kind: rumour}\n", r"`source\.kind`: 'rumour' is not one of household, visit"),
        (
            "source: {name: x}\narea: {code: CN, column: a}\n",
            r"line 2: `area`: write either `code` or `column`",
        ),
        ("source: {name: x}\narea: {code: CN}\n", r"`household`: missing; write \{key: COLUMN\}"),
        (
            "source: {name: x}\narea: {code: CN}\nhousehold: {row_number: true}\n",
            r"line 3: `household\.register`: row numbers mean nothing outside this file",
        ),
        (
            "source: {name: x}\narea: {code: CN}\nhousehold: {row_number: true, key: a, register: b}\n",
            r"line 3: `household`: write either `key: COLUMN` or `row_number: true`",
        ),
        (GOOD, r"`facts`: missing; name at least one fact"),
        (GOOD + "facts: {income_wages: a}\n", r"line 6: `facts\.income_wages`: there is no such fact"),
        (
            GOOD + "facts: {sex: a}\n",
            r"`facts\.sex`: this is a fact of a member; write it under `members\.facts`",
        ),
        (
            GOOD + "facts: {stratum: {column: a, values: {U: town}}}\n",
            r"'U' becomes 'town', which is not one of rural, urban",
        ),
        (
            GOOD + "facts: {relocated: {column: a, values: {J: ja}}}\n",
            r"'J' becomes 'ja'; write true or false",
        ),
        (
            GOOD + "facts: {stratum: {column: a, multiply: 2}}\n",
            r"`facts\.stratum\.multiply`: a category cannot be multiplied",
        ),
        (
            GOOD + "facts: {household_size: {column: a, multiply: 0}}\n",
            r"write a number above 0 with at most four decimals",
        ),
        (
            GOOD + "facts: {household_size: {column: a, factor: 2}}\n",
            r"`facts\.household_size\.factor`: unknown key",
        ),
        (GOOD + "facts: {household_size: {column: a, separator: x}}\n", r"only lists are separated"),
        (GOOD + "facts: {household_size: {column: a, form: x}}\n", r"only dates have a form"),
        (GOOD + "facts: {household_size: [a, b]}\n", r"two columns for one fact on one date"),
        (GOOD + "facts: {household_size: {column: a, date: 2026-03-02}}\n", r"2026-03-02 lies in the future"),
        (
            GOOD.replace("2023-12-31", "2023-31-12"),
            r"line 5: `date`: '2023-31-12' is not a date; write it as YYYY-MM-DD",
        ),
        (
            GOOD.replace("2023-12-31", "{column: a, form: b, values: {c: 2023-01-01}}"),
            r"write either `form` or `values`",
        ),
        (
            GOOD.replace("date:", "dates:") + "facts: {household_size: a}\n",
            r"no date; write `date` for the whole table",
        ),
        (
            GOOD + "facts: {household_size: a}\nprotected: {shoe_size: b}\n",
            r"'shoe_size' is not one of name, identity_number",
        ),
        (GOOD + "facts: {household_size: a}\nmember: {key: b}\n", r"`member`: unknown key"),
        (
            GOOD + "members: {member: {key: a}, household: {key: b}, facts: {risks: c}}\n",
            r"`members\.facts\.risks`: this is a fact of a household; write it under `facts`",
        ),
        (
            GOOD + "members: {household: {key: b}, date: 2023-01-01, facts: {sex: c}}\n",
            r"`members\.member`: missing",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(MappingError, match=said) as caught:
        load_household_mapping(path, today=TODAY)
    assert str(caught.value).startswith(f"{path}, line ")


def test_the_mappings_of_the_examples_are_good() -> None:
    examples = Path(__file__).parents[3] / "examples"
    for path in sorted(examples.glob("*/mapping.yaml")):
        assert load_household_mapping(path, today=TODAY).households.entries
    assert len(list(examples.glob("*/mapping.yaml"))) >= 2
