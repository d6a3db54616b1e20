"""Compile a checked tree to SQL: two expressions per node, its lower and its upper end.

The SQL is made from the tree alone; no character of an analyst's text reaches an engine. It holds no NULL logic:
a missing value has become a pair of ends, so that AND, OR, sums and comparisons are plain. What the ends mean
is said in `tree.py`. The dialect is DuckDB's, kept to what sqlglot can carry to other engines.

Columns that the SQL reads: `f_NAME` a fact (NULL where missing or stale), `n_months_NAME` and `n_days_NAME` the
complete months and the days from a date fact to the as-of day, `p_NAME_lo`, `p_NAME_hi`, `p_NAME_ok` a parameter,
`persons_lo`, `persons_hi`, `known` (are there members), `aN_lo`, `aN_hi` the N-th sum over members.
It writes `d_NAME_lo`, `d_NAME_hi` for derived amounts and `c_NAME_lo`, `c_NAME_hi` for conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from highground.methods.facts.dictionary import MAXIMUM_AGE
from highground.methods.facts.literals import text
from highground.methods.rules import tree
from highground.methods.rules.rulebook import Rulebook


class Ends(NamedTuple):
    """SQL of the lower and the upper end."""

    lo: str
    hi: str


@dataclass(frozen=True)
class Amount:
    """A number in SQL: its ends as integers over `denominator`, and the parameters it hangs on."""

    lo: str
    hi: str
    denominator: int = 1
    parameters: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MemberSum:
    """One aggregate over member rows, computed once per household."""

    lo: str
    hi: str


@dataclass
class Compiler:
    """Compiles the expressions of one rulebook and gathers the member sums that they need."""

    book: Rulebook
    denominators: dict[str, int] = field(default_factory=dict)
    depends: dict[str, frozenset[str]] = field(default_factory=dict)
    sums: dict[MemberSum, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ordered(self.book.derived, tree.DerivedAmount):
            amount = self.number(self.book.derived[name].expression.tree)
            self.denominators[name] = amount.denominator
            self.depends[name] = amount.parameters

    # --- numbers ---

    def number(self, node: tree.Node) -> Amount:
        """A numeric node."""
        match node:
            case tree.Number():
                return self.literal(node.value)
            case tree.NumberFact():
                return self.fact(node)
            case tree.ParameterValue():
                return Amount(f"p_{node.name}_lo", f"p_{node.name}_hi", 1, frozenset({node.name}))
            case tree.DerivedAmount():
                name = node.name
                return Amount(f"d_{name}_lo", f"d_{name}_hi", self.denominators[name], self.depends[name])
            case tree.Persons():
                return Amount("persons_lo", "persons_hi")
            case tree.Age():
                return Amount("COALESCE(f_age, 0)", f"COALESCE(f_age, {MAXIMUM_AGE})")
            case tree.Since():
                return _span(f"n_{node.unit}_{node.name}", tree.FARTHEST[node.unit])
            case tree.MonthsFrom():
                months = [f"(YEAR(f_{name}) * 12 + MONTH(f_{name}))" for name in (node.first, node.last)]
                apart = f"CAST({months[1]} - {months[0]} AS BIGINT)"
                return _span(apart, 2 * tree.FARTHEST["months"])
            case tree.Add() | tree.Subtract():
                return self.sum(node)
            case tree.Scale():
                return self.scaled(self.number(node.operand), node.factor)
            case tree.CountTrue():
                parts = [self.truth(part) for part in node.operands]
                return Amount(_total(part.lo for part in parts), _total(part.hi for part in parts))
            case tree.CountMembers():
                counted = self.truth(node.condition)
                return self.over_members(_times(counted), empty=Ends(integer(0), "persons_hi"))
            case tree.SumMembers():
                return self.sum_members(node)
            case _:
                raise TypeError(f"{type(node).__name__} is no number")

    def literal(self, value: Fraction) -> Amount:
        """A constant."""
        text = integer(value.numerator)
        return Amount(text, text, value.denominator)

    def fact(self, node: tree.NumberFact) -> Amount:
        """A fact, or its bounds where it is missing."""
        low, high = self.bounds(node)
        return Amount(f"COALESCE(f_{node.name}, {integer(low)})", f"COALESCE(f_{node.name}, {integer(high)})")

    def bounds(self, node: tree.NumberFact) -> tuple[int, int]:
        """Minimum and maximum of a fact in the engine's units."""
        fact = self.book.dictionary[node.name]
        assert fact.minimum is not None and fact.maximum is not None
        unit = 10**self.book.minor_digits if node.money else 1
        return fact.minimum * unit, fact.maximum * unit

    def sum(self, node: tree.Add | tree.Subtract) -> Amount:
        """A sum or difference, over a common denominator."""
        left, right = self.number(node.left), self.number(node.right)
        common = lcm(left.denominator, right.denominator)
        left, right = _over(left, common), _over(right, common)
        parameters = left.parameters | right.parameters
        if isinstance(node, tree.Add):
            return Amount(f"({left.lo} + {right.lo})", f"({left.hi} + {right.hi})", common, parameters)
        return Amount(f"({left.lo} - {right.hi})", f"({left.hi} - {right.lo})", common, parameters)

    def scaled(self, amount: Amount, factor: Fraction) -> Amount:
        """A constant times an amount; a negative constant swaps the ends."""
        lo, hi = (amount.lo, amount.hi) if factor >= 0 else (amount.hi, amount.lo)
        times = integer(factor.numerator)
        return Amount(
            f"({lo} * {times})",
            f"({hi} * {times})",
            amount.denominator * factor.denominator,
            amount.parameters,
        )

    def sum_members(self, node: tree.SumMembers) -> Amount:
        """A sum over counted members; without member rows, what that many persons could have at most."""
        each = self.number(node.operand)
        zero = integer(0)
        low, high = _static_ends(node.operand, self)
        empty = Ends(
            f"LEAST({zero}, persons_hi * {integer(low)})", f"GREATEST({zero}, persons_hi * {integer(high)})"
        )
        total = self.over_members(Ends(each.lo, each.hi), empty=empty)
        return Amount(total.lo, total.hi, each.denominator)

    def over_members(self, each: Ends, *, empty: Ends) -> Amount:
        """The sum of a number over counted members; `empty` where no member is known."""
        zero = integer(0)
        index = self.register(
            f"SUM(CASE WHEN counted_lo THEN {each.lo} WHEN counted_hi THEN LEAST({zero}, {each.lo}) ELSE {zero} END)",
            f"SUM(CASE WHEN counted_lo THEN {each.hi} WHEN counted_hi THEN GREATEST({zero}, {each.hi}) ELSE {zero} END)",
        )
        return Amount(
            f"CASE WHEN known THEN a{index}_lo ELSE {empty.lo} END",
            f"CASE WHEN known THEN a{index}_hi ELSE {empty.hi} END",
        )

    def register(self, lo: str, hi: str) -> int:
        """The number of a member sum; the same sum is computed once."""
        return self.sums.setdefault(MemberSum(lo, hi), len(self.sums))

    # --- truth ---

    def truth(self, node: tree.Node) -> Ends:
        """A node that is true or false."""
        match node:
            case tree.Truth():
                return Ends(*(2 * ("TRUE" if node.value else "FALSE",)))
            case tree.BooleanFact():
                return _unless_missing(f"f_{node.name}")
            case tree.OneOf():
                values = ", ".join(text(value) for value in node.values)
                return _unless_missing(f"f_{node.name} IN ({values})")
            case tree.Has():
                return _unless_missing(f"ARRAY_CONTAINS(f_{node.name}, {text(node.value)})")
            case tree.IsEmpty():
                return _unless_missing(f"ARRAY_LENGTH(f_{node.name}) = 0")
            case tree.ConditionValue():
                return Ends(f"c_{node.name}_lo", f"c_{node.name}_hi")
            case tree.Not():
                below = self.truth(node.operand)
                return Ends(f"(NOT {below.hi})", f"(NOT {below.lo})")
            case tree.And() | tree.Or():
                parts = [self.truth(part) for part in node.operands]
                word = " AND " if isinstance(node, tree.And) else " OR "
                return Ends(
                    "(" + word.join(part.lo for part in parts) + ")",
                    "(" + word.join(part.hi for part in parts) + ")",
                )
            case tree.AnyMember():
                return self.any_member(self.truth(node.condition))
            case tree.AllMembers():
                below = self.truth(node.condition)
                exception = self.any_member(Ends(f"(NOT {below.hi})", f"(NOT {below.lo})"))
                return Ends(f"(NOT {exception.hi})", f"(NOT {exception.lo})")
            case tree.Compare():
                return self.comparison(node)
            case _:
                raise TypeError(f"{type(node).__name__} is not true or false")

    def any_member(self, each: Ends) -> Ends:
        """Some counted member meets a condition; unknown where no member is known."""
        index = self.register(
            f"MAX(CASE WHEN counted_lo AND {each.lo} THEN 1 ELSE 0 END)",
            f"MAX(CASE WHEN counted_hi AND {each.hi} THEN 1 ELSE 0 END)",
        )
        return Ends(f"(known AND a{index}_lo = 1)", f"(NOT known OR a{index}_hi = 1)")

    def comparison(self, node: tree.Compare) -> Ends:
        """A comparison, multiplied out; unknown where a parameter in it is missing."""
        if isinstance(node.left, tree.ShareMembers):
            return self.share(node)
        left_node, right_node = node.left, node.right
        left_each, right_each = isinstance(left_node, tree.PerPerson), isinstance(right_node, tree.PerPerson)
        left = self.number(left_node.operand if isinstance(left_node, tree.PerPerson) else left_node)
        right = self.number(right_node.operand if isinstance(right_node, tree.PerPerson) else right_node)
        common = lcm(left.denominator, right.denominator)
        left, right = _over(left, common), _over(right, common)
        if left_each and not right_each:
            right = _times_persons(right)
        elif right_each and not left_each:
            left = _times_persons(left)
        ends = _compared(node.operator, Ends(left.lo, left.hi), Ends(right.lo, right.hi))
        for name in sorted(left.parameters | right.parameters):
            ends = Ends(f"(p_{name}_ok AND {ends.lo})", f"(NOT p_{name}_ok OR {ends.hi})")
        return ends

    def share(self, node: tree.Compare) -> Ends:
        """A share of members against a constant, without division: sum of counted * (d * c - n) against 0."""
        assert isinstance(node.left, tree.ShareMembers) and isinstance(node.right, tree.Number)
        each = _times(self.truth(node.left.condition))
        share = node.right.value
        times, less = integer(share.denominator), integer(share.numerator)
        amount = self.over_members(
            Ends(f"({each.lo} * {times} - {less})", f"({each.hi} * {times} - {less})"),
            empty=Ends(integer(0), integer(0)),
        )
        ends = _compared(node.operator, Ends(amount.lo, amount.hi), Ends(integer(0), integer(0)))
        return Ends(f"(known AND {ends.lo})", f"(NOT known OR {ends.hi})")


