"""A small part of `./run bench fuzz`, and that it would see what it looks for."""

from __future__ import annotations

import pytest

from benchmarks import fuzz
from highground.methods.rules import expressions, list_rulebooks
from highground.methods.rules.parsing import parse_expression


def test_a_round_finds_nothing() -> None:
    whole = [one.text for book in list_rulebooks() for one in expressions(book).values()]
    found = fuzz.Found()
    fuzz.one_round(found, 1, whole)
    assert not found.wrong
    assert min(found.counts[name] for name in ("read", "refused", "compared")) > 20


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; DROP TABLE households",
        "COPY h TO 'x.csv'",
        "SELECT * FROM read_csv('x')",
        "SELECT * FROM h WHERE household IN (SELECT secret FROM vault)",
    ],
)
def test_sql_that_escapes_is_seen(sql: str) -> None:
    assert fuzz.escapes(sql)
    assert not fuzz.escapes("WITH a AS (SELECT * FROM h) SELECT * FROM a JOIN m ON m.household = a.household")


def test_names_beyond_the_language_are_seen() -> None:
    node, _ = parse_expression("stratum = 'rural' AND relocated", fuzz.SCOPE)
    assert not list(fuzz.beyond(node))
    for part in fuzz.tree.walk(node):
        if isinstance(part, fuzz.tree.OneOf):
            object.__setattr__(part, "values", ("rural'; --",))
        if isinstance(part, fuzz.tree.BooleanFact):
            object.__setattr__(part, "name", "password")
    assert len(list(fuzz.beyond(node))) == 2
