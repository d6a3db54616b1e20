"""Reviews and decisions: people decide, with a reason; what the rulebook says stands beside it, untouched."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.cases.actions.exits import check_exit, rule_class_of
from highground.cases.actions.facts import write_record
from highground.cases.actions.visiting import check_class, check_risks
from highground.cases.changes import EXIT, RECOGNITION, deciding_facts, remember_changes
from highground.cases.enums import ExitMode
from highground.cases.flow import CaseError, Taking, procedure_for, take_step
from highground.cases.models import Case, CaseStep
from highground.methods.rules.procedure.graph import Effect, Phase, Through
from highground.people.enums import Signed
from highground.signals.rulebooks import book_of

AID = "social_assistance"
"""The family of measures to which emergency aid belongs."""


@transaction.atomic
def decide(
    case: Case,
    *,
    step: str,
    outcome: str,
    by: User,
    today: datetime.date,
    day: datetime.date | None = None,
    reason: str = "",
    class_id: str = "",
    risks: Sequence[str] = (),
    exit_mode: str = "",
    seen: int | None = None,
) -> CaseStep:
    """Take a step of the form `decision`, with what its effect brings about.

    Recognising needs a class and the risks (those proposed, without others), writes them into the register and says
    whether the people's class differs from the rulebook's. An exit needs its conditions to hold (`exits.check_exit`)
    and its mode. Raises CaseError and NotAllowed.
    """
    when = day or today
    known = procedure_for(case).steps.get(step)
    if known is not None and known.through != Through.DECISION:
        raise CaseError(_("'%(step)s' is not taken by a decision alone") % {"step": step})
    class_id, risks = class_id or case.proposed_class, list(risks) or list(case.risks)
    mode = exit_mode or case.exit_mode or ExitMode.ASSISTANCE

    def guard(taking: Taking) -> None:
        if taking.outcome.effect == Effect.RECOGNISE:
            check_class(case, class_id)
            check_risks(risks)
            rule_class, differs = rule_class_of(taking.case, class_id, taking.day)
            taking.case.class_id, taking.case.risks = class_id, list(risks)
            taking.case.rule_class, taking.case.differs = rule_class, differs
            taking.data.update({"class": class_id, "rule_class": rule_class, "risks": list(risks)})
        elif taking.step.phase == Phase.EXIT and taking.outcome.effect in (Effect.NEXT, Effect.EXIT):
            if mode not in ExitMode.values:
                raise CaseError(_("the risk went away: %(values)s") % {"values": ", ".join(ExitMode.values)})
            if not taking.step.only_if:
                check_exit(taking.case, mode=mode, today=taking.today)
            taking.case.exit_mode = mode
            taking.data["exit_mode"] = str(mode)

    taken = take_step(
        case, step=step, outcome=outcome, by=by, day=when, today=today, reason=reason, seen=seen, guard=guard
    )
    _settle(case, taken, by=by, day=when, today=today)
    _remember(case, taken)
    return taken


def _remember(case: Case, taken: CaseStep) -> None:
    """Keep which facts were changed shortly before the decision."""
    kind = {Effect.RECOGNISE: RECOGNITION, Effect.EXIT: EXIT}.get(Effect(taken.effect))
    if kind:
        facts = deciding_facts(book_of(case.rulebook_version.hash))
        remember_changes({kind: case.household.cases.filter(pk=case.pk)}, facts)


def _settle(case: Case, taken: CaseStep, *, by: User, day: datetime.date, today: datetime.date) -> None:
    """Write into the register what was decided, so that rules read it."""
    match taken.effect:
        case Effect.RECOGNISE:
            write_record(
                case,
                {
                    "monitored": True,
                    "monitored_class": case.class_id,
                    "recognised_on": day.isoformat(),
                    "first_recognised_on": (case.first_recognised_on or day).isoformat(),
                    "recognised_risks": list(case.risks),
                    "risks_closed": [],
                    "exited_on": None,
                    "exit_mode": None,
                    "measures_delivered": [AID] if _helped(case) else [],
                },
                day=day,
                by=by,
                today=today,
            )
        case Effect.EXIT:
            write_record(
                case,
                {
                    "monitored": False,
                    "exited_on": day.isoformat(),
                    "exit_mode": str(case.exit_mode),
                    "risks_closed": list(case.risks),
                },
                day=day,
                by=by,
                today=today,
            )


def _helped(case: Case) -> bool:
    """Whether emergency aid came before: then it counts as delivered already, and nothing else does."""
    aids = [step.id for step in procedure_for(case).steps.values() if step.expedited]
    return bool(aids) and case.steps.filter(step__in=aids, stands=True).exists()


@transaction.atomic
def give_emergency_aid(
    case: Case,
    *,
    amount: Decimal,
    risk: str,
    reason: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
    seen: int | None = None,
) -> CaseStep:
    """Help first: aid for a sudden risk before recognition, to be made good by a deadline of its own.

    `amount` is in major units. Raises CaseError above the limit or for a risk that allows no such help.
    """
    step = next((one for one in procedure_for(case).steps.values() if one.expedited), None)
    if step is None or step.expedited is None:
        raise CaseError(_("the rulebook's procedure knows no help before recognition"))
    if risk not in step.expedited.risks:
        raise CaseError(
            _("help before recognition is for %(risks)s") % {"risks": ", ".join(step.expedited.risks)}
        )
    if not 0 < amount <= step.expedited.limit:
        raise CaseError(
            _("the amount must be above 0 and at most %(limit)s") % {"limit": step.expedited.limit}
        )
    minor = amount * 10 ** book_of(case.rulebook_version.hash).minor_digits
    if minor != int(minor):
        raise CaseError(_("%(amount)s has more decimals than the currency") % {"amount": amount})
    taken = take_step(
        case,
        step=step.id,
        outcome=next(iter(step.outcomes)),
        by=by,
        day=day,
        today=today,
        reason=reason,
        data={"amount_minor": int(minor), "risk": risk},
        seen=seen,
    )
    if case.supported_on is None:
        case.supported_on = day
        case.save(update_fields=["supported_on"])
    # Not added to what is known: what was delivered before belongs to an earlier time of monitoring.
    write_record(case, {"measures_delivered": [AID]}, day=day, by=by, today=today)
    return taken


@transaction.atomic
def family_answers(
    case: Case,
    *,
    outcome: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
    how: str = Signed.SIGNATURE,
    reason: str = "",
    seen: int | None = None,
) -> CaseStep:
    """Record the family's signature to its exit, or that it does not agree, in its words (`reason`)."""
    step = next(procedure_for(case).through(Through.FAMILY), None)
    if step is None:
        raise CaseError(_("the rulebook's procedure does not ask the family"))
    if how not in Signed.values:
        raise CaseError(_("the family signs by one of %(values)s") % {"values": ", ".join(Signed.values)})
    return take_step(
        case, step=step.id, outcome=outcome, by=by, day=day, today=today, reason=reason, data={"how": str(how)},
        seen=seen,
    )  # fmt: skip
