"""What is not known and could change a condition: facts, parameters, and who belongs to the household."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from highground.methods.rules.answers import Answers
from highground.methods.rules.intervals import NO, UNKNOWN
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


def gaps(answers: Answers, node: Node) -> list[Gap]:
    """What is not known below an unknown condition and could change it, in the order of the expression."""
    found: list[Gap] = []
    for gap in _gaps(answers, node, None):
        if gap not in found:
            found.append(gap)
    return found


def _gaps(answers: Answers, node: Node, member: Member | None) -> Iterator[Gap]:
    """Gaps below a condition; only unknown parts can hold any that matter."""
    if answers(node, member) != UNKNOWN:
        return
    match node:
        case And() | Or() | Not():
            for child in node.children():
                yield from _gaps(answers, child, member)
        case ConditionValue():
            yield from _gaps(answers, answers.book.conditions[node.name].expression.tree, member)
        case Compare():
            if isinstance(node.left, PerPerson) != isinstance(node.right, PerPerson):
                yield from _person_gaps(answers)
            for side in node.children():
                yield from _number_gaps(answers, side, member)
        case AnyMember() | AllMembers():
            yield from _member_gaps(answers, node.condition)
        case BooleanFact() | OneOf() | Has() | IsEmpty():
            yield Gap("fact", node.name, member if node.member else None)


def _number_gaps(answers: Answers, node: Node, member: Member | None) -> Iterator[Gap]:
    match node:
        case NumberFact() | Age() | Since() | MonthsFrom():
            holder = member if isinstance(node, Age) or node.member else None
            for name in facts_read(node):
                if (holder or answers.record).facts.get(name) is None:
                    yield Gap("fact", name, holder)
        case ParameterValue():
            yield from _parameter_gaps(answers, node.name)
        case DerivedAmount():
            yield from _number_gaps(answers, answers.book.derived[node.name].expression.tree, None)
        case CountTrue():
            for operand in node.operands:
                yield from _gaps(answers, operand, member)
        case CountMembers() | ShareMembers():
            yield from _member_gaps(answers, node.condition)
        case SumMembers():
            yield from _counted_gaps(answers)
            for row, truth in zip(answers.record.members, answers.counted, strict=True):
                if truth != NO:
                    yield from _number_gaps(answers, node.operand, row)
        case Persons():
            yield from _person_gaps(answers)
        case _:
            for child in node.children():
                yield from _number_gaps(answers, child, member)


def _parameter_gaps(answers: Answers, name: str) -> Iterator[Gap]:
    reading = answers.record.parameters[name]
    if reading.low is None:
        yield Gap("parameter", name)
    elif reading.low != reading.high:
        yield Gap("fact", answers.book.parameters[name].by[0])


def _member_gaps(answers: Answers, condition: Node) -> Iterator[Gap]:
    yield from _counted_gaps(answers)
    for row, truth in zip(answers.record.members, answers.counted, strict=True):
        if truth != NO:
            yield from _gaps(answers, condition, row)


def _counted_gaps(answers: Answers) -> Iterator[Gap]:
    """Who is counted: the rows themselves, or what decides about a row."""
    if not any(truth.hi for truth in answers.counted):
        yield Gap("members", "members")
    for row in answers.record.members:
        yield from _gaps(answers, answers.book.counted.expression.tree, row)


def _person_gaps(answers: Answers) -> Iterator[Gap]:
    """The number of persons: who is counted, or without member rows the household's size."""
    if answers.persons.known:
        return
    if any(truth.hi for truth in answers.counted):
        yield from _counted_gaps(answers)
    elif answers.record.facts.get("household_size") is None:
        yield Gap("fact", "household_size")
