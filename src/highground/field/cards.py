"""The card of a household on a phone: who lives there, what is known, and the form of the next visit."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.cases.enums import FamilySays
from highground.cases.forms.base import people_in
from highground.cases.forms.questions import RISKS, Question
from highground.cases.models import Case, Need, Visit
from highground.field.asking import Asked, asked_of, effort_of
from highground.field.due import newest
from highground.field.labels import (
    class_of,
    label_of,
    meaning_of,
    name_of,
    value_labels_of,
    value_of,
    why_asked,
    word,
)
from highground.methods.facts import load_dictionary
from highground.methods.facts.entering import items_of
from highground.methods.rules.procedure.graph import Effect, Phase, Step, Through
from highground.people.enums import HouseholdStatus, Protected
from highground.people.masking import is_masked, opens_persons
from highground.people.models import Household, Member, Observation, ProtectedValue
from highground.people.queries import facts_as_of, names_of
from highground.signals.household_page import age_on, value_in_words
from highground.signals.rulebooks import book_of
from highground.web.numbers import day as day_in_words

MOST_CARDS = 20

PERSON = ("relation", "sex", "birth_date")
"""What tells one member from another, besides a name."""

CALM, WORRY = "calm", "worry"
"""The outcomes of a look: all is well, or somebody should look into this."""


def cards_of(keys: Sequence[str], user: User, today: datetime.date) -> list[dict[str, Any]]:
    """The cards of these households, as far as this person sees them. At most `MOST_CARDS` are made."""
    found = list(
        Household.objects.visible_to(user, today)
        .filter(key__in=list(keys)[:MOST_CARDS], status=HouseholdStatus.ACTIVE)
        .select_related("area__parent")
        .order_by("pk")
    )
    ids = [one.pk for one in found]
    bases = dict(newest(Observation, {one.pk: one.key for one in found}, "pk"))
    members: dict[int, list[Member]] = defaultdict(list)
    for member in (
        Member.objects.visible_to(user, today)
        .filter(household__in=ids, present=True)
        .order_by("number", "pk")
    ):
        members[member.household_id].append(member)
    values = ProtectedValue.objects.visible_to(user, today).filter(household__in=ids, kind=Protected.NAME)
    names = names_of(list(values))
    visits: dict[int, Visit] = {}
    for visit in Visit.objects.visible_to(user, today).filter(household__in=ids).order_by("day", "pk"):
        visits[visit.household_id] = visit
    needs: dict[int, list[Need]] = defaultdict(list)
    open_needs = (
        Need.objects.visible_to(user, today).filter(household__in=ids).exclude(family_says=FamilySays.SOLVED)
    )
    for need in open_needs.order_by("-asked_on", "-pk"):
        needs[need.household_id].append(need)
    persons = _persons(found, user, today)
    asked = asked_of(found, user, today)
    stepping = [one for one in asked if one.step is not None]
    companions = people_in([(one.step.roles, one.household.area.path) for one in stepping if one.step], today)
    along = {one.household.pk: people for one, people in zip(stepping, companions, strict=True)}
    forms = {one.household.pk: _form_of(one, along.get(one.household.pk, []), user) for one in asked}
    return [
        {
            "key": one.key,
            "path": one.area.path,
            "base": bases.get(one.pk, 0),
            "number": one.number,
            "village": str(one.area),
            "head": next(
                (
                    names[member.pk, Protected.NAME]
                    for member in members[one.pk]
                    if (member.pk, Protected.NAME) in names
                ),
                "",
            ),
            "members": [
                {
                    "key": member.key,
                    "name": names.get((member.pk, Protected.NAME), member.key),
                    "note": persons.get(member.pk, ""),
                }
                for member in members[one.pk]
            ],
            "last_visit": _last(visits.get(one.pk)),
            "needs": [
                {
                    "words": need.words,
                    "language": need.language,
                    "asked_on": need.asked_on.isoformat(),
                    "answer": need.answer,
                }
                for need in needs[one.pk]
            ],
            **forms[one.pk],
        }
        for one in found
    ]


def _persons(households: Sequence[Household], user: User, today: datetime.date) -> dict[int, str]:
    """By member what tells them from the others at the door: relation, sex and age. Two queries, however many."""
    dictionary = load_dictionary()
    opened = {one.pk for one in households if opens_persons(user, one, today)}
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for known in facts_as_of(households, as_of=today, facts=PERSON):
        fact = dictionary[known.fact]
        if known.member is None or is_masked(fact, known.household in opened):
            continue
        found[known.member][fact.name] = (
            str(age_on(datetime.date.fromisoformat(known.value), today))
            if fact.type == "date"
            else value_of(fact, known.value, "")
        )
    return {
        member: " · ".join(said[name] for name in PERSON if name in said) for member, said in found.items()
    }


def _last(visit: Visit | None) -> dict[str, str] | None:
    return None if visit is None else {"day": visit.day.isoformat(), "note": visit.note}


def _form_of(asked: Asked, companions: Sequence[tuple[User, Role]], user: User) -> dict[str, Any]:
    """What is known, and the form for the next visit: of the case's step that is ready, else a look."""
    case, step = asked.case, asked.step
    if asked.by is None or asked.found is None:
        return {"tag": None, "known": [], "form": {**_EMPTY, "outcomes": look_outcomes()}}
    book = book_of(asked.by.rulebook_version.hash)
    form: dict[str, Any] = {
        **_EMPTY,
        "case": case.pk if case and step else None,
        "step": step.id if step else "",
        "kind": ("follow_up" if step.through == Through.FOLLOW_UP else "visit") if step else "look",
        **effort_of(asked.questions),
        "questions": [_question(one, book) for one in asked.questions],
    }
    if step is None:
        form["outcomes"] = look_outcomes()
    else:
        assert case is not None
        form |= _proposal(case, step, book, companions, user)
    return {
        "tag": class_of(case, book_of(case.rulebook_version.hash)) if case is not None else None,
        "known": [
            {
                "label": label_of(one.fact),
                "who": one.who,
                "value": value_of(one.fact, one.known.value, book.currency),
                "since": one.known.date.isoformat(),
            }
            for one in asked.found.fresh
            if one.known
        ],
        "form": form,
    }


