"""The timeline of a case: what was noticed, every step with who took it and why, objections, what is due, what comes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.cases.enums import ListStatus
from highground.cases.flow import calendar_of
from highground.cases.models import (
    Case,
    CaseStep,
    Deadline,
    HandOver,
    MeetingItem,
    NoticeItem,
    Objection,
    Visit,
)
from highground.methods.facts import load_dictionary
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.clock import WorkCalendar
from highground.methods.rules.procedure.graph import (
    DISCOVERY,
    PHASES,
    Effect,
    Phase,
    Procedure,
    Status,
    Step,
    Through,
    Unit,
    Within,
)
from highground.methods.rules.procedure.path import State
from highground.people.enums import Signed
from highground.signals.enums import ClueStatus
from highground.signals.models import Clue
from highground.signals.rulebooks import book_of, rule_words, said
from highground.web.numbers import due, listed, money, number, short_day

Event = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """Everything that the timeline tells of, read by the page.

    `lists` says on which list that is under way the case stands, by step; `names` are display names by user id.
    """

    case: Case
    procedure: Procedure
    state: State
    steps: Sequence[CaseStep]
    clues: Sequence[Clue]
    visits: Mapping[int | None, Visit]
    objections: Sequence[Objection]
    hand_overs: Sequence[HandOver]
    deadlines: Sequence[Deadline]
    lists: Mapping[str, str]
    names: Mapping[str, str]
    open_objections: bool
    today: datetime.date

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The working days where the household lives. One query, once."""
        return calendar_of(self.case)

    @property
    def running(self) -> dict[str, Deadline]:
        """The deadlines that run now, by step."""
        return {one.step: one for one in self.deadlines if one.met_on is None and one.dropped_on is None}

    def people(self, ids: Iterable[str]) -> str:
        """Display names of users; an id that is no user's stands as it is."""
        return listed([self.names.get(one, one) for one in ids])


def lists_of(case: Case, user: Any) -> dict[str, str]:
    """On which meeting's list and on which notice, still under way, the case stands, by step. Two queries."""
    meetings = MeetingItem.objects.visible_to(user).filter(case=case, meeting__status=ListStatus.OPEN)
    found = {
        one.meeting.step: _("on the list of the meeting of %(day)s") % {"day": short_day(one.meeting.day)}
        for one in meetings.select_related("meeting")
    }
    hanging = NoticeItem.objects.visible_to(user).filter(case=case, notice__status=ListStatus.OPEN)
    for item in hanging.select_related("notice"):
        words = {"code": item.notice.code, "day": short_day(item.notice.ends_on)}
        found[item.notice.step] = _("notice %(code)s hangs, and may come down on %(day)s") % words
    return found


def timeline_of(told: Told) -> list[Event]:
    """The events in the order of their days, then the steps that are due, then those to come."""
    dated = [(one.day, one.sequence, _step(told, one)) for one in told.steps]
    dated += [(one.filed_on, 10_000 + one.pk, _objection(told, one)) for one in told.objections]
    dated += [(one.day, 20_000 + one.pk, _hand_over(told, one)) for one in told.hand_overs]
    later = [clue for clue in told.clues if clue.opened_on > told.case.opened_on]
    dated += [(clue.opened_on, 0, _clue(told, clue)) for clue in later]
    dated.sort(key=lambda event: event[:2])
    events = [*_began(told), *(event for _day, _order, event in dated)]
    return [*events, *_now(told), *_next(told)]


def _began(told: Told) -> Iterator[Event]:
    case = told.case
    if case.earlier_id and case.first_recognised_on:
        yield {
            "day": case.first_recognised_on,
            "title": _("Monitored before"),
            "text": _("The day of the first recognition is kept."),
            "url": reverse("cases:case", args=[case.earlier_id]),
        }
    if not any(clue.opened_on <= case.opened_on for clue in told.clues):
        yield {"day": case.discovered_on, "title": _("Noticed"), "text": capfirst(case.get_channel_display())}
    for clue in told.clues:
        if clue.opened_on <= case.opened_on:
            yield _clue(told, clue)


def _hand_over(told: Told, one: HandOver) -> Event:
    people = {"former": told.people([str(one.former_id)]), "contact": told.people([str(one.contact_id)])}
    return {
        "day": one.day,
        "title": _("The contact officer changed"),
        "text": _joined([told.people([one.by]), _("from %(former)s to %(contact)s") % people]),
        "state": "done",
    }


def _clue(told: Told, clue: Clue) -> Event:
    rule = rule_words(book_of(told.case.rulebook_version.hash), clue.rule)
    return {
        "day": clue.opened_on,
        "title": _("Clue: %(label)s") % {"label": rule},
        "text": said(clue.evidence.get("short")),
        "url": reverse("signals:clue", args=[clue.pk]),
    }


# --- What was done ------------------------------------------------------------------------------


