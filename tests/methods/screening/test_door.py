"""Tables of every kind come through the door alike; what cannot be true is set aside and said."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from highground.methods.facts.months import complete_months
from highground.methods.rules import read_rulebook
from highground.methods.screening import InputError, ScreenResult, screen

BOOK = read_rulebook(
    {
        "id": "door",
        "currency": "CNY",
        "facts": {
            "buffaloes": {"entity": "household", "type": "integer", "minimum": 0, "maximum": 50,
                          "label": {"en": "buffaloes", "zh": "水牛"}},
        },
        "classes": [
            {"id": "poor", "when": "income_wage_12m < 3500 AND stratum = 'rural' AND NOT relocated"},
        ],
        "clues": [
            {"id": "at_risk", "when": "NOT is_empty(risks)"},
            {"id": "ill", "when": "has(risks, 'illness')"},
            {"id": "young", "when": "any_member(age < 6)"},
            {"id": "large", "when": "buffaloes > 3"},
        ],
    }
)  # fmt: skip
DAY = datetime.date(2024, 6, 30)
ROWS: list[dict[str, Any]] = [
    {"household": "H1", "area": "V1", "income_wage_12m": 3499.99, "stratum": "rural", "relocated": False,
     "risks": ["illness", "disaster"], "buffaloes": 4},
    {"household": "H2", "area": "V1", "income_wage_12m": 3500, "stratum": "rural", "relocated": False,
     "risks": [], "buffaloes": 3},
    {"household": "H3", "area": "V2", "income_wage_12m": None, "stratum": None, "relocated": None,
     "risks": None, "buffaloes": None},
]  # fmt: skip
MEMBERS = [
    {"household": "H1", "member": "1", "birth_date": datetime.date(2018, 7, 1)},
    {"household": "H2", "member": "1", "birth_date": datetime.date(2018, 6, 30)},
]
EXPECTED = [
    ("H1", "poor", "yes", ["at_risk", "ill", "young", "large"], []),
    ("H2", None, "no", [], []),
    ("H3", None, "cannot_tell", [], ["at_risk", "ill", "young", "large"]),
]


def answers(result: ScreenResult) -> list[tuple[Any, ...]]:
    names = ("household", "class", "class_verdict", "fired", "undecided")
    return [tuple(row[name] for name in names) for row in result.verdicts.to_pylist()]


def one(**changes: Any) -> ScreenResult:
    return screen(BOOK, households=[{**ROWS[0], **changes}], as_of=DAY)


def kinds(result: ScreenResult) -> list[str]:
    return [notice.kind for notice in result.notices if notice.kind != "assumed"]


def as_csv(folder: Path) -> tuple[Path, Path]:
    households = folder / "households.csv"
    households.write_text(
        "household,area,income_wage_12m,stratum,relocated,risks,buffaloes\n"
        "H1,V1,3499.99,rural,false,illness; disaster,4\nH2,V1,3500,rural,no,[],3\nH3,V2,,,,,\n",
        encoding="utf-8",
    )
    members = folder / "members.csv"
    members.write_text("household,member,birth_date\nH1,1,2018-07-01\nH2,1,2018-06-30\n", encoding="utf-8")
    return households, members


def test_every_kind_of_table_gives_the_same_answers(tmp_path: Path) -> None:
    arrow, arrow_members = pa.Table.from_pylist(ROWS), pa.Table.from_pylist(MEMBERS)
    pq.write_table(arrow, tmp_path / "h.parquet")
    pq.write_table(arrow_members, tmp_path / "m.parquet")
    tables = {
        "rows": (ROWS, MEMBERS),
        "arrow": (arrow, arrow_members),
        "reader": (arrow.to_reader(), arrow_members.to_reader()),
        "pandas": (pandas.DataFrame(ROWS), pandas.DataFrame(MEMBERS)),
        "polars": (polars.DataFrame(ROWS), polars.DataFrame(MEMBERS)),
        "lazy": (polars.DataFrame(ROWS).lazy(), polars.DataFrame(MEMBERS).lazy()),
        "parquet": (tmp_path / "h.parquet", str(tmp_path / "m.parquet")),
        "csv": as_csv(tmp_path),
    }
    for name, (households, members) in tables.items():
        assert answers(screen(BOOK, households=households, members=members, as_of=DAY)) == EXPECTED, name


@pytest.mark.parametrize("amount", [3499, 3499.99, Decimal("3499.99"), Decimal("3499.994")])
def test_amounts_may_be_whole_floating_or_exact(amount: Any) -> None:
    assert answers(one(income_wage_12m=amount))[0][1] == "poor"


def test_nan_is_missing() -> None:
    assert answers(one(income_wage_12m=float("nan")))[0][2] == "cannot_tell"


@pytest.mark.parametrize(
    ("amount", "minor"), [(3499.994, 349999), (3499.995, 350000), (0.005, 1), (0.0049, 0)]
)
def test_amounts_are_rounded_half_up_and_reported(amount: float, minor: int) -> None:
    result = one(income_wage_12m=amount)
    assert result.record("H1").facts["income_wage_12m"] == minor
    assert "rounded" in kinds(result)
    assert "rounded" not in kinds(one(income_wage_12m=3499.99))


def test_a_currency_without_small_coins_has_no_minor_unit() -> None:
    book = read_rulebook(
        {"id": "vn", "currency": "VND", "classes": [{"id": "p", "when": "income_wage_12m <= 100"}]}
    )
    result = screen(book, households=[{"household": "H1", "income_wage_12m": 100.4}], as_of=DAY)
    assert result.verdicts.column("class").to_pylist() == ["p"]
    assert result.record("H1").facts["income_wage_12m"] == 100


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("income_wage_12m", -1),
        ("income_wage_12m", 10**18),
        ("income_wage_12m", float("inf")),
        ("income_wage_12m", 1e300),
        ("stratum", "Rural"),
        ("risks", ["illness", "flood"]),
        ("risks", ["illness", None]),
        ("risks", [None]),
        ("buffaloes", 3.5),
        ("buffaloes", 51),
    ],
)
def test_a_value_that_cannot_be_is_set_aside_and_said(column: str, value: Any) -> None:
    result = one(**{column: value})
    assert result.record("H1").facts[column] is None
    (notice,) = [notice for notice in result.notices if notice.kind == "unusable"]
    assert (notice.details["column"], notice.details["count"], notice.details["first"]) == (column, 1, "H1")
    assert "set aside as missing" in notice.message


def test_a_date_of_birth_in_the_future_is_set_aside() -> None:
    member = {"household": "H1", "member": "1", "birth_date": datetime.date(2025, 1, 1)}
    result = screen(BOOK, households=ROWS[:1], members=[member], as_of=DAY)
    assert "young" in result.verdicts.to_pylist()[0]["undecided"] and "unusable" in kinds(result)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("income_wage_12m", "many", "column 'income_wage_12m' is VARCHAR; it needs a number"),
        ("relocated", "perhaps", "column 'relocated' is VARCHAR; it needs true or false"),
        ("relocated", 2, "column 'relocated', household H1: '2' is not true or false"),
        ("stratum", 3, "column 'stratum' is BIGINT; it needs a text"),
        ("risks", 3, "column 'risks' is BIGINT; it needs a list of texts"),
        (
            "income_wage_12m__date",
            "June",
            "column 'income_wage_12m__date', household H1: 'June' is not a date",
        ),
        ("income_wage_12m__date", 2024, "column 'income_wage_12m__date' is BIGINT; it needs dates"),
    ],
)
def test_a_wrong_type_is_an_error_that_names_the_column(column: str, value: Any, said: str) -> None:
    with pytest.raises(InputError, match="household table") as error:
        one(**{column: value})
    assert said in str(error.value)


def test_a_wrong_word_in_a_csv_names_column_and_household(tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("household,income_wage_12m\nH1,100\nH2,plenty\n", encoding="utf-8")
    with pytest.raises(InputError, match="column 'income_wage_12m', household H2: 'plenty' is not a number"):
        screen(BOOK, households=path, as_of=DAY)


def test_a_pandas_column_of_mixed_types_is_named() -> None:
    frame = pandas.DataFrame({"household": ["H1", "H2"], "income_wage_12m": [3, "many"]}, dtype=object)
    with pytest.raises(InputError, match="column 'income_wage_12m' mixes types"):
        screen(BOOK, households=frame, as_of=DAY)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"house": "H1"}], "there is no column 'household'"),
        ([{"household": None}], "column 'household' is empty in 1 row;"),
        ([{"household": "H1"}, {"household": "H1"}], "household H1 stands 2 times"),
        ([{"household": "H1"}, {"household": " H1 "}], "household H1 stands 2 times"),
    ],
)
def test_the_key_must_be_there_and_unique(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        screen(BOOK, households=rows, as_of=DAY)


def test_a_member_stands_once() -> None:
    with pytest.raises(InputError, match="member table: household H1, member 1 stands 2 times"):
        screen(BOOK, households=ROWS, members=[MEMBERS[0], MEMBERS[0]], as_of=DAY)


def test_numbers_that_a_gap_made_floating_are_the_same_keys() -> None:
    """Pandas holds whole numbers beside a missing one as floating: 1.0 is household 1, and NaN is none."""
    households = pandas.DataFrame(
        [{**ROWS[0], "household": 1, "area": 150100.0}, {**ROWS[1], "household": 2}]
    )
    households.loc[1, "area"] = float("nan")
    members = polars.DataFrame([{**MEMBERS[0], "household": 1.0, "member": 1.0}])
    result = screen(BOOK, households=households, members=members, as_of=DAY)
    assert [(row["household"], row["area"]) for row in result.verdicts.to_pylist()] == [
        ("1", "150100"),
        ("2", None),
    ]
    assert "young" in result.verdicts.to_pylist()[0]["fired"]
    with pytest.raises(InputError, match="column 'household' is empty in 1 row"):
        screen(BOOK, households=polars.DataFrame({"household": [1.0, float("nan")]}), as_of=DAY)


def test_members_of_unknown_households_are_left_out_and_said() -> None:
    result = screen(BOOK, households=ROWS, members=[{"household": "H9", "member": "1"}], as_of=DAY)
    (notice,) = [notice for notice in result.notices if notice.kind == "members_without_household"]
    assert notice.details == {"count": 1, "first": "H9"}


def test_a_crowd_in_one_household_is_an_error() -> None:
    crowd = [{"household": "H1", "member": str(index)} for index in range(101)]
    with pytest.raises(InputError, match="household H1 has 101 members; at most 100"):
        screen(BOOK, households=ROWS, members=crowd, as_of=DAY)


def test_extra_columns_are_ignored_and_counted() -> None:
    result = one(village_head="Li", colour="red")
    (notice,) = [notice for notice in result.notices if notice.kind == "ignored_columns"]
    assert notice.details["columns"] == ["colour", "village_head"]
    assert answers(result)[0][1] == "poor"


def test_who_belongs_counts_as_true_without_a_column_and_that_is_said() -> None:
    result = screen(BOOK, households=ROWS, members=MEMBERS, as_of=DAY)
    assert [notice.details["column"] for notice in result.notices if notice.kind == "assumed"] == [
        "shares_budget"
    ]


def test_a_value_from_after_the_day_is_not_yet_known() -> None:
    result = one(relocated__date=datetime.date(2024, 7, 1))
    assert answers(result)[0][2] == "cannot_tell" and "not_yet" in kinds(result)
    assert answers(one(relocated__date="2024-06-30"))[0][2] == "yes"


@pytest.mark.parametrize(("age", "verdict"), [(400, "yes"), (401, "cannot_tell")])
def test_a_value_is_fresh_for_its_days_and_no_longer(age: int, verdict: str) -> None:
    result = one(income_wage_12m__date=DAY - datetime.timedelta(days=age))
    assert answers(result)[0][2] == verdict


@pytest.mark.parametrize(
    "as_of", ["2024-02-28", "2024-02-29", "2023-02-28", "2024-04-30", "2024-07-31", "2024-01-01"]
)
def test_months_and_days_since_a_date_are_those_of_the_calendar(as_of: str) -> None:
    """The engine's months agree with the sentence about months, for every day of three years and some ahead."""
    day = datetime.date.fromisoformat(as_of)
    dates = [day - datetime.timedelta(days=number) for number in range(-400, 1100)]
    when = "months_since(recognised_on) >= 1 OR days_since(exited_on) > 1"
    book = read_rulebook({"id": "dates", "currency": "CNY", "classes": [{"id": "a", "when": when}]})
    rows = [{"household": f"{one}", "recognised_on": one} for one in dates]
    result = screen(book, households=rows, as_of=as_of)
    found = result.connection.execute(
        "SELECT f_recognised_on, n_months_recognised_on, n_days_recognised_on, n_months_exited_on FROM households"
    ).fetchall()
    expected = [(one, complete_months(one, day), (day - one).days, None) for one in dates]
    assert sorted(found) == sorted(expected)


