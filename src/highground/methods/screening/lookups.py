"""Parameters beside the households: each household's value, its range, and whether there is one."""

from __future__ import annotations

from datetime import date

import duckdb

from highground.methods.facts.literals import text
from highground.methods.rules.compiling import integer
from highground.methods.rules.parameters import LOOKUP_COLUMNS, look_up, period_of, rows_for
from highground.methods.rules.ranking import WHOLE
from highground.methods.rules.rulebook import Rulebook


def join_parameters(connection: duckdb.DuckDBPyConnection, book: Rulebook, as_of: date) -> None:
    """Make the table `h` from `households`: the same rows with the values of all parameters beside them."""
    connection.execute(f"CREATE OR REPLACE VIEW h AS {parameters_beside(book, as_of, source='households')}")


def parameters_beside(book: Rulebook, as_of: date, *, source: str) -> str:
    """The rows of `source` with the values of all parameters beside them; those by area come from a table of values.

    A rank has a value once the rulebook is `ranked`; until then nobody knows it.
    """
    columns, joins = ["t.*"], []
    for name, parameter in book.parameters.items():
        values = rows_for(parameter, as_of)
        if not parameter.by or not values:
            low, high, verified = (
                values.get(WHOLE, (None, None, True)) if not parameter.by else (None, None, True)
            )
            known = low is not None
            columns += _named(name, integer(low or 0), integer(high or 0), str(known), str(verified))
            continue
        column, alias = parameter.by[0], f"look_{name}"
        key = f"t.{column}" if column in LOOKUP_COLUMNS else f"COALESCE(t.f_{column}, '')"
        listed = ", ".join(
            f"({text(area)}, {integer(low)}, {integer(high)}, {verified})"
            for area, (low, high, verified) in sorted(values.items())
        )
        joins.append(
            f"LEFT JOIN (VALUES {listed}) AS {alias}(area, lo, hi, verified) ON {alias}.area = {key}"
        )
        columns += _named(
            name,
            f"COALESCE({alias}.lo, {integer(0)})",
            f"COALESCE({alias}.hi, {integer(0)})",
            f"({alias}.lo IS NOT NULL)",
            f"COALESCE({alias}.verified, TRUE)",
        )
    return f"SELECT {', '.join(columns)} FROM {source} AS t {' '.join(joins)}"


def _named(name: str, low: str, high: str, known: str, verified: str) -> list[str]:
    return [
        f"{low} AS p_{name}_lo",
        f"{high} AS p_{name}_hi",
        f"{known} AS p_{name}_ok",
        f"{verified} AS p_{name}_verified",
    ]


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
