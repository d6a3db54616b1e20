"""Rows that could not be landed, handed back: where, what kind of mistake, why, and the mend. No value leaves with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from highground.methods.facts.literals import path as path_literal
from highground.methods.facts.literals import text
from highground.methods.feeds.checks import ABOVE, Day, problem_of, reason_and_mend
from highground.methods.feeds.definitions import Feed
from highground.methods.feeds.manifests import SHORT
from highground.methods.feeds.mapping import FeedMapping
from highground.methods.feeds.source import ROW, Opened
from highground.methods.store.engine import first_row
from highground.methods.store.publishing import whole_file

ASIDE = {
    "nobody": (
        "no_number",
        "there is no {key}",
        "fill it in; a row with a name and a day of birth can be matched by hand",
    ),
    "stranger": (
        "not_on_register",
        "the {key} is not on the register",
        "check the number; if the family is there, mend the register",
    ),
    "ambiguous": (
        "several_persons",
        "the {key} stands with several persons of the register",
        "mend the register",
    ),
    "changed": (
        "changed",
        "a row with this number was landed with other values",
        "send what has changed under a number of its own",
    ),
}


def write_rejects(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    mapping: FeedMapping,
    file: Opened,
    landing: str,
    folder: Path,
    digits: int,
    days: Day,
) -> dict[str, Any]:
    """Write the rejects of the table `landing`; how many rows and mistakes, by kind, and the file in the store.

    Columns: row, column, kind, reason, mend. A row with several mistakes has several lines.
    """
    queries = []
    for place, field in enumerate(feed.fields.values()):
        column = mapping.fields[field.name].name if field.name in mapping.fields else field.name
        for problem in range(1, ABOVE + 1):
            told = reason_and_mend(problem, field, feed, digits, days)
            words = ", ".join(text(one) for one in (column, *told))
            queries.append(f"SELECT {ROW}, {words} FROM wrong WHERE {problem_of(place)} = {problem}")
    key = mapping.number or mapping.household or "household"
    label = "identity number" if mapping.number else "household key"
    for why, (kind, reason, mend) in ASIDE.items():
        column = (
            key if why != "changed" else mapping.fields["record"].name if "record" in mapping.fields else key
        )
        words = ", ".join(text(one) for one in (column, kind, reason.format(key=label), mend))
        queries.append(f"SELECT {ROW}, {words} FROM aside WHERE why = {text(why)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE wrong AS SELECT {ROW}, bad FROM landing WHERE bad <> 0")
    connection.execute(
        'CREATE OR REPLACE TEMP TABLE rejects ("row" BIGINT, "column" VARCHAR, kind VARCHAR, reason VARCHAR, mend VARCHAR)'
    )
    connection.execute(f"INSERT INTO rejects {' UNION ALL '.join(queries)}")
    counts = connection.execute("SELECT kind, COUNT(*) FROM rejects GROUP BY kind ORDER BY kind").fetchall()
    rows = first_row(connection, 'SELECT COUNT(DISTINCT "row") FROM rejects')
    path = folder / "rejects" / f"{landing[:SHORT]}.csv"
    if not counts:
        path.unlink(missing_ok=True)
        return {"rows": 0, "kinds": {}, "file": None}
    assert rows is not None
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_file(path) as beside:
        connection.execute(
            f'COPY (SELECT * FROM rejects ORDER BY "row", "column", kind) TO {path_literal(beside)} (FORMAT CSV, HEADER)'
        )
    return {"rows": rows[0], "kinds": dict(counts), "file": f"rejects/{path.name}"}
