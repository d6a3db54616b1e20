"""Many households on their way at once, for tests of the lists that meetings and notices decide."""

from __future__ import annotations

from highground.accounts.models import User
from highground.cases.flow import procedure_for, state_of, take_step
from highground.cases.models import Case
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Effect, Step
from highground.people.models import Household
from tests.support.case_path import STAFF, Office
from tests.support.register import BOOK

ON = (Effect.NEXT, Effect.RECOGNISE, Effect.EXIT)


def lead(office: Office, case: Case, to: str) -> Case:
    """Take the steps of the way, each with its first outcome that leads on, until `to` can be taken."""
    for _number in range(40):
        procedure, state = procedure_for(case), state_of(case)
        if path.is_ready(procedure, state, procedure.steps[to]):
            return case
        ready = [one for one in path.ready(procedure, state) if one.once and not one.expedited]
        step = next(one for one in ready if not state.standing(one.id))
        outcome = next(one for one in step.outcomes.values() if one.effect in ON)
        if outcome.effect == Effect.RECOGNISE:
            Case.objects.everywhere(reason="test").filter(pk=case.pk).update(class_id="sudden_severe")
        take_step(
            case, step=step.id, outcome=outcome.id, by=somebody(office, case, step), day=office.today,
            today=office.today, reason="So it is.",
        )  # fmt: skip
    raise AssertionError(f"never came to {to}")


def somebody(office: Office, case: Case, step: Step) -> User:
    """A person of Longhe who may take the step and had no hand in what it checks."""
    barred = state_of(case).hands_in(step.not_by)
    return next(
        office.staff[name]
        for name, (role, code) in STAFF.items()
        if code == "LONGHE" and role in step.roles and str(office.staff[name].pk) not in barred
    )


def many(office: Office, count: int, *, to: str, start: int = 0) -> list[Case]:
    """So many new households of Baiyun whose case waits for this step."""
    from highground.cases.actions.opening import open_case

    area = office.household("2231").area
    numbers = range(start, start + count)
    Household.objects.bulk_create(
        Household(key=f"many{number}", number=f"7{number:03}", area=area) for number in numbers
    )
    cases = []
    for household in Household.objects.everywhere(reason="test").filter(
        key__in=[f"many{number}" for number in numbers]
    ):
        case = open_case(household=household, rulebook=BOOK, by=office.staff["worker"], today=office.today)
        Case.objects.everywhere(reason="test").filter(pk=case.pk).update(
            proposed_class="sudden_severe", risks=["illness"]
        )
        case.refresh_from_db()
        cases.append(lead(office, case, to))
    return cases
