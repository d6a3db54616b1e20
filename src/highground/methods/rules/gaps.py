"""What is not known and could change a condition: facts, parameters, and who belongs to the household."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from highground.methods.rules.answers import Answers
from highground.methods.rules.intervals import NO, UNKNOWN
from highground.methods.rules.oracle import missing_parameters
from highground.methods.rules.record import Member
from highground.methods.rules.tree import (
    Age,
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
    MonthsFrom,
    Node,
    Not,
    NumberFact,
    OneOf,
    Or,
    ParameterValue,
    PerPerson,
    Persons,
    ShareMembers,
    Since,
    SumMembers,
    facts_read,
)


@dataclass(frozen=True)
class Gap:
    """Something that is not known. `member` is the row's id; `kind` is `fact`, `parameter` or `members`."""

    kind: str
    name: str
    member: Member | None = None


def gaps(answers: Answers, node: Node, *, at_door: bool = False) -> list[Gap]:
    """What is not known below an unknown condition and could change it, in the order of the expression.

    `at_door` leaves out what no answer of the household can change by itself: the numbers that are compared with a
    parameter that nobody set.
    """
    found: list[Gap] = []
    for gap in _Finder(answers, at_door).gaps(node, None):
        if gap not in found:
            found.append(gap)
    return found


@dataclass(frozen=True)
class _Finder:
    answers: Answers
    at_door: bool

    def gaps(self, node: Node, member: Member | None) -> Iterator[Gap]:
        """Gaps below a condition; only unknown parts can hold any that matter."""
        if self.answers(node, member) != UNKNOWN:
            return
        match node:
            case And() | Or() | Not():
                for child in node.children():
                    yield from self.gaps(child, member)
            case ConditionValue():
                yield from self.gaps(self.answers.book.conditions[node.name].expression.tree, member)
            case Compare():
                unset = missing_parameters(node, self.answers.record, self.answers.book)
                if not (self.at_door and any(True for _name in unset)):
                    yield from self.compared(node, member)
            case AnyMember() | AllMembers():
                yield from self.member_gaps(node.condition)
            case BooleanFact() | OneOf() | Has() | IsEmpty():
                yield Gap("fact", node.name, member if node.member else None)

    def compared(self, node: Compare, member: Member | None) -> Iterator[Gap]:
        """Gaps in the numbers that are compared."""
        if isinstance(node.left, PerPerson) != isinstance(node.right, PerPerson):
            yield from self.person_gaps()
        for side in node.children():
            yield from self.number_gaps(side, member)

    def number_gaps(self, node: Node, member: Member | None) -> Iterator[Gap]:
        match node:
            case NumberFact() | Age() | Since() | MonthsFrom():
                holder = member if isinstance(node, Age) or node.member else None
                for name in facts_read(node):
                    if (holder or self.answers.record).facts.get(name) is None:
                        yield Gap("fact", name, holder)
            case ParameterValue():
                yield from self.parameter_gaps(node.name)
            case DerivedAmount():
                yield from self.number_gaps(self.answers.book.derived[node.name].expression.tree, None)
            case CountTrue():
                for operand in node.operands:
                    yield from self.gaps(operand, member)
            case CountMembers() | ShareMembers():
                yield from self.member_gaps(node.condition)
            case SumMembers():
                yield from self.counted_gaps()
                for row, truth in zip(self.answers.record.members, self.answers.counted, strict=True):
                    if truth != NO:
                        yield from self.number_gaps(node.operand, row)
            case Persons():
                yield from self.person_gaps()
            case _:
                for child in node.children():
                    yield from self.number_gaps(child, member)

    def parameter_gaps(self, name: str) -> Iterator[Gap]:
        reading = self.answers.record.parameters[name]
        if reading.low is None:
            yield Gap("parameter", name)
        elif reading.low != reading.high:
            yield Gap("fact", self.answers.book.parameters[name].by[0])

    def member_gaps(self, condition: Node) -> Iterator[Gap]:
        yield from self.counted_gaps()
        for row, truth in zip(self.answers.record.members, self.answers.counted, strict=True):
            if truth != NO:
                yield from self.gaps(condition, row)

    def counted_gaps(self) -> Iterator[Gap]:
        """Who is counted: the rows themselves, or what decides about a row."""
        if not any(truth.hi for truth in self.answers.counted):
            yield Gap("members", "members")
        for row in self.answers.record.members:
            yield from self.gaps(self.answers.book.counted.expression.tree, row)

    def person_gaps(self) -> Iterator[Gap]:
        """The number of persons: who is counted, or without member rows the household's size."""
        if self.answers.persons.known:
            return
        if any(truth.hi for truth in self.answers.counted):
            yield from self.counted_gaps()
        elif self.answers.record.facts.get("household_size") is None:
            yield Gap("fact", "household_size")
