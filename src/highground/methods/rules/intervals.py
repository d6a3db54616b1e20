"""Arithmetic on intervals: all that a value can be, while some of what it depends on is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

Exact = int | Fraction


@dataclass(frozen=True)
class Interval:
    """All that a value can be, from `lo` to `hi`. Truth is an interval within {0, 1}."""

    lo: Exact
    hi: Exact

    @property
    def known(self) -> bool:
        """Whether it can be one value only."""
        return self.lo == self.hi

    @property
    def verdict(self) -> str:
        """`yes`, `no` or `cannot_tell`. Only for truth."""
        if not self.known:
            return "cannot_tell"
        return "yes" if self.lo else "no"


YES = Interval(1, 1)
NO = Interval(0, 0)
UNKNOWN = Interval(0, 1)
NEGATED = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def total(terms: Iterable[Interval]) -> Interval:
    """The sum of the terms; nothing sums to zero."""
    low: Exact = 0
    high: Exact = 0
    for term in terms:
        low, high = low + term.lo, high + term.hi
    return Interval(low, high)


def product(left: Interval, right: Interval) -> Interval:
    """The product of two intervals; a negative one swaps the ends of the other."""
    ends = [left.lo * right.lo, left.lo * right.hi, left.hi * right.lo, left.hi * right.hi]
    return Interval(min(ends), max(ends))


def weighed(value: Interval, of_row: Interval) -> Interval:
    """What one row adds to a sum: all of it, perhaps it, or nothing."""
    if of_row == YES:
        return value
    if of_row == NO:
        return Interval(0, 0)
    return Interval(min(0, value.lo), max(0, value.hi))


def compare(left: Interval, operator: str, right: Interval) -> Interval:
    """`left operator right`: yes or no only if it is the same for every value that the two can take."""
    match operator:
        case "<=":
            return _decided(left.hi <= right.lo, left.lo > right.hi)
        case "<":
            return _decided(left.hi < right.lo, left.lo >= right.hi)
        case ">=":
            return _decided(left.lo >= right.hi, left.hi < right.lo)
        case ">":
            return _decided(left.lo > right.hi, left.hi <= right.lo)
        case "=":
            return _decided(left.known and right.known and left == right, _apart(left, right))
        case "<>":
            return _decided(_apart(left, right), left.known and right.known and left == right)
        case _:
            raise ValueError(f"unknown comparison '{operator}'")


def _decided(surely: bool, surely_not: bool) -> Interval:
    if surely:
        return YES
    return NO if surely_not else UNKNOWN


def _apart(left: Interval, right: Interval) -> bool:
    return left.hi < right.lo or right.hi < left.lo
