"""What would be asked at a household's door: by its case and the step that is ready there, else as on a look."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from highground.accounts.models import User
from highground.cases.enums import RUNNING
from highground.cases.flow import procedure_for, state_of
from highground.cases.forms.questions import RISKS, Question, Questions, questions_of_all
from highground.cases.models import Case, CaseStep
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Step, Through
from highground.methods.screening.price import MINUTES
from highground.people.models import Household
from highground.signals.models import HouseholdVerdict, RulebookVersion


@dataclass(frozen=True)
class Asked:
    """What a visit to one household would bring: its case under way, the step of it that is ready, the questions.

    `by` is the case by whose rulebook is asked: the one under way, else one that nobody opened. It is None, and so are
    the questions, where no rulebook was ever used.
    """

    household: Household
    case: Case | None
    step: Step | None
    by: Case | None
    found: Questions | None

    @property
    def questions(self) -> list[Question]:
        """Those that the phone asks; risks are asked with the outcome."""
        return [one for one in self.found.asked if one.fact.name != RISKS] if self.found else []


def asked_of(households: Iterable[Household], user: User, today: datetime.date) -> list[Asked]:
    """What a visit to each of these households would bring, in their order. A constant number of queries.

    The caller answers for the scope; the households' areas are at hand.
    """
    homes = list(households)
    cases = _cases_of(homes, user, today)
    steps = _steps_of(cases.values())
    versions = rulebooks_for([one for one in homes if one.pk not in cases])
    by: dict[int, Case] = dict(cases)
    for one in homes:
        if one.pk not in cases and (version := versions.get(one.pk)) is not None:
            by[one.pk] = Case(household=one, rulebook=version.rulebook, rulebook_version=version)
    questions = dict(zip(by, questions_of_all(list(by.values()), user, today), strict=True))
    return [
        Asked(
            one,
            case := cases.get(one.pk),
            _ready(case, steps[case.pk], user) if case else None,
            by.get(one.pk),
            questions.get(one.pk),
        )
        for one in homes
    ]


def effort_of(questions: Sequence[Question]) -> dict[str, Any]:
    """How many questions there are and how many minutes they take, by the rate of `methods/screening/price.py`."""
    return {"questions": len(questions), "minutes": math.ceil(len(questions) * MINUTES)}


def rulebooks_for(households: Iterable[Household]) -> dict[int, RulebookVersion]:
    """By household the newest version of the rulebook by which it was last screened. Two queries."""
    verdicts = HouseholdVerdict.objects.everywhere(
        reason="by which rulebook households in scope were screened"
    )
    names = dict(
        verdicts.filter(household__in=list(households)).order_by("pk").values_list("household", "rulebook")
    )
    versions = (
        RulebookVersion.objects.filter(rulebook__in=set(names.values())).defer("content").order_by("pk")
    )
    newest = {one.rulebook: one for one in versions}
    return {pk: newest[name] for pk, name in names.items() if name in newest}


def _cases_of(households: list[Household], user: User, today: datetime.date) -> dict[int, Case]:
    rows = Case.objects.visible_to(user, today).filter(household__in=households, status__in=RUNNING)
    rows = rows.select_related("household__area", "rulebook_version").defer("rulebook_version__content")
    return {one.household_id: one for one in rows.order_by("pk")}


def _steps_of(cases: Iterable[Case]) -> dict[int, list[CaseStep]]:
    steps = CaseStep.objects.everywhere(reason="steps of cases that were reached in scope")
    found: dict[int, list[CaseStep]] = defaultdict(list)
    for one in steps.filter(case__in=list(cases)).order_by("case", "sequence"):
        found[one.case_id].append(one)
    return found


def _ready(case: Case, steps: list[CaseStep], user: User) -> Step | None:
    """The visit or follow-up of this case that can be taken now."""
    procedure, state = procedure_for(case), state_of(case, steps)
    doors = [one for one in path.ready(procedure, state) if one.through in (Through.VISIT, Through.FOLLOW_UP)]
    free = [one for one in doors if str(user.pk) not in state.hands_in(one.not_by)]
    return next(iter(sorted(free, key=lambda one: one.through != Through.VISIT)), None)
