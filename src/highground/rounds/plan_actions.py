"""What people set in the plan of visits: who goes to a household, who is away, who takes over, how many visits a day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.actions.contacts import hand_over_all
from highground.methods.rules.procedure.path import NotAllowed
from highground.rounds.actions import RoundsError
from highground.rounds.calls import Call
from highground.rounds.models import MOST_A_DAY, Absence, MovedVisit, PlanSetting
from highground.rounds.planning import DayPlan, Person, plan_of

LEADERS = (Role.FIRST_SECRETARY, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER)
"""Who leads those that visit, each in their own area."""

SETTERS = (Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER)


def may_lead(user: User, path: str, today: datetime.date) -> bool:
    """Whether a person says who goes in the area at `path`."""
    return holds(user, today, LEADERS, path) is not None


@transaction.atomic
def move(plan: DayPlan, task: str, *, visitor: str, day: datetime.date | None, by: User) -> MovedVisit:
    """Give a visit of a plan to somebody, on a day or whenever they have room; one event.

    Raises NotAllowed for who does not lead there, and RoundsError for a visit that is not in the plan any more, a
    visitor who may not make it, one who is away, and a day outside the plan.
    """
    call = _call(plan, task)
    if not may_lead(by, call.path, plan.today):
        raise NotAllowed("role", "the leaders of those who visit there say who goes")
    if visitor not in plan.may_go[task] or visitor not in plan.people:
        raise RoundsError(_("This person may not make this visit. Choose one of those offered."))
    if day is not None and day not in plan.days:
        raise RoundsError(_("This is no working day of the plan. Choose one of those offered."))
    if day in plan.people[visitor].away:
        raise RoundsError(
            _("%(name)s is away on that day. Choose another.") % {"name": plan.people[visitor].user}
        )
    moved, _new = MovedVisit.objects.everywhere(
        reason="a visit in scope is given to somebody"
    ).update_or_create(
        task=task,
        defaults={
            "household_id": call.household,
            "visitor_id": int(visitor),
            "day": day,
            "set_on": plan.today,
            "by": str(by.pk),
        },
    )
    _event("rounds.move", by, call.path, "household", call.key, task=task, visitor=visitor, day=_text(day))
    return moved  # type: ignore[no-any-return]


@transaction.atomic
def let_go(plan: DayPlan, task: str, *, by: User) -> None:
    """Leave a visit that was set by hand to the rule again; one event. Raises NotAllowed and RoundsError."""
    call = _call(plan, task)
    if not may_lead(by, call.path, plan.today):
        raise NotAllowed("role", "the leaders of those who visit there say who goes")
    MovedVisit.objects.everywhere(reason="a visit in scope is left to the rule").filter(task=task).delete()
    _event("rounds.let_go", by, call.path, "household", call.key, task=task)


@transaction.atomic
def mark_away(
    person: Person, *, first: datetime.date, last: datetime.date | None, by: User, today: datetime.date
) -> Absence:
    """Say that somebody makes no visits for some days (without `last` for good); one event.

    People say so of themselves, and leaders of those in their area. Raises NotAllowed and RoundsError.
    """
    _check_leads(person, by, today)
    if last is not None and last < first:
        raise RoundsError(_("The last day lies before the first."))
    if last is not None and last < today:
        raise RoundsError(_("These days have passed. Give days that are still to come."))
    made = Absence.objects.create(user=person.user, first=first, last=last, set_on=today, by=str(by.pk))
    _event(
        "rounds.away", by, person.area.path, "user", str(person.user.pk), first=_text(first), last=_text(last)
    )
    return made


@transaction.atomic
def mark_back(absence: Absence, person: Person, *, by: User, today: datetime.date) -> None:
    """Somebody is back, or not away after all: the days from today on are theirs again; one event. Raises NotAllowed."""
    _check_leads(person, by, today)
    yesterday = today - datetime.timedelta(days=1)
    if absence.first <= yesterday:
        absence.last = yesterday
        absence.save(update_fields=["last"])
    else:
        absence.delete()
    _event("rounds.back", by, person.area.path, "user", str(person.user.pk), first=_text(absence.first))


@dataclass(frozen=True)
class HandedOver:
    """How many cases and visits went to the successor, and how many visits the successor may not make."""

    cases: int
    visits: int
    others: int


@transaction.atomic
def hand_over(plan: DayPlan, leaver: str, successor: str, *, by: User) -> HandedOver:
    """Give all that somebody who leaves has to do to a successor: cases, and the visits of the plan, those of the
    audit among them. The leaver makes no visits from today on. One event here and one of the cases.

    What the successor may not make goes back to the rule. Raises NotAllowed and RoundsError; CaseError where a case
    cannot go to them, and then nothing is handed over.
    """
    person, heir = plan.people.get(leaver), plan.people.get(successor)
    if person is None or heir is None or person == heir:
        raise RoundsError(_("Choose somebody else who visits there."))
    if by == person.user or not may_lead(by, person.area.path, plan.today):
        raise NotAllowed("role", "a hand-over is made by a leader of those who visit there")
    cases = hand_over_all(area=plan.unit, former=person.user, to=heir.user, by=by, today=plan.today)
    calls = [one.call for one in plan.of(leaver)]
    may_go = plan_of(plan.unit, plan.today).may_go  # what a contact officer may do has changed with the cases
    kept = [
        MovedVisit(
            task=call.task, household_id=call.household, visitor=heir.user, set_on=plan.today, by=str(by.pk)
        )
        for call in calls
        if successor in may_go.get(call.task, ())
    ]
    moved = MovedVisit.objects.everywhere(reason="the visits of somebody who leaves")
    moved.filter(Q(visitor=person.user) | Q(task__in=[one.task for one in kept])).delete()
    MovedVisit.objects.bulk_create(kept, batch_size=500)
    Absence.objects.create(user=person.user, first=plan.today, set_on=plan.today, by=str(by.pk))
    done = HandedOver(cases, len(kept), len(calls) - len(kept))
    _event(
        "rounds.hand_over", by, person.area.path, "user", leaver,
        to=successor, cases=cases, visits=done.visits, others=done.others,
    )  # fmt: skip
    return done


@transaction.atomic
def set_plan(area: Area, *, visits_a_day: int, share: float, by: User, today: datetime.date) -> PlanSetting:
    """How many visits one person makes a day in an area, and the share of the audit; one event.

    Raises NotAllowed and RoundsError.
    """
    if holds(by, today, SETTERS, area.path) is None:
        raise NotAllowed("role", "a township or county officer of the area sets this")
    if not 1 <= visits_a_day <= MOST_A_DAY:
        raise RoundsError(_("Give 1 to %(most)s visits a day.") % {"most": MOST_A_DAY})
    if not 0 <= share <= 0.5:
        raise RoundsError(_("Give a share from 0 to 50 percent."))
    kept, _new = PlanSetting.objects.everywhere(
        reason="what is set in an area whose officer acts"
    ).update_or_create(
        area=area,
        defaults={"visits_a_day": visits_a_day, "share": share, "set_on": today, "by": str(by.pk)},
    )
    _event("rounds.set_plan", by, area.path, "area", area.code, visits=visits_a_day, share=str(share))
    return kept  # type: ignore[no-any-return]


def _call(plan: DayPlan, task: str) -> Call:
    found = next((one.call for one in plan.rounds if one.call.task == task), None)
    if found is None:
        raise RoundsError(_("Nothing calls for this visit any more."))
    return found


def _check_leads(person: Person, by: User, today: datetime.date) -> None:
    if by != person.user and not may_lead(by, person.area.path, today):
        raise NotAllowed("role", "people say so of themselves, and leaders of those in their area")


def _text(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def _event(
    kind: str, by: User, path: str, subject_kind: str, subject_id: str, **data: str | int | None
) -> None:
    record(kind, by=str(by.pk), subject_kind=subject_kind, subject_id=subject_id, area_path=path, data=data)
