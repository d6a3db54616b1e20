"""A whole rulebook for one household, by the oracle: verdict, fired and undecided rules, vetoes, what is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from highground.methods.rules.intervals import UNKNOWN, YES, Interval
from highground.methods.rules.oracle import counted, evaluate, persons
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.tree import And, ConditionValue, Node, Not, Or


@dataclass(frozen=True)
class VetoVerdict:
    """A veto that stands, and the exceptions that speak against it."""

    id: str
    excepted_by: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """What a rulebook says of one household.

    `exceptions` is keyed by veto and exception. `class_id` is None unless `class_verdict` is yes. `undecided` are
    the clue rules that cannot be told. `unknown` names what stands between an unknown class verdict and an answer:
    named conditions, and by their source text the conditions written inline.
    """

    counted: tuple[Interval, ...]
    persons: Interval
    derived: Mapping[str, Interval]
    conditions: Mapping[str, Interval]
    classes: Mapping[str, Interval]
    clues: Mapping[str, Interval]
    vetoes: Mapping[str, Interval]
    exceptions: Mapping[tuple[str, str], Interval]
    class_verdict: str
    class_id: str | None
    fired: tuple[str, ...]
    undecided: tuple[str, ...]
    standing_vetoes: tuple[VetoVerdict, ...]
    unknown: tuple[str, ...]


def judge(record: Record, book: Rulebook) -> Judgement:
    """Everything the rulebook says of one household."""

    def ask(tree: Node) -> Interval:
        return evaluate(tree, record, book)

    classes = {class_.id: ask(class_.expression.tree) for class_ in book.classes}
    clues = {clue.id: ask(clue.expression.tree) for clue in book.clues}
    vetoes = {veto.id: ask(veto.expression.tree) for veto in book.vetoes}
    exceptions = {
        (veto.id, exception.id): ask(exception.expression.tree)
        for veto in book.vetoes
        for exception in veto.exceptions
    }
    verdict, first = class_verdict(classes)
    return Judgement(
        counted=counted(record, book),
        persons=persons(record, book),
        derived={name: ask(named.expression.tree) for name, named in book.derived.items()},
        conditions={name: ask(named.expression.tree) for name, named in book.conditions.items()},
        classes=classes,
        clues=clues,
        vetoes=vetoes,
        exceptions=exceptions,
        class_verdict=verdict,
        class_id=first,
        fired=tuple(name for name, truth in clues.items() if truth == YES),
        undecided=tuple(name for name, truth in clues.items() if truth == UNKNOWN),
        standing_vetoes=tuple(
            VetoVerdict(
                veto.id,
                tuple(each.id for each in veto.exceptions if exceptions[veto.id, each.id] == YES),
            )
            for veto in book.vetoes
            if vetoes[veto.id] == YES
        ),
        unknown=_unknown_units(record, book) if verdict == "cannot_tell" else (),
    )


def class_verdict(classes: Mapping[str, Interval]) -> tuple[str, str | None]:
    """The verdict from whether each class is met, and the first that is; None without any."""
    first = next((name for name, truth in classes.items() if truth == YES), None)
    if first is not None:
        return "yes", first
    return ("cannot_tell" if UNKNOWN in classes.values() else "no"), None


def _unknown_units(record: Record, book: Rulebook) -> tuple[str, ...]:
    """Their names in the order in which the class expressions have them, each once."""
    order: dict[str, bool] = {}
    for class_ in book.classes:
        text = class_.expression.text
        unknown = set(map(id, unknown_units(class_.expression.tree, record, book)))
        for unit in _units(class_.expression.tree):
            name = unit.name if isinstance(unit, ConditionValue) else text[unit.start : unit.end]
            order[name] = order.get(name, False) or id(unit) in unknown
    return tuple(name for name, unknown_now in order.items() if unknown_now)


def _units(node: Node) -> Iterator[Node]:
    """The conditions that And, Or and Not join, in source order."""
    if isinstance(node, And | Or | Not):
        for child in node.children():
            yield from _units(child)
    else:
        yield node


def unknown_units(node: Node, record: Record, book: Rulebook) -> Iterator[Node]:
    """Below an unknown `node`: the conditions that are unknown and lie under unknown ancestors only."""
    if evaluate(node, record, book) != UNKNOWN:
        return
    if isinstance(node, And | Or | Not):
        for child in node.children():
            yield from unknown_units(child, record, book)
    else:
        yield node
