"""One appraisal meeting covers many households: attendance and minutes once, a verdict for each."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.enums import ListStatus
from highground.cases.flow import CaseError, lock_cases, locked, procedure_for, role_for, take_step, titles
from highground.cases.models import Case, CaseStep, Meeting, MeetingItem
from highground.cases.waiting import states_of
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Step, Through
from highground.people.bulk import moment


@transaction.atomic
def call_meeting(
    *,
    area: Area,
    rulebook: str,
    step: str,
    day: datetime.date,
    entitled: int,
    cases: Sequence[Case],
    by: User,
    today: datetime.date,
) -> Meeting:
    """Call a meeting in a village with a list of households; one event.

    Raises CaseError for an empty list, a household from elsewhere or one that is not ready, NotAllowed for a role.
    """
    if entitled < 1:
        raise CaseError(_("say how many people are entitled to attend"))
    if not cases:
        raise CaseError(_("a meeting needs at least one household on its list"))
    role_for(by, _step(cases[0], step), area.path, today)
    meeting: Meeting = Meeting.objects.create(
        area=area, rulebook=rulebook, step=step, day=day, entitled=entitled, opened_by=str(by.pk)
    )
    _put_on_list(meeting, cases)
    _event("cases.call_meeting", meeting, by, day=day.isoformat(), households=len(cases), entitled=entitled)
    return meeting


@transaction.atomic
def decide_item(
    item: MeetingItem,
    *,
    outcome: str,
    in_favour: int = 0,
    against: int = 0,
    abstained: int = 0,
    reason: str = "",
    by: User,
    today: datetime.date,
    seen: str = "",
) -> None:
    """Note what the meeting says of one household; it takes effect when the meeting is closed. Who noted it is kept.

    `seen` is the `mark_of_item` that the person decided on: CaseError if somebody else has written since. Raises
    CaseError too for an unknown outcome, a missing reason, or more votes than people entitled.
    """
    meeting = _locked(item.meeting)
    item.refresh_from_db(fields=["outcome", "in_favour", "against", "abstained", "reason", "decided_by"])
    if seen and seen != mark_of_item(item):
        raise CaseError(
            _("Household %(number)s: somebody else has written here since. Look at the list again.")
            % {"number": item.case.household.number}
        )
    step = _step(item.case, meeting.step)
    role_for(by, step, meeting.area.path, today)
    known = step.outcomes.get(outcome)
    if known is None:
        raise CaseError(_("the meeting says one of %(outcomes)s") % {"outcomes": ", ".join(step.outcomes)})
    if known.reason and not reason.strip():
        raise CaseError(_("say why, in the words of the meeting"))
    if min(in_favour, against, abstained) < 0 or in_favour + against + abstained > meeting.entitled:
        raise CaseError(_("at most %(entitled)s people can have voted") % {"entitled": meeting.entitled})
    item.outcome, item.reason = outcome, reason.strip()
    item.in_favour, item.against, item.abstained = in_favour, against, abstained
    item.decided_by = str(by.pk)
    item.save(update_fields=["outcome", "reason", "in_favour", "against", "abstained", "decided_by"])


def mark_of_item(item: MeetingItem) -> str:
    """A mark of what is written of a household: another one once somebody has written something else."""
    return mark(item.outcome, item.in_favour, item.against, item.abstained, item.reason)


def mark_of_minutes(meeting: Meeting) -> str:
    """A mark of attendance and minutes as they are written."""
    return mark(meeting.present, meeting.minutes)


def mark(*written: str | int) -> str:
    """A short mark of what is written; line ends count as one character, as a browser sends them as two."""
    plain = json.dumps([str(one).replace("\r\n", "\n").strip() for one in written])
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


@transaction.atomic
def keep_minutes(
    meeting: Meeting, *, present: int, minutes: str, by: User, today: datetime.date, seen: str = ""
) -> None:
    """Keep attendance and minutes as far as they are written; nothing is decided by it.

    `seen` is the `mark_of_minutes` that the person wrote on: CaseError if somebody else has written since. Raises
    CaseError too for more people than are entitled.
    """
    meeting = _locked(meeting)
    if seen and seen != mark_of_minutes(meeting):
        raise CaseError(_("Somebody else has written attendance or minutes since. Look at the list again."))
    first = meeting.items.select_related("case__rulebook_version").order_by("pk").first()
    if first is not None:
        role_for(by, _step(first.case, meeting.step), meeting.area.path, today)
    if not 0 <= present <= meeting.entitled:
        raise CaseError(
            _("%(present)s people were there, but only %(entitled)s are entitled to attend")
            % {"present": present, "entitled": meeting.entitled}
        )
    meeting.present, meeting.minutes = present, minutes.strip()
    meeting.save(update_fields=["present", "minutes"])


@transaction.atomic
def close_meeting(
    meeting: Meeting, *, present: int, minutes: str, by: User, today: datetime.date
) -> list[CaseStep]:
    """Close the meeting: the step is taken in every case on its list, or in none.

    Raises CaseError where attendance is below the quorum, a household is undecided, more people voted than were
    there, or there are no minutes; NotAllowed as for any step.
    """
    meeting = _locked(meeting)
    cases = "case__household__area", "case__rulebook_version"
    items = list(meeting.items.select_related(*cases).order_by("case_id"))
    if present > meeting.entitled:
        raise CaseError(
            _("%(present)s people were there, but only %(entitled)s are entitled to attend")
            % {"present": present, "entitled": meeting.entitled}
        )
    needed = quorum_of([item.case for item in items], meeting)
    if present < needed:
        raise CaseError(
            _(
                "%(present)s of %(entitled)s were there; the meeting needs %(needed)s, so it decided nothing: call another one"
            )
            % {"present": present, "entitled": meeting.entitled, "needed": needed}
        )
    if not minutes.strip():
        raise CaseError(_("write the minutes"))
    undecided = [item for item in items if not item.outcome]
    if undecided:
        numbers = ", ".join(item.case.household.number for item in undecided[:5])
        raise CaseError(
            _("%(count)s of %(total)s households are undecided: %(numbers)s")
            % {"count": len(undecided), "total": len(items), "numbers": numbers}
        )
    for item in items:
        votes = item.in_favour + item.against + item.abstained
        if votes > present:
            raise CaseError(
                _("household %(number)s: %(votes)s votes, but %(present)s people were there")
                % {"number": item.case.household.number, "votes": votes, "present": present}
            )
    if meeting.day > today:
        raise CaseError(_("the meeting is on %(day)s; close it when it has been held") % {"day": meeting.day})
    hands = {str(one.pk): one for one in User.objects.filter(pk__in=[item.decided_by for item in items])}
    for item in items:  # All cases in the order of their ids, before the first step locks the event log.
        locked(item.case_id)
    taken = [
        take_step(
            item.case,
            step=meeting.step,
            outcome=item.outcome,
            by=by,
            day=meeting.day,
            today=today,
            reason=item.reason,
            people=[hands[item.decided_by]],
            data={
                "meeting": meeting.pk,
                "for": item.in_favour,
                "against": item.against,
                "abstained": item.abstained,
                "present": present,
                "entitled": meeting.entitled,
            },
        )
        for item in items
    ]
    meeting.present, meeting.minutes, meeting.status = present, minutes.strip(), ListStatus.CLOSED
    meeting.closed_at, meeting.closed_by = moment(today), str(by.pk)
    meeting.save()
    _event("cases.close_meeting", meeting, by, households=len(items), present=present)
    return taken


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, reason: str, by: User, today: datetime.date) -> None:
    """Call a meeting off, or give it up for want of a quorum; its households wait for another one."""
    meeting = _locked(meeting)
    if not reason.strip():
        raise CaseError(_("say why the meeting is called off"))
    first = meeting.items.select_related("case").order_by("pk").first()
    if first is not None:
        role_for(by, _step(first.case, meeting.step), meeting.area.path, today)
    meeting.status, meeting.minutes = ListStatus.CANCELLED, reason.strip()
    meeting.closed_at, meeting.closed_by = moment(today), str(by.pk)
    meeting.save()
    _event("cases.cancel_meeting", meeting, by)


def quorum_of(cases: Iterable[Case], meeting: Meeting) -> int:
    """How many of those entitled must be there: the share of the rulebook, rounded up; one without a share.

    Cases that were opened with other packs may ask for more; the meeting holds for all of them only if it satisfies each.
    """
    shares = [_step(case, meeting.step).quorum or 0 for case in cases]
    return max(math.ceil(max(shares, default=0) * meeting.entitled), 1)


def _step(case: Case, name: str) -> Step:
    step = procedure_for(case).steps.get(name)
    if step is None or step.through != Through.MEETING:
        raise CaseError(_("'%(name)s' is not decided in a meeting") % {"name": name})
    return step


def _put_on_list(meeting: Meeting, cases: Sequence[Case]) -> None:
    """Refuse a household that the meeting cannot decide on, else add them all. Three queries and the rows.

    The cases are locked first, so that no two lists take the same one.
    """
    lock_cases([case.pk for case in cases])
    states = states_of(cases)
    items = MeetingItem.objects.everywhere(reason="whether a case stands on another list")
    waiting = items.filter(case__in=cases, meeting__status=ListStatus.OPEN, meeting__step=meeting.step)
    listed = set(waiting.values_list("case", flat=True))
    for case in cases:
        procedure, state, number = procedure_for(case), states[case.pk], case.household.number
        if case.rulebook != meeting.rulebook or not case.household.area.path.startswith(meeting.area.path):
            raise CaseError(
                _("household %(number)s does not belong on the list of this village") % {"number": number}
            )
        if not path.is_ready(procedure, state, procedure.steps[meeting.step]):
            missing = titles(procedure, path.lacking(procedure, state, procedure.steps[meeting.step]))
            raise CaseError(
                _("household %(number)s is not ready for the meeting: %(missing)s")
                % {"number": number, "missing": missing or _("not now")}
            )
        if case.pk in listed:
            raise CaseError(
                _("household %(number)s stands on the list of a meeting already") % {"number": number}
            )
    MeetingItem.objects.bulk_create(MeetingItem(meeting=meeting, case=case) for case in cases)


def _locked(meeting: Meeting) -> Meeting:
    meetings = Meeting.objects.everywhere(reason="a meeting reached in scope is locked by its id")
    found: Meeting = meetings.select_for_update(of=("self",)).select_related("area").get(pk=meeting.pk)
    if found.status != ListStatus.OPEN:
        raise CaseError(_("this meeting is over; nothing can be changed in it"))
    return found


def _event(kind: str, meeting: Meeting, by: User, **data: int | str) -> None:
    record(
        kind,
        by=str(by.pk),
        subject_kind="meeting",
        subject_id=str(meeting.pk),
        area_path=meeting.area.path,
        data={"step": meeting.step, **data},
    )
