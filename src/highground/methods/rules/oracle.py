"""The oracle: what a rulebook says of one household, worked out node by node in exact arithmetic.

Nothing here is fast or clever. It follows the docstring of `tree.py` sentence by sentence, for one household at a
time, in whole numbers and fractions, so that a person can check it by reading. The compiled SQL is tested against
it, and explanations are built from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from highground.methods.facts.dictionary import MAXIMUM_AGE
from highground.methods.facts.months import complete_months, months_from
from highground.methods.rules.intervals import (
    NO,
    UNKNOWN,
    YES,
    Exact,
    Interval,
    compare,
    product,
    total,
    weighed,
)
from highground.methods.rules.record import Member, Record, Value
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.tree import (
    FARTHEST,
    Add,
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
    Number,
    NumberFact,
    OneOf,
    Or,
    ParameterValue,
    PerPerson,
    Persons,
    Scale,
    ShareMembers,
    Since,
    Subtract,
    SumMembers,
    Truth,
)


def evaluate(node: Node, record: Record, book: Rulebook, member: Member | None = None) -> Interval:
    """What `node` can be for the household, or for one of its members inside a member expression.

    Numbers are in the units of the engine: money in minor units.
    """
    match node:
        case Number():
            return Interval(node.value, node.value)
        case NumberFact():
            return _number_fact(node, record, book, member)
        case ParameterValue():
            return _parameter(node, record, book)
        case DerivedAmount():
            return evaluate(book.derived[node.name].expression.tree, record, book)
        case Persons():
            return persons(record, book)
        case Age():
            return _age(record, member)
        case Since():
            return _since(node, record, member)
        case MonthsFrom():
            return _months_from(node, record, member)
        case Add():
            left, right = (
                evaluate(node.left, record, book, member),
                evaluate(node.right, record, book, member),
            )
            return Interval(left.lo + right.lo, left.hi + right.hi)
        case Subtract():
            left, right = (
                evaluate(node.left, record, book, member),
                evaluate(node.right, record, book, member),
            )
            return Interval(left.lo - right.hi, left.hi - right.lo)
        case Scale():
            return product(Interval(node.factor, node.factor), evaluate(node.operand, record, book, member))
        case CountTrue():
            return total(evaluate(operand, record, book, member) for operand in node.operands)
        case CountMembers():
            return _count_members(node.condition, record, book)
        case SumMembers():
            return _sum_members(node.operand, record, book)
        case _:
            return _truth(node, record, book, member)


def _truth(node: Node, record: Record, book: Rulebook, member: Member | None) -> Interval:
    match node:
        case Truth():
            return YES if node.value else NO
        case BooleanFact() | OneOf() | Has() | IsEmpty():
            return _fact_truth(node, record, member)
        case ConditionValue():
            return evaluate(book.conditions[node.name].expression.tree, record, book)
        case Compare():
            return _compare(node, record, book, member)
        case Not():
            operand = evaluate(node.operand, record, book, member)
            return Interval(1 - operand.hi, 1 - operand.lo)
        case And():
            operands = [evaluate(operand, record, book, member) for operand in node.operands]
            return Interval(min(operand.lo for operand in operands), min(operand.hi for operand in operands))
        case Or():
            operands = [evaluate(operand, record, book, member) for operand in node.operands]
            return Interval(max(operand.lo for operand in operands), max(operand.hi for operand in operands))
        case AnyMember():
            return _any_member(node.condition, record, book)
        case AllMembers():
            opposite = _any_member(Not(node.start, node.end, node.condition), record, book)
            return Interval(1 - opposite.hi, 1 - opposite.lo)
        case _:
            raise TypeError(
                f"{type(node).__name__} has no value of its own; it stands only inside a comparison"
            )


# --- facts and parameters ------------------------------------------------------------------------------


def value_of(name: str, of_member: bool, record: Record, member: Member | None) -> Value:
    """The value of a fact, None where it is missing or stale."""
    if not of_member:
        return record.facts.get(name)
    if member is None:
        raise TypeError(f"the member fact '{name}' was asked outside a member expression")
    return member.facts.get(name)


def _number_fact(node: NumberFact, record: Record, book: Rulebook, member: Member | None) -> Interval:
    value = value_of(node.name, node.member, record, member)
    if value is None:
        return fact_bounds(node.name, book)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"the value of '{node.name}' is no whole number in the units of the engine: {value!r}"
        )
    return Interval(value, value)


def fact_bounds(name: str, book: Rulebook) -> Interval:
    """The smallest and largest value of a numeric fact, in the units of the engine."""
    fact = book.dictionary[name]
    if fact.minimum is None or fact.maximum is None:
        raise TypeError(f"the fact '{name}' is no number")
    unit = 10**book.minor_digits if fact.type == "money" else 1
    return Interval(fact.minimum * unit, fact.maximum * unit)


def _fact_truth(node: BooleanFact | OneOf | Has | IsEmpty, record: Record, member: Member | None) -> Interval:
    value = value_of(node.name, node.member, record, member)
    if value is None:
        return UNKNOWN
    match node:
        case BooleanFact():
            holds = value is True
        case OneOf():
            holds = value in node.values
        case Has():
            holds = isinstance(value, tuple) and node.value in value
        case IsEmpty():
            holds = value == ()
    return YES if holds else NO


def _parameter(node: ParameterValue, record: Record, book: Rulebook) -> Interval:
    reading = record.parameters[node.name]
    if reading.low is None or reading.high is None:
        # Never decides anything: every comparison that meets a missing parameter is unknown (see `_compare`).
        parameter = book.parameters[node.name]
        unit = 10**book.minor_digits if parameter.type == "money" else 1
        return Interval(parameter.minimum * unit, parameter.maximum * unit)
    return Interval(reading.low, reading.high)


def _age(record: Record, member: Member | None) -> Interval:
    born = day_of("birth_date", True, record, member)
    if born is None:
        return Interval(0, MAXIMUM_AGE)
    day = record.as_of
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return Interval(years, years)


def day_of(name: str, of_member: bool, record: Record, member: Member | None) -> date | None:
    """The value of a date fact, None where it is missing or stale."""
    day = value_of(name, of_member, record, member)
    if day is not None and not isinstance(day, date):
        raise TypeError(f"the value of '{name}' is no date: {day!r}")
    return day


def _since(node: Since, record: Record, member: Member | None) -> Interval:
    day = day_of(node.name, node.member, record, member)
    if day is None:
        return Interval(-FARTHEST[node.unit], FARTHEST[node.unit])
    units = complete_months(day, record.as_of) if node.unit == "months" else (record.as_of - day).days
    return Interval(units, units)


def _months_from(node: MonthsFrom, record: Record, member: Member | None) -> Interval:
    first, last = (day_of(name, node.member, record, member) for name in (node.first, node.last))
    if first is None or last is None:
        return Interval(-2 * FARTHEST["months"], 2 * FARTHEST["months"])
    months = months_from(first, last)
    return Interval(months, months)


# --- comparisons ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sides:
    """The two numbers that a comparison really compares, after multiplying out.

    `times` says which side was multiplied by the number of persons: `left`, `right` or None.
    """

    left: Interval
    right: Interval
    times: str | None = None


def sides(node: Compare, record: Record, book: Rulebook, member: Member | None = None) -> Sides | None:
    """The numbers that `node` compares; None for a share of members where no member is known."""
    if isinstance(node.left, ShareMembers):
        return _share_sides(node, record, book)
    if isinstance(node.left, PerPerson) and isinstance(node.right, PerPerson):
        return Sides(
            evaluate(node.left.operand, record, book, member),
            evaluate(node.right.operand, record, book, member),
        )
    if isinstance(node.left, PerPerson):
        right = product(evaluate(node.right, record, book, member), persons(record, book))
        return Sides(evaluate(node.left.operand, record, book, member), right, "right")
    if isinstance(node.right, PerPerson):
        left = product(evaluate(node.left, record, book, member), persons(record, book))
        return Sides(left, evaluate(node.right.operand, record, book, member), "left")
    return Sides(evaluate(node.left, record, book, member), evaluate(node.right, record, book, member))


def _share_sides(node: Compare, record: Record, book: Rulebook) -> Sides | None:
    """`share of c  op  n/d` as `sum over counted members of (d*c - n)  op  0`."""
    if not isinstance(node.left, ShareMembers) or not isinstance(node.right, Number):
        raise TypeError("a share of members is compared with a literal only")
    if not members_known(record, book):
        return None
    share = Fraction(node.right.value)
    terms = []
    for row, of_row in zip(record.members, counted(record, book), strict=True):
        holds = evaluate(node.left.condition, record, book, row)
        excess = Interval(
            share.denominator * holds.lo - share.numerator, share.denominator * holds.hi - share.numerator
        )
        terms.append(weighed(excess, of_row))
    return Sides(total(terms), Interval(0, 0))


def _compare(node: Compare, record: Record, book: Rulebook, member: Member | None) -> Interval:
    compared = sides(node, record, book, member)
    if compared is None or any(True for _ in missing_parameters(node, record, book)):
        return UNKNOWN
    return compare(compared.left, node.operator, compared.right)


def missing_parameters(node: Node, record: Record, book: Rulebook) -> Iterator[str]:
    """The missing parameters in the numbers below `node`, also through derived amounts; a name may come twice.

    The conditions that `count_true` counts answer for themselves: an unknown one widens the count.
    """
    if isinstance(node, CountTrue):
        return
    if isinstance(node, ParameterValue) and record.parameters[node.name].low is None:
        yield node.name
    elif isinstance(node, DerivedAmount):
        yield from missing_parameters(book.derived[node.name].expression.tree, record, book)
    for child in node.children():
        yield from missing_parameters(child, record, book)


# --- members -------------------------------------------------------------------------------------------


def counted(record: Record, book: Rulebook) -> tuple[Interval, ...]:
    """For each member row, whether the rulebook counts the person."""
    return tuple(evaluate(book.counted.expression.tree, record, book, row) for row in record.members)


def members_known(record: Record, book: Rulebook) -> bool:
    """Whether there is a member row that is certainly counted."""
    return total(counted(record, book)).lo >= 1


def persons(record: Record, book: Rulebook) -> Interval:
    """How many persons the rulebook counts in the household; never less than one."""
    number = total(counted(record, book))
    if number.lo >= 1:
        return number
    size = record.facts.get("household_size")
    given = (
        Interval(size, size) if isinstance(size, int) else Interval(1, fact_bounds("household_size", book).hi)
    )
    return Interval(1, max(given.hi, number.hi)) if number.hi >= 1 else given


def _any_member(condition: Node, record: Record, book: Rulebook) -> Interval:
    if not members_known(record, book):
        return UNKNOWN
    low: Exact = 0
    high: Exact = 0
    for row, of_row in zip(record.members, counted(record, book), strict=True):
        holds = evaluate(condition, record, book, row)
        low, high = max(low, of_row.lo * holds.lo), max(high, of_row.hi * holds.hi)
    return Interval(low, high)


def _count_members(condition: Node, record: Record, book: Rulebook) -> Interval:
    if not members_known(record, book):
        return Interval(0, persons(record, book).hi)
    return total(
        product(of_row, evaluate(condition, record, book, row))
        for row, of_row in zip(record.members, counted(record, book), strict=True)
    )


def _sum_members(operand: Node, record: Record, book: Rulebook) -> Interval:
    if not members_known(record, book):
        nobody = Member(id="", facts={})
        nothing = Record(record.household, record.as_of, {}, (), record.parameters)
        bounds = evaluate(operand, nothing, book, nobody)
        most = persons(record, book).hi
        return Interval(min(0, most * bounds.lo), max(0, most * bounds.hi))
    return total(
        weighed(evaluate(operand, record, book, row), of_row)
        for row, of_row in zip(record.members, counted(record, book), strict=True)
    )
