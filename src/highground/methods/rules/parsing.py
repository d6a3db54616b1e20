"""Read an expression: text to a checked tree.

The text is parsed as SQL by sqlglot and then rebuilt, node by node, from a short list of what the language
has. Nothing of the text is ever executed; what is not on the list is refused with its position and the mend.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from highground.methods.facts import Dictionary, Fact
from highground.methods.rules import tree

MAXIMUM_LENGTH = 4000
MAXIMUM_DEPTH = 30
MAXIMUM_NODES = 500

TRUTH, COUNT, MONEY, NUMBER = "truth", "count", "money", "number"
PER_PERSON_MONEY, PER_PERSON_COUNT, SHARE = "money per person", "count per person", "share"

_COMPARISONS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
FUNCTIONS = (
    "all_members",
    "any_member",
    "count_members",
    "count_true",
    "has",
    "is_empty",
    "per_person",
    "share_members",
    "sum_members",
)
_MENDS: dict[type[exp.Expression], str] = {
    exp.Div: "there is no division; multiply the other side, or use per_person(...) or share_members(...)",
    exp.Mod: "there is no remainder; use comparisons",
    exp.IntDiv: "there is no division; multiply the other side",
    exp.Is: "a rule cannot ask whether a fact is missing; a missing fact gives 'cannot tell' by itself",
    exp.Null: "there is no NULL; a missing fact gives 'cannot tell' by itself",
    exp.Case: "there is no CASE; write named conditions and join them with AND, OR and NOT",
    exp.Cast: "there are no casts; facts have their types in the fact dictionary",
    exp.Subquery: "there are no sub-queries; use any_member(...), count_members(...) and the like",
    exp.Select: "there are no queries; write one condition",
    exp.Like: "there is no text matching; compare with allowed values",
    exp.RegexpLike: "there is no text matching; compare with allowed values",
    exp.DPipe: "there is no joining of texts",
    exp.Placeholder: "there are no placeholders; use a parameter of the rulebook",
    exp.Parameter: "there are no placeholders; use a parameter of the rulebook",
    exp.Collate: "there are no collations",
    exp.Alias: "an expression has no alias",
    exp.Star: "name the fact that is meant",
    exp.NullSafeEQ: "use = or <>",
    exp.Interval: "there are no time spans; use age or a fact",
    exp.Window: "there are no window functions",
}


@dataclass(frozen=True)
class ExpressionError(ValueError):
    """An expression that the language does not have. `line` and `column` count from 1."""

    message: str
    mend: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}; {self.mend}"


@dataclass(frozen=True)
class Scope:
    """What an expression may name. The maps give each name's type (`money` or `count` for numbers)."""

    dictionary: Dictionary
    minor_digits: int
    parameters: Mapping[str, str]
    derived: Mapping[str, str]
    conditions: frozenset[str]
    member: bool = False

    def inside_members(self) -> Scope:
        """The scope within any_member(...) and the like: member facts only."""
        return Scope(self.dictionary, self.minor_digits, {}, {}, frozenset(), member=True)


def parse_expression(text: str, scope: Scope) -> tuple[tree.Node, str]:
    """The tree of an expression and its type (`truth`, `money` or `count`).

    Raises ExpressionError with the position and the mend for anything that the language does not have.
    """
    _check_size(text)
    try:
        statements = parse(text, read="duckdb")
    except (SqlglotError, RecursionError) as error:
        line, column = _syntax_position(error)
        raise ExpressionError(
            "this cannot be read as an expression", "check brackets, quotes and operators", line, column, text
        ) from error
    found = [statement for statement in statements if statement is not None]
    if len(found) != 1:
        raise ExpressionError(
            "there must be exactly one expression" if found else "the expression is empty",
            "write one condition, without semicolons",
            1,
            1,
            text,
        )
    node, kind = _Reader(text, scope).read(found[0])
    if kind == NUMBER:
        kind = COUNT
    if kind not in (TRUTH, MONEY, COUNT):
        raise ExpressionError(
            f"a {kind} cannot stand alone", "compare it with something", *_line_column(text, node.start), text
        )
    return node, kind


def canonical(text: str) -> str:
    """The expression's text without comments and with single spaces, as it is hashed and shown.

    `text` must have passed `parse_expression`.
    """
    statement = parse(text, read="duckdb")[0]
    assert statement is not None
    return statement.sql(dialect="duckdb", comments=False, normalize_functions=False)


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
                *_line_column(text, position),
                text,
            )


def _syntax_position(error: Exception) -> tuple[int, int]:
    details = getattr(error, "errors", None) or [{}]
    return int(details[0].get("line") or 1), int(details[0].get("col") or 1)


def _line_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