def test_a_date_that_no_living_person_can_mean_is_set_aside() -> None:
    when = {"id": "a", "when": "days_since(recognised_on) < 0"}
    book = read_rulebook({"id": "dates", "currency": "CNY", "classes": [when]})
    days = [
        datetime.date(1893, 12, 31),
        datetime.date(1894, 1, 1),
        datetime.date(2154, 12, 31),
        datetime.date(2155, 1, 1),
    ]
    rows = [{"household": f"{index}", "recognised_on": day} for index, day in enumerate(days)]
    result = screen(book, households=rows, as_of=DAY)
    assert result.verdicts.column("class_verdict").to_pylist() == ["cannot_tell", "no", "yes", "cannot_tell"]
    assert any(
        "2 values of 'recognised_on' not possible dates" in notice.message for notice in result.notices
    )


def test_a_path_that_is_not_there_or_not_a_table() -> None:
    with pytest.raises(InputError, match="there is no such household table"):
        screen(BOOK, households="nowhere.csv", as_of=DAY)
    with pytest.raises(InputError, match="a dict is no table"):
        screen(BOOK, households={"household": ["H1"]}, as_of=DAY)
    with pytest.raises(InputError, match="a list is no table"):
        screen(BOOK, households=[("H1", "V1")], as_of=DAY)