def _step(told: Told, one: CaseStep) -> Event:
    known = told.procedure.steps.get(one.step)
    label = capfirst(said(known.label)) if known else one.step
    outcome = known.outcomes.get(one.outcome) if known else None
    title = label
    if known and outcome and len(known.outcomes) > 1:
        title = _("%(step)s: %(outcome)s") % {"step": label, "outcome": said(outcome.label)}
    parts = [told.people(one.people), *_details(told, known, one)]
    hidden = known is not None and known.through == Through.NOTICE and not told.open_objections
    if one.reason and not hidden:
        parts.append(_("“%(words)s”") % {"words": one.reason})
    went_on = one.effect in (Effect.NEXT, Effect.RECOGNISE, Effect.EXIT)
    return {
        "day": one.day,
        "title": title,
        "text": _joined(parts),
        "state": "fallen" if went_on and not one.stands else "done",
    }


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _details(told: Told, step: Step | None, one: CaseStep) -> Iterator[str]:
    """What the form of the step adds, in words."""
    data = one.data
    match step.through if step else None:
        case Through.ASSIGNMENT:
            if contact := data.get("contact"):
                yield _("Contact officer: %(name)s") % {"name": told.people([str(contact)])}
        case Through.VISIT | Through.FOLLOW_UP:
            if visit := told.visits.get(one.pk):
                yield from _visit(visit)
        case Through.APPLICATION | Through.FAMILY:
            if (how := data.get("how")) in Signed.values:
                yield str(Signed(how).label)
            if data.get("helped"):
                yield _("somebody wrote it for the family and read it back")
        case Through.COMPARISON if "registers" in data:
            yield ngettext("%(count)s register asked", "%(count)s registers asked", data["registers"]) % {
                "count": number(data["registers"])
            }
            yield _("something was found in %(count)s of them") % {"count": number(data.get("hits", 0))}
        case Through.MEETING if "for" in data:
            yield _(
                "%(present)s of %(entitled)s were there; %(for)s for, %(against)s against, %(abstained)s abstained"
            ) % {
                name: number(data.get(name, 0))
                for name in ("present", "entitled", "for", "against", "abstained")
            }
        case Through.NOTICE if "posted" in data:
            yield _notice(data)
        case Through.EMERGENCY if "amount_minor" in data:
            book = book_of(told.case.rulebook_version.hash)
            amount = Decimal(data["amount_minor"]) / 10**book.minor_digits
            yield f"{money(amount, book.currency)} · {risk_words([data.get('risk', '')])}"
            yield from _made_good(told, one)
        case Through.DECISION:
            if data.get("risks"):
                yield _("Risks: %(risks)s") % {"risks": risk_words(data["risks"])}


def _made_good(told: Told, aid: CaseStep) -> Iterator[str]:
    """Whether what help in an emergency left out was made good, and in time."""
    for deadline in told.deadlines:
        met = deadline.met_on
        if met and deadline.step == aid.step and deadline.since == aid.day:
            in_time = deadline.due_on is None or met <= deadline.due_on
            words = _("made good on %(day)s, in time") if in_time else _("made good on %(day)s, late")
            yield words % {"day": short_day(met)}


def _visit(visit: Visit) -> Iterator[str]:
    if visit.asked:
        yield ngettext(
            "%(asked)s question asked: %(confirmed)s confirmed, %(corrected)s corrected",
            "%(asked)s questions asked: %(confirmed)s confirmed, %(corrected)s corrected",
            visit.asked,
        ) % {
            "asked": number(visit.asked),
            "confirmed": number(visit.confirmed),
            "corrected": number(visit.corrected),
        }
    else:
        yield _("Nothing had to be asked")
    if visit.note:
        yield visit.note


def _notice(data: Mapping[str, Any]) -> str:
    posted = datetime.date.fromisoformat(data["posted"])
    words = {"day": short_day(posted), "days": number(data.get("days", 0))}
    count = data.get("objections", 0)
    if not count:
        return _("Posted %(day)s for %(days)s days, no objection, taken down") % words
    return ngettext(
        "Posted %(day)s for %(days)s days, %(count)s objection, taken down",
        "Posted %(day)s for %(days)s days, %(count)s objections, taken down",
        count,
    ) % {**words, "count": number(count)}


def _objection(told: Told, one: Objection) -> Event:
    """The village reads that there is an objection and what became of it, never what it says."""
    text = str(one.get_status_display())
    if told.open_objections:
        answer = _("Answer: %(answer)s") % {"answer": one.answer} if one.answer else ""
        text = _joined([_("“%(words)s”") % {"words": one.text}, text, answer])
    return {
        "day": one.filed_on,
        "title": _("An objection"),
        "text": text,
        "state": "now" if one.answered_on is None else "done",
    }


