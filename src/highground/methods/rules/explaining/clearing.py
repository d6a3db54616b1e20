"""What would clear a verdict that is yes: alternatives, each a set of changes after which it would be no.

An alternative is kept only if, with its changes made and all else as it is, no class at all would be yes: to earn
less, so that one class gives way to another, clears nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from highground.methods.rules.answers import Answers
from highground.methods.rules.explaining.case import Case, Json
from highground.methods.rules.explaining.steps import described, sentence
from highground.methods.rules.intervals import NEGATED, NO, YES, Interval
from highground.methods.rules.record import Record
from highground.methods.rules.tree import (
    And,
    BooleanFact,
    Compare,
    ConditionValue,
    IsEmpty,
    Node,
    Not,
    OneOf,
    Or,
    Truth,
)

MOST_WAYS = 24
MOST_SHOWN = 8


@dataclass(frozen=True)
class Change:
    """A condition that would have to become `so`. `value` is the category it would have to be instead."""

    node: Node
    so: bool
    value: str | None = None


Way = tuple[Change, ...]


def ways(case: Case, node: Node, so: bool) -> list[Way]:
    """Sets of changes, each enough to make `node` certainly `so`; the empty set where it is already."""
    if case.value(node) == (YES if so else NO):
        return [()]
    match node:
        case Not():
            return ways(case, node.operand, not so)
        case ConditionValue():
            return ways(case, case.book.conditions[node.name].expression.tree, so)
        case And() | Or() if isinstance(node, And) != so:  # one operand is enough
            found = itertools.chain.from_iterable(ways(case, operand, so) for operand in node.operands)
            return list(itertools.islice(found, MOST_WAYS))
        case And() | Or():  # every operand is needed
            each = [ways(case, operand, so) for operand in node.operands]
            joined = (tuple(itertools.chain.from_iterable(parts)) for parts in itertools.product(*each))
            return list(itertools.islice(joined, MOST_WAYS))
        case Truth():
            return []
        case OneOf():
            values = case.book.dictionary[node.name].values
            return [(Change(node, so, value),) for value in values if (value in node.values) is so]
        case _:
            return [(Change(node, so),)]


def bare(node: Any) -> Any:
    """A node without its position, and every comparison in one of two opposite forms, for telling nodes apart."""
    if isinstance(node, tuple):
        return tuple(bare(part) for part in node)
    if not isinstance(node, Node):
        return node
    below = {field.name: bare(getattr(node, field.name)) for field in fields(node)}
    return replace(node, **{**below, "start": 0, "end": 0})


def key_of(node: Node) -> tuple[Node, bool]:
    """A condition's identity, and whether it stands for it or for its opposite (`>` is the opposite of `<=`)."""
    if isinstance(node, Compare) and node.operator in (">", ">=", "<>"):
        return bare(replace(node, operator=NEGATED[node.operator])), False
    return bare(node), True


def with_facts(record: Record, way: Way) -> Record:
    """The record with the household's facts as a way wants them."""
    changed = dict(record.facts)
    for change in way:
        match change.node:
            case BooleanFact(member=False):
                changed[change.node.name] = change.so
            case OneOf(member=False):
                changed[change.node.name] = change.value
            case IsEmpty(member=False) if change.so:
                changed[change.node.name] = ()
    return replace(record, facts=changed)


def outcomes(case: Case, trees: Sequence[Node], way: Way) -> Iterator[Interval]:
    """What each of `trees` would be after the changes of a way."""
    answers = Answers(with_facts(case.record, way), case.book)
    forced = {}
    for change in way:
        key, straight = key_of(change.node)
        forced[key] = change.so is straight

    def ask(node: Node) -> Interval:
        match node:
            case Not():
                inner = ask(node.operand)
                return Interval(1 - inner.hi, 1 - inner.lo)
            case And() | Or():
                choose = min if isinstance(node, And) else max
                inner_truths = [ask(operand) for operand in node.operands]
                return Interval(
                    choose(one.lo for one in inner_truths), choose(one.hi for one in inner_truths)
                )
            case ConditionValue():
                return ask(case.book.conditions[node.name].expression.tree)
        key, straight = key_of(node)
        if key in forced:
            return YES if forced[key] is straight else NO
        return answers(node)

    return (ask(tree) for tree in trees)


def clears(case: Case) -> list[Json]:
    """For the class verdict and each fired clue rule: the alternatives that would clear it."""
    found = []
    classes = [class_.expression.tree for class_ in case.book.classes]
    for class_ in case.book.classes:
        if class_.id == case.judgement.class_id:
            found.append(_clearing(case, "class", class_.id, class_.label, class_.expression.tree, classes))
    for clue in case.book.clues:
        if clue.id in case.judgement.fired:
            tree = clue.expression.tree
            found.append(_clearing(case, "clue", clue.id, clue.label, tree, [tree]))
    return found


def _clearing(case: Case, kind: str, of: str, label: Any, tree: Node, others: list[Node]) -> Json:
    alternatives: list[Json] = []
    for way in _sorted(ways(case, tree, False)):
        if YES in outcomes(case, others, way):
            continue
        steps = [described(case, change.node, change.so, change.value) for change in way]
        alternative = {"steps": steps, "said": sentence(steps)}
        if alternative not in alternatives:
            alternatives.append(alternative)
    return {"kind": kind, "id": of, "label": dict(label), "alternatives": alternatives[:MOST_SHOWN]}


def _sorted(found: list[Way]) -> Iterator[Way]:
    """Amounts first: they say how much is missing; then facts, then what takes several changes."""
    yield from sorted(
        found, key=lambda way: (len(way), not any(isinstance(one.node, Compare) for one in way))
    )