def test_a_broken_parquet_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "h.parquet"
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(InputError, match=r"h\.parquet: cannot be read as Parquet"):
        screen(BOOK, households=path, as_of=DAY)


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"as-of date '30\.6\.2024' is no date"):
        screen(BOOK, households=ROWS, as_of="30.6.2024")


@pytest.mark.parametrize("table", [pa.table({"household": pa.array([], pa.string())}), []])
def test_an_empty_table_is_an_empty_result(table: Any) -> None:
    result = screen(BOOK, households=table, as_of=DAY)
    assert len(result.verdicts) == 0 and result.summary()["households"] == 0
    assert kinds(result) == []


def test_an_empty_list_of_members_is_a_table_without_members() -> None:
    assert answers(screen(BOOK, households=ROWS, members=[], as_of=DAY)) == answers(
        screen(BOOK, households=ROWS, as_of=DAY)
    )


@pytest.mark.parametrize(
    "column",
    [
        pa.array([Decimal("3499.99")], pa.decimal256(60, 2)),
        pa.array([3499.99], pa.float32()),
        pa.array([3499], pa.uint16()),
        pa.array([3496.0], pa.float32()).cast(pa.float16()),
    ],
)
def test_amounts_of_every_arrow_type(column: pa.Array) -> None:
    table = pa.Table.from_pylist([{**ROWS[0], "income_wage_12m": None}])
    place = table.schema.get_field_index("income_wage_12m")
    assert answers(screen(BOOK, households=table.set_column(place, "income_wage_12m", column), as_of=DAY))[0][
        1
    ]


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.string(), 2), pa.large_list(pa.large_string()), pa.list_view(pa.string())]
)
def test_lists_of_every_arrow_type(kind: pa.DataType) -> None:
    table = pa.table({"household": ["H1"], "risks": pa.array([["illness", "disaster"]], kind)})
    assert answers(screen(BOOK, households=table, as_of=DAY))[0][3] == ["at_risk", "ill"]


