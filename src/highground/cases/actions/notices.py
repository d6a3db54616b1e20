"""One public notice covers many households; it shows an allow-list alone, hangs its days, and is taken down."""

from __future__ import annotations

import datetime
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.enums import ListStatus, ObjectionStatus
from highground.cases.flow import CaseError, lock_cases, locked, procedure_for, role_for, take_step, titles
from highground.cases.models import Case, CaseStep, Notice, NoticeItem
from highground.cases.waiting import states_of
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.clock import full_days, notice_ends
from highground.methods.rules.procedure.graph import NOTICE_FIELDS, Effect, Outcome, Step, Through
from highground.people.enums import Protected
from highground.people.models import Household, Member, Observation, ProtectedValue
from highground.people.queries import names_of
from highground.signals.rulebooks import book_of, rule_label

LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LATE = datetime.timedelta(days=1)
"""How long after it was hung up a notice may be recorded: nobody can object to one that the office does not know."""


@dataclass(frozen=True)
class Line:
    """What a notice shows of one household: this and nothing else, whatever a rulebook allows."""

    number: int
    head: str
    group: str
    class_label: dict[str, str]


@transaction.atomic
def post_notice(
    *,
    area: Area,
    rulebook: str,
    step: str,
    cases: Sequence[Case],
    object_at: str,
    place: str = "",
    days: int | None = None,
    by: User,
    day: datetime.date,
    today: datetime.date,
) -> Notice:
    """Hang up a notice in a village; one event. `days` may be more than the rule asks, never fewer.

    Raises CaseError for fewer days, a day long past, an empty list, a household from elsewhere or one that is not ready.
    """
    if not cases:
        raise CaseError(_("a notice needs at least one household"))
    if not object_at.strip():
        raise CaseError(_("say where people can object"))
    if day > today:
        raise CaseError(
            _("%(day)s lies after %(today)s; record the notice when it hangs") % {"day": day, "today": today}
        )
    if day < today - LATE:
        raise CaseError(_("Record a notice when it is hung up: the day may be today or yesterday."))
    least = max(_step(case, step).notice_days or 1 for case in cases)
    wanted = least if days is None else days
    if wanted < least:
        raise CaseError(
            _("%(wanted)s days are too short: the rule asks for at least %(least)s")
            % {"wanted": wanted, "least": least}
        )
    role_for(by, _step(cases[0], step), area.path, today)
    _check_ready(cases, area, rulebook, step, day)
    notice: Notice = Notice.objects.create(
        area=area,
        rulebook=rulebook,
        step=step,
        code=_new_code(),
        posted_on=day,
        days=wanted,
        ends_on=notice_ends(day, wanted),
        place=place.strip(),
        object_at=object_at.strip(),
        posted_by=str(by.pk),
    )
    NoticeItem.objects.bulk_create(
        NoticeItem(notice=notice, case=case, line=number, class_id=case.class_id or case.proposed_class)
        for number, case in enumerate(cases, start=1)
    )
    _event("cases.post_notice", notice, by, households=len(cases), days=wanted, posted=day.isoformat())
    return notice


@transaction.atomic
def close_notice(notice: Notice, *, by: User, today: datetime.date) -> list[CaseStep]:
    """Take the notice down: undisputed where no objection was upheld, sent back where one was.

    Raises CaseError before the days are over (a notice that hung too short counts for nothing) and while an
    objection is still open. Whoever hung it up counts as having had a hand in it.
    """
    notice = _locked(notice)
    if today < notice.ends_on:
        hung = full_days(notice.posted_on, today)
        raise CaseError(
            _(
                "the notice has hung for %(hung)s of %(days)s full days; it may come down on %(ends_on)s, and counts for "
                "nothing before"
            )
            % {"hung": hung, "days": notice.days, "ends_on": notice.ends_on}
        )
    items = _with_objections(notice)
    waiting = _lines_with(items, ObjectionStatus.OPEN)
    if waiting:
        raise CaseError(
            _("objections to line %(waiting)s are still open; answer them first") % {"waiting": waiting}
        )
    hung_by = list(User.objects.filter(pk=notice.posted_by)) if notice.posted_by.isdecimal() else []
    taken = []
    for item in items:
        step = _step(item.case, notice.step)
        upheld = [one for one in item.objections.all() if one.status == ObjectionStatus.UPHELD]
        outcome = _outcome(step, upheld=bool(upheld))
        taken.append(
            take_step(
                item.case,
                step=notice.step,
                outcome=outcome.id,
                by=by,
                day=today,
                today=today,
                reason=upheld[0].answer if upheld else "",
                people=hung_by,
                data={
                    "notice": notice.pk,
                    "line": item.line,
                    "posted": notice.posted_on.isoformat(),
                    "days": notice.days,
                    "objections": len(item.objections.all()),
                },
            )
        )
    notice.status, notice.closed_on, notice.closed_by = ListStatus.CLOSED, today, str(by.pk)
    notice.save(update_fields=["status", "closed_on", "closed_by"])
    _event("cases.close_notice", notice, by, households=len(items))
    return taken


