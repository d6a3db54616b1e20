"""The oracle's answers for one household, each worked out once: an explanation asks the same things many times."""

from __future__ import annotations

from functools import cached_property

from highground.methods.rules.intervals import Interval
from highground.methods.rules.oracle import counted, evaluate, persons
from highground.methods.rules.record import Member, Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.tree import Node


class Answers:
    """Ask `answers(node)` or `answers(node, member)` as often as needed."""

    def __init__(self, record: Record, book: Rulebook) -> None:
        self.record = record
        self.book = book
        # The node is kept beside its answer, so that its id cannot pass to another node.
        self._known: dict[tuple[int, str | None], tuple[Node, Interval]] = {}

    def __call__(self, node: Node, member: Member | None = None) -> Interval:
        """What `node` can be, in the units of the engine."""
        key = (id(node), None if member is None else member.id)
        if key not in self._known:
            self._known[key] = (node, evaluate(node, self.record, self.book, member))
        return self._known[key][1]

    @cached_property
    def counted(self) -> tuple[Interval, ...]:
        """For each member row, whether the person is counted."""
        return counted(self.record, self.book)

    @cached_property
    def persons(self) -> Interval:
        """How many persons are counted."""
        return persons(self.record, self.book)
