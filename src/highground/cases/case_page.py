"""One case: what to do next, what happened, what is known, what people and the rulebook say."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import may_see, names_of_users
from highground.audit.actions import log_access
from highground.cases.actions.contacts import may_hand_over
from highground.cases.conditions import conditions_of
from highground.cases.enums import CaseStatus, FamilySays
from highground.cases.flow import procedure_for, state_of, today_for
from highground.cases.inbox import class_tag
from highground.cases.joined import cards_of
from highground.cases.models import Case, CaseClue, Comparison, Objection
from highground.cases.money import money_of
from highground.cases.next_step import ahead, question_of, sentence_of, voices_of, way_out
from highground.cases.registers import register_label
from highground.cases.story import Told, lists_of, risk_words, timeline_of
from highground.methods.rules import Rulebook
from highground.methods.rules.exiting import ConditionVerdict
from highground.signals.models import Clue, HouseholdVerdict
from highground.signals.rulebooks import book_of, rule_label, rule_words, said
from highground.signals.trails import area_trail
from highground.web.numbers import day, due


def case_in_scope(request: HttpRequest, number: int) -> Case:
    """The case with this number, if the person sees it; 404 otherwise."""
    found: Case = get_object_or_404(
        Case.objects.visible_to(request.user)
        .select_related("household__area__parent", "rulebook_version", "contact", "earlier")
        .defer("rulebook_version__content"),
        pk=number,
    )
    return found


@require_GET
@sees(Sight.CASES)
def case(request: HttpRequest, number: int) -> HttpResponseBase:
    """The page of a case. The look is logged."""
    user, found = request.user, case_in_scope(request, number)
    today = today_for(procedure_for(found))
    household = found.household
    log_access(
        by=str(user.pk),
        page="cases.case",
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
    )
    book = book_of(found.rulebook_version.hash)
    told = told_of(found, user, today)
    lies_ahead = ahead(found, told.procedure, told.state, user, today)
    exits = conditions_of(found, user, today) if found.status == CaseStatus.MONITORED else []
    needs = list(household.needs.order_by("-asked_on", "-pk"))
    context = {
        "case": found,
        "book": book,
        "title": question_of(found, lies_ahead.step),
        "sentence": sentence_of(found, lies_ahead, voices_of(told.procedure, told.state)),
        "tags": _tags(found, today),
        "trail": [
            (_("Cases"), reverse("cases:inbox")),
            *area_trail(user, household.area, today)[-2:],
            (_("Household %(number)s") % {"number": household.number}, ""),
        ],
        "buttons": lies_ahead.buttons if lies_ahead.mine else [],
        "hands_over": may_hand_over(found, user, today),
        "others": [] if lies_ahead.mine else lies_ahead.buttons,
        "events": timeline_of(told),
        "money": money_of(found, today),
        "clues": told.clues,
        "classes": class_rows(found, book, user),
        "comparisons": compared_with(found, user),
        "exits": exits,
        "leave": way_out(found, told.procedure, told.state, user, today) if all_hold(exits) else None,
        "needs": needs,
        "open_needs": sum(need.family_says != FamilySays.SOLVED for need in needs),
        "earlier": list(household.cases.exclude(pk=found.pk).order_by("-pk")),
        "cards": cards_of(found, user, today),
        "today": today,
    }
    return render(request, "cases/case.html", context)


def all_hold(exits: Sequence[ConditionVerdict]) -> bool:
    """Whether every condition of an exit is a clear yes; where the rulebook states none, nothing holds."""
    return bool(exits) and all(one.verdict == "yes" for one in exits)


def told_of(case: Case, user: Any, today: datetime.date) -> Told:
    """Everything of which the timeline tells. Ten queries, however much happened."""
    steps = list(case.steps.order_by("sequence"))
    visits = {visit.step_id: visit for visit in case.visits.exclude(step=None)}
    objections = list(Objection.objects.visible_to(user).filter(item__case=case).order_by("filed_on", "pk"))
    hand_overs = list(case.hand_overs.order_by("pk"))
    people = {person for step in steps for person in (*step.people, step.data.get("contact", ""))}
    people |= {str(one) for change in hand_overs for one in (change.former_id, change.contact_id, change.by)}
    return Told(
        case=case,
        procedure=procedure_for(case),
        state=state_of(case, steps),
        steps=steps,
        clues=clues_of(case, user),
        visits=visits,
        objections=objections,
        hand_overs=hand_overs,
        lists=lists_of(case, user),
        deadlines=list(case.deadlines.order_by("due_on", "pk")),
        names=names_of_users(people),
        open_objections=may_see(user, today, Sight.OBJECTORS, case.household.area.path),
        today=today,
    )


def clues_of(case: Case, user: Any) -> list[Clue]:
    """The clues that the case looks into. One query."""
    links = CaseClue.objects.visible_to(user).filter(case=case)
    return [link.clue for link in links.select_related("clue").order_by("clue__opened_on", "clue")]


def case_trail(case: Case, user: Any, today: datetime.date, label: str) -> list[tuple[str, str]]:
    """Where a page about one case lies."""
    return [
        (_("Cases"), reverse("cases:inbox")),
        *area_trail(user, case.household.area, today)[-1:],
        (
            _("Household %(number)s") % {"number": case.household.number},
            reverse("cases:case", args=[case.pk]),
        ),
        (label, ""),
    ]


def _tags(case: Case, today: datetime.date) -> list[tuple[str, str]]:
    """Where the case stands and when the next thing is due."""
    tags = []
    if case.status == CaseStatus.OPEN:
        tags.append((str(case.get_status_display()), "water"))
    elif case.class_id:
        tag = class_tag(case)
        tags += [tag] if tag else []
        tags.append((str(case.get_status_display()), "green"))
    else:
        tags.append((str(case.get_status_display()), "grey"))
    if case.due_on:
        left = (case.due_on - today).days
        tags.append((due(case.due_on, today), "clay" if left <= 1 else "gold" if left <= 7 else "water"))
    return tags


def class_rows(case: Case, book: Rulebook, user: Any) -> dict[str, Any]:
    """What people say and what the rulebook says, side by side; neither takes the other's place. One query."""
    verdicts = HouseholdVerdict.objects.visible_to(user).filter(household=case.household_id)
    verdict = verdicts.filter(rulebook=case.rulebook).first()
    rows: list[tuple[str, str]] = []
    if case.class_id:
        recognised = said(rule_label(book, case.class_id))
        when = day(case.recognised_on)
        rows.append((_("People recognised"), _("%(class)s, on %(day)s") % {"class": recognised, "day": when}))
        rule = said(rule_label(book, case.rule_class)) if case.rule_class else _("no class")
        rule = rule if case.differs is not None else _("cannot tell")
        rows.append((_("The rulebook said then"), rule))
    elif case.proposed_class:
        rows.append((_("The visit proposes"), rule_words(book, case.proposed_class)))
    if verdict is not None:
        rows.append((_("The last screening says"), _verdict(verdict, book)))
    if case.risks:
        rows.append((_("Risks"), risk_words(case.risks)))
    if case.first_recognised_on and case.first_recognised_on != case.recognised_on:
        rows.append((_("First recognised"), day(case.first_recognised_on)))
    if case.contact:
        rows.append((_("Contact officer"), str(case.contact)))
    return {"rows": rows, "differs": case.differs}


def _verdict(verdict: HouseholdVerdict, book: Rulebook) -> str:
    if verdict.class_verdict == "yes":
        return rule_words(book, verdict.class_id)
    return _("cannot tell") if verdict.class_verdict == "cannot_tell" else _("no class")


def compared_with(case: Case, user: Any) -> list[dict[str, Any]]:
    """What other registers answered. One query."""
    book = book_of(case.rulebook_version.hash)
    rows = Comparison.objects.visible_to(user).filter(case=case).order_by("pk")
    return [_compared(one, book) for one in rows]


def _compared(one: Comparison, book: Rulebook) -> dict[str, Any]:
    """What a register answered, with the veto it raises and what excepts it."""
    veto = next((veto for veto in book.vetoes if veto.id == one.veto), None)
    excepted: Sequence[str] = ()
    if veto:
        excepted = [said(rule.label) for rule in veto.exceptions if rule.id in one.excepted_by]
    register = capfirst(register_label(one.register))
    return {
        "row": one,
        "register": register,
        "veto": said(veto.label) if veto else one.veto,
        "excepted": excepted,
    }
