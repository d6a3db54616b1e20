"""What Highground does by itself, and why: everything that happens in the office without anybody asking for it.

The list is made from the procedure and from what the code does; a test holds every entry to the code that it names.
Nothing here decides about a family: people do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.methods.rules.procedure.graph import DISCOVERY, Procedure, Step, Unit, Within
from highground.signals.rulebooks import said
from highground.web.numbers import listed, number


@dataclass(frozen=True)
class Task:
    """One thing that happens by itself. `made_by` is the function behind it; `verified` is of the rulebook's number."""

    what: str
    when: str
    why: str
    made_by: str
    verified: bool = True


def deadlines_of(procedure: Procedure) -> Iterator[Task]:
    """The deadlines that start by themselves, from the rulebook's procedure."""
    for step in procedure.steps.values():
        if step.within:
            yield Task(
                what=_("Deadline: %(step)s") % {"step": said(step.label)},
                when=_after(step.within, procedure),
                why=_("So that no family waits without anybody noticing. The rulebook sets the days."),
                made_by="highground.cases.flow.keep_time",
                verified=step.within.verified,
            )
        if step.repeats:
            yield Task(
                what=_("Calendar: %(step)s") % {"step": said(step.label)},
                when=_("%(days)s days after the one before; the last interval goes on")
                % {"days": listed([number(days) for days in step.repeats])},
                why=_("Right after help begins much can go wrong; later a visit now and then is enough."),
                made_by="highground.methods.rules.procedure.path.interval",
                verified=step.verified,
            )
        if step.expedited:
            yield Task(
                what=_("Deadline to make good: %(step)s") % {"step": said(step.label)},
                when=_after(step.expedited.make_good, procedure, step),
                why=_("Help came before the decision, so the decision must follow."),
                made_by="highground.methods.rules.procedure.path.running",
                verified=step.expedited.make_good.verified,
            )


def _after(within: Within, procedure: Procedure, step: Step | None = None) -> str:
    """ "within 15 days after it was noticed"; day 0 is not counted."""
    words = {
        Unit.CALENDAR: ngettext("%(days)s day", "%(days)s days", within.days),
        Unit.WORKING: ngettext("%(days)s working day", "%(days)s working days", within.days),
        Unit.MONTHS: ngettext("%(days)s calendar month", "%(days)s calendar months", within.days),
    }[within.unit] % {"days": number(within.days)}
    since = procedure.steps.get(within.since) if within.since != DISCOVERY else None
    start = step or since
    if start is None:
        return _("within %(days)s after somebody noticed") % {"days": words}
    return _("within %(days)s after: %(step)s") % {"days": words, "step": said(start.label)}


def always() -> list[Task]:
    """What happens by itself in every country."""
    return [
        Task(
            _("An objection stops the clocks of its case"),
            _("when it is filed; they go on with the days left once it is answered"),
            _("Nobody may lose time, or gain it, because somebody objected."),
            "highground.cases.flow.restart_clocks",
        ),
        Task(
            _("Inboxes are made anew"),
            _("after each step"),
            _("Everybody sees what they can do now, and what waits for others."),
            "highground.cases.flow.keep_time",
        ),
        Task(
            _("Clues are closed"),
            _(
                "when their case recognises the household or closes; while it is monitored, with the next visit"
            ),
            _("A clue is a reason to knock; somebody has knocked."),
            "highground.signals.closing.close_clues",
        ),
        Task(
            _("A new clue goes to the case that is under way"),
            _("after each screening; in a monitored household it brings the follow-up forward"),
            _("What shows while help is on its way must not wait until the exit."),
            "highground.cases.actions.clues.attach_clues",
        ),
        Task(
            _("Measures still to come go to the new contact officer"),
            _("when a case is handed over"),
            _("What was up to somebody who has left is up to nobody."),
            "highground.support.actions.planning.after_hand_over",
        ),
        Task(
            _("What was decided is written into the register"),
            _("at recognition and at exit"),
            _("Rules read facts and nothing else, so a decision becomes a dated fact with its source."),
            "highground.cases.actions.facts.write_record",
        ),
        Task(
            _("The first delivery takes its step"),
            _("when the first measure of a plan arrives"),
            _("Nobody should type twice that help has arrived."),
            "highground.support.actions.delivering.deliver",
        ),
        Task(
            _("Families of delivered measures are written into the register"),
            _("at each delivery, from its day on"),
            _("An exit asks whether help has arrived, and reads it there."),
            "highground.support.actions.delivering.add_family",
        ),
        Task(
            _("Money is promised, spent and freed in the county's budget"),
            _("when a measure is planned, arrives or is dropped"),
            _("A budget that is checked afterwards is overspent before."),
            "highground.support.actions.budgets.commit",
        ),
        Task(
            _("A payment that came back waits for the next batch"),
            _("when the bank's return says so"),
            _("The family still has to get its money."),
            "highground.support.actions.reconciling.reconcile",
        ),
        Task(
            _("A loan counts as overdue"),
            _("from the day after it was due, until it is repaid"),
            _("A family that cannot pay back may be slipping: somebody should ask."),
            "highground.support.queries.credits_of",
        ),
        Task(
            _("Every action and every look at a household is recorded"),
            _("at once"),
            _("So that it can be shown later who did what, and who looked."),
            "highground.audit.actions.record",
        ),
    ]


def heading_of(book_title: str) -> str:
    """The heading over the deadlines of one rulebook."""
    return capfirst(_("by the rulebook: %(title)s") % {"title": book_title})
