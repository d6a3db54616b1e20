"""The checked tree of an expression: what the parser hands to the compiler, the oracle and the renderer.

What a tree means, for one household (the compiler to SQL and the oracle in Python both hold to this):

*Numbers are intervals.* Each numeric node has a value `[lo, hi]` of exact rationals; money is in integer
minor units. A known fact is `[v, v]`; a missing one (a stale fact counts as missing) is `[minimum, maximum]`
of the fact dictionary, in the same units. `Add`, `Subtract` and `Scale` work on the ends (a negative
factor swaps them).

*Truth is an interval within {0, 1}.* `[1, 1]` is yes, `[0, 0]` is no, `[0, 1]` is "cannot tell". And takes
the minimum of the ends, Or the maximum, Not is `[1 - hi, 1 - lo]`. A missing boolean, category or list is
`[0, 1]`. `CountTrue` adds its operands.

*A comparison is yes or no only if both ends agree.* `a <= b` is yes if `a.hi <= b.lo`, no if `a.lo > b.hi`;
`a = b` is yes if all four ends are equal, no if the intervals do not meet. If a parameter in the numbers
compared (also through a derived amount) is missing, the comparison is `[0, 1]` whatever the rest says: a line
that nobody set decides nothing. The conditions that `CountTrue` counts answer for themselves.

*Division does not exist.* `PerPerson(x)` stands only as a side of a comparison; the other side is multiplied
by `Persons`. If both sides are per person, the operands are compared directly. `ShareMembers(c) op n/d` is
`sum over members of counted * (d*c - n)  op  0`.

*Members.* Each member row has a truth interval `counted`, the rulebook's `counted` expression. Let `low` and
`high` be the sums of its ends over the rows. Members are *known* if `low >= 1` (somebody is certainly counted:
rows of which none is counted would give way to the household's size); otherwise:
  - `AnyMember`, `AllMembers` and a comparison with `ShareMembers` are `[0, 1]`;
  - `CountMembers` is `[0, Persons.hi]`, `SumMembers(x)` is `[min(0, P*lo(x)), max(0, P*hi(x))]` where
    P = Persons.hi and lo(x), hi(x) are the bounds of x with every fact missing.
With members known:
  - `AnyMember(c)` = `[max(counted.lo * c.lo), max(counted.hi * c.hi)]`; `AllMembers(c)` = Not AnyMember(Not c);
  - `CountMembers(c)` = `[sum(counted.lo * c.lo), sum(counted.hi * c.hi)]`;
  - `SumMembers(x)` adds, per row, `[x.lo, x.hi]` if the row is certainly counted, `[min(0, x.lo), max(0, x.hi)]`
    if it may be counted, nothing if it is not; the sum of `ShareMembers` likewise.
`Persons` is `[low, high]` if members are known. Else it is the fact `household_size` if known, else
`[1, maximum of household_size]`; and where rows may be counted (`high >= 1`), from 1 to the larger of that and
`high`. `Age` is the member's age in full years on the as-of day, `[0, 130]` if the
date of birth is missing.

*Days.* `Since` counts complete calendar months (as `months.py` says) or days from a date to the as-of day, less
than zero for a date that lies ahead; `MonthsFrom` counts how often the month changes from one date to another.
Where a date is missing, `Since` is `[-m, m]` and `MonthsFrom` `[-2m, 2m]`, where m is what no two days that the
engine knows are apart (`FARTHEST`).

Every node knows its position in the source text and its static bounds, which the checker has shown to stay
within 64 bits after every multiplication that the compiler does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from highground.methods.facts.dictionary import MAXIMUM_AGE

# Dates lie within 130 years of the as-of day's year: farther apart no two of them and the as-of day can be.
FARTHEST = {"months": 12 * (MAXIMUM_AGE + 1), "days": 366 * (MAXIMUM_AGE + 1)}


@dataclass(frozen=True)
class Node:
    """Any node. `start` and `end` are offsets in the source text of the expression."""

    start: int
    end: int

    def children(self) -> tuple[Node, ...]:
        """Nodes directly below, in source order."""
        return ()


# --- numbers -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number(Node):
    """A literal: a pure number, or money in major units where it meets money (see `money`).

    `value` is exact; where `money` is true it is already in minor units.
    """

    value: Fraction
    money: bool = False


@dataclass(frozen=True)
class NumberFact(Node):
    """A numeric fact. `money` says whether it is an amount (minor units) or a count."""

    name: str
    member: bool
    money: bool


@dataclass(frozen=True)
class ParameterValue(Node):
    """A parameter of the rulebook, looked up by area and period."""

    name: str
    money: bool


@dataclass(frozen=True)
class DerivedAmount(Node):
    """A reference to a derived amount of the rulebook."""

    name: str
    money: bool


@dataclass(frozen=True)
class Persons(Node):
    """How many persons the rulebook counts in the household."""


@dataclass(frozen=True)
class Age(Node):
    """The member's age in full years on the as-of day."""


