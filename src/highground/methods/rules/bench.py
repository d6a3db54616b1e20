"""The bench on which a rulebook's expressions are read: scope, order and bounds in one place."""

from __future__ import annotations

from fractions import Fraction

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from highground.methods.facts import Dictionary
from highground.methods.rules import tree
from highground.methods.rules.bounds import Limits, Measure, measure
from highground.methods.rules.parsing import (
    COUNT,
    MONEY,
    TRUTH,
    ExpressionError,
    Scope,
    canonical,
    parse_expression,
)
from highground.methods.rules.rulebook import Expression, Parameter, RulebookError


class Bench:
    """Reads expressions one after another; what has been read can be named by the next."""

    def __init__(
        self, origin: str, dictionary: Dictionary, minor_digits: int, parameters: dict[str, Parameter]
    ) -> None:
        self.origin = origin
        self.dictionary = dictionary
        self.minor_digits = minor_digits
        self.parameters = parameters
        self.derived: dict[str, Measure] = {}
        self.derived_kinds: dict[str, str] = {}
        self.conditions: set[str] = set()
        self.expressions: dict[str, Expression] = {}
        self.texts: dict[str, str] = {}
        self.named_facts: set[str] = {"household_size"}

    @property
    def limits(self) -> Limits:
        """Bounds of all names known so far."""
        unit = 10**self.minor_digits
        parameters = {
            name: (
                one.minimum * (unit if one.type == MONEY else 1),
                one.maximum * (unit if one.type == MONEY else 1),
            )
            for name, one in self.parameters.items()
        }
        return Limits(self.dictionary, self.minor_digits, parameters, self.derived)

    def scope(self, *, member: bool = False) -> Scope:
        """What an expression may name at this point."""
        if member:
            return Scope(self.dictionary, self.minor_digits, {}, {}, frozenset(), member=True)
        kinds = {name: one.type if one.type == MONEY else COUNT for name, one in self.parameters.items()}
        return Scope(
            self.dictionary, self.minor_digits, kinds, self.derived_kinds, frozenset(self.conditions)
        )

    def read(self, where: str, text: object, *, member: bool = False, number: bool = False) -> Expression:
        """One expression. Raises RulebookError naming the file, the entry, the position and the mend."""
        if not isinstance(text, str):
            raise RulebookError(f"{self.origin}: {where}: an expression is a text; put it in quotes")
        try:
            node, kind = parse_expression(text, self.scope(member=member))
            if number == (kind == TRUTH):
                wanted = "a number is" if number else "yes or no is"
                raise ExpressionError(
                    f"{wanted} needed here, this is a {kind}", "see the rule language", 1, 1, text
                )
            bounds = measure(node, self.limits, text)
        except ExpressionError as error:
            raise RulebookError(f"{self.origin}: {where}: {error}") from error
        whole = (_floor(bounds.low), _ceiling(bounds.high)) if number and bounds is not None else None
        expression = Expression(text=text, tree=node, money=kind == MONEY, bounds=whole)
        self.expressions[where] = expression
        self.texts[where] = canonical(text)
        for below in tree.walk(node):
            self.named_facts.update(tree.facts_read(below))
        if number and bounds is not None:
            name = where.rsplit(".", 1)[-1]
            self.derived[name] = bounds
            self.derived_kinds[name] = kind
        return expression

    def names_in(self, where: str, text: object) -> set[str]:
        """The bare names in an expression, for ordering what depends on what."""
        try:
            statements = parse(text, read="duckdb") if isinstance(text, str) else []
        except (SqlglotError, RecursionError):
            return set()  # `read` refuses it later, with its position
        columns = [column for one in statements if one is not None for column in one.find_all(exp.Column)]
        return {column.name for column in columns if not column.this.args.get("quoted")}


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
