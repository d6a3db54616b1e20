"""The family applies and signs the authorisation to ask other registers, or does not want to."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.cases.flow import CaseError, procedure_for, take_step
from highground.cases.models import Case, CaseStep
from highground.methods.rules.procedure.graph import Effect, Through
from highground.people.authorisations import authorise
from highground.people.enums import Signed
from highground.people.models import Member


@transaction.atomic
def record_application(
    case: Case,
    *,
    outcome: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
    how: str = Signed.SIGNATURE,
    signed_by: Member | None = None,
    helper: str = "",
    read_back: bool = False,
    evidence: str = "",
    reason: str = "",
    seen: int | None = None,
) -> CaseStep:
    """Record the application with the signed authorisation, which is kept with the household.

    `helper` names who wrote for the family and read it back. Raises CaseError, NotAllowed, NotAuthorised.
    """
    step = next(procedure_for(case).through(Through.APPLICATION), None)
    if step is None:
        raise CaseError(_("the rulebook's procedure asks for no application"))
    taken = take_step(
        case, step=step.id, outcome=outcome, by=by, day=day, today=today, reason=reason, seen=seen,
        data={"how": str(how), "helped": bool(helper.strip())},
    )  # fmt: skip
    if step.outcomes[outcome].effect == Effect.NEXT:
        authorise(
            case.household, given_on=day, how=how, signed_by=signed_by, helped=bool(helper.strip()), helper=helper,
            read_back=read_back, evidence=evidence, by=str(by.pk), today=today,
        )  # fmt: skip
    return taken
