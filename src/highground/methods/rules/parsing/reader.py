"""Rebuilds a sqlglot tree as ours, node by node from a short list, checking types on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from sqlglot import exp

from highground.methods.rules import tree
from highground.methods.rules.kinds import (
    COUNT,
    MONEY,
    NUMBER,
    PER_PERSON_COUNT,
    PER_PERSON_MONEY,
    SHARE,
    TRUTH,
)
from highground.methods.rules.parsing.functions import Functions
from highground.methods.rules.parsing.refusals import MENDS, Scope

PLAIN_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
MAXIMUM_DEPTH = 30
MAXIMUM_NODES = 500

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Reader(Functions):
    """Reads one expression."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope)
        self.nodes = 0

    def read(self, node: exp.Expr, depth: int = 0) -> tuple[tree.Node, str]:
        """Any node, with its type."""
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES or depth > 4 * MAXIMUM_DEPTH:
            raise self.refuse(node, "the expression is too large", "split it into named conditions")
        handler = self.handlers().get(type(node))
        if handler is None:
            raise self.not_in_language(node)
        return handler(node, depth + 1)

    def handlers(self) -> dict[type[exp.Expr], Callable[..., tuple[tree.Node, str]]]:
        """Which method reads which kind of node."""
        table: dict[type[exp.Expr], Callable[..., tuple[tree.Node, str]]] = {
            exp.Paren: lambda node, depth: self.read(node.this, depth),
            exp.And: self.junction,
            exp.Or: self.junction,
            exp.Not: self.negation,
            exp.Column: self.name,
            exp.Literal: self.literal,
            exp.Boolean: lambda node, depth: (tree.Truth(*self.span(node), value=bool(node.this)), TRUTH),
            exp.Anonymous: self.function,
            exp.Neg: self.minus,
            exp.Add: self.sum,
            exp.Sub: self.sum,
            exp.Mul: self.product,
            exp.In: self.one_of,
            exp.Between: self.between,
        }
        table.update(dict.fromkeys(_COMPARISONS, self.comparison))
        return table

    def truth(self, node: exp.Expr, depth: int) -> tree.Node:
        """A node that must be true or false."""
        read, kind = self.read(node, depth)
        if kind != TRUTH:
            raise self.refuse(node, f"a {kind} stands where yes or no is needed", "compare it with something")
        return read

    def junction(self, node: exp.And | exp.Or, depth: int) -> tuple[tree.Node, str]:
        kind = tree.And if isinstance(node, exp.And) else tree.Or
        operands: list[tree.Node] = []
        # a AND b AND c comes as a left-leaning chain: flatten it here, so that its length costs no depth
        chain: list[exp.Expr] = []
        left: exp.Expr = node
        while type(left) is type(node):
            chain.append(left.expression)
            left = left.this
        for part in [left, *reversed(chain)]:
            operands.append(self.truth(part, depth))
        return kind(*self.span(node), operands=tuple(operands)), TRUTH

    def negation(self, node: exp.Not, depth: int) -> tuple[tree.Node, str]:
        return tree.Not(*self.span(node), operand=self.truth(node.this, depth)), TRUTH

    def name(self, node: exp.Column, depth: int) -> tuple[tree.Node, str]:
        if isinstance(node.this, exp.Star):
            raise self.refuse(node, "'*' is no fact", "name the fact that is meant")
        name = node.name
        if node.table or node.args.get("db"):
            raise self.refuse(node, f"'{node.sql()}' names a table", "write the fact's name alone")
        if node.this.args.get("quoted"):
            raise self.refuse(
                node, f'"{name}" is in double quotes', "names stand bare; values in single quotes"
            )
        span = self.span(node)
        if name == "age":
            if not self.scope.member:
                raise self.refuse(node, "'age' is a member's", "use it within any_member(...) and the like")
            return tree.Age(*span), COUNT
        if name == "persons" and not self.scope.member:
            return tree.Persons(*span), COUNT
        if name in self.scope.conditions:
            return tree.ConditionValue(*span, name=name), TRUTH
        if name in self.scope.derived:
            kind = self.scope.derived[name]
            return tree.DerivedAmount(*span, name=name, money=kind == MONEY), kind
        if name in self.scope.parameters:
            kind = self.scope.parameters[name]
            return tree.ParameterValue(*span, name=name, money=kind == MONEY), kind
        return self.fact(node, name, span)

    def fact(self, node: exp.Expr, name: str, span: tuple[int, int]) -> tuple[tree.Node, str]:
        fact = self.known_fact(node, name)
        member = fact.entity == "member"
        if fact.type == "boolean":
            return tree.BooleanFact(*span, name=name, member=member), TRUTH
        if fact.type in ("money", "integer"):
            money = fact.type == "money"
            return tree.NumberFact(*span, name=name, member=member, money=money), MONEY if money else COUNT
        mend = {
            "category": f"compare it with one of {', '.join(fact.values)}",
            "list": f"use has({name}, '...') or is_empty({name})",
            "date": "use age" if name == "birth_date" else f"use months_since({name}) or days_since({name})",
        }[fact.type]
        raise self.refuse(node, f"'{name}' is a {fact.type} and cannot stand here", mend)

    def literal(self, node: exp.Literal, depth: int) -> tuple[tree.Node, str]:
        if node.is_string:
            raise self.refuse(
                node, f"'{node.this}' is a text", "compare a category fact with it, or use has(...)"
            )
        if len(node.this) > 30 or not PLAIN_NUMBER.fullmatch(node.this):
            raise self.refuse(
                node, f"'{node.this[:30]}' is not a plain number", "write digits with at most one point"
            )
        return tree.Number(*self.span(node), value=Fraction(node.this)), NUMBER

    def number(self, node: exp.Expr, depth: int) -> tuple[tree.Node, str]:
        """A node that must be a number."""
        read, kind = self.read(node, depth)
        if kind == TRUTH:
            raise self.refuse(
                node, "yes or no stands where a number is needed", "use count_true(...) to count"
            )
        return read, kind

    def minus(self, node: exp.Neg, depth: int) -> tuple[tree.Node, str]:
        operand, kind = self.number(node.this, depth)
        if isinstance(operand, tree.Number):
            return tree.Number(*self.span(node), value=-operand.value), kind
        return self.scaled(node, Fraction(-1), operand, kind)

    def sum(self, node: exp.Add | exp.Sub, depth: int) -> tuple[tree.Node, str]:
        left, left_kind = self.number(node.this, depth)
        right, right_kind = self.number(node.expression, depth)
        for part, kind in ((node.this, left_kind), (node.expression, right_kind)):
            if kind not in (MONEY, COUNT, NUMBER):
                raise self.refuse(
                    part, f"a {kind} cannot be added", "add first, then take per_person of the sum"
                )
        left, right, kind = self.alike(node, (left, left_kind), (right, right_kind))
        if isinstance(left, tree.Number) and isinstance(right, tree.Number):
            value = left.value + right.value if isinstance(node, exp.Add) else left.value - right.value
            return tree.Number(*self.span(node), value=value, money=left.money), kind
        build = tree.Add if isinstance(node, exp.Add) else tree.Subtract
        return build(*self.span(node), left=left, right=right), kind

    def product(self, node: exp.Mul, depth: int) -> tuple[tree.Node, str]:
        left, left_kind = self.number(node.this, depth)
        right, right_kind = self.number(node.expression, depth)
        if isinstance(left, tree.Number) and isinstance(right, tree.Number):
            return tree.Number(*self.span(node), value=left.value * right.value), NUMBER
        for factor, operand, kind in ((left, right, right_kind), (right, left, left_kind)):
            if isinstance(factor, tree.Number) and kind in (MONEY, COUNT, PER_PERSON_MONEY, PER_PERSON_COUNT):
                return self.scaled(node, factor.value, operand, kind)
        raise self.refuse(node, "only a plain number may multiply", "multiply by a constant such as 1.5")

    def scaled(
        self, node: exp.Expr, factor: Fraction, operand: tree.Node, kind: str
    ) -> tuple[tree.Node, str]:
        span = self.span(node)
        if isinstance(operand, tree.PerPerson):  # k * (x per person) is (k * x) per person
            inner = tree.Scale(*span, factor=factor, operand=operand.operand)
            return tree.PerPerson(*span, operand=inner), kind
        if isinstance(operand, tree.ShareMembers):
            raise self.refuse(node, "a share cannot be multiplied", "compare it with a number from 0 to 1")
        return tree.Scale(*span, factor=factor, operand=operand), kind

    def alike(
        self, node: exp.Expr, left: tuple[tree.Node, str], right: tuple[tree.Node, str]
    ) -> tuple[tree.Node, tree.Node, str]:
        """Two numbers of one kind; a literal beside money becomes money."""
        (left_node, left_kind), (right_node, right_kind) = left, right
        if left_kind == NUMBER and right_kind != NUMBER:
            return self.as_kind(left_node, right_kind), right_node, right_kind
        if right_kind == NUMBER and left_kind != NUMBER:
            return left_node, self.as_kind(right_node, left_kind), left_kind
        if left_kind.split()[0] != right_kind.split()[0]:
            raise self.refuse(
                node, f"a {left_kind} and a {right_kind} do not go together", "compare like with like"
            )
        return left_node, right_node, left_kind

    def as_kind(self, node: tree.Node, kind: str) -> tree.Node:
        if kind.startswith(MONEY) and isinstance(node, tree.Number):
            return tree.Number(
                node.start, node.end, value=node.value * 10**self.scope.minor_digits, money=True
            )
        return node

    def comparison(self, node: exp.Expr, depth: int) -> tuple[tree.Node, str]:
        operator = _COMPARISONS[type(node)]
        left, right = node.this, node.expression
        if operator in ("=", "<>") and isinstance(left, exp.Boolean) != isinstance(right, exp.Boolean):
            condition, literal = (right, left) if isinstance(left, exp.Boolean) else (left, right)
            said = self.truth(condition, depth)
            holds = bool(literal.this) == (operator == "=")
            return (said if holds else tree.Not(*self.span(node), operand=said)), TRUTH
        if isinstance(right, exp.Column) and isinstance(left, exp.Literal) and left.is_string:
            left, right = right, left
        if isinstance(right, exp.Literal) and right.is_string:
            if operator not in ("=", "<>"):
                raise self.refuse(
                    node, f"texts have no order, so '{operator}' means nothing", "use = or <> or IN"
                )
            chosen = self.choice(node, left, [right])
            return (tree.Not(*self.span(node), operand=chosen) if operator == "<>" else chosen), TRUTH
        return self.compare_numbers(node, operator, left, right, depth), TRUTH

    def compare_numbers(
        self, node: exp.Expr, operator: str, left: exp.Expr, right: exp.Expr, depth: int
    ) -> tree.Node:
        one, one_kind = self.number(left, depth)
        two, two_kind = self.number(right, depth)
        span = self.span(node)
        if two_kind == SHARE:
            one, two, one_kind, two_kind, operator = two, one, two_kind, one_kind, _MIRRORED[operator]
        if one_kind == SHARE:
            if not isinstance(two, tree.Number) or not 0 <= two.value <= 1:
                raise self.refuse(
                    node,
                    "a share is compared with a number from 0 to 1",
                    "write for example share_members(...) >= 0.25",
                )
            return tree.Compare(*span, operator=operator, left=one, right=two)
        one, two, _ = self.alike(node, (one, one_kind), (two, two_kind))
        return tree.Compare(*span, operator=operator, left=one, right=two)

    def choice(self, node: exp.Expr, column: exp.Expr, values: list[exp.Literal]) -> tree.Node:
        """A category fact that equals one of some values."""
        column = column.unnest()
        if isinstance(column, tuple(MENDS)):
            raise self.not_in_language(column)
        if not isinstance(column, exp.Column) or column.table:
            raise self.refuse(
                node, "only a category fact is compared with a text", "name the fact on the left"
            )
        fact = self.known_fact(column, column.name)
        if fact.type == "list":
            raise self.refuse(column, f"'{fact.name}' is a list", f"use has({fact.name}, '...')")
        if fact.type != "category":
            raise self.refuse(
                column, f"'{fact.name}' is a {fact.type}, not a category", "compare it with a number"
            )
        names = tuple(self.allowed(fact, value) for value in values)
        return tree.OneOf(*self.span(node), name=fact.name, member=fact.entity == "member", values=names)

    def one_of(self, node: exp.In, depth: int) -> tuple[tree.Node, str]:
        if not node.expressions:
            raise self.refuse(node, "IN needs a list of values", "write for example IN ('a', 'b')")
        if len(set(map(str, node.expressions))) != len(node.expressions):
            raise self.refuse(node, "a value stands twice in the list", "write each value once")
        return self.choice(node, node.this, node.expressions), TRUTH

    def between(self, node: exp.Between, depth: int) -> tuple[tree.Node, str]:
        if node.args.get("symmetric"):
            raise self.refuse(node, "BETWEEN SYMMETRIC is not in the language", "write the lower bound first")
        low = self.compare_numbers(node, ">=", node.this, node.args["low"], depth)
        high = self.compare_numbers(node, "<=", node.this, node.args["high"], depth)
        return tree.And(*self.span(node), operands=(low, high)), TRUTH
