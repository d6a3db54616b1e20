"""Read an expression: text to a checked tree.

The text is parsed as SQL by sqlglot and then rebuilt, node by node, from a short list of what the language
has. Nothing of the text is ever executed; what is not on the list is refused with its position and the mend.
"""

from __future__ import annotations

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from highground.methods.rules import tree
from highground.methods.rules.kinds import COUNT, MONEY, NUMBER, TRUTH, ExpressionError
from highground.methods.rules.parsing.reader import MAXIMUM_DEPTH, Reader
from highground.methods.rules.parsing.refusals import Scope, line_column

__all__ = ["COUNT", "MONEY", "NUMBER", "TRUTH", "ExpressionError", "Scope", "canonical", "parse_expression"]

MAXIMUM_LENGTH = 4000


def parse_expression(text: str, scope: Scope) -> tuple[tree.Node, str]:
    """The tree of an expression and its type (`truth`, `money` or `count`).

    Raises ExpressionError with the position and the mend for anything that the language does not have.
    """
    _check_size(text)
    try:
        found = _statements(text)
    except (SqlglotError, RecursionError) as error:
        line, column = _syntax_position(error)
        raise ExpressionError(
            "this cannot be read as an expression", "check brackets, quotes and operators", line, column, text
        ) from error
    if len(found) != 1:
        raise ExpressionError(
            "there must be exactly one expression" if found else "the expression is empty",
            "write one condition, without semicolons",
            1,
            1,
            text,
        )
    node, kind = Reader(text, scope).read(found[0])
    if kind == NUMBER:
        kind = COUNT
    if kind not in (TRUTH, MONEY, COUNT):
        raise ExpressionError(
            f"a {kind} cannot stand alone", "compare it with something", *line_column(text, node.start), text
        )
    return node, kind


def canonical(text: str) -> str:
    """The expression's text without comments and with single spaces, as it is hashed and shown.

    `text` must have passed `parse_expression`.
    """
    (statement,) = _statements(text)
    return statement.sql(dialect="duckdb", comments=False, normalize_functions=False)


def _statements(text: str) -> list[exp.Expr]:
    """What the text holds between semicolons, without what is empty."""
    return [statement for statement in parse(text, read="duckdb") if statement is not None]


def _check_size(text: str) -> None:
    if len(text) > MAXIMUM_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text):,} characters; at most {MAXIMUM_LENGTH:,} are read",
            "split it into named conditions",
            1,
            1,
            text[:80],
        )
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > MAXIMUM_DEPTH:
            raise ExpressionError(
                f"brackets are nested more than {MAXIMUM_DEPTH} deep",
                "split it into named conditions",
                *line_column(text, position),
                text,
            )


def _syntax_position(error: Exception) -> tuple[int, int]:
    """Where the text could not be read; of a token over several lines sqlglot counts the column below 1."""
    details = getattr(error, "errors", None) or [{}]
    return max(1, int(details[0].get("line") or 1)), max(1, int(details[0].get("col") or 1))
