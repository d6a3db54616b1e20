"""Households with gaps and their truth, asked one question after another: for tests and for the benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from highground.methods.facts import Fact
from highground.methods.rules.asking import Asking, Question, answered
from highground.methods.rules.judging import judge
from highground.methods.rules.record import Member, Record, Value
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import SCREENED, facts_needed
from highground.methods.screening.opening import records_of
from tests.methods.screening.random_world import AS_OF, Tables

Told = tuple[str, str | None, tuple[str, ...]]


@dataclass(frozen=True)
class Interview:
    """One household: how long the full form is, what was asked with the household as it was then, and the verdicts."""

    form: int
    asked: list[tuple[Record, Question]]
    verdict: Told
    truth: Told


def interviews(book: Rulebook, count: int, *, seed: int) -> Iterator[Interview]:
    """Random households of which one fact in six is missing or more, asked until nothing matters any more.

    The full form asks every fact that the rulebook reads and that is not known, of the household and of each member.
    """
    tables = Tables(seed, book.dictionary)
    households, members = tables.households(book, count), tables.members(book, count)
    asking = Asking(book)
    for known in records_of(book, households=households, members=members, as_of=AS_OF):
        form = list(_form(known, book))
        truth = known
        for question in form:
            truth = answered(truth, book, question, _some_value(tables, book.dictionary[question.fact], book))
        asked, now = [], known
        while (next_one := asking.next(now)) is not None:
            asked.append((now, next_one))
            now = answered(now, book, next_one, _value_in(truth, next_one))
        yield Interview(len(form), asked, told(asking.completed(now), book), told(truth, book))


def told(record: Record, book: Rulebook) -> Told:
    """The verdict by the oracle."""
    found = judge(record, book)
    return found.class_verdict, found.class_id, found.fired


def proven(asking: Asking, record: Record, question: Question) -> bool:
    """Whether two households that differ in this answer alone, and hold to all that is known, have two verdicts.

    The pair is found by the search that chose the question; here it is looked at without it, by the oracle.
    """
    pair = asking.witness(record, question)
    if pair is None:
        return False
    one, other = pair
    value = _value_in(other, question)
    return (
        told(one, asking.book) != told(other, asking.book)
        and answered(one, asking.book, question, value) == other
        and _holds_to(record, one)
    )


def _holds_to(known: Record, said: Record) -> bool:
    """Whether what was known is as it was."""
    pairs = [(known.facts, said.facts)]
    pairs += [(row.facts, other.facts) for row, other in zip(known.members, said.members, strict=True)]
    return all(
        after.get(name) == value
        for before, after in pairs
        for name, value in before.items()
        if value is not None
    )


def _form(record: Record, book: Rulebook) -> Iterator[Question]:
    needed = facts_needed(book, SCREENED)
    for fact in book.dictionary.values():
        if fact.name in needed:
            holders: list[Record | Member] = [record] if fact.entity == "household" else [*record.members]
            for holder in holders:
                if holder.facts.get(fact.name) is None:
                    yield Question(fact.name, holder.id if isinstance(holder, Member) else "")


def _some_value(tables: Tables, fact: Fact, book: Rulebook) -> Value:
    value: Any = None
    while value is None:
        value = tables.value(fact.name)
    if fact.type == "money":
        return round(value * 10**book.minor_digits)
    return tuple(value) if fact.type == "list" else value


def _value_in(record: Record, question: Question) -> Value:
    if not question.member:
        return record.facts[question.fact]
    return next(row.facts[question.fact] for row in record.members if row.id == question.member)
