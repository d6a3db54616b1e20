"""What would have to be known of each household that a run could not judge: which facts are missing or stale."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from highground.methods.facts.literals import text
from highground.methods.rules import Rulebook
from highground.methods.rules.rulebook import Expression
from highground.methods.rules.statement import Statement, facts_of
from highground.methods.rules.tree import Node, ParameterValue, walk
from highground.methods.screening import ScreenResult
from highground.methods.store.engine import arrow_table

PARAMETER = "parameter:"


def missing_facts(result: ScreenResult) -> pa.Table:
    """Per household (column `household`) the names `missing`: facts without a fresh value, and `parameter:NAME`.

    Only facts behind something undecided count: a condition that could change the class, or a clue rule. A fact of
    members is missing where a member row lacks it. One query in the run's own engine.
    """
    book = result.book
    needed: dict[str, list[str]] = {}
    for label, node in _undecided(book):
        for name in _names(book, node):
            needed.setdefault(name, []).append(label)
    cases = ", ".join(
        f"CASE WHEN ({' OR '.join(_unique(labels))}) AND {_absent(book, name)} THEN {text(name)} END"
        for name, labels in sorted(needed.items())
    )
    listed = f"LIST_FILTER([{cases}], lambda x: x IS NOT NULL)" if cases else "CAST([] AS VARCHAR[])"
    of_members = ", ".join(
        f"BOOL_OR(f_{name} IS NULL) AS no_{name}" for name in sorted(_member_facts(book, needed))
    )
    people = (
        f"SELECT household, TRUE AS rows{', ' + of_members if of_members else ''} FROM m GROUP BY household"
    )
    return arrow_table(
        result.connection,
        f"SELECT j.household, {listed} AS missing FROM judged j JOIN households h ON h.household = j.household"
        f" LEFT JOIN ({people}) p ON p.household = j.household",
    )


def _undecided(book: Rulebook) -> Iterator[tuple[str, Node]]:
    """SQL that is true where something is undecided, and the expression behind it."""
    for label, units in Statement(book).units().items():
        for unit in units:
            yield f"LIST_CONTAINS(j.unknown, {text(label)})", unit.node
    for clue in book.clues:
        yield f"LIST_CONTAINS(j.undecided, {text(clue.id)})", clue.expression.tree


def _names(book: Rulebook, node: Node) -> set[str]:
    """The facts and parameters behind a node."""
    return facts_of(book, node) | {f"{PARAMETER}{name}" for name in _parameters(book, node)}


def _parameters(book: Rulebook, node: Node) -> set[str]:
    names: set[str] = set()
    for below in walk(node):
        if isinstance(below, ParameterValue):
            names.add(below.name)
        for group in (book.derived, book.conditions):
            named = group.get(getattr(below, "name", ""))
            if named is not None and isinstance(getattr(named, "expression", None), Expression):
                names |= _parameters(book, named.expression.tree)
    return names


def _absent(book: Rulebook, name: str) -> str:
    """SQL: nothing fresh is known of a fact, or there is no value of a parameter."""
    if name.startswith(PARAMETER):
        return f"NOT j.p_{name.removeprefix(PARAMETER)}_ok"
    if book.dictionary[name].entity == "member":
        return f"COALESCE(p.no_{name}, TRUE)"
    if name == "household_size":
        return "(h.f_household_size IS NULL AND p.rows IS NULL)"
    return f"h.f_{name} IS NULL"


def _member_facts(book: Rulebook, needed: dict[str, list[str]]) -> set[str]:
    return {
        name for name in needed if not name.startswith(PARAMETER) and book.dictionary[name].entity == "member"
    }


def _unique(labels: list[str]) -> list[str]:
    return list(dict.fromkeys(labels))