def risk_words(risks: Iterable[str]) -> str:
    """Risks in words."""
    labels = load_dictionary()["risks"].values
    return listed([said(labels[one]) if one in labels else one for one in risks if one])


# --- What is due, and what comes ----------------------------------------------------------------


def _now(told: Told) -> Iterator[Event]:
    """The steps that can be taken now and may not be left out, and a deadline that an emergency left behind."""
    running = told.running
    shown = set()
    for step in must_now(told.procedure, told.state):
        shown.add(step.id)
        event = _running(told, capfirst(said(step.label)), running.get(step.id))
        yield {**event, "text": _joined([told.lists.get(step.id, ""), event["text"]])}
    for name, deadline in running.items():
        aid = told.procedure.steps[name].expedited if name in told.procedure.steps else None
        if aid and name not in shown:
            before = said(told.procedure.steps[aid.before].label)
            title = _("Make good: %(step)s must stand") % {"step": before}
            yield _running(told, title, deadline)


def _running(told: Told, title: str, deadline: Deadline | None) -> Event:
    event: Event = {"title": title, "state": "now", "day": "", "text": ""}
    if deadline is None:
        return event
    if deadline.due_on is None:
        event["day"] = _("the clock stands still until the objection is answered")
        return event
    event["day"] = _("due %(day)s: %(left)s") % {
        "day": short_day(deadline.due_on),
        "left": due(deadline.due_on, told.today),
    }
    event["text"] = _brought_forward(told, deadline) or _counted(told, deadline)
    if deadline.unlisted:
        years = listed([str(year) for year in deadline.unlisted])
        event["text"] += " " + _(
            "No list of holidays is known for %(years)s: weekends alone were counted."
        ) % {"years": years}
    return event


def _brought_forward(told: Told, deadline: Deadline) -> str:
    """Whether a clue wants the follow-up earlier than its turn would come."""
    step = told.procedure.steps.get(deadline.step)
    if step is None or step.through != Through.FOLLOW_UP:
        return ""
    asking = [
        clue for clue in told.clues if clue.status == ClueStatus.OPEN and clue.due_on == deadline.due_on
    ]
    return _("asked for by the clue of %(day)s") % {"day": short_day(asking[0].opened_on)} if asking else ""


def _counted(told: Told, deadline: Deadline) -> str:
    unit = Unit(deadline.unit)
    if unit == Unit.MONTHS:
        return ""
    gone = told.calendar.counted(deadline.since, max(told.today, deadline.since), unit)
    words = {"gone": number(gone), "days": number(deadline.days)}
    if unit == Unit.WORKING:
        return _("working day %(gone)s of %(days)s") % words
    return _("day %(gone)s of %(days)s") % words


def must_now(procedure: Procedure, state: State) -> list[Step]:
    """The steps that can be taken now and call for somebody, the one that leads on first.

    Help in an emergency and proposing an exit are not among them.
    """
    first_exit = procedure.first_exit
    found = [
        step
        for step in path.ready(procedure, state)
        if not step.expedited and (step != first_exit or state.status != Status.MONITORED)
    ]
    leading = path.next_step(procedure, state)
    return sorted(found, key=lambda step: step != leading)


def _next(told: Told) -> Iterator[Event]:
    """The steps of the way ahead that cannot be taken yet."""
    phases = set(PHASES[told.state.status])
    if told.state.status == Status.OPEN:
        phases.add(Phase.SUPPORT)
    first_exit = told.procedure.first_exit
    if first_exit and told.state.status == Status.MONITORED and not told.state.standing(first_exit.id):
        phases.discard(Phase.EXIT)
    ready = {step.id for step in path.ready(told.procedure, told.state)}
    for step in told.procedure.steps.values():
        waits = step.phase in phases and step.id not in ready and not told.state.standing(step.id)
        if waits and not step.expedited and step.only_if is None:
            title = capfirst(said(step.label))
            if step.id in told.running:
                yield {**_running(told, title, told.running[step.id]), "state": "next"}
            else:
                yield {
                    "title": title,
                    "text": _within(told, step.within) if step.within else "",
                    "state": "next",
                }


def _within(told: Told, within: Within) -> str:
    """ "within 5 days of the county decision"."""
    if within.since == DISCOVERY:
        start = _("discovery")
    else:
        start = said(told.procedure.steps[within.since].label)
    words = {"days": number(within.days), "start": start}
    if within.unit == Unit.MONTHS:
        return (
            ngettext(
                "within %(days)s month of: %(start)s", "within %(days)s months of: %(start)s", within.days
            )
            % words
        )
    if within.unit == Unit.WORKING:
        return (
            ngettext(
                "within %(days)s working day of: %(start)s",
                "within %(days)s working days of: %(start)s",
                within.days,
            )
            % words
        )
    return (
        ngettext("within %(days)s day of: %(start)s", "within %(days)s days of: %(start)s", within.days)
        % words
    )
