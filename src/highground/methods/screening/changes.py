"""What is new, what goes on, what has cleared since the previous run.

A rule is a class or a clue rule. It is *new* where it is yes and was not; *continuing* where it is yes and was, or
where it was yes and now cannot be told (then marked stale: no longer known is not cleared); *cleared* where it was
yes and is no. The rules that were yes and cannot be told are carried from run to run in the column `held`.
"""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.notices import Notice, counted
from highground.methods.screening.tables import InputError, arrow
from highground.methods.store.engine import arrow_table

NAMED = 1000


def previous_table(previous: Any, book: Rulebook) -> pa.Table | None:
    """The verdicts of the previous run as Arrow: of a result, or as any table.

    Raises InputError where they are no verdicts, or those of another rulebook.
    """
    if previous is None:
        return None
    needed = ("household", "class", "fired", "rulebook")
    table = arrow(getattr(previous, "verdicts", previous), "previous verdicts", needed)
    absent = [name for name in needed if name not in table.column_names]
    if absent:
        raise InputError(
            f"previous verdicts: there is no column {', '.join(absent)}; give the result of an earlier run"
        )
    others = set(table.column("rulebook").unique().to_pylist()) - {book.id}
    if others:
        raise InputError(
            f"previous verdicts are of rulebook {', '.join(map(str, sorted(others)))}, this run is of {book.id}; "
            f"only runs of one rulebook can be compared"
        )
    if "held" not in table.column_names:
        empty: list[list[str]] = [[] for _ in range(len(table))]
        table = table.append_column("held", pa.array(empty, pa.list_(pa.string())))
    return table.select(["household", "class", "fired", "held"])


def compare(
    connection: duckdb.DuckDBPyConnection, previous: pa.Table | None, *, from_empty: bool
) -> tuple[pa.Table, list[Notice]]:
    """The changes from `previous` to the table `judged`, and who is no longer in the table.

    Makes the table `held` (household, list of rules). With `from_empty` and no previous run everything is new.
    """
    if previous is None:
        previous = pa.table(
            {
                "household": pa.array([], pa.string()),
                "class": pa.array([], pa.string()),
                "fired": pa.array([], pa.list_(pa.string())),
                "held": pa.array([], pa.list_(pa.string())),
            }
        )
        if not from_empty:
            connection.execute("CREATE OR REPLACE TEMP TABLE held(household VARCHAR, held VARCHAR[])")
            return _empty(), []
    connection.register("previous_arrow", previous)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE compared AS
        WITH before AS (
            SELECT DISTINCT household, rule FROM (
                SELECT household, class AS rule FROM previous_arrow WHERE class IS NOT NULL
                UNION ALL SELECT household, UNNEST(fired) FROM previous_arrow
                UNION ALL SELECT household, UNNEST(held) FROM previous_arrow)
        ), now AS (
            SELECT household, class AS rule, 'yes' AS verdict FROM judged WHERE class IS NOT NULL
            UNION ALL SELECT household, UNNEST(fired), 'yes' FROM judged
            UNION ALL SELECT household, UNNEST(undecided), 'cannot_tell' FROM judged
            UNION ALL SELECT household, UNNEST(LIST_FILTER(open_classes, lambda x: x IS DISTINCT FROM class)), 'cannot_tell'
                FROM judged
        )
        SELECT COALESCE(now.household, before.household) AS household,
               COALESCE(now.rule, before.rule) AS rule,
               CASE WHEN now.verdict = 'yes' AND before.rule IS NULL THEN 'new'
                    WHEN now.verdict IS NULL THEN 'cleared'
                    ELSE 'continuing' END AS change,
               COALESCE(now.verdict = 'cannot_tell', FALSE) AS stale
        FROM now FULL OUTER JOIN before ON now.household = before.household AND now.rule = before.rule
        WHERE (now.verdict = 'yes' OR before.rule IS NOT NULL)
          AND COALESCE(now.household, before.household) IN (SELECT household FROM judged)
        """
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE held AS"
        " SELECT household, LIST(rule ORDER BY rule) AS held FROM compared WHERE stale GROUP BY household"
    )
    changes = arrow_table(connection, "SELECT * FROM compared ORDER BY household, rule")
    return changes, _gone(connection)


def _empty() -> pa.Table:
    return pa.table(
        {
            "household": pa.array([], pa.string()),
            "rule": pa.array([], pa.string()),
            "change": pa.array([], pa.string()),
            "stale": pa.array([], pa.bool_()),
        }
    )


def _gone(connection: duckdb.DuckDBPyConnection) -> list[Notice]:
    """A household that is no longer in the table is named, not cleared; those with a clue apart from the others."""
    rows = connection.execute(
        "SELECT DISTINCT household, class IS NOT NULL OR LEN(fired) > 0 OR LEN(held) > 0 FROM previous_arrow"
        " WHERE household NOT IN (SELECT household FROM judged) ORDER BY household"
    ).fetchall()
    found = []
    for kind, with_clue, said in (
        ("household_gone", True, "with a clue no longer in the table, not cleared"),
        ("household_left", False, "without a clue no longer in the table"),
    ):
        names = [str(name) for name, has_clue in rows if bool(has_clue) is with_clue]
        if names:
            shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
            message = f"{counted(len(names), 'household')} {said}: {shown}"
            found.append(Notice(kind, message, {"count": len(names), "households": names[:NAMED]}))
    return found
