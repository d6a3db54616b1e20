"""Tables of every format come out as the same text, and damage is named with its place."""

import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from highground.files.rejects import Reject
from highground.files.tables import ROW, Layout, TableError, open_table

HEADING = ["number", "village", "income", "seen", "car"]
ROWS = [
    {ROW: 1, "number": "7", "village": "龙泉村", "income": "1200.5", "seen": "2024-06-30", "car": "true"},
    {ROW: 2, "number": "8", "village": None, "income": None, "seen": None, "car": "false"},
]


def read(path: Path, layout: Layout | None = None, rows: int = 20_000) -> tuple[list[dict], list[Reject]]:
    rejects: list[Reject] = []
    table = open_table(path, layout, on_reject=rejects.append, rows=rows)
    return [row for batch in table.batches for row in batch.to_pylist()], rejects


def numbered_from(first: int) -> list[dict]:
    return [{**row, ROW: row[ROW] + first - 1} for row in ROWS]


CSV = "number,village,income,seen,car\n7,龙泉村,1200.5,2024-06-30,true\n8,,,,false\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "GB18030"),
        ("big5", "big5"),
        ("utf-16", "utf-16"),
    ],
)
def test_csv_in_the_encoding_that_is_named(tmp_path: Path, encoding: str, named: str) -> None:
    text = CSV if encoding != "big5" else CSV.replace("龙", "龍")
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    rows, rejects = read(tmp_path / "t.csv", Layout(encoding=named))
    assert [
        {**row, "village": (row["village"] or "").replace("龍", "龙") or None} for row in rows
    ] == numbered_from(2)
    assert rejects == []


def test_xlsx(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["other"])
    sheet = book.create_sheet("data")
    sheet.append(HEADING)
    sheet.append([7, "龙泉村", 1200.5, datetime.date(2024, 6, 30), True])
    sheet.append([None] * 5)
    sheet.append([8.0, None, None, None, False])
    book.save(tmp_path / "t.xlsx")
    rows, rejects = read(tmp_path / "t.xlsx", Layout(sheet="data"))
    # The empty row in between is skipped, and counted: numbers are those that a spreadsheet shows.
    assert rows == [{**ROWS[0], ROW: 2}, {**ROWS[1], ROW: 4}]
    assert rejects == []
    with pytest.raises(TableError, match=r"no sheet 'dta'; the workbook has Sheet, data"):
        read(tmp_path / "t.xlsx", Layout(sheet="dta"))


def test_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {
            "number": pa.array([7, 8], pa.int32()),
            "village": pa.array(["龙泉村", None]).dictionary_encode(),
            "income": pa.array([Decimal("1200.5"), None], pa.decimal128(9, 1)),
            "seen": pa.array([datetime.datetime(2024, 6, 30), None], pa.timestamp("us")),  # noqa: DTZ001
            "car": [True, False],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    assert read(tmp_path / "t.parquet") == (ROWS, [])


def test_parquet_floats_and_lists(tmp_path: Path) -> None:
    table = pa.table(
        {"x": [1.0, 0.1, float("nan"), 1e6], "risks": [["illness", "other"], [], None, ["illness"]]}
    )
    pq.write_table(table, tmp_path / "t.parquet")
    rows, _ = read(tmp_path / "t.parquet")
    assert [row["x"] for row in rows] == ["1", "0.1", None, "1000000"]
    assert [row["risks"] for row in rows] == ["illness;other", "[]", None, "illness"]


def test_stata(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "number": pandas.array([7, 8], dtype="int8"),
            "village": ["龙泉村", ""],
            "income": pandas.array([1200.5, None], dtype="float32"),
            "seen": pandas.to_datetime(["2024-06-30", None]),
            "car": [1, 0],
        }
    )
    labels = {"car": {0: "no", 1: "yes"}}
    frame.to_stata(
        tmp_path / "t.dta", write_index=False, version=118, convert_dates={"seen": "td"}, value_labels=labels
    )
    rows, rejects = read(tmp_path / "t.dta", rows=1)
    # Codes come out, not their labels; the batches of one row join up.
    assert rows == [{**ROWS[0], "car": "1"}, {**ROWS[1], "car": "0"}]
    assert rejects == []


def test_numbers_go_on_from_batch_to_batch(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n" + "\n".join(str(number) for number in range(2, 12)) + "\n")
    rows, _ = read(tmp_path / "t.csv", rows=3)
    assert [row[ROW] for row in rows] == list(range(2, 12)) == [int(row["a"]) for row in rows]


def test_mixed_encodings_are_rejected_row_by_row(tmp_path: Path) -> None:
    good, bad = "1,龙泉村\n".encode(), "2,龙泉村\n".encode("gb18030")
    (tmp_path / "t.csv").write_bytes(b"number,village\n" + good + bad + b"3,plain\n4,nul\0\n")
    rows, rejects = read(tmp_path / "t.csv")
    assert [row["number"] for row in rows] == ["1", "3"]
    assert [(reject.row, reject.column) for reject in rejects] == [(3, "village"), (5, "village")]
    assert rejects[0].reason == "bytes that are not utf-8"
    assert rejects[0].value.startswith("\\xc1\\xfa")
    assert "one encoding" in rejects[0].mend


def test_a_heading_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("编号,村\n1,2\n".encode("gb18030"))
    with pytest.raises(TableError, match=r"t\.csv: the heading is not utf-8 .*name the file's `encoding`"):
        read(tmp_path / "t.csv")


def test_rows_of_the_wrong_width_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,2\n1\n1,2,3\n\n"1\n1",2\n')
    rows, rejects = read(tmp_path / "t.csv")
    assert [(row["a"], row["b"]) for row in rows] == [("1", "2"), ("1\n1", "2")]
    assert [(reject.row, reject.value) for reject in rejects] == [(3, "1"), (4, "3")]


def broken_csv(path: Path) -> None:
    path.write_text('a,b\n1,"2\n3,4\n')


def broken_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    for number in range(2000):
        book.active.append([f"a{number}", number])
    book.save(path)
    path.write_bytes(path.read_bytes()[:-3000])


def broken_parquet(path: Path) -> None:
    pq.write_table(pa.table({"a": list(range(10_000))}), path)
    path.write_bytes(path.read_bytes()[:-500])


def broken_stata(path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pandas.DataFrame({"a": range(1000)}).to_stata(path, write_index=False)
    path.write_bytes(path.read_bytes()[:-2000])


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("t.csv", broken_csv, r"t\.csv: row \d+ cannot be read .*quotation mark"),
        ("t.xlsx", broken_xlsx, r"t\.xlsx: the workbook is damaged or cut off"),
        ("t.parquet", broken_parquet, r"t\.parquet: not a readable Parquet file"),
        ("t.dta", broken_stata, r"t\.dta: not a readable Stata file"),
        ("t.csv", lambda path: path.write_text(""), r"t\.csv: the file is empty"),
        ("t.csv", lambda path: path.write_text("a,a\n1,2\n"), r"two columns are called 'a'"),
        ("t.csv", lambda path: path.write_text("a,\n1,2\n"), r"every column needs a heading"),
        ("t.json", lambda path: path.write_text("{}"), r"unknown ending; use one of \.csv"),
        ("t.csv", lambda path: None, r"t\.csv: no such file"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, spoil, said: str) -> None:
    spoil(tmp_path / name)
    with pytest.raises(TableError, match=said):
        read(tmp_path / name)


def test_an_unknown_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(TableError, match="unknown encoding 'gb1803'; use utf-8, gb18030"):
        read(tmp_path / "t.csv", Layout(encoding="gb1803"))
