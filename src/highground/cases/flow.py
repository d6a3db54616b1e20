"""The one place where a step of a case is taken.

Locks the case, asks the pure table whether the step may follow, stores it, brings the deadlines and the inboxes up to
date, and records the event: all in one transaction. The files in `actions/` add what each form of step needs on top
(who must be there, what must be known), and never store a step themselves.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.areas.queries import ancestor_paths
from highground.audit.actions import record
from highground.cases.enums import CaseStatus
from highground.cases.events import step_taken
from highground.cases.models import Case, CaseClue, CaseStep, Deadline, HolidayList, Objection, Turn
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.clock import Span, WorkCalendar, YearList
from highground.methods.rules.procedure.graph import Effect, Outcome, Procedure, Status, Step, Through
from highground.methods.rules.procedure.path import NotAllowed, State, Taken
from highground.methods.rules.reading import procedure_of
from highground.people.bulk import moment
from highground.signals.closing import close_clues
from highground.signals.enums import ClueStatus
from highground.signals.rulebooks import book_of, said
from highground.web.numbers import listed

IN_THE_LOG = frozenset(
    {
        *("contact", "meeting", "notice", "line", "plan", "delivery", "posted", "days"),
        *("registers", "hits", "asked", "confirmed", "visitors", "objections", "lines"),
        *("for", "against", "abstained", "present", "entitled"),
    }
)
"""What of a step's data goes into its event: ids, counts and days. The log is kept for good and names the household, so
nothing that says how a family is (a risk, a class, an amount, how it signed) stands in it; the step itself keeps that."""


LOOKS = (Through.VISIT, Through.FOLLOW_UP)
"""Steps for which somebody goes to the household."""


class CaseError(RuntimeError):
    """Something that cannot be done with a case; the message says why and what to do instead."""


class Changed(CaseError):
    """Somebody else was faster. `steps` are what was done since the page was opened."""

    def __init__(self, steps: list[CaseStep]) -> None:
        done = ", ".join(f"{one.step} ({one.outcome})" for one in steps)
        super().__init__(
            _("the case has changed since you opened it: %(done)s; look at it again, then decide")
            % {"done": done}
        )
        self.steps = steps


@dataclass(frozen=True)
class Taking:
    """A step about to be taken, for the checks of its form: the locked case, where it stands, what is meant."""

    case: Case
    procedure: Procedure
    state: State
    step: Step
    outcome: Outcome
    day: datetime.date
    today: datetime.date
    data: dict[str, Any] = field(default_factory=dict)


def procedure_for(case: Case) -> Procedure:
    """The procedure by which this case runs: of the rulebook and the packs with which it was opened."""
    return _procedure(case.rulebook_version.hash, tuple(case.packs))


@lru_cache(maxsize=64)
def _procedure(content_hash: str, packs: tuple[str, ...]) -> Procedure:
    return procedure_of(book_of(content_hash), packs)


def titles(procedure: Procedure, steps: Iterable[str]) -> str:
    """Steps by what they are called in the reader's language."""
    return listed([said(procedure.steps[name].label) for name in steps])


def today_for(procedure: Procedure) -> datetime.date:
    """What day it is where the procedure is followed: the day by which its deadlines are kept.

    What no procedure sets keeps the day of the office (`HIGHGROUND_TIME_ZONE`): roles and who holds them, clues, the years of
    budgets, the plan of the coming visits and the phone that brings it to the door, and the board's counts.
    """
    return timezone.localdate(None, zoneinfo.ZoneInfo(procedure.time_zone))


def past_due(books: Mapping[str, Rulebook], today: datetime.date, *, due: str, rulebook: str) -> Q:
    """The condition that the day in the column `due` is over where the procedure of the rulebook is followed.

    `today` is the office's day; it holds for rulebooks that are not among `books`.
    """
    elsewhere: dict[datetime.date, list[str]] = {}
    for name, book in books.items():
        if book.procedure and (day := today_for(book.procedure)) != today:
            elsewhere.setdefault(day, []).append(name)
    found = Q(**{f"{due}__lt": today})
    for day, names in elsewhere.items():
        there = Q(**{f"{rulebook}__in": names})
        found = (found & ~there) | (there & Q(**{f"{due}__lt": day}))
    return found


def state_of(case: Case, steps: Iterable[CaseStep] | None = None) -> State:
    """Where the case stands, as the pure table sees it. One query, none with its `steps` in order."""
    rows = case.steps.order_by("sequence") if steps is None else steps
    return State(
        discovered=case.discovered_on,
        status=Status(case.status),
        history=tuple(Taken(one.step, one.outcome, tuple(one.people), one.day, one.stands) for one in rows),
    )


def role_for(user: User, step: Step, area_path: str, today: datetime.date) -> Role:
    """The role in which `user` may take the step in a household's area. Raises NotAllowed."""
    found = holds(user, today, [Role(name) for name in step.roles], area_path)
    if found is None:
        labels = ", ".join(str(Role(name).label) for name in step.roles)
        raise NotAllowed(
            "role", _("'%(step)s' is taken by: %(labels)s") % {"step": step.id, "labels": labels}
        )
    return found


