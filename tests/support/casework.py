"""Cases of a small office at any step, for tests of pages: opened and led on through the actions themselves."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.cases.actions.opening import open_case
from highground.cases.flow import procedure_for, state_of, take_step
from highground.cases.models import Case
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Effect
from highground.people.models import Household
from tests.support.places import PASSWORD, add_person
from tests.support.register import BOOK, TODAY, Register

STAFF: Mapping[str, tuple[Role, str]] = {
    "huangmei": (Role.VILLAGE_WORKER, "NALONG"),
    "qinhao": (Role.CONTACT_OFFICER, "NALONG"),
    "weisheng": (Role.FIRST_SECRETARY, "NALONG"),
    "liguo": (Role.TOWNSHIP_OFFICER, "NALONG"),
    "tangyu": (Role.TOWNSHIP_OFFICER, "NALONG"),
    "weilan": (Role.COUNTY_OFFICER, "LONGHE"),
    "mofang": (Role.COUNTY_OFFICER, "LONGHE"),
    "chenxi": (Role.PROVINCE_OFFICER, "CN-ZZ"),
    "antang": (Role.COUNTY_OFFICER, "PINGNAN"),
}
"""Who works here: two in each role that checks another, and somebody next door."""

NAMES = {
    "huangmei": "Huang Mei",
    "qinhao": "Qin Hao",
    "weisheng": "Wei Sheng",
    "liguo": "Li Guo",
    "tangyu": "Tang Yu",
    "weilan": "Wei Lan",
    "mofang": "Mo Fang",
    "chenxi": "Chen Xi",
    "antang": "An Tang",
}


def add_staff(register: Register, *, sign_in: Iterable[str] = ()) -> dict[str, User]:
    """The people of the office; those in `sign_in` can use the form."""
    wanted = set(sign_in)
    return {
        name: add_person(
            name,
            role,
            register.areas[code],
            password=PASSWORD if name in wanted else None,
            display_name=NAMES[name],
        )
        for name, (role, code) in STAFF.items()
    }


def start(household: Household, by: User, *, today: datetime.date = TODAY, **options: Any) -> Case:
    """A case of this household by the rulebook of the tests."""
    return open_case(household=household, rulebook=BOOK, by=by, today=today, **options)


def who(case: Case, step: str, staff: Mapping[str, User], today: datetime.date) -> User:
    """Somebody of the office who may take this step and had no hand in what it checks."""
    procedure, state = procedure_for(case), state_of(case)
    known = procedure.steps[step]
    barred = state.hands_in(known.not_by)
    path_of_area = case.household.area.path
    for name, user in staff.items():
        role, _code = STAFF[name]
        here = any(path_of_area.startswith(grant.area.path) for grant in user.grants.all() if grant.area)
        if role in known.roles and here and str(user.pk) not in barred:
            return user
    raise AssertionError(f"nobody may take {step}")


def lead(case: Case, staff: Mapping[str, User], *, to: str, today: datetime.date = TODAY) -> Case:
    """Take the leading steps, each with its first outcome that leads on, until `to` is the next one."""
    for _number in range(40):
        procedure, state = procedure_for(case), state_of(case)
        step = path.next_step(procedure, state)
        if (
            step is None
            or to == step.id
            or (procedure.steps[to].expedited and path.is_ready(procedure, state, procedure.steps[to]))
        ):
            return case
        outcome = next(
            one
            for one in step.outcomes.values()
            if one.effect in (Effect.NEXT, Effect.RECOGNISE, Effect.EXIT)
        )
        if outcome.effect == Effect.RECOGNISE and not case.class_id:
            Case.objects.everywhere(reason="test").filter(pk=case.pk).update(class_id="sudden_severe")
        take_step(
            case, step=step.id, outcome=outcome.id, by=who(case, step.id, staff, today), day=today, today=today,
            reason="because it is so",
        )  # fmt: skip
    raise AssertionError(f"never came to {to}")
