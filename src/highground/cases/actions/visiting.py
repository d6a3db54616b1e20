"""A visit: who knocked, what was confirmed or corrected, what the family said, what is proposed."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.audit.actions import record
from highground.cases.actions.exits import incomes_due
from highground.cases.actions.facts import FactValue, asked_again, write_facts
from highground.cases.actions.needs import record_need
from highground.cases.flow import CaseError, Taking, procedure_for, state_of, take_step
from highground.cases.models import Case, CaseStep, Visit
from highground.cases.roles import OFFICE as VISIT_ROLES
from highground.methods.facts import load_dictionary
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Effect, Phase, Procedure, Through
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.bulk import moment
from highground.people.enums import SourceKind
from highground.people.models import Household
from highground.signals.rulebooks import book_of

MOST_DAYS_LATE = 31
"""A visit of any kind may be entered so many days after it took place; what is older cannot be told from a guess."""


@transaction.atomic
def record_visit(
    case: Case,
    *,
    outcome: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
    step: str = "",
    visitors: Sequence[User] = (),
    values: Sequence[FactValue] = (),
    note: str = "",
    need_words: str = "",
    need_language: str = "",
    need_audio: str = "",
    proposed_class: str = "",
    risks: Sequence[str] = (),
    reason: str = "",
    seen: int | None = None,
) -> CaseStep:
    """Record a visit, its facts and its outcome. `visitors` went besides `by`, who went too.

    Facts are recorded with the visit as their source, the family's words as a need, and the number of questions is
    counted. Raises CaseError for too few visitors (the pack says how many), for a visit entered later than a month
    after it took place, and for a proposed class or risk that the rulebook does not know; NotAllowed and NotAValue.
    """
    wanted = step or _ready_visit(procedure_for(case), case)
    went = {one.pk: one for one in (by, *visitors)}

    def guard(taking: Taking) -> None:
        _check_visit(taking, went.values())
        if taking.outcome.effect == Effect.NEXT and taking.step.phase == Phase.RECOGNITION:
            check_class(case, proposed_class)
            check_risks(risks)

    counted = {"asked": len(values), "confirmed": sum(one.confirmed for one in values), "visitors": len(went)}
    taken = take_step(
        case, step=wanted, outcome=outcome, by=by, people=visitors, day=day, today=today, reason=reason,
        data=counted, seen=seen, guard=guard,
    )  # fmt: skip
    _keep_visit(case, taken, went.values(), values, note, by, day, today)
    if need_words or need_audio:
        record_need(
            case.household,
            words=need_words,
            language=need_language,
            audio=need_audio,
            by=by,
            day=day,
            today=today,
        )
    if proposed_class or risks:
        case.proposed_class, case.risks = proposed_class or case.proposed_class, list(risks) or case.risks
    case.questions += len(values)
    case.save(update_fields=["proposed_class", "risks", "questions"])
    return taken


def follow_up(
    case: Case,
    *,
    by: User,
    day: datetime.date,
    today: datetime.date,
    visitors: Sequence[User] = (),
    values: Sequence[FactValue] = (),
    note: str = "",
    seen: int | None = None,
) -> CaseStep:
    """Record a follow-up; the next one is due after a longer time. `visitors` went besides `by`, who went too.

    Raises CaseError for visitors and days as `record_visit` does; NotAllowed and NotAValue.
    """
    procedure = procedure_for(case)
    step = next(procedure.through(Through.FOLLOW_UP), None)
    if step is None:
        raise CaseError(_("the rulebook's procedure has no follow-up"))
    went = {one.pk: one for one in (by, *visitors)}
    with transaction.atomic():
        taken = take_step(
            case, step=step.id, outcome=next(iter(step.outcomes)), by=by, people=visitors, day=day, today=today,
            data={"asked": len(values)}, seen=seen, guard=lambda taking: _check_visit(taking, went.values()),
        )  # fmt: skip
        _keep_visit(case, taken, went.values(), values, note, by, day, today)
        case.questions += len(values)
        case.save(update_fields=["questions"])
    return taken


@transaction.atomic
def record_look(
    household: Household,
    *,
    by: User,
    day: datetime.date,
    today: datetime.date,
    visitors: Sequence[User] = (),
    values: Sequence[FactValue] = (),
    note: str = "",
) -> Visit:
    """Record that somebody knocked where no step of a case called for it; its facts count like those of any visit.

    One event. Raises NotAllowed for somebody who holds no role there that visits, CaseError for such a visitor, for a
    day to come and for one that is too long ago, and NotAValue and RegisterError.
    """
    if holds(by, today, VISIT_ROLES, household.area.path) is None:
        raise NotAllowed("role", _("a visit is recorded by those who go there"))
    if day > today:
        raise CaseError(
            _("%(day)s lies after %(today)s; record a visit when it has happened")
            % {"day": day, "today": today}
        )
    _check_lateness(day, today)
    went = {one.pk: one for one in (by, *visitors)}
    _check_roles(went.values(), VISIT_ROLES, household, today)
    visit = _store(household, went.values(), values, note, by, day, today)
    record(
        "cases.look",
        by=str(by.pk),
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
        data={"visit": visit.pk, "day": day.isoformat(), "asked": len(values)},
    )
    return visit


def check_class(case: Case, class_id: str) -> None:
    """Refuse a class that the rulebook does not know."""
    known = [one.id for one in book_of(case.rulebook_version.hash).classes]
    if class_id not in known:
        raise CaseError(_("name the class: one of %(known)s") % {"known": ", ".join(known)})


def check_risks(risks: Iterable[str]) -> None:
    """Refuse no risk at all, and one that the dictionary does not know."""
    known, named = load_dictionary()["risks"].values, list(risks)
    if not named or any(one not in known for one in named):
        raise CaseError(_("name the risks: of %(known)s") % {"known": ", ".join(known)})


def _ready_visit(procedure: Procedure, case: Case) -> str:
    ready = (step for step in path.ready(procedure, state_of(case)) if step.through == Through.VISIT)
    step = next(ready, None) or next(procedure.through(Through.VISIT))
    return step.id


def _check_visit(taking: Taking, went: Collection[User]) -> None:
    """Refuse a visit of a case by too few people or by others than its step names, and one entered too late."""
    if len(went) < taking.step.visitors:
        raise CaseError(
            _("at least %(visitors)s people visit together; name who else went")
            % {"visitors": taking.step.visitors}
        )
    _check_roles(went, [Role(name) for name in taking.step.roles], taking.case.household, taking.today)
    _check_lateness(taking.day, taking.today)


def _check_roles(
    went: Iterable[User], roles: Collection[Role], household: Household, today: datetime.date
) -> None:
    for one in went:
        if holds(one, today, roles, household.area.path) is None:
            raise CaseError(_("%(one)s holds no role here in which they could visit") % {"one": one})


def oldest_day(today: datetime.date) -> datetime.date:
    """The first day of which something that happened may still be entered."""
    return today - datetime.timedelta(days=MOST_DAYS_LATE)


def _check_lateness(day: datetime.date, today: datetime.date) -> None:
    if day < oldest_day(today):
        raise CaseError(
            _("a visit of %(day)s is entered too late; only the last %(most)s days count")
            % {"day": day, "most": MOST_DAYS_LATE}
        )


def _keep_visit(
    case: Case,
    taken: CaseStep,
    went: Iterable[User],
    values: Sequence[FactValue],
    note: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
) -> Visit:
    dictionary = book_of(case.rulebook_version.hash).dictionary
    due = incomes_due(case, today=day)
    again = asked_again(case.household, values, dictionary=dictionary, day=day, due=due)
    return _store(
        case.household, went, values, note, by, day, today, case=case, step=taken, asked_fresh=again
    )


def _store(
    household: Household,
    went: Iterable[User],
    values: Sequence[FactValue],
    note: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
    **of_case: Any,
) -> Visit:
    """The visit and its facts; `of_case` are the fields that only a visit of a case has."""
    write_facts(
        household, values, kind=SourceKind.VISIT, source=visit_source(household), day=day, by=by, today=today
    )
    confirmed = sum(one.confirmed for one in values)
    visit: Visit = Visit.objects.create(
        household=household,
        day=day,
        visitors=[str(one.pk) for one in went],
        asked=len(values),
        confirmed=confirmed,
        corrected=len(values) - confirmed,
        note=note.strip(),
        recorded_at=moment(today),
        by=str(by.pk),
        **of_case,
    )
    return visit


def visit_source(household: Household) -> str:
    """The name under which facts that a visit brought are kept."""
    return f"Visit to {household.key}"
