"""Why a household stands on a list: whose it is, what is proposed, what was found, what was said before."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from highground.cases.actions.notices import heads_of
from highground.cases.flow import procedure_for
from highground.cases.inbox import class_tag
from highground.cases.models import Case, CaseClue, Comparison
from highground.cases.story import risk_words
from highground.cases.waiting import states_of
from highground.methods.rules.procedure.graph import Phase, Step
from highground.methods.rules.procedure.path import State
from highground.people.masking import opens_persons
from highground.signals.rulebooks import book_of, said
from highground.web.numbers import listed


@dataclass(frozen=True)
class Reason:
    """What a list says of one household: the head's name, the class with its colour, and sentences."""

    head: str
    tag: tuple[str, str] | None
    sentences: list[str]


def reasons_of(cases: Sequence[Case], step: str, user: Any, today: datetime.date) -> dict[int, Reason]:
    """Why each of these cases is proposed for `step`, by its id. Six queries, whatever their number."""
    clues: dict[int, list[str]] = defaultdict(list)
    links = CaseClue.objects.visible_to(user, today).filter(case__in=cases)
    for link in links.select_related("clue").order_by("case", "-clue__severity", "clue"):
        clues[link.case_id].append(said(link.clue.evidence.get("short")))
    compared: dict[int, list[Comparison]] = defaultdict(list)
    for one in Comparison.objects.visible_to(user, today).filter(case__in=cases).order_by("case", "pk"):
        compared[one.case_id].append(one)
    named = [case.household for case in cases if opens_persons(user, case.household, today)]
    heads, states = heads_of(named), states_of(cases)
    return {
        case.pk: Reason(
            head=heads.get(case.household_id, ""),
            tag=class_tag(case),
            sentences=[
                text
                for text in _sentences(case, step, clues[case.pk], compared[case.pk], states[case.pk])
                if text
            ],
        )
        for case in cases
    }


def _sentences(
    case: Case, step: str, clues: list[str], compared: list[Comparison], state: State
) -> Iterator[str]:
    procedure = procedure_for(case)
    known = procedure.steps.get(step)
    if known is not None and known.phase == Phase.EXIT:
        yield from _said_before(known, procedure.steps, state)
    else:
        yield next((text for text in clues if text), "")
    if case.risks:
        yield _("Risks: %(risks)s") % {"risks": risk_words(case.risks)}
    yield from (_register(case, one) for one in compared if one.veto)


def _said_before(step: Step, steps: Any, state: State) -> Iterator[str]:
    """What the steps ended in on which this one rests, as the family's answer before an exit."""
    for name in step.requires:
        if taken := state.standing(name):
            words = {
                "step": capfirst(said(steps[name].label)),
                "outcome": said(steps[name].outcomes[taken.outcome].label),
            }
            yield _("%(step)s: %(outcome)s") % words


def _register(case: Case, one: Comparison) -> str:
    """A veto that a register raised, and what excepts it: people weigh both."""
    veto = next((veto for veto in book_of(case.rulebook_version.hash).vetoes if veto.id == one.veto), None)
    if veto is None:
        return ""
    excepted = listed([said(rule.label) for rule in veto.exceptions if rule.id in one.excepted_by])
    if not excepted:
        return _("To weigh: %(veto)s") % {"veto": said(veto.label)}
    return _("To weigh: %(veto)s; excepted by %(exceptions)s") % {
        "veto": said(veto.label),
        "exceptions": excepted,
    }
