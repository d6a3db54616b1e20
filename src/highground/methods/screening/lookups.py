"""Parameters beside the households: each household's value, its range, and whether there is one."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from highground.methods.rules.parameters import LOOKUP_COLUMNS, look_up, period_of, rows_for
from highground.methods.rules.rulebook import Parameter, Rulebook


def join_parameters(connection: duckdb.DuckDBPyConnection, book: Rulebook, as_of: date) -> None:
    """Make the table `h` from `households`: the same rows with `p_NAME_lo`, `_hi`, `_ok`, `_verified` per parameter."""
    columns, joins = ["households.*"], []
    for name, parameter in book.parameters.items():
        _register(connection, parameter, as_of)
        alias = f"look_{name}"
        column = parameter.by[0] if parameter.by else None
        if column is None:
            condition = "TRUE"
        elif column in LOOKUP_COLUMNS:
            condition = f"{alias}.key = households.{column}"
        else:
            # the range over all rows stands where the fact that keys the parameter is missing
            condition = f"{alias}.key = COALESCE(households.f_{column}, '')"
        joins.append(f"LEFT JOIN {alias} ON {condition}")
        columns += [
            f"COALESCE({alias}.lo, CAST(0 AS BIGINT)) AS p_{name}_lo",
            f"COALESCE({alias}.hi, CAST(0 AS BIGINT)) AS p_{name}_hi",
            f"({alias}.lo IS NOT NULL) AS p_{name}_ok",
            f"COALESCE({alias}.verified, TRUE) AS p_{name}_verified",
        ]
    connection.execute(
        f"CREATE OR REPLACE VIEW h AS SELECT {', '.join(columns)} FROM households {' '.join(joins)}"
    )


def _register(connection: duckdb.DuckDBPyConnection, parameter: Parameter, as_of: date) -> None:
    """The rows that hold for the period, by key."""
    rows = [
        {"key": key, "lo": low, "hi": high, "verified": verified}
        for key, (low, high, verified) in rows_for(parameter, as_of).items()
    ]
    schema = pa.schema(
        [("key", pa.string()), ("lo", pa.int64()), ("hi", pa.int64()), ("verified", pa.bool_())]
    )
    connection.register(f"look_{parameter.name}_arrow", pa.Table.from_pylist(rows, schema=schema))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE look_{parameter.name} AS SELECT * FROM look_{parameter.name}_arrow"
    )


def missing_parameters(
    connection: duckdb.DuckDBPyConnection, book: Rulebook, as_of: date
) -> list[tuple[str, str, int]]:
    """(parameter, reason, households) for every look-up that found nothing."""
    found = []
    for name, parameter in book.parameters.items():
        column = parameter.by[0] if parameter.by else None
        key = "NULL" if column is None else column if column in LOOKUP_COLUMNS else f"f_{column}"
        rows = connection.execute(
            f"SELECT {key}, COUNT(*) FROM h WHERE NOT p_{name}_ok GROUP BY 1 ORDER BY 1 NULLS FIRST"
        ).fetchall()
        for value, count in rows:
            reason = look_up(parameter, as_of, {column: value} if column else {}).reason
            found.append((name, reason or "", int(count)))
    return found


def cap_percents(book: Rulebook, name: str, as_of: date) -> dict[str, int]:
    """Percent per area from the parameter of a cap."""
    parameter = book.parameters[name]
    period = period_of(parameter, as_of)
    return {row.key: row.minor for row in parameter.rows if row.period == period}
