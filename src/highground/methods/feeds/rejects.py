"""Rows that could not be landed, handed back: where, what kind of mistake, why, and the mend. No value leaves with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from highground.methods.facts.literals import path as path_literal
from highground.methods.facts.literals import text
from highground.methods.feeds.checks import Intake, problem_of, problems_in, reason_and_mend
from highground.methods.feeds.manifests import SHORT
from highground.methods.feeds.source import ROW
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


def write_rejects(intake: Intake, landing: str, folder: Path) -> dict[str, Any]:
    """Write the rejects of the table `landing`; how many rows and mistakes, by kind, and the file in the store.

    Columns: row, column, kind, reason, mend. A row with several mistakes has several lines.
    """
    connection, feed = intake.connection, intake.feed
    queries = []
    fields = list(feed.fields.values())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE wrong AS SELECT {ROW}, bad FROM landing WHERE bad <> 0")
    found = [bad for (bad,) in connection.execute("SELECT DISTINCT bad FROM wrong").fetchall()]
    for place, problem in sorted({pair for bad in found for pair in problems_in(bad, len(fields))}):
        field = fields[place]
        words = (intake.column(field.name), *reason_and_mend(intake, problem, field))
        queries.append(_lines(words, f"wrong WHERE {problem_of(place)} = {problem}"))
    label = "identity number" if intake.mapping.number else "household key"
    for (why,) in connection.execute("SELECT DISTINCT why FROM aside ORDER BY why").fetchall():
        if why in ASIDE:
            kind, reason, mend = ASIDE[why]
            column = intake.column("record") if why == "changed" and "record" in feed.fields else intake.key
            queries.append(
                _lines((column, kind, reason.format(key=label), mend), f"aside WHERE why = {text(why)}")
            )
    path = folder / "rejects" / f"{landing[:SHORT]}.csv"
    if not queries:
        path.unlink(missing_ok=True)
        return {"rows": 0, "kinds": {}, "file": None}
    connection.execute(
        'CREATE OR REPLACE TEMP TABLE rejects ("row" BIGINT, "column" VARCHAR, kind VARCHAR, reason VARCHAR, mend VARCHAR)'
    )
    connection.execute(f"INSERT INTO rejects {' UNION ALL '.join(queries)}")
    counts = connection.execute("SELECT kind, COUNT(*) FROM rejects GROUP BY kind ORDER BY kind").fetchall()
    rows = first_row(connection, 'SELECT COUNT(DISTINCT "row") FROM rejects')
    assert rows is not None
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_file(path) as beside:
        connection.execute(
            f'COPY (SELECT * FROM rejects ORDER BY "row", "column", kind) TO {path_literal(beside)} (FORMAT CSV, HEADER)'
        )
    return {"rows": rows[0], "kinds": dict(counts), "file": f"rejects/{path.name}"}


def _lines(words: tuple[str, ...], rows: str) -> str:
    return f"SELECT {ROW}, {', '.join(text(one) for one in words)} FROM {rows}"
