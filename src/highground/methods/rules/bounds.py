"""Static bounds: can a number of this expression ever leave 64 bits?

Every number has a minimum and a maximum (from the fact dictionary, or declared with a parameter), so the
bounds of each node follow before any data are seen. An expression whose compiled form could pass 2^63 is
refused, with its position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from highground.methods.facts.dictionary import MAXIMUM_AGE, Dictionary
from highground.methods.rules import tree
from highground.methods.rules.kinds import ExpressionError

LIMIT = 2**63 - 1


@dataclass(frozen=True)
class Measure:
    """Bounds of a number, and the denominator by which the compiler stores it as an integer."""

    low: Fraction
    high: Fraction
    denominator: int = 1

    @property
    def largest(self) -> Fraction:
        """The largest absolute value that the stored integer can take."""
        return max(abs(self.low), abs(self.high)) * self.denominator


@dataclass(frozen=True)
class Limits:
    """Where the bounds of names come from. Money in minor units."""

    dictionary: Dictionary
    minor_digits: int
    parameters: Mapping[str, tuple[int, int]]
    derived: Mapping[str, Measure]

    @property
    def persons(self) -> int:
        """The largest number of persons in a household."""
        maximum = self.dictionary["household_size"].maximum
        assert maximum is not None
        return maximum


def measure(node: tree.Node, limits: Limits, text: str) -> Measure | None:
    """Bounds of a node (None for truth), after checking every node below it.

    Raises ExpressionError at the first node whose stored integer could pass 64 bits.
    """
    found = _measure(node, limits, text)
    if found is not None and found.largest > LIMIT:
        before = text[: node.start]
        line, column = before.count("\n") + 1, node.start - (before.rfind("\n") + 1) + 1
        raise ExpressionError(
            f"this could reach {float(found.largest):.1e}, past what 64 bits hold",
            "use smaller constants, or narrow the bounds of the facts or parameters",
            line,
            column,
            text,
        )
    return found


def _measure(node: tree.Node, limits: Limits, text: str) -> Measure | None:
    below = [measure(child, limits, text) for child in node.children()]
    match node:
        case tree.Number():
            return Measure(node.value, node.value, node.value.denominator)
        case tree.NumberFact():
            fact = limits.dictionary[node.name]
            assert fact.minimum is not None and fact.maximum is not None
            unit = 10**limits.minor_digits if node.money else 1
            return Measure(Fraction(fact.minimum * unit), Fraction(fact.maximum * unit))
        case tree.ParameterValue():
            low, high = limits.parameters[node.name]
            return Measure(Fraction(low), Fraction(high))
        case tree.DerivedAmount():
            return limits.derived[node.name]
        case tree.Age():
            return Measure(Fraction(0), Fraction(MAXIMUM_AGE))
        case tree.Since():
            farthest = Fraction(tree.FARTHEST[node.unit])
            return Measure(-farthest, farthest)
        case tree.MonthsFrom():
            farthest = Fraction(2 * tree.FARTHEST["months"])
            return Measure(-farthest, farthest)
        case tree.Persons() | tree.CountMembers():
            return Measure(Fraction(0), Fraction(limits.persons))
        case tree.CountTrue():
            return Measure(Fraction(0), Fraction(len(node.operands)))
        case tree.Add() | tree.Subtract() | tree.Scale() | tree.SumMembers() | tree.PerPerson():
            return _combined(node, [part for part in below if part is not None], limits)
        case tree.Compare():
            return _comparison(node, [part for part in below if part is not None], limits)
        case _:
            return None


def _combined(node: tree.Node, parts: list[Measure], limits: Limits) -> Measure:
    first = parts[0]
    match node:
        case tree.Add():
            return Measure(
                first.low + parts[1].low,
                first.high + parts[1].high,
                lcm(first.denominator, parts[1].denominator),
            )
        case tree.Subtract():
            return Measure(
                first.low - parts[1].high,
                first.high - parts[1].low,
                lcm(first.denominator, parts[1].denominator),
            )
        case tree.Scale():
            ends = sorted((first.low * node.factor, first.high * node.factor))
            return Measure(ends[0], ends[1], first.denominator * node.factor.denominator)
        case tree.SumMembers():
            return Measure(
                min(Fraction(0), first.low * limits.persons),
                max(Fraction(0), first.high * limits.persons),
                first.denominator,
            )
        case _:
            return first


def _comparison(node: tree.Compare, parts: list[Measure], limits: Limits) -> Measure | None:
    """The largest integer that the two sides reach once both stand over one denominator and person count."""
    if isinstance(node.left, tree.ShareMembers):
        assert isinstance(node.right, tree.Number)
        return Measure(Fraction(0), Fraction(node.right.value.denominator * limits.persons))
    left, right = parts
    common = lcm(left.denominator, right.denominator)
    per_person = isinstance(node.left, tree.PerPerson) != isinstance(node.right, tree.PerPerson)
    factor = limits.persons if per_person else 1
    largest = max(abs(left.low), abs(left.high), abs(right.low), abs(right.high)) * common * factor
    return Measure(-largest, largest)
