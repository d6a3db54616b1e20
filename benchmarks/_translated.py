"""A rulebook in the words of others: as one function of Python, and for the GoRules ZEN engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from highground.methods.rules import tree
from highground.methods.rules.compiling import ordered
from highground.methods.rules.rulebook import Rulebook


class Zen:
    """The rulebook in the language of the ZEN engine, for households of which nothing is missing."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book

    def rules(self) -> dict[str, str]:
        """The code of each class and clue rule; named amounts and conditions are written out."""
        return {rule.id: self.truth(rule.expression.tree) for rule in [*self.book.classes, *self.book.clues]}

    def truth(self, node: tree.Node) -> str:
        """The code of something that is so or not."""
        match node:
            case tree.And():
                return "(" + " and ".join(map(self.truth, node.operands)) + ")"
            case tree.Or():
                return "(" + " or ".join(map(self.truth, node.operands)) + ")"
            case tree.Not():
                return f"(not {self.truth(node.operand)})"
            case tree.BooleanFact():
                return self.value(node)
            case tree.ConditionValue():
                return self.truth(self.book.conditions[node.name].expression.tree)
            case tree.OneOf():
                return "(" + " or ".join(f"{self.value(node)} == {one!r}" for one in node.values) + ")"
            case tree.Has():
                return f"contains({self.value(node)}, {node.value!r})"
            case tree.IsEmpty():
                return f"(len({self.value(node)}) == 0)"
            case tree.AnyMember():
                return f"some(members, {self.truth(node.condition)})"
            case tree.Compare():
                return self.compare(node)
        raise NotImplementedError(type(node).__name__)

    def compare(self, node: tree.Compare) -> str:
        operator = OPERATORS.get(node.operator, node.operator)
        if isinstance(node.left, tree.ShareMembers) and isinstance(node.right, tree.Number):
            return f"(count(members, {self.truth(node.left.condition)}) {operator} {_number(node.right.value)} * size)"
        left, right = (
            self.number(side.operand if isinstance(side, tree.PerPerson) else side)
            for side in (node.left, node.right)
        )
        if isinstance(node.left, tree.PerPerson):
            right = f"{right} * size"
        elif isinstance(node.right, tree.PerPerson):
            left = f"{left} * size"
        return f"({left} {operator} {right})"

    def number(self, node: tree.Node) -> str:
        """The code of a number; money in minor units."""
        match node:
            case tree.Number():
                return _number(node.value)
            case tree.NumberFact() | tree.Since():
                return self.value(node)
            case tree.Age():
                return "#.age"
            case tree.ParameterValue():
                return f"p.{node.name}"
            case tree.DerivedAmount():
                return self.number(self.book.derived[node.name].expression.tree)
            case tree.Add() | tree.Subtract():
                sign = "+" if isinstance(node, tree.Add) else "-"
                return f"({self.number(node.left)} {sign} {self.number(node.right)})"
            case tree.Scale():
                return f"({_number(node.factor)} * {self.number(node.operand)})"
        raise NotImplementedError(type(node).__name__)

    def value(self, node: Any) -> str:
        return f"{'#' if node.member else 'f'}.{_key(node)}"


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def _key(node: Any) -> str:
    return f"{node.unit}_since_{node.name}" if isinstance(node, tree.Since) else node.name


OPERATORS = {"=": "==", "<>": "!="}


