"""What to do next in a case: the question at the head of its page, and the buttons of this person."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from highground.accounts.enums import Role
from highground.accounts.queries import holds
from highground.cases.joined import door_of
from highground.cases.models import Case
from highground.cases.story import must_now
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Effect, Phase, Procedure, Status, Step, Through
from highground.methods.rules.procedure.path import State
from highground.signals.rulebooks import book_of, rule_label, said
from highground.web.numbers import listed

LISTS = {Through.MEETING: "cases:meetings", Through.NOTICE: "cases:notices"}
"""Steps that are taken for many households at once, and where."""

ELSEWHERE = (Through.PLAN, Through.DELIVERY)
"""Steps that are taken in rooms above."""


@dataclass(frozen=True)
class Button:
    """One thing to do; the first of a page is the primary one."""

    label: str
    url: str


@dataclass(frozen=True)
class Ahead:
    """What lies ahead in a case for one person.

    `step` is the one in the headline: the first that this person may take, else the one that leads. `mine` says
    whether they may take it, `barred` that they hold the role but had a hand in what it checks.
    """

    step: Step | None
    mine: bool
    barred: bool
    buttons: list[Button]


def may_take(case: Case, step: Step, state: State, user: Any, today: datetime.date) -> tuple[bool, bool]:
    """Whether `user` holds a role for the step where the household lives, and whether they are barred from it."""
    role = holds(user, today, [Role(name) for name in step.roles], case.household.area.path)
    return role is not None, str(user.pk) in state.hands_in(step.not_by)


def ahead(case: Case, procedure: Procedure, state: State, user: Any, today: datetime.date) -> Ahead:
    """What `user` can do next in this case. No query once the grants are read."""
    must = must_now(procedure, state)
    ready = [*must, *(step for step in path.ready(procedure, state) if step not in must)]
    allowed = {step.id: may_take(case, step, state, user, today) for step in ready}
    mine = [step for step in ready if allowed[step.id] == (True, False)]
    leading = path.next_step(procedure, state)
    first = next((step for step in mine if step in must), None)
    shown = first or leading
    buttons = [button for step in mine for button in _buttons(case, step, leads=step is first)]
    barred = bool(shown and first is None and allowed.get(shown.id) == (True, True))
    return Ahead(shown, first is not None, barred, buttons)


def way_out(case: Case, procedure: Procedure, state: State, user: Any, today: datetime.date) -> Button | None:
    """The step that begins an exit, for somebody who may take it now. No query once the grants are read."""
    begins = procedure.first_exit
    if begins is None or not path.is_ready(procedure, state, begins):
        return None
    if may_take(case, begins, state, user, today) != (True, False):
        return None
    return Button(action_of(begins), address_of(case, begins))


def _buttons(case: Case, step: Step, *, leads: bool) -> Iterator[Button]:
    url = address_of(case, step)
    if not url:
        return
    if leads and step.through == Through.DECISION and len(step.outcomes) > 1:
        for outcome in step.outcomes.values():
            label = capfirst(said(outcome.label))
            if outcome.reason:
                label = _("%(outcome)s, with a reason") % {"outcome": label}
            yield Button(label, f"{url}?{urlencode({'outcome': outcome.id})}")
        return
    yield Button(action_of(step), url)


def address_of(case: Case, step: Step) -> str:
    """Where the step is taken; empty where this installation has no page for it."""
    if step.through in LISTS:
        try:
            return reverse(LISTS[step.through])
        except NoReverseMatch:
            return ""
    if step.through in ELSEWHERE:
        return door_of(case, step)
    return reverse("cases:step", args=[case.pk, step.id])


def action_of(step: Step) -> str:
    """The step as something to do."""
    return {
        Through.ASSIGNMENT: _("Name the contact officer"),
        Through.VISIT: _("Record the visit"),
        Through.APPLICATION: _("Record the application"),
        Through.COMPARISON: _("Record what the registers say"),
        Through.MEETING: _("Open the list of the meeting"),
        Through.NOTICE: _("Open the public notices"),
        Through.FAMILY: _("Record the family's answer"),
        Through.PLAN: _("Make the support plan"),
        Through.DELIVERY: _("Record a delivery"),
        Through.FOLLOW_UP: _("Record the follow-up"),
        Through.EMERGENCY: _("Help first: emergency aid"),
    }.get(step.through) or capfirst(said(next(iter(step.outcomes.values())).label))


def question_of(case: Case, step: Step | None) -> str:
    """The headline of a case: the question or the next step, in plain words."""
    words = {"number": case.household.number, "class": class_words(case)}
    if step is None:
        if case.status == Status.EXITED:
            return _("Household %(number)s: the risk is gone, still watched") % words
        return _("Household %(number)s: this case is closed") % words
    if step.through == Through.DECISION:
        effects = {outcome.effect for outcome in step.outcomes.values()}
        if Effect.RECOGNISE in effects and words["class"]:
            return _("Decide: include as “%(class)s”?") % words
        if Effect.EXIT in effects:
            return _("Decide: is the risk of household %(number)s gone?") % words
        return _("%(step)s: household %(number)s") % {**words, "step": capfirst(said(step.label))}
    if step.through == Through.VISIT and step.phase == Phase.EXIT:
        return _("Visit household %(number)s: is the risk gone?") % words
    patterns = {
        Through.ASSIGNMENT: _("Who goes to household %(number)s?"),
        Through.VISIT: _("Visit household %(number)s"),
        Through.APPLICATION: _("Does household %(number)s apply?"),
        Through.COMPARISON: _("What do other registers say of household %(number)s?"),
        Through.MEETING: _("Household %(number)s waits for the village meeting"),
        Through.NOTICE: _("Household %(number)s waits for the public notice"),
        Through.FAMILY: _("Does the family of household %(number)s agree?"),
        Through.PLAN: _("Make the support plan of household %(number)s"),
        Through.DELIVERY: _("Bring household %(number)s its first help"),
        Through.FOLLOW_UP: _("How is household %(number)s now?"),
        Through.EMERGENCY: _("Help household %(number)s first?"),
    }
    return patterns[step.through] % words


def class_words(case: Case) -> str:
    """The class that people recognised, else the one proposed; without "possible", for use in a question."""
    chosen = case.class_id or case.proposed_class
    return said(rule_label(book_of(case.rulebook_version.hash), chosen)) if chosen else ""


def voices_of(procedure: Procedure, state: State) -> list[str]:
    """What the village, the family and the township say so far, each in a few words."""
    found = []
    phase = Phase.RECOGNITION if state.status == Status.OPEN else Phase.EXIT
    for step in procedure.steps.values():
        taken = state.standing(step.id)
        if (
            taken
            and step.phase == phase
            and step.through in (Through.MEETING, Through.DECISION, Through.FAMILY)
        ):
            words = {"step": said(step.label), "outcome": said(step.outcomes[taken.outcome].label)}
            found.append(_("%(step)s: %(outcome)s") % words)
    return found


def sentence(voices: list[str]) -> str:
    """What several people say, as one sentence."""
    if not voices:
        return ""
    between = pgettext("between what two people say", "; ")
    return pgettext("what several people say, as a sentence", "%(voices)s.") % {
        "voices": capfirst(between.join(voices))
    }


def sentence_of(case: Case, found: Ahead, voices: list[str]) -> str:
    """What stands behind the question: what was said so far, and who takes the step."""
    parts = [sentence(voices)] if voices else []
    if found.step and not found.mine:
        roles = listed([str(Role(role).label) for role in found.step.roles])
        if found.barred:
            parts.append(_("Somebody else must take this step: you had a hand in an earlier one."))
        else:
            parts.append(_("This step is taken by: %(roles)s.") % {"roles": roles})
    elif found.step and found.step.not_by:
        parts.append(_("You have not taken part in an earlier step."))
    return " ".join(parts)