@dataclass(frozen=True)
class Since(Node):
    """Complete calendar months or days (`unit` is `months` or `days`) from a date fact to the as-of day."""

    unit: str
    name: str
    member: bool


@dataclass(frozen=True)
class MonthsFrom(Node):
    """How often the month changes from the date fact `first` to the date fact `last`."""

    first: str
    last: str
    member: bool


@dataclass(frozen=True)
class Add(Node):
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Subtract(Node):
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Scale(Node):
    """A constant times an operand."""

    factor: Fraction
    operand: Node

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class PerPerson(Node):
    """The operand per counted person; only as a whole side of a comparison."""

    operand: Node

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class CountTrue(Node):
    """How many of the operands are true."""

    operands: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True)
class CountMembers(Node):
    """How many counted members meet a condition."""

    condition: Node

    def children(self) -> tuple[Node, ...]:
        return (self.condition,)


@dataclass(frozen=True)
class SumMembers(Node):
    """The sum of a number over counted members."""

    operand: Node

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class ShareMembers(Node):
    """The share of counted members who meet a condition; only compared with a literal from 0 to 1."""

    condition: Node

    def children(self) -> tuple[Node, ...]:
        return (self.condition,)


# --- truth ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth(Node):
    """A literal TRUE or FALSE."""

    value: bool


@dataclass(frozen=True)
class BooleanFact(Node):
    """A boolean fact."""

    name: str
    member: bool


@dataclass(frozen=True)
class ConditionValue(Node):
    """A reference to a named condition of the rulebook."""

    name: str


@dataclass(frozen=True)
class Compare(Node):
    """A comparison of two numbers. `operator` is one of `= <> < <= > >=`.

    `left` or `right` may be a PerPerson; `left` may be a ShareMembers, and then `right` is a Number.
    """

    operator: str
    left: Node
    right: Node

    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class OneOf(Node):
    """A category fact equals one of `values` (also written `= 'x'`; `<>` and NOT IN are Not of this)."""

    name: str
    member: bool
    values: tuple[str, ...]


@dataclass(frozen=True)
class Has(Node):
    """A list fact holds `value`."""

    name: str
    member: bool
    value: str


@dataclass(frozen=True)
class IsEmpty(Node):
    """A list fact is known and has no entry."""

    name: str
    member: bool


@dataclass(frozen=True)
class Not(Node):
    operand: Node

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True)
class And(Node):
    operands: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True)
class Or(Node):
    operands: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True)
class AnyMember(Node):
    """Some counted member meets the condition."""

    condition: Node

    def children(self) -> tuple[Node, ...]:
        return (self.condition,)


@dataclass(frozen=True)
class AllMembers(Node):
    """Every counted member meets the condition."""

    condition: Node

    def children(self) -> tuple[Node, ...]:
        return (self.condition,)


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes below it, parents first."""
    yield node
    for child in node.children():
        yield from walk(child)


def facts_read(node: Node) -> tuple[str, ...]:
    """Names of the facts that a node itself reads, without those below it."""
    match node:
        case NumberFact() | BooleanFact() | OneOf() | Has() | IsEmpty() | Since():
            return (node.name,)
        case MonthsFrom():
            return (node.first, node.last)
        case Age():
            return ("birth_date",)
        case _:
            return ()