def locked(case_id: int) -> Case:
    """The case, locked until the transaction ends. On SQLite the transaction already holds the one write lock."""
    cases = Case.objects.everywhere(reason="a case that the caller reached in scope is locked by its id")
    return (  # type: ignore[no-any-return]
        cases.select_for_update(of=("self",))
        .select_related("household__area", "rulebook_version", "contact")
        .get(pk=case_id)
    )


def lock_cases(ids: Collection[int]) -> list[Case]:
    """Many cases, locked in the order of their ids so that two who need the same ones never wait for each other."""
    cases = Case.objects.everywhere(reason="cases that the caller reached in scope are locked by their ids")
    found = cases.select_for_update(of=("self",)).select_related("household__area", "rulebook_version")
    return list(found.filter(pk__in=ids).order_by("pk"))


@transaction.atomic
def take_step(
    case: Case,
    *,
    step: str,
    outcome: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
    reason: str = "",
    people: Iterable[User] = (),
    data: Mapping[str, Any] | None = None,
    seen: int | None = None,
    guard: Callable[[Taking], None] | None = None,
) -> CaseStep:
    """Take one step; the stored step. `people` took part besides `by`.

    `seen` is the version of the case that the person decided on: Changed is raised if it has moved on. `guard` gets
    the Taking before anything is stored and may raise; it may add to its `data`. Raises NotAllowed as the pure table
    does, and CaseError for a day to come.
    """
    now = locked(case.pk)
    if seen is not None and seen != now.version:
        raise Changed(list(now.steps.filter(sequence__gt=seen).order_by("sequence")))
    if day > today:
        raise CaseError(
            _("%(day)s lies after %(today)s; record a step when it has happened")
            % {"day": day, "today": today}
        )
    procedure, state = procedure_for(now), state_of(now)
    everybody = [str(by.pk), *(str(one.pk) for one in people if one.pk != by.pk)]
    known = procedure.steps.get(step)
    role = role_for(by, known, now.household.area.path, today) if known else ""
    chosen, ends = path.check(
        procedure, state, step=step, outcome=outcome, by=everybody, role=str(role), reason=reason
    )
    taking = Taking(now, procedure, state, chosen, ends, day, today, dict(data or {}))
    if guard is not None:
        guard(taking)
    after = path.take(
        procedure, state, step=step, outcome=outcome, by=everybody, role=str(role), day=day, reason=reason
    )
    stored = _store(now, state, after, ends, by, role, reason.strip(), taking.data, today)
    _settle(now, after, ends, day)
    _close_clues(taking, stored)
    keep_time(now, procedure, after, today)
    now.save()
    _event(now, stored)
    step_taken.send(sender=Case, case=now, step=stored, today=today)
    case.refresh_from_db()
    return stored


def _store(
    case: Case,
    before: State,
    after: State,
    outcome: Outcome,
    by: User,
    role: str,
    reason: str,
    data: dict[str, Any],
    today: datetime.date,
) -> CaseStep:
    """Add the step, and let those fall that no longer stand."""
    taken = after.history[-1]
    fallen = [
        place for place, (old, new) in enumerate(zip(before.history, after.history, strict=False), start=1)
        if old.stands and not new.stands
    ]  # fmt: skip
    if fallen:
        case.steps.filter(sequence__in=fallen).update(stands=False)
    case.version = len(after.history)
    stored: CaseStep = CaseStep.objects.create(
        case=case,
        sequence=case.version,
        step=taken.step,
        outcome=taken.outcome,
        effect=str(outcome.effect),
        day=taken.day,
        recorded_at=moment(today),
        entered_on=today,
        by=str(by.pk),
        people=list(taken.by),
        role=str(role),
        reason=reason,
        stands=taken.stands,
        data=data,
    )
    return stored


def _settle(case: Case, after: State, outcome: Outcome, day: datetime.date) -> None:
    """What the status says elsewhere on the case."""
    case.status = str(after.status)
    if outcome.effect == Effect.RECOGNISE:
        case.recognised_on = day
        case.first_recognised_on = case.first_recognised_on or day
    elif outcome.effect == Effect.EXIT:
        case.exited_on = day
    elif outcome.effect == Effect.CLOSE:
        case.closed_on = day


def _close_clues(taking: Taking, stored: CaseStep) -> None:
    """Close the clues that the step has answered.

    A decision answers all of the case. While the household is monitored somebody who went there has answered those that
    had fired by then; `taking.state` is where the case stood before.
    """
    clues = CaseClue.objects.everywhere(reason="the clues of a case reached in scope").filter(
        case=taking.case
    )
    if taking.outcome.effect not in (Effect.RECOGNISE, Effect.CLOSE):
        if taking.state.status != Status.MONITORED or taking.step.through not in LOOKS:
            return
        clues = clues.filter(clue__opened_on__lte=taking.day)
    close_clues(
        list(clues.values_list("clue", flat=True)), why=stored.outcome, by=stored.by, today=taking.today
    )


