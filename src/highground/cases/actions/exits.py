"""Whether a household may exit, condition by condition, from the facts as they are known; and what the rulebook says.

A missing fact is no yes: the household does not exit until it is known. People may still decide against an exit that
the rules allow; nobody can decide for one that they do not.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from highground.cases.actions.facts import income_days
from highground.cases.enums import CaseStatus, ExitMode
from highground.cases.flow import CaseError, procedure_for
from highground.cases.known import records_on
from highground.cases.models import Case
from highground.methods.rules.exiting import ConditionVerdict, exit_verdicts, income_facts, income_window
from highground.methods.rules.judging import judge
from highground.methods.rules.months import later
from highground.methods.rules.rulebook import OutsidePeriod
from highground.methods.rules.statement import SCREENED
from highground.methods.screening import check_period
from highground.signals.rulebooks import book_of

OF_THE_CASE = frozenset(
    {
        "monitored",
        "monitored_class",
        "recognised_on",
        "first_recognised_on",
        "recognised_risks",
        "measures_delivered",
        "exited_on",
    }
)
"""Facts that the office writes itself when it decides or delivers: nobody is asked about them."""

ONE_DAY = datetime.timedelta(days=1)


def rule_class_of(case: Case, class_id: str, day: datetime.date) -> tuple[str, bool | None]:
    """The class by the rulebook from what is known of `day`, and whether the people's differs.

    "" and None where the rules cannot tell, or do not assess that day.
    """
    book = book_of(case.rulebook_version.hash)
    try:
        check_period(book, day)
    except OutsidePeriod:
        return "", None
    found = judge(records_on(case.household, book, [day], SCREENED)[day], book)
    if found.class_verdict == "cannot_tell":
        return "", None
    return found.class_id or "", found.class_id != class_id


def check_exit(case: Case, *, mode: str, today: datetime.date) -> None:
    """Raise CaseError naming every condition that does not hold, or cannot be told."""
    failing = [one for one in exit_verdicts_of(case, today=today, mode=mode) if one.verdict != "yes"]
    if failing:
        said = "; ".join(f"{one.label['en']}: {one.sentence['en']}" for one in failing)
        raise CaseError(f"the household cannot exit yet. {said}")


@dataclass(frozen=True)
class Lacking:
    """What keeps an exit from being told: facts by the key of their member ("" for the household), and the incomes.

    `incomes` are due where the last one is so old that the condition on income could miss one of that age later on;
    a part of the income that is not known is wanted always (`parts`): a day on which it is missing cannot be told.
    """

    facts: frozenset[tuple[str, str]] = frozenset()
    incomes: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()

    def wants(self, fact: str, member: str = "") -> bool:
        """Whether an answer about this fact could change what is told of the exit."""
        return (member, fact) in self.facts or (not member and fact in self.incomes)


def lacking_for_exit(case: Case, *, today: datetime.date) -> Lacking:
    """What to find out about a monitored household before it can be told whether it may leave.

    A constant number of queries, however much is known. `reads` are all facts that the conditions read.
    """
    book = book_of(case.rulebook_version.hash)
    if book.exit is None or case.status != CaseStatus.MONITORED:
        return Lacking()
    found = exit_verdicts_of(case, today=today)
    values = [value for one in found for value in one.values]
    unknown = [
        value
        for one in found
        if one.verdict == "cannot_tell"
        for value in one.values
        if value["value"] is None and value["fact"] not in OF_THE_CASE
    ]
    incomes = incomes_due(case, today=today)
    return Lacking(
        frozenset((str(value.get("member", "")), str(value["fact"])) for value in unknown),
        incomes,
        income_facts(book),
        frozenset(str(value["fact"]) for value in values) - OF_THE_CASE | income_facts(book),
    )


def incomes_due(case: Case, *, today: datetime.date) -> frozenset[str]:
    """The facts of income to confirm now, so that the condition of the exit always finds one that is old enough.

    Where the oldest of six months must be five months old, they are due a month after the last. None before the
    recognition. One query.
    """
    book = book_of(case.rulebook_version.hash)
    held = None if book.exit is None else book.exit.sustained
    if held is None or case.status != CaseStatus.MONITORED:
        return frozenset()
    facts = income_facts(book)
    since = later(today, -max(held.months - held.oldest, 1))
    return frozenset() if income_days(case.household, facts, since + ONE_DAY) else facts


def exit_verdicts_of(
    case: Case, *, today: datetime.date, mode: str = ExitMode.ASSISTANCE
) -> list[ConditionVerdict]:
    """The exit conditions of the case's rulebook with verdicts and values, as of `today`; none where it states none.

    While an exit is under way the half year of its incomes ends on the day on which it was proposed. A constant number
    of queries. Raises RulebookError for a way of leaving that the rulebook does not have.
    """
    book = book_of(case.rulebook_version.hash)
    if book.exit is None:
        return []
    proposed_on = _proposed_on(case)
    since, _ = income_window(book, proposed_on or today)
    days = income_days(case.household, income_facts(book), since)
    records = records_on(case.household, book, {*days, today})
    points = [records[day] for day in days if day <= today]
    found = exit_verdicts(book, records[today], points, mode=mode, proposed_on=proposed_on)
    return list(found.conditions)


def _proposed_on(case: Case) -> datetime.date | None:
    """The day on which the exit that is under way was proposed. One query."""
    first = procedure_for(case).first_exit
    if first is None:
        return None
    return case.steps.filter(step=first.id, stands=True).values_list("day", flat=True).last()