class _Reader:
    """Rebuilds a sqlglot tree as ours, checking types on the way."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.nodes = 0

    # --- positions and refusals ---

    def span(self, node: exp.Expression) -> tuple[int, int]:
        """Offsets of a node in the text, widened to closing brackets."""
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        ends = [part.meta["end"] + 1 for part in node.walk() if "end" in part.meta]
        if not starts:
            return 0, len(self.text)
        start, end = min(starts), max(ends)
        missing = self.text[start:end].count("(") - self.text[start:end].count(")")
        while missing > 0 and end < len(self.text):
            missing -= self.text[end] == ")"
            end += 1
        return start, end

    def refuse(self, node: exp.Expression, message: str, mend: str) -> ExpressionError:
        start, _ = self.span(node)
        return ExpressionError(message, mend, *_line_column(self.text, start), self.text)

    # --- reading ---

    def read(self, node: exp.Expression, depth: int = 0) -> tuple[tree.Node, str]:
        """Any node, with its type."""
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES or depth > 4 * MAXIMUM_DEPTH:
            raise self.refuse(node, "the expression is too large", "split it into named conditions")
        handler = self.handlers().get(type(node))
        if handler is None:
            raise self.not_in_language(node)
        return handler(node, depth + 1)

    def not_in_language(self, node: exp.Expression) -> ExpressionError:
        """The refusal of a kind of node that the language does not have."""
        mend = next((text for kind, text in _MENDS.items() if isinstance(node, kind)), None)
        if mend is None and isinstance(node, exp.Func):
            return self.unknown_function(node, node.sql_name().lower())
        name = type(node).__name__.lower()
        return self.refuse(node, f"the language has no '{name}'", mend or "use comparisons, AND, OR and NOT")

    def handlers(self) -> dict[type[exp.Expression], Callable[..., tuple[tree.Node, str]]]:
        """Which method reads which kind of node."""
        table: dict[type[exp.Expression], Callable[..., tuple[tree.Node, str]]] = {
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

    def truth(self, node: exp.Expression, depth: int) -> tree.Node:
        """A node that must be true or false."""
        read, kind = self.read(node, depth)
        if kind != TRUTH:
            raise self.refuse(node, f"a {kind} stands where yes or no is needed", "compare it with something")
        return read

    def number(self, node: exp.Expression, depth: int) -> tuple[tree.Node, str]:
        """A node that must be a number."""
        read, kind = self.read(node, depth)
        if kind == TRUTH:
            raise self.refuse(
                node, "yes or no stands where a number is needed", "use count_true(...) to count"
            )
        return read, kind

    def junction(self, node: exp.And | exp.Or, depth: int) -> tuple[tree.Node, str]:
        kind = tree.And if isinstance(node, exp.And) else tree.Or
        operands: list[tree.Node] = []
        # a AND b AND c comes as a left-leaning chain: flatten it here, so that its length costs no depth
        chain: list[exp.Expression] = []
        left: exp.Expression = node
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

    def fact(self, node: exp.Expression, name: str, span: tuple[int, int]) -> tuple[tree.Node, str]:
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
            "date": "use age",
        }[fact.type]
        raise self.refuse(node, f"'{name}' is a {fact.type} and cannot stand here", mend)

    def known_fact(self, node: exp.Expression, name: str) -> Fact:
        """The fact of a name, in the right place. Raises ExpressionError with the nearest names."""
        fact = self.scope.dictionary.get(name)
        if fact is None:
            known = [
                *self.scope.dictionary,
                *self.scope.parameters,
                *self.scope.derived,
                *self.scope.conditions,
            ]
            close = difflib.get_close_matches(name, known, n=3)
            near = (
                f"did you mean {' or '.join(close)}?"
                if close
                else "see the fact dictionary for the names there are"
            )
            if self.scope.member:
                near = f"within members only member facts and age can be named; {near}"
            raise self.refuse(node, f"'{name}' is not known here", near)
        if fact.entity == "member" and not self.scope.member:
            raise self.refuse(
                node,
                f"'{name}' is a fact of members",
                "use any_member(...), all_members(...) or count_members(...)",
            )
        if fact.entity == "household" and self.scope.member:
            raise self.refuse(
                node,
                f"'{name}' is a fact of the household",
                "move it out of the brackets and join with AND or OR",
            )
        return fact

    def literal(self, node: exp.Literal, depth: int) -> tuple[tree.Node, str]:
        if node.is_string:
            raise self.refuse(
                node, f"'{node.this}' is a text", "compare a category fact with it, or use has(...)"
            )
        if len(node.this) > 30 or not set(node.this) <= set("0123456789."):
            raise self.refuse(
                node, f"'{node.this[:30]}' is not a plain number", "write digits with at most one point"
            )
        return tree.Number(*self.span(node), value=Fraction(node.this)), NUMBER

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
        self, node: exp.Expression, factor: Fraction, operand: tree.Node, kind: str
    ) -> tuple[tree.Node, str]:
        span = self.span(node)
        if isinstance(operand, tree.PerPerson):  # k * (x per person) is (k * x) per person
            inner = tree.Scale(*span, factor=factor, operand=operand.operand)
            return tree.PerPerson(*span, operand=inner), kind
        if isinstance(operand, tree.ShareMembers):
            raise self.refuse(node, "a share cannot be multiplied", "compare it with a number from 0 to 1")
        return tree.Scale(*span, factor=factor, operand=operand), kind

    def alike(
        self, node: exp.Expression, left: tuple[tree.Node, str], right: tuple[tree.Node, str]
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

    def comparison(self, node: exp.Expression, depth: int) -> tuple[tree.Node, str]:
        operator = _COMPARISONS[type(node)]
        left, right = node.this, node.expression
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
        self, node: exp.Expression, operator: str, left: exp.Expression, right: exp.Expression, depth: int
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

    def choice(self, node: exp.Expression, column: exp.Expression, values: list[exp.Literal]) -> tree.Node:
        """A category fact that equals one of some values."""
        column = column.unnest()
        if isinstance(column, tuple(_MENDS)):
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

    def allowed(self, fact: Fact, value: exp.Expression) -> str:
        if not isinstance(value, exp.Literal) or not value.is_string:
            raise self.refuse(value, f"'{value.sql()}' is no text", "write values in single quotes")
        if value.this not in fact.values:
            raise self.refuse(
                value, f"'{fact.name}' has no value '{value.this}'", f"use one of {', '.join(fact.values)}"
            )
        return str(value.this)

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

    # --- functions ---

    def unknown_function(self, node: exp.Expression, name: str) -> ExpressionError:
        return self.refuse(node, f"there is no function '{name}'", f"use one of {', '.join(FUNCTIONS)}")

    def function(self, node: exp.Anonymous, depth: int) -> tuple[tree.Node, str]:
        name = str(node.this)
        if name not in FUNCTIONS:
            raise self.unknown_function(node, name)
        if name in ("has", "is_empty"):
            return self.list_function(node, name), TRUTH
        if name == "count_true":
            if not node.expressions:
                raise self.refuse(node, "count_true() counts nothing", "name the conditions to count")
            operands = tuple(self.truth(part, depth) for part in node.expressions)
            return tree.CountTrue(*self.span(node), operands=operands), COUNT
        if len(node.expressions) != 1:
            raise self.refuse(node, f"{name}(...) takes one argument", f"it has {len(node.expressions)}")
        if self.scope.member:
            raise self.refuse(node, f"{name}(...) cannot stand within members", "move it out of the brackets")
        if name == "per_person":
            return self.per_person(node, depth)
        return self.over_members(node, name, depth)

    def per_person(self, node: exp.Anonymous, depth: int) -> tuple[tree.Node, str]:
        operand, kind = self.number(node.expressions[0], depth)
        if kind not in (MONEY, COUNT) or isinstance(operand, tree.Number):
            raise self.refuse(
                node, f"per_person of a {kind} means nothing", "take it of an amount or a count"
            )
        per_person = PER_PERSON_MONEY if kind == MONEY else PER_PERSON_COUNT
        return tree.PerPerson(*self.span(node), operand=operand), per_person

    def list_function(self, node: exp.Anonymous, name: str) -> tree.Node:
        wanted = 2 if name == "has" else 1
        if len(node.expressions) != wanted or not isinstance(node.expressions[0], exp.Column):
            example = "has(risks, 'illness')" if name == "has" else "is_empty(risks)"
            raise self.refuse(node, f"{name} is not written so", f"write for example {example}")
        fact = self.known_fact(node.expressions[0], node.expressions[0].name)
        if fact.type != "list":
            raise self.refuse(node, f"'{fact.name}' is no list", "compare it with = instead")
        span, member = self.span(node), fact.entity == "member"
        if name == "is_empty":
            return tree.IsEmpty(*span, name=fact.name, member=member)
        return tree.Has(*span, name=fact.name, member=member, value=self.allowed(fact, node.expressions[1]))

    def over_members(self, node: exp.Anonymous, name: str, depth: int) -> tuple[tree.Node, str]:
        outer, self.scope = self.scope, self.scope.inside_members()
        try:
            argument, kind = self.read(node.expressions[0], depth)
        finally:
            self.scope = outer
        span = self.span(node)
        if name == "sum_members":
            if kind not in (MONEY, COUNT):
                raise self.refuse(
                    node, f"sum_members of a {kind} means nothing", "sum a numeric fact of members"
                )
            return tree.SumMembers(*span, operand=argument), kind
        if kind != TRUTH:
            raise self.refuse(node, f"{name} needs a condition, not a {kind}", "compare it with something")
        if name == "any_member":
            return tree.AnyMember(*span, condition=argument), TRUTH
        if name == "all_members":
            return tree.AllMembers(*span, condition=argument), TRUTH
        if name == "count_members":
            return tree.CountMembers(*span, condition=argument), COUNT
        return tree.ShareMembers(*span, condition=argument), SHARE
