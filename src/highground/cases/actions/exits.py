"""Whether a household may exit, condition by condition, from the facts as they are known; and what the rulebook says.

A missing fact is no yes: the household does not exit until it is known. People may still decide against an exit that
the rules allow; nobody can decide for one that they do not.
"""

from __future__ import annotations

import datetime

from highground.cases.actions.facts import income_days
from highground.cases.enums import ExitMode
from highground.cases.flow import CaseError
from highground.cases.known import records_on
from highground.cases.models import Case
from highground.methods.rules.exiting import ConditionVerdict, exit_verdicts, income_facts, income_window
from highground.methods.rules.judging import judge
from highground.methods.rules.rulebook import OutsidePeriod
from highground.methods.rules.statement import SCREENED
from highground.methods.screening import check_period
from highground.signals.rulebooks import book_of


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


def exit_verdicts_of(
    case: Case, *, today: datetime.date, mode: str = ExitMode.ASSISTANCE
) -> list[ConditionVerdict]:
    """The exit conditions of the case's rulebook with verdicts and values, as of `today`; none where it states none.

    A constant number of queries. Raises RulebookError for a way of leaving that the rulebook does not have.
    """
    book = book_of(case.rulebook_version.hash)
    if book.exit is None:
        return []
    since, _ = income_window(book, today)
    days = income_days(case.household, income_facts(book), since)
    records = records_on(case.household, book, {*days, today})
    found = exit_verdicts(book, records[today], [records[day] for day in days if day <= today], mode=mode)
    return list(found.conditions)