@transaction.atomic
def withdraw_notice(notice: Notice, *, reason: str, by: User, today: datetime.date) -> None:
    """Take a notice down that went up wrongly; its households wait for another one.

    Raises CaseError while an objection is open, and where one was upheld: no objection is lost by a withdrawal.
    """
    notice = _locked(notice)
    if not reason.strip():
        raise CaseError(_("say why the notice is withdrawn"))
    first = notice.items.select_related("case").order_by("line").first()
    if first is not None:
        role_for(by, _step(first.case, notice.step), notice.area.path, today)
    items = _with_objections(notice)
    if lines := _lines_with(items, ObjectionStatus.OPEN):
        raise CaseError(
            _("Objections to line %(lines)s are open: answer them before the notice is withdrawn.")
            % {"lines": lines}
        )
    if lines := _lines_with(items, ObjectionStatus.UPHELD):
        raise CaseError(_("Close it instead: an objection was upheld to line %(lines)s.") % {"lines": lines})
    notice.status, notice.closed_on, notice.closed_by = ListStatus.CANCELLED, today, str(by.pk)
    notice.withdrawn_because = reason.strip()
    notice.save(update_fields=["status", "closed_on", "closed_by", "withdrawn_because"])
    _event("cases.withdraw_notice", notice, by)


def lines_of(notice: Notice, *, names: bool = True) -> list[Line]:
    """What the notice shows, line by line; empty once it was taken down. Four queries.

    The rulebook's step may allow less (`shows`): what it leaves out stays empty. The head's name comes out of the vault;
    where none is stored, or the reader sees no `names`, the household's number stands for it. The caller answers for the
    scope of `notice`.
    """
    if notice.status != ListStatus.OPEN:
        return []
    items = list(
        notice.items.select_related("case__household__area", "case__rulebook_version").order_by("line")
    )
    shows = {item.pk: shown_by(_step(item.case, notice.step)) for item in items}
    named = [item.case.household for item in items if "head" in shows[item.pk]]
    heads = heads_of(named) if names else {}
    return [
        Line(
            number=item.line,
            head=heads.get(item.case.household_id) or item.case.household.number,
            group=str(item.case.household.area) if "group" in shows[item.pk] else "",
            class_label=dict(rule_label(book_of(item.case.rulebook_version.hash), item.class_id))
            if "class" in shows[item.pk]
            else {},
        )
        for item in items
    ]


def shown_by(step: Step) -> tuple[str, ...]:
    """What a notice of this step shows: what its rulebook allows; all that any notice may show where it says nothing."""
    return step.shows or NOTICE_FIELDS


def heads_of(households: Sequence[Household]) -> dict[int, str]:
    """The name of each household's head by the household's id, where the vault holds it. Three queries.

    The head is who the register calls the head of this household today, or its only member. Where that is not known
    nobody is named: another member never stands for the head.
    """
    members = Member.objects.everywhere(reason="the heads of households that the caller has scoped")
    present: dict[int, list[int]] = defaultdict(list)
    for member, household in members.filter(household__in=households, present=True).values_list(
        "pk", "household"
    ):
        present[household].append(member)
    heads = {ids[0] for ids in present.values() if len(ids) == 1} | _called_head(households)
    values = ProtectedValue.objects.everywhere(
        reason="the heads' names of households that the caller has scoped"
    )
    rows = list(
        values.filter(household__in=households, kind=Protected.NAME)
        .filter(Q(member__isnull=True) | Q(member__in=heads, member__present=True))
        .order_by("pk")
    )
    opened = [(row, names_of([row])[row.member_id, row.kind]) for row in rows]
    return {row.household_id: name for row, name in opened if name}