def _static_ends(node: tree.Node, compiler: Compiler) -> tuple[int, int]:
    """Ends of a member number with every fact missing, as integers over its denominator."""
    match node:
        case tree.Number():
            return node.value.numerator, node.value.numerator
        case tree.NumberFact():
            return compiler.bounds(node)
        case tree.Age():
            return 0, MAXIMUM_AGE
        case tree.Since():
            return -tree.FARTHEST[node.unit], tree.FARTHEST[node.unit]
        case tree.MonthsFrom():
            return -2 * tree.FARTHEST["months"], 2 * tree.FARTHEST["months"]
        case tree.CountTrue():
            return 0, len(node.operands)
        case tree.Scale():
            ends = [end * node.factor.numerator for end in _static_ends(node.operand, compiler)]
            return min(ends), max(ends)
        case tree.Add() | tree.Subtract():
            one, two = compiler.number(node.left).denominator, compiler.number(node.right).denominator
            common = lcm(one, two)
            left = [end * (common // one) for end in _static_ends(node.left, compiler)]
            right = [end * (common // two) for end in _static_ends(node.right, compiler)]
            if isinstance(node, tree.Add):
                return left[0] + right[0], left[1] + right[1]
            return left[0] - right[1], left[1] - right[0]
        case _:
            raise TypeError(f"{type(node).__name__} is no number of members")


def ordered(
    named: Mapping[str, object], kind: type[tree.DerivedAmount] | type[tree.ConditionValue]
) -> list[str]:
    """Names so that each comes after those that it names. Reading a rulebook has refused circles."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        for node in tree.walk(named[name].expression.tree):  # type: ignore[attr-defined]
            if isinstance(node, kind) and node.name in named:
                visit(node.name)
        order.append(name)

    for name in named:
        visit(name)
    return order


def integer(value: int) -> str:
    """A 64-bit integer in SQL."""
    return f"CAST({value} AS BIGINT)"


def _unless_missing(expression: str) -> Ends:
    return Ends(f"COALESCE({expression}, FALSE)", f"COALESCE({expression}, TRUE)")


def _span(expression: str, farthest: int) -> Amount:
    """Months or days between dates, which may be anything up to the farthest where a date is missing."""
    return Amount(
        f"COALESCE({expression}, {integer(-farthest)})", f"COALESCE({expression}, {integer(farthest)})"
    )


def _times(truth: Ends) -> Ends:
    """Truth as 0 or 1."""
    return Ends(f"CAST({truth.lo} AS BIGINT)", f"CAST({truth.hi} AS BIGINT)")


def _total(parts: object) -> str:
    return "(" + " + ".join(f"CAST({part} AS BIGINT)" for part in parts) + ")"  # type: ignore[attr-defined]


def _over(amount: Amount, denominator: int) -> Amount:
    factor = denominator // amount.denominator
    if factor == 1:
        return amount
    times = integer(factor)
    return Amount(f"({amount.lo} * {times})", f"({amount.hi} * {times})", denominator, amount.parameters)


def _times_persons(amount: Amount) -> Amount:
    """An amount times the persons counted. Persons are positive, so each end takes the farther of two."""
    return Amount(
        f"LEAST({amount.lo} * persons_lo, {amount.lo} * persons_hi)",
        f"GREATEST({amount.hi} * persons_lo, {amount.hi} * persons_hi)",
        amount.denominator,
        amount.parameters,
    )


def _compared(operator: str, left: Ends, right: Ends) -> Ends:
    """A comparison of two intervals: certain if both ends agree."""
    match operator:
        case "<" | "<=":
            return Ends(f"({left.hi} {operator} {right.lo})", f"({left.lo} {operator} {right.hi})")
        case ">" | ">=":
            return Ends(f"({left.lo} {operator} {right.hi})", f"({left.hi} {operator} {right.lo})")
        case _:
            same = f"({left.lo} = {left.hi} AND {right.lo} = {right.hi} AND {left.lo} = {right.lo})"
            meet = f"({left.lo} <= {right.hi} AND {right.lo} <= {left.hi})"
            return Ends(same, meet) if operator == "=" else Ends(f"(NOT {meet})", f"(NOT {same})")
