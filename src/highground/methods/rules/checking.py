"""Record checks: where a record is wrong, as SQL over the whole register and by the oracle for one household."""

from __future__ import annotations

from collections.abc import Mapping

from highground.methods.rules import tree
from highground.methods.rules.compiling import Ends
from highground.methods.rules.intervals import NO, UNKNOWN, YES, Exact, Interval
from highground.methods.rules.oracle import counted, evaluate, members_known
from highground.methods.rules.record import Member, Record
from highground.methods.rules.rulebook import Check, Rulebook
from highground.methods.rules.statement import CHECKED, Statement

ALWAYS = Ends("TRUE", "TRUE")


class CheckStatement(Statement):
    """The SQL of a rulebook's checks: per household `found`, the checks that say it is wrong, and `undecided`."""

    sections = CHECKED

    def rules(self) -> list[tuple[str, tree.Node]]:
        """Checks are no named columns: each is asked once, in the answers."""
        return []

    def answers(self) -> str:
        """The columns of the result."""
        ends = {check.id: self.of_check(check) for check in self.book.checks}
        found = self._listed((name, end.lo) for name, end in ends.items())
        undecided = self._listed((name, f"({end.hi} AND NOT {end.lo})") for name, end in ends.items())
        return f"household, area, {found} AS found, {undecided} AS undecided"

    def of_check(self, check: Check) -> Ends:
        """The two ends of what a check says."""
        asked = ALWAYS if check.expression is None else self.compiler.truth(check.expression.tree)
        if check.blank:
            blank = " OR ".join(f"f_{name} IS NULL" for name in check.blank)
            asked = Ends(f"({asked.lo} AND ({blank}))", f"({asked.hi} AND ({blank}))")
        if check.each_member:
            asked = self.compiler.any_member(asked)
        if check.once_known:
            known = f"f_{check.once_known} IS NOT NULL"
            asked = Ends(f"({known} AND {asked.lo})", f"({known} AND {asked.hi})")
        return asked


def check_record(record: Record, book: Rulebook) -> dict[str, Interval]:
    """What every check of the rulebook says of one household: yes where the record is wrong."""
    return {check.id: ask(check, record, book) for check in book.checks}


def ask(check: Check, record: Record, book: Rulebook) -> Interval:
    """What one check says of one household."""
    if check.once_known and record.facts.get(check.once_known) is None:
        return NO
    if not check.each_member:
        return _of_holder(check, record, book, None)
    if not members_known(record, book):
        return UNKNOWN
    low: Exact = 0
    high: Exact = 0
    for row, of_row in zip(record.members, counted(record, book), strict=True):
        wrong = _of_holder(check, record, book, row)
        low, high = max(low, of_row.lo * wrong.lo), max(high, of_row.hi * wrong.hi)
    return Interval(low, high)


def concerned(check: Check, record: Record, book: Rulebook) -> list[Member]:
    """The counted members whose rows a check finds wrong."""
    if not check.each_member:
        return []
    rows = zip(record.members, counted(record, book), strict=True)
    return [row for row, of_row in rows if of_row == YES and _of_holder(check, record, book, row) == YES]


def _of_holder(check: Check, record: Record, book: Rulebook, member: Member | None) -> Interval:
    facts: Mapping[str, object] = record.facts if member is None else member.facts
    if check.blank and all(facts.get(name) is not None for name in check.blank):
        return NO
    return YES if check.expression is None else evaluate(check.expression.tree, record, book, member)