class Kleene:
    """The rulebook as Python that tells yes from cannot tell: what is missing is None, and so is what hangs on it."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book

    def truth(self, node: tree.Node) -> tuple[str, str]:
        """The code of what is certainly so, and of what may be so."""
        match node:
            case tree.And() | tree.Or():
                word = " and " if isinstance(node, tree.And) else " or "
                ends = [self.truth(one) for one in node.operands]
                return f"({word.join(one for one, _ in ends)})", f"({word.join(one for _, one in ends)})"
            case tree.Not():
                sure, maybe = self.truth(node.operand)
                return f"(not {maybe})", f"(not {sure})"
            case tree.ConditionValue():
                return f"c_{node.name}", f"m_{node.name}"
            case tree.BooleanFact():
                value = _value(node)
                return f"({value} is True)", f"({value} is not False)"
            case tree.OneOf():
                return self.known(_value(node), f"{_value(node)} in {node.values!r}")
            case tree.Has():
                return self.known(_value(node), f"{node.value!r} in {_value(node)}")
            case tree.IsEmpty():
                return self.known(_value(node), f"not {_value(node)}")
            case tree.AnyMember():
                sure, maybe = self.truth(node.condition)
                return (
                    f"any(m['sure'] and {sure} for m in members)",
                    f"any(m['counted'] and {maybe} for m in members)",
                )
            case tree.Compare():
                return self.compare(node)
        raise NotImplementedError(type(node).__name__)

    def known(self, value: str, code: str) -> tuple[str, str]:
        return f"({value} is not None and {code})", f"({value} is None or {code})"

    def compare(self, node: tree.Compare) -> tuple[str, str]:
        operator = OPERATORS.get(node.operator, node.operator)
        if isinstance(node.left, tree.ShareMembers) and isinstance(node.right, tree.Number):
            sure, maybe = (
                f"sum(1 for m in members if m['counted'] and {one}) {operator} {_number(node.right.value)} * size"
                for one in self.truth(node.left.condition)
            )
            return f"(size is not None and {sure})", f"(size is None or {maybe})"
        code, may_lack = [], []
        for side in (node.left, node.right):
            number, leaves = self.number(side.operand if isinstance(side, tree.PerPerson) else side)
            code.append(number)
            may_lack += leaves
        if isinstance(node.left, tree.PerPerson) or isinstance(node.right, tree.PerPerson):
            other = 1 if isinstance(node.left, tree.PerPerson) else 0
            code[other] = f"{code[other]} * size"
            may_lack.append("size")
        lacking = " or ".join(f"{one} is None" for one in dict.fromkeys(may_lack)) or "False"
        said = f"{code[0]} {operator} {code[1]}"
        return f"(not ({lacking}) and {said})", f"({lacking} or {said})"

    def number(self, node: tree.Node) -> tuple[str, list[str]]:
        """The code of a number, and what may be None in it."""
        match node:
            case tree.Number():
                return _number(node.value), []
            case tree.NumberFact() | tree.Age() | tree.Since():
                return _value(node), [_value(node)]
            case tree.ParameterValue():
                return f"p[{node.name!r}]", []
            case tree.DerivedAmount():
                return f"d_{node.name}", [f"d_{node.name}"]
            case tree.Scale():
                number, leaves = self.number(node.operand)
                return f"({_number(node.factor)} * {number})", leaves
            case tree.Add() | tree.Subtract():
                (left, some), (right, more) = self.number(node.left), self.number(node.right)
                return f"({left} {'+' if isinstance(node, tree.Add) else '-'} {right})", some + more
        raise NotImplementedError(type(node).__name__)

    def function(self) -> str:
        """The source of `rules(f, members, size, p)`: the ids that are yes, and those that cannot be told."""
        lines = []
        for name in ordered(self.book.derived, tree.DerivedAmount):
            code, leaves = self.number(self.book.derived[name].expression.tree)
            lacking = " or ".join(f"{one} is None" for one in dict.fromkeys(leaves)) or "False"
            lines.append(f"d_{name} = None if {lacking} else {code}")
        for name in ordered(self.book.conditions, tree.ConditionValue):
            sure, maybe = self.truth(self.book.conditions[name].expression.tree)
            lines += [f"c_{name} = {sure}", f"m_{name} = {maybe}"]
        lines.append("yes, unclear = [], []")
        for rule in self.book.classes:
            sure, maybe = self.truth(rule.expression.tree)
            lines.append(f"if not yes and {sure}: yes.append({rule.id!r})")
            lines.append(f"elif {maybe} and not {sure}: unclear.append({rule.id!r})")
        for clue in self.book.clues:
            sure, maybe = self.truth(clue.expression.tree)
            lines += [f"if {sure}: yes.append({clue.id!r})", f"elif {maybe}: unclear.append({clue.id!r})"]
        body = "".join(f"    {line}\n" for line in [*lines, "return yes, unclear"])
        return f"def rules(f, members, size, p):\n{body}"


def _value(node: Any) -> str:
    if isinstance(node, tree.Age):
        return "m['age']"
    return f"{'m' if node.member else 'f'}[{_key(node)!r}]"


def kleene_rules(book: Rulebook) -> Callable[..., tuple[list[str], list[str]]]:
    """The whole rulebook as one compiled Python function that tells yes from cannot tell."""
    space: dict[str, Any] = {}
    exec(Kleene(book).function(), space)
    found: Callable[..., tuple[list[str], list[str]]] = space["rules"]
    return found


def zen_rules(book: Rulebook) -> Any:
    """The rulebook as a decision of the GoRules ZEN engine."""
    import zen

    rules = Zen(book).rules()
    expressions = [{"id": name, "key": name, "value": code} for name, code in rules.items()]
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {
                "id": "rules",
                "type": "expressionNode",
                "name": "rules",
                "position": {"x": 1, "y": 0},
                "content": {"expressions": expressions},
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "type": "edge", "sourceId": "in", "targetId": "rules"},
            {"id": "b", "type": "edge", "sourceId": "rules", "targetId": "out"},
        ],
    }
    return zen.ZenEngine().create_decision(json.dumps(graph))
