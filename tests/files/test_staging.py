"""Staged tables hold exactly what was given, on both databases, for a fixed number of statements."""

import datetime

import pyarrow as pa
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from highground.files.staging import execute, fetch, staged

SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("text", pa.string()),
        ("day", pa.date32()),
        ("yes", pa.bool_()),
        ("amount", pa.float64()),
    ]
)
ROWS = [
    {
        "number": 1,
        "text": "tab\tquote' \\ 龙\nline",
        "day": datetime.date(1991, 12, 31),
        "yes": True,
        "amount": 0.1,
    },
    {"number": None, "text": "", "day": None, "yes": False, "amount": None},
    {"number": 2**62, "text": None, "day": datetime.date(2026, 1, 1), "yes": None, "amount": -1e300},
]


@pytest.mark.django_db
def test_what_goes_in_comes_out() -> None:
    table = pa.Table.from_pylist(ROWS, SCHEMA)
    with staged(table) as name, staged(table.slice(0, 1)) as other:
        assert name != other
        rows = fetch(f"SELECT number, text, day, yes, amount FROM {name}", (), SCHEMA)
        assert execute(f"DELETE FROM {name} WHERE day = %s", (datetime.date(1991, 12, 31),)) == 1
    assert rows.to_pylist() == ROWS


@pytest.mark.django_db
def test_the_number_of_statements_does_not_depend_on_the_rows() -> None:
    counts = []
    for rows in (1, 25_000):
        table = pa.table({"number": pa.array(range(rows), pa.int64())})
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            staged(table) as name,
        ):
            (found,) = fetch(f"SELECT count(*) FROM {name}", (), pa.schema([("n", pa.int64())])).to_pylist()
        assert found == {"n": rows}
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_staging_needs_a_transaction_and_leaves_nothing_behind() -> None:
    table = pa.table({"number": [1]})
    with pytest.raises(RuntimeError, match=r"outside a transaction"), staged(table):
        pass
    left: list[str] = []
    with pytest.raises(ZeroDivisionError), transaction.atomic(), staged(table) as name:
        left.append(name)
        _ = 1 / 0
    with pytest.raises(Exception, match=r"no such table|does not exist"):
        execute(f"DELETE FROM {left[0]}")
