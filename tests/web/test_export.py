"""CSV downloads: whole, readable by Excel, and without formulas."""

import csv
import datetime
import io
from decimal import Decimal

import pytest

from highground.web.export import csv_response, harmless


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+86 138",
        "-2",
        "@SUM(A1)",
        "\tx",
        "\r=1",
        "  =1+1",
        "＝1+1",
        '=HYPERLINK("http://x","y")',
        "\n=1",
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", [-31400, Decimal("-0.5"), datetime.date(2024, 6, 4), "Household 1", "a=b", "", 0]
)
def test_everything_else_passes(value) -> None:
    assert harmless(value) == value


def test_a_file_reads_back(client) -> None:
    rows = [["Baiyun, village", -5, None], ['say "why"\nhere', "=cmd|' /C calc'!A0", "白云村"]]
    response = csv_response("线索 clues.csv", ["Where", "Amount", "Name"], (row for row in rows))
    body = b"".join(response.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) == [
        ["Where", "Amount", "Name"],
        ["Baiyun, village", "-5", ""],
        ['say "why"\nhere', "'=cmd|' /C calc'!A0", "白云村"],
    ]
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "no-store" in response["Cache-Control"]


def test_rows_are_made_as_they_are_sent() -> None:
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield [number]

    lines = iter(csv_response("x.csv", ["n"], rows()).streaming_content)
    next(lines)
    assert asked == []
    next(lines)
    assert asked == [0]