def keep_time(case: Case, procedure: Procedure, state: State, today: datetime.date) -> None:
    """Bring deadlines and turns up to date; sets `next_step` and `due_on` on the case without saving it.

    A deadline is met when its step stands, dropped when the step is no longer called for; none is forgotten. A clue that
    fired while the household is monitored brings the follow-up forward.
    """
    wanted = {one.step: one for one in path.running(procedure, state)}
    held = {one.step: one for one in case.deadlines.filter(met_on=None, dropped_on=None)}
    calendar, breaks = calendar_of(case), suspensions_of(case)
    days: dict[str, datetime.date | None] = {}
    for name, deadline in held.items():
        run = wanted.get(name)
        if run is None or run.since != deadline.since:
            aid = procedure.steps[name].expedited
            met = state.standing(aid.before) if aid else _done(procedure, state, name)
            if met:
                deadline.met_on = met.day
            else:
                deadline.dropped_on = today
            deadline.save(update_fields=["met_on", "dropped_on"])
    for name, run in wanted.items():
        due = calendar.due(run.since, run.within.days, run.within.unit, breaks)
        days[name] = due.day if due else None
        if procedure.steps[name].through == Through.FOLLOW_UP:
            days[name] = min((day for day in (days[name], wanted_by(case)) if day), default=None)
        kept = held.get(name)
        if kept is not None and kept.met_on is None and kept.dropped_on is None:
            kept.due_on, kept.unlisted = days[name], list(due.unlisted) if due else []
            kept.save(update_fields=["due_on", "unlisted"])
        else:
            Deadline.objects.create(
                case=case,
                step=name,
                since=run.since,
                days=run.within.days,
                unit=str(run.within.unit),
                due_on=days[name],
                unlisted=list(due.unlisted) if due else [],
            )
    _keep_turns(case, procedure, state, days)


def _done(procedure: Procedure, state: State, name: str) -> Taken | None:
    """When a step was taken as its deadline asks: it stands, or it was the last and ended the exit that it was part of."""
    last = state.history[-1] if state.history else None
    if last and last.step == name and procedure.steps[name].outcomes[last.outcome].effect == Effect.KEEP:
        return last
    return state.standing(name)


def wanted_by(case: Case) -> datetime.date | None:
    """By when an open clue of the case wants somebody to visit; None without one. One query."""
    clues = CaseClue.objects.everywhere(reason="the clues of a case reached in scope")
    found: datetime.date | None = clues.filter(case=case, clue__status=ClueStatus.OPEN).aggregate(
        day=Min("clue__due_on")
    )["day"]
    return found


def _keep_turns(
    case: Case, procedure: Procedure, state: State, days: Mapping[str, datetime.date | None]
) -> None:
    leading = path.next_step(procedure, state)
    soonest = min((day for day in days.values() if day), default=None)
    case.next_step = leading.id if leading else ""
    case.due_on = soonest
    case.turns.all().delete()
    Turn.objects.bulk_create(
        Turn(
            case=case,
            step=step.id,
            role=role,
            leads=leading is not None and step.id == leading.id,
            due_on=days.get(step.id) or (soonest if leading and step.id == leading.id else None),
        )
        for step in path.ready(procedure, state)
        for role in step.roles
    )


def calendar_of(case: Case) -> WorkCalendar:
    """The working days where the household lives, local lists first (the nearest area wins). One query."""
    area = case.household.area
    lists = HolidayList.objects.everywhere(reason="the lists of the areas around a case reached in scope")
    rows = lists.filter(area__path__in=[*ancestor_paths(area.path), area.path]).select_related("area")
    local = {
        one.year: YearList(
            frozenset(map(datetime.date.fromisoformat, one.off)),
            frozenset(map(datetime.date.fromisoformat, one.worked)),
        )
        for one in sorted(rows, key=lambda one: len(one.area.path))
    }
    return WorkCalendar(procedure_for(case).holidays, local)


def suspensions_of(case: Case) -> list[Span]:
    """When objections stopped the clocks of the case. One query."""
    rows = Objection.objects.everywhere(reason="objections to a case reached in scope")
    return list(rows.filter(item__case=case).values_list("filed_on", "answered_on"))


def restart_clocks(case: Case, today: datetime.date) -> None:
    """Bring the deadlines up to date after an objection was filed or answered. The case must be locked."""
    keep_time(case, procedure_for(case), state_of(case), today)
    case.save(update_fields=["next_step", "due_on"])


def is_over(case: Case) -> bool:
    """Whether nothing more can be done in this case."""
    return case.status in (CaseStatus.EXITED, CaseStatus.CLOSED)


def _event(case: Case, step: CaseStep) -> None:
    record(
        f"cases.{step.step}",
        by=step.by,
        subject_kind="case",
        subject_id=str(case.pk),
        area_path=case.household.area.path,
        data={
            "household": case.household.key,
            "sequence": step.sequence,
            "outcome": step.outcome,
            "day": step.day.isoformat(),
            "role": step.role,
            "people": step.people,
            **{name: value for name, value in step.data.items() if name in IN_THE_LOG},
        },
    )
