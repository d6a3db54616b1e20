"""Another contact officer looks after a household: one case, or all of somebody who leaves."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.enums import RUNNING
from highground.cases.events import contact_changed
from highground.cases.flow import CaseError, is_over, lock_cases, procedure_for, role_for
from highground.cases.models import Case, HandOver
from highground.methods.rules.procedure.graph import Procedure, Through
from highground.people.bulk import moment


@transaction.atomic
def hand_over(case: Case, *, to: User, by: User, today: datetime.date, former: str | None = None) -> HandOver:
    """Let `to` look after the household from now on; what is open in the case goes with it. One event.

    `former` is the id of the contact officer whom `by` saw: CaseError if somebody else looks after it by now. Raises
    CaseError too for a case that is over or has no contact officer yet, and for somebody who may not visit there;
    NotAllowed for somebody who may not name a contact officer there.
    """
    (now,) = lock_cases([case.pk])
    if former is not None and former != str(now.contact_id or ""):
        raise CaseError(_("Somebody else looks after this household since you opened the page: look again."))
    (changed,) = _hand_over([now], to=to, by=by, today=today)
    record(
        "cases.hand_over",
        by=str(by.pk),
        subject_kind="case",
        subject_id=str(now.pk),
        area_path=now.household.area.path,
        data={"household": now.household.key, "from": str(changed.former_id), "contact": str(to.pk)},
    )
    case.contact = to
    return changed


@transaction.atomic
def hand_over_all(*, area: Area, former: User, to: User, by: User, today: datetime.date) -> int:
    """Hand all cases under way of `former` in an area over to `to`; how many. All of them or none, one event.

    A constant number of queries. Raises as `hand_over` does, naming the first household that stands in the way.
    """
    cases = Case.objects.everywhere(reason="the cases of somebody who leaves; each is checked for the role")
    mine = cases.filter(contact=former, status__in=RUNNING, household__area__path__startswith=area.path)
    found = lock_cases(list(mine.values_list("pk", flat=True)))
    if not found:
        return 0
    _hand_over(found, to=to, by=by, today=today)
    ids = [case.pk for case in found]
    record(
        "cases.hand_over_all",
        by=str(by.pk),
        subject_kind="user",
        subject_id=str(former.pk),
        area_path=area.path,
        data={
            "cases": len(ids),
            "hash": hashlib.sha256(json.dumps(ids).encode()).hexdigest(),
            "contact": str(to.pk),
        },
    )
    return len(ids)


def may_hand_over(case: Case, user: Any, today: datetime.date) -> bool:
    """Whether this person may name another contact officer. No query once the grants are read."""
    step = next(procedure_for(case).through(Through.ASSIGNMENT), None)
    if step is None or case.contact_id is None or is_over(case):
        return False
    return holds(user, today, [Role(name) for name in step.roles], case.household.area.path) is not None


def visitors_of(procedure: Procedure) -> set[Role]:
    """The roles in which somebody may visit, and so be the contact officer."""
    return {Role(name) for visit in procedure.through(Through.VISIT) for name in visit.roles}


def check_visitor(contact: User, case: Case, today: datetime.date) -> None:
    """Refuse a contact officer who could not visit where the household lives."""
    if holds(contact, today, visitors_of(procedure_for(case)), case.household.area.path) is None:
        raise CaseError(
            _(
                "Household %(number)s: this person holds no role in the household's area in which they could visit it."
            )
            % {"number": case.household.number}
        )


def _hand_over(cases: Sequence[Case], *, to: User, by: User, today: datetime.date) -> list[HandOver]:
    """Check and store the changes, and tell the rooms above. The cases are locked."""
    former: dict[int, int] = {}
    for case in cases:
        step = next(procedure_for(case).through(Through.ASSIGNMENT), None)
        if step is None or case.contact_id is None:
            raise CaseError(_("Nobody looks after this household yet: name its contact officer first."))
        if is_over(case):
            raise CaseError(_("This case is over: nobody has to look after it."))
        if case.contact_id == to.pk:
            raise CaseError(_("This person looks after the household already."))
        former[case.pk] = case.contact_id
        role_for(by, step, case.household.area.path, today)
        check_visitor(to, case, today)
    changed: list[HandOver] = HandOver.objects.bulk_create(
        HandOver(
            case=case,
            former_id=former[case.pk],
            contact=to,
            day=today,
            recorded_at=moment(today),
            by=str(by.pk),
        )
        for case in cases
    )
    ids = [case.pk for case in cases]
    Case.objects.everywhere(reason="cases that have just been locked").filter(pk__in=ids).update(contact=to)
    contact_changed.send(sender=Case, changes=changed)
    return changed
