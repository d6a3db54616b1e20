"""The logic behind each verdict as a tree that can be unfolded and recomputed, one step under another."""

from __future__ import annotations

from highground.methods.rules.explaining.case import Case, Json
from highground.methods.rules.explaining.values import as_data
from highground.methods.rules.intervals import Interval
from highground.methods.rules.oracle import missing_parameters, sides
from highground.methods.rules.rulebook import Expression
from highground.methods.rules.sentences.speaking import is_money
from highground.methods.rules.tree import (
    AllMembers,
    And,
    AnyMember,
    BooleanFact,
    Compare,
    ConditionValue,
    CountMembers,
    CountTrue,
    DerivedAmount,
    Has,
    IsEmpty,
    Node,
    Not,
    NumberFact,
    OneOf,
    Or,
    ParameterValue,
    PerPerson,
    ShareMembers,
)


def reason(case: Case, expression: Expression, node: Node | None = None) -> Json:
    """A condition with its verdict, what it asks, what is the case, and the conditions or figures below it.

    `kind` is `all`, `any` or `not` (with `of`), `condition` (with `id`), `comparison` (with `left`, `operator`,
    `right` and the numbers `compared`), `fact` (with its `value` and the `test` on it), `members` (with each row,
    and `quantifier` any or all) or `constant`.
    """
    node = expression.tree if node is None else node
    found: Json = {
        "kind": "constant",
        "verdict": case.value(node).verdict,
        "text": expression.text[node.start : node.end],
        "asks": case.asks(node),
        "says": case.says(node),
    }
    match node:
        case And() | Or() | Not():
            kind = {And: "all", Or: "any", Not: "not"}[type(node)]
            return {
                **found,
                "kind": kind,
                "of": [reason(case, expression, child) for child in node.children()],
            }
        case ConditionValue():
            return {**found, "kind": "condition", "id": node.name}
        case Compare():
            return {**found, "kind": "comparison", **_comparison(case, expression, node)}
        case BooleanFact() | OneOf() | Has() | IsEmpty():
            fact = case.book.dictionary[node.name]
            value = as_data(case, fact, case.record.facts.get(node.name))
            return {**found, "kind": "fact", "fact": node.name, "value": value, "test": _test(node)}
        case AnyMember() | AllMembers():
            of = "any" if isinstance(node, AnyMember) else "all"
            return {**found, "kind": "members", "quantifier": of, "members": _members(case, node.condition)}
        case _:
            return found


def _test(node: BooleanFact | OneOf | Has | IsEmpty) -> Json:
    """What is asked of a fact's value, as data."""
    match node:
        case BooleanFact():
            return {"is": True}
        case OneOf():
            return {"one_of": list(node.values)}
        case Has():
            return {"has": node.value}
        case IsEmpty():
            return {"empty": True}


def _comparison(case: Case, expression: Expression, node: Compare) -> Json:
    """Both sides as written, and the two numbers really compared: nothing is divided.

    A missing parameter leaves no figure to show: whatever the rest says, nothing is decided.
    """
    compared = sides(node, case.record, case.book)
    missing = sorted(set(missing_parameters(node, case.record, case.book)))
    found: Json = {
        "left": _side(case, expression, node.left),
        "operator": node.operator,
        "right": _side(case, expression, node.right),
        "missing_parameters": missing,
        "times_persons": None if compared is None else compared.times,
        "persons": None,
        "compared": None,
    }
    if compared is not None and not missing:
        money = is_money(node.left) or is_money(node.right)
        if compared.times is not None:
            found["persons"] = case.figure(case.judgement.persons, money=False)
        found["compared"] = {
            "left": case.figure(compared.left, money=money),
            "operator": node.operator,
            "right": case.figure(compared.right, money=money),
        }
    return found


def _side(case: Case, expression: Expression, node: Node) -> Json:
    """One side as written. `per_person` says that the figure is shared by the persons."""
    each = isinstance(node, PerPerson)
    inner = node.operand if isinstance(node, PerPerson) else node
    found: Json = {
        "label": _label(case, inner),
        "per_person": each,
        "kind": "number",
        "name": None,
        "figure": None,
    }
    if isinstance(inner, ShareMembers):
        return {**found, "kind": "share", "members": _members(case, inner.condition)}
    if not any(True for _ in missing_parameters(inner, case.record, case.book)):
        found["figure"] = case.figure(case.value(inner), money=is_money(inner))
    match inner:
        case NumberFact() | DerivedAmount() | ParameterValue():
            kinds = {NumberFact: "fact", DerivedAmount: "derived", ParameterValue: "parameter"}
            return {**found, "kind": kinds[type(inner)], "name": inner.name}
        case CountMembers():
            return {**found, "kind": "count_members", "members": _members(case, inner.condition)}
        case CountTrue():
            below = [reason(case, expression, operand) for operand in inner.operands]
            return {**found, "kind": "count", "of": below}
        case _:
            return found


def _label(case: Case, node: Node) -> dict[str, str]:
    if isinstance(node, ShareMembers):
        return {"en": "share of members", "zh": "成员比例"}
    if isinstance(node, CountTrue):
        return {"en": "how many of these hold", "zh": "成立的项数"}
    return case.noun(node)


def _members(case: Case, condition: Node) -> list[Json]:
    """Each member row with whether the person is counted and meets the condition."""
    rows = []
    for row, truth in zip(case.record.members, case.judgement.counted, strict=True):
        meets: Interval = case.value(condition, row)
        rows.append({"id": row.id, "counted": truth.verdict, "meets": meets.verdict})
    return rows