_EMPTY: dict[str, Any] = {
    "case": None, "step": "", "kind": "look", "questions": [], "minutes": 0, "outcomes": [], "classes": [], "risks": [],
    "class_id": "", "risks_known": [], "companions": [], "least_visitors": 1,
}  # fmt: skip


def look_outcomes() -> list[dict[str, Any]]:
    return [
        {"id": CALM, "label": word(_("All is well")), "needs_reason": False, "needs_class": False},
        {
            "id": WORRY,
            "label": word(_("Somebody should look into this")),
            "needs_reason": False,
            "needs_class": False,
        },
    ]


def _proposal(
    case: Case, step: Step, book: Any, companions: Sequence[tuple[User, Role]], user: User
) -> dict[str, Any]:
    proposes = step.phase == Phase.RECOGNITION and step.through == Through.VISIT
    outcomes = [] if step.through == Through.FOLLOW_UP else list(step.outcomes.values())
    return {
        "outcomes": [
            {
                "id": one.id,
                "label": capfirst(name_of(one.label)),
                "needs_reason": one.reason,
                "needs_class": proposes and one.effect == Effect.NEXT,
            }
            for one in outcomes
        ],
        "classes": [[one.id, capfirst(name_of(one.label))] for one in book.classes] if proposes else [],
        "risks": value_labels_of(load_dictionary()[RISKS]) if proposes else [],
        "class_id": case.proposed_class,
        "risks_known": list(case.risks),
        "companions": [
            [str(one.pk), f"{one} · {role.label}"] for one, role in companions if one.pk != user.pk
        ],
        "least_visitors": step.visitors,
    }


def _question(one: Question, book: Any) -> dict[str, Any]:
    fact, known = one.fact, one.known
    return {
        "name": f"{fact.name}@{one.member.key}" if one.member else fact.name,
        "label": label_of(fact),
        "who": one.who,
        "type": fact.type,
        "choices": value_labels_of(fact),
        "known": _known_value(one),
        "known_text": gettext("%(value)s, since %(day)s, %(source)s")
        % {
            "value": value_in_words(fact, known.value, book.currency),
            "day": day_in_words(known.date),
            "source": known.source,
        }
        if known
        else "",
        "known_as": {
            "value": value_of(fact, known.value, book.currency),
            "since": known.date.isoformat(),
            "source": known.source,
        }
        if known
        else None,
        "why": why_asked(one, book),
        "hint": meaning_of(fact),
        "minimum": None if fact.minimum is None else float(fact.minimum),
        "maximum": None if fact.maximum is None else float(fact.maximum),
        "unit": book.currency if fact.type == "money" else (fact.unit or ""),
    }


def _known_value(one: Question) -> str | list[str] | None:
    """What is known as the page's controls take it: a list as a list."""
    if one.known is None:
        return None
    return items_of(one.known.value) if one.fact.type == "list" else one.known.value