# --- CSV: nothing of its form is guessed from the first rows ----------------------------------------------


def csv_of(folder: Path, content: str) -> Path:
    path = folder / "h.csv"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_may_have_any_usual_delimiter(tmp_path: Path, delimiter: str) -> None:
    risks = '"illness;other"' if delimiter == ";" else "illness;other"
    rows = [
        ["household", " area ", "risks", ""],
        ["#1", '"a\nb"', risks, ""],
        ["H2", '"say ""x"""', "[]", ""],
    ]
    content = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows) + "\r\n"
    result = screen(BOOK, households=csv_of(tmp_path, content), as_of=DAY)
    found = [(row["household"], row["area"], row["fired"]) for row in result.verdicts.to_pylist()]
    assert found == [("#1", "a\nb", ["at_risk", "ill"]), ("H2", 'say "x"', [])]


def test_a_csv_of_lists_alone_is_not_split_at_their_semicolons(tmp_path: Path) -> None:
    lists = "illness;disaster;accident"
    path = csv_of(tmp_path, f"household,risks\nH1,{lists}\nH2,{lists};\n")
    assert [row[3] for row in answers(screen(BOOK, households=path, as_of=DAY))] == [["at_risk", "ill"]] * 2


def test_a_broken_row_of_a_csv_is_named_by_its_line_and_not_shown(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "household,area,stratum\nH1,V1,rural\nH2,secret\n")
    with pytest.raises(InputError, match="Line: 3: Expected Number of Columns: 3 Found: 2") as error:
        screen(BOOK, households=path, as_of=DAY)
    assert "secret" not in str(error.value) and "\n" not in str(error.value)


