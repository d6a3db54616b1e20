"""The ranks of a rulebook computed over the households in the engine."""

from __future__ import annotations

import duckdb

from highground.methods.rules.ranking import RankStatement, histogram_sql, value_sql
from highground.methods.rules.rulebook import Rulebook


def rank(connection: duckdb.DuckDBPyConnection, book: Rulebook) -> Rulebook:
    """The rulebook with the value of each rank over the tables `h` and `m`."""
    values = {}
    for name, one in book.ranks.items():
        query = value_sql(book, one, histogram_sql(RankStatement(book, one).sql()))
        values[name] = {str(area): int(value) for area, value in connection.execute(query).fetchall()}
    return book.ranked(values)
