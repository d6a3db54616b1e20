"""Somebody objects to a line of a notice: the clocks of that case stand still until it is answered."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.enums import Role, Sight
from highground.accounts.models import User
from highground.accounts.queries import holds, may_see
from highground.audit.actions import record
from highground.cases.actions.visiting import MOST_DAYS_LATE, oldest_day
from highground.cases.enums import ListStatus, MessageStatus, ObjectionStatus
from highground.cases.flow import CaseError, locked, restart_clocks
from highground.cases.models import CaseStep, Message, NoticeItem, Objection
from highground.methods.rules.procedure.path import NotAllowed

ANSWERERS = (Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER)


@transaction.atomic
def file_objection(
    item: NoticeItem,
    *,
    text: str,
    by: str,
    day: datetime.date,
    today: datetime.date,
    message: Message | None = None,
) -> Objection:
    """File an objection to a notice that hangs; one event. `by` is a user id, or `public`.

    Who objects is known to the message alone, which the village does not see. Raises CaseError once the notice is
    down, for a day outside its time or longer ago than a visit may be entered, and for an objection without words.
    """
    case = locked(item.case_id)
    item = (
        NoticeItem.objects.everywhere(reason="a line reached in scope")
        .select_related("notice__area")
        .get(pk=item.pk)
    )
    notice = item.notice
    if notice.status != ListStatus.OPEN:
        raise CaseError(_("this notice was taken down; write to the county instead"))
    if not notice.posted_on <= day <= today:
        raise CaseError(
            _("an objection to this notice is dated from %(posted_on)s to %(today)s")
            % {"posted_on": notice.posted_on, "today": today}
        )
    if day < oldest_day(today):
        raise CaseError(
            _("What was said before %(day)s is entered too late: only the last %(days)s days count.")
            % {"day": oldest_day(today), "days": MOST_DAYS_LATE}
        )
    if not text.strip():
        raise CaseError(_("say what is not right"))
    objection: Objection = Objection.objects.create(
        item=item, message=message, text=text.strip(), filed_on=day, by=by
    )
    restart_clocks(case, today)
    _event("cases.object", objection, by, notice.area.path, case.pk)
    return objection


def had_a_hand(user: User, objections: Sequence[Objection], *, step: str) -> set[int]:
    """Those of these objections to a notice, by id, that `user` may not answer. One query.

    Whoever took any step of the case but the notice itself (`step`) had a hand in it. The caller answers for the scope.
    """
    rows = CaseStep.objects.everywhere(reason="who took the steps of cases that the caller has scoped")
    taken = rows.filter(case__in=[one.item.case_id for one in objections]).exclude(step=step)
    barred = {case for case, people in taken.values_list("case", "people") if str(user.pk) in people}
    return {one.pk for one in objections if one.item.case_id in barred}


@transaction.atomic
def answer_objection(
    objection: Objection, *, uphold: bool, answer: str, by: User, today: datetime.date
) -> None:
    """Uphold an objection or not, with an answer; the clock goes on with the days that were left. One event.

    It is answered by the township or the county, never by somebody who had a hand in the case's village steps; what came
    over the public page, by somebody who sees objectors.
    """
    case = locked(objection.item.case_id)
    rows = Objection.objects.everywhere(reason="an objection reached in scope is locked by its id")
    objection = rows.select_for_update(of=("self",)).select_related("item__notice__area").get(pk=objection.pk)
    area = objection.item.notice.area
    if holds(by, today, ANSWERERS, area.path) is None:
        raise NotAllowed("role", _("an objection is answered by a township officer or a county officer"))
    if objection.message_id and not may_see(by, today, Sight.OBJECTORS, area.path):
        raise NotAllowed("role", _("what came over the public page is answered by a county officer"))
    if had_a_hand(by, [objection], step=objection.item.notice.step):
        raise NotAllowed("own_step", _("an objection is answered by somebody who had no hand in this case"))
    if objection.status != ObjectionStatus.OPEN:
        raise CaseError(_("this objection was answered already"))
    if not answer.strip():
        raise CaseError(_("write the answer"))
    objection.status = ObjectionStatus.UPHELD if uphold else ObjectionStatus.REJECTED
    objection.answer, objection.answered_on, objection.answered_by = answer.strip(), today, str(by.pk)
    objection.save(update_fields=["status", "answer", "answered_on", "answered_by"])
    _tell_sender(objection)
    restart_clocks(case, today)
    _event("cases.answer_objection", objection, str(by.pk), area.path, case.pk, status=str(objection.status))


def _tell_sender(objection: Objection) -> None:
    """Whoever sent the objection without an account reads the same answer."""
    messages = Message.objects.everywhere(reason="the message that brought an objection reached in scope")
    messages.filter(pk=objection.message_id).update(
        status=MessageStatus.ANSWERED,
        answer=objection.answer,
        answered_on=objection.answered_on,
        answered_by=objection.answered_by,
    )


def _event(kind: str, objection: Objection, by: str, area_path: str, case: int, **data: str) -> None:
    record(
        kind,
        by=by,
        subject_kind="objection",
        subject_id=str(objection.pk),
        area_path=area_path,
        data={"case": case, "notice": objection.item.notice_id, "line": objection.item.line, **data},
    )