def test_nan_is_missing_in_csv_too_and_true_may_be_a_number(tmp_path: Path) -> None:
    path = csv_of(tmp_path, "household,income_wage_12m,relocated,stratum\nH1,NaN,0.0,rural\nH2,1,1.0,rural\n")
    result = screen(BOOK, households=path, as_of=DAY)
    assert [row[2] for row in answers(result)] == ["cannot_tell", "no"] and kinds(result) == []


def test_brackets_and_stars_belong_to_a_name(tmp_path: Path) -> None:
    csv_of(tmp_path, "household\nother\n").rename(tmp_path / "ab.csv")
    csv_of(tmp_path, "household\nH1\n").rename(tmp_path / "a*[1]'.csv")
    result = screen(BOOK, households=tmp_path / "a*[1]'.csv", as_of=DAY)
    assert result.verdicts.column("household").to_pylist() == ["H1"]


def test_two_columns_that_one_name_could_mean_are_refused(tmp_path: Path) -> None:
    """The engine does not tell capitals apart and would silently read the first."""
    frame = pandas.DataFrame([["urban", "H1", "rural"]], columns=["Stratum", "household", "stratum"])
    frame.to_csv(tmp_path / "h.csv", index=False)
    frame.to_parquet(tmp_path / "h.parquet")
    twice = frame.rename(columns={"Stratum": "stratum"})
    for table in (frame, polars.from_pandas(frame), tmp_path / "h.csv", tmp_path / "h.parquet", twice):
        with pytest.raises(InputError, match=r"'[Ss]tratum' and 'stratum' have one name, capitals aside"):
            screen(BOOK, households=table, as_of=DAY)
    remarks = pandas.DataFrame([["a", "H1", "b"]], columns=["Remark", "household", "remark"])
    remarks.to_csv(tmp_path / "h.csv", index=False)
    for table in (remarks, tmp_path / "h.csv"):
        (notice,) = [
            one for one in screen(BOOK, households=table, as_of=DAY).notices if one.kind == "ignored_columns"
        ]
        assert len(notice.details["columns"]) == 2
