"""How each derived amount is made up, so that anyone can add it up by hand and a page can draw it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from highground.methods.rules.explaining.case import Case, Json
from highground.methods.rules.explaining.values import fact_status
from highground.methods.rules.intervals import MIRRORED, Interval, product
from highground.methods.rules.oracle import missing_parameters
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.sentences.amounts import rounded
from highground.methods.rules.sentences.witness import per_person
from highground.methods.rules.tree import (
    Add,
    Compare,
    DerivedAmount,
    Node,
    Number,
    NumberFact,
    ParameterValue,
    PerPerson,
    Scale,
    Subtract,
    walk,
)


def terms(
    node: Node, book: Rulebook, *, unfold: bool, factor: Fraction = Fraction(1)
) -> Iterator[tuple[Fraction, Node]]:
    """A sum as its terms, each with its factor; with `unfold`, derived amounts are taken apart too."""
    match node:
        case Add():
            yield from terms(node.left, book, unfold=unfold, factor=factor)
            yield from terms(node.right, book, unfold=unfold, factor=factor)
        case Subtract():
            yield from terms(node.left, book, unfold=unfold, factor=factor)
            yield from terms(node.right, book, unfold=unfold, factor=-factor)
        case Scale():
            yield from terms(node.operand, book, unfold=unfold, factor=factor * node.factor)
        case DerivedAmount() if unfold:
            yield from terms(book.derived[node.name].expression.tree, book, unfold=True, factor=factor)
        case _:
            yield factor, node


def derived_amount(case: Case, name: str) -> Json:
    """One derived amount: its parts, its total, persons, and the line that it is compared with.

    `parts` names other derived amounts; `unfolded` goes down to facts. Each part has `sign` (1 or -1), `factor`
    (1 unless the rule multiplies) and `amount`, already multiplied and without its sign.
    """
    named = case.book.derived[name]
    tree, money = named.expression.tree, named.expression.money
    total = case.judgement.derived[name]
    line = _line(case, name)
    each = per_person(total, case.judgement.persons) if line is not None and line["per_person"] else None
    return {
        "id": name,
        "label": dict(named.label),
        "verified": named.verified,
        "source": named.source,
        "money": money,
        "parts": [_part(case, factor, leaf, money) for factor, leaf in terms(tree, case.book, unfold=False)],
        "unfolded": [
            _part(case, factor, leaf, money) for factor, leaf in terms(tree, case.book, unfold=True)
        ],
        "total": case.figure(total, money=money),
        "persons": case.figure(case.judgement.persons, money=False),
        "per_person": None if each is None else _rounded(case, each, money),
        "line": line,
    }


def _rounded(case: Case, value: Interval, money: bool) -> Json:
    """A figure per person, for information: rounded where no decimal is exact."""
    places = case.book.minor_digits if money else 2
    unit: int = 10**case.book.minor_digits if money else 1
    lo, changed_lo = rounded(Fraction(value.lo) / unit, places)
    hi, changed_hi = rounded(Fraction(value.hi) / unit, places)
    return {**case.figure(Interval(lo * unit, hi * unit), money=money), "rounded": changed_lo or changed_hi}


def _part(case: Case, factor: Fraction, leaf: Node, money: bool) -> Json:
    amount = product(Interval(abs(factor), abs(factor)), case.value(leaf))
    part: Json = {
        "kind": {
            NumberFact: "fact",
            DerivedAmount: "derived",
            ParameterValue: "parameter",
            Number: "number",
        }.get(type(leaf), "count"),
        "name": getattr(leaf, "name", None),
        "label": case.noun(leaf),
        "sign": -1 if factor < 0 else 1,
        "factor": case.exact(abs(factor), money=False),
        "amount": case.figure(amount, money=money),
    }
    if isinstance(leaf, NumberFact):
        part |= fact_status(case, leaf.name)
    elif isinstance(leaf, ParameterValue) and case.record.parameters[leaf.name].low is None:
        part["status"] = "missing"
    return part


def _line(case: Case, name: str) -> Json | None:
    """The first comparison in the rulebook of the amount with something else."""
    book = case.book
    conditions: list[tuple[str | None, Node]] = [
        (key, one.expression.tree) for key, one in book.conditions.items()
    ]
    conditions += [(None, class_.expression.tree) for class_ in book.classes]
    conditions += [(None, clue.expression.tree) for clue in book.clues]
    for condition, tree in conditions:
        for node in walk(tree):
            if isinstance(node, Compare):
                found = _compared(case, node, name)
                if found is not None:
                    return {"condition": condition, **found}
    return None


def _compared(case: Case, node: Compare, name: str) -> Json | None:
    for mine, operator, other in (
        (node.left, node.operator, node.right),
        (node.right, MIRRORED[node.operator], node.left),
    ):
        each = isinstance(mine, PerPerson)
        amount = mine.operand if isinstance(mine, PerPerson) else mine
        if isinstance(amount, DerivedAmount) and amount.name == name and not isinstance(other, PerPerson):
            known = not any(True for _ in missing_parameters(other, case.record, case.book))
            value = case.value(other)
            times = product(value, case.judgement.persons) if each else value
            return {
                "label": case.noun(other),
                "operator": operator,
                "per_person": each,
                "value": case.figure(value, money=amount.money) if known else None,
                "total": case.figure(times, money=amount.money) if known else None,
                "verdict": case.value(node).verdict,
            }
    return None


def all_derived(case: Case) -> list[Json]:
    """Every derived amount, in an order in which each names only what came before."""
    return [derived_amount(case, name) for name in case.book.derived]