def _called_head(households: Sequence[Household]) -> set[int]:
    """The members whose relation, as it was last stated, is the head's."""
    stated = Observation.objects.everywhere(reason="the relations in households that the caller has scoped")
    rows = stated.filter(member__household__in=households, fact="relation").order_by(
        "valid_from", "recorded_at", "pk"
    )
    last = dict(rows.values_list("member", "value"))
    return {member for member, value in last.items() if value == "head" and member is not None}


def _check_ready(cases: Sequence[Case], area: Area, rulebook: str, step: str, day: datetime.date) -> None:
    """Refuse a household that cannot hang on this notice now. Three queries, whatever the number of cases.

    The cases are locked first, so that no two notices take the same one.
    """
    lock_cases([case.pk for case in cases])
    states = states_of(cases)
    lines = NoticeItem.objects.everywhere(reason="whether a case hangs on another notice")
    hanging = lines.filter(case__in=cases, notice__status=ListStatus.OPEN, notice__step=step)
    hangs = set(hanging.values_list("case", flat=True))
    for case in cases:
        procedure, state, number = procedure_for(case), states[case.pk], case.household.number
        if case.rulebook != rulebook or not case.household.area.path.startswith(area.path):
            raise CaseError(
                _("household %(number)s does not belong on a notice of this village") % {"number": number}
            )
        wanted = procedure.steps[step]
        if not path.is_ready(procedure, state, wanted):
            missing = titles(procedure, path.lacking(procedure, state, wanted))
            raise CaseError(
                _("household %(number)s is not ready for the notice: %(missing)s")
                % {"number": number, "missing": missing or _("not now")}
            )
        before = [one.day for name in wanted.requires if (one := state.standing(name))]
        if before and day < max(before):
            raise CaseError(
                _("household %(number)s: the notice of %(day)s would lie before what it announces")
                % {"number": number, "day": day}
            )
        if case.pk in hangs:
            raise CaseError(_("household %(number)s hangs on a notice already") % {"number": number})


def _outcome(step: Step, *, upheld: bool) -> Outcome:
    wanted = {Effect.BACK, Effect.KEEP} if upheld else {Effect.NEXT}
    return next(outcome for outcome in step.outcomes.values() if outcome.effect in wanted)


def _step(case: Case, name: str) -> Step:
    step = procedure_for(case).steps.get(name)
    if step is None or step.through != Through.NOTICE:
        raise CaseError(_("'%(name)s' is not a public notice") % {"name": name})
    return step


def _new_code() -> str:
    taken = Notice.objects.everywhere(reason="choosing the number of a new notice")
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(6))
        if not taken.filter(code=code).exists():
            return code


def _locked(notice: Notice) -> Notice:
    notices = Notice.objects.everywhere(reason="a notice reached in scope is locked by its id")
    found: Notice = notices.select_for_update(of=("self",)).select_related("area").get(pk=notice.pk)
    if found.status != ListStatus.OPEN:
        raise CaseError(_("this notice was taken down already"))
    return found


def _with_objections(notice: Notice) -> list[NoticeItem]:
    """The lines of a locked notice by the id of their case, with their objections.

    All its cases are locked first, in that order: an objection is filed under the lock of its case, so that whatever
    was filed meanwhile is read here, and nothing comes after.
    """
    for pk in notice.items.order_by("case_id").values_list("case_id", flat=True):
        locked(pk)
    return list(notice.items.select_related("case").prefetch_related("objections").order_by("case_id"))


def _lines_with(items: Sequence[NoticeItem], status: ObjectionStatus) -> str:
    """The numbers of the lines with an objection of this status, as a list to read; empty without any."""
    lines = {item.line for item in items for one in item.objections.all() if one.status == status}
    return ", ".join(map(str, sorted(lines)))


def _event(kind: str, notice: Notice, by: User, **data: int | str) -> None:
    record(
        kind,
        by=str(by.pk),
        subject_kind="notice",
        subject_id=str(notice.pk),
        area_path=notice.area.path,
        data={"step": notice.step, **data},
    )
