"""What other registers say of a household that allowed them to be asked. A veto is weighed, never a silent refusal."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.cases.enums import Found
from highground.cases.flow import CaseError, Taking, procedure_for, take_step
from highground.cases.models import Case, CaseStep, Comparison
from highground.methods.rules.procedure.graph import Through
from highground.people.authorisations import NotAuthorised, authorised
from highground.people.bulk import moment
from highground.signals.rulebooks import book_of


@dataclass(frozen=True)
class Answer:
    """What one register answered; `veto` is an id of the rulebook, `excepted_by` the exceptions that hold."""

    register: str
    found: str
    veto: str = ""
    excepted_by: tuple[str, ...] = ()
    note: str = ""


@transaction.atomic
def record_comparison(
    case: Case,
    *,
    answers: Sequence[Answer],
    by: User,
    day: datetime.date,
    today: datetime.date,
    seen: int | None = None,
) -> CaseStep:
    """Record the answers and take the step. Raises NotAuthorised without an authorisation in force on `day`.

    Raises CaseError for no answer, an answer that is still outstanding, or a veto or exception that the rulebook
    does not know.
    """
    step = next(procedure_for(case).through(Through.COMPARISON), None)
    if step is None:
        raise CaseError(_("the rulebook's procedure has no data comparison"))

    def guard(_taking: Taking) -> None:
        if not authorised(case.household, day):
            raise NotAuthorised(
                _("the household has not allowed other registers to be asked; it signs that first")
            )
        _check(case, answers)

    hits = sum(one.found == Found.HIT for one in answers)
    taken = take_step(
        case, step=step.id, outcome=next(iter(step.outcomes)), by=by, day=day, today=today, seen=seen, guard=guard,
        data={"registers": len(answers), "hits": hits, "vetoes": sorted({one.veto for one in answers if one.veto})},
    )  # fmt: skip
    Comparison.objects.bulk_create(
        Comparison(
            case=case,
            register=one.register,
            found=one.found,
            veto=one.veto,
            excepted_by=list(one.excepted_by),
            note=one.note.strip(),
            day=day,
            recorded_at=moment(today),
            by=str(by.pk),
        )
        for one in answers
    )
    return taken


def _check(case: Case, answers: Sequence[Answer]) -> None:
    if not answers:
        raise CaseError(_("record what at least one register answered"))
    vetoes = {veto.id: veto for veto in book_of(case.rulebook_version.hash).vetoes}
    for one in answers:
        if one.found not in Found.values:
            raise CaseError(
                _("%(register)s: the answer is one of %(values)s")
                % {"register": one.register, "values": ", ".join(Found.values)}
            )
        if one.found == Found.NO_ANSWER:
            raise CaseError(
                _("%(register)s has not answered yet; record the comparison when it has")
                % {"register": one.register}
            )
        if one.veto and one.veto not in vetoes:
            raise CaseError(
                _("%(register)s: '%(veto)s' is no veto of the rulebook")
                % {"register": one.register, "veto": one.veto}
            )
        if one.veto and one.found != Found.HIT:
            raise CaseError(
                _("%(register)s: a veto stands only where something was found") % {"register": one.register}
            )
        known = {exception.id for exception in vetoes[one.veto].exceptions} if one.veto else set()
        if set(one.excepted_by) - known:
            raise CaseError(
                _("%(register)s: the veto '%(veto)s' knows the exceptions %(known)s")
                % {"register": one.register, "veto": one.veto, "known": ", ".join(sorted(known))}
            )
