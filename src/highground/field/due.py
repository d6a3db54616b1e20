"""Which households a phone is told of, which of them are due, and why."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _

from highground.accounts.models import User
from highground.cases.enums import RUNNING, FamilySays
from highground.cases.flow import procedure_for
from highground.cases.inbox import of_person, turns_of
from highground.cases.models import Case, Need, Turn
from highground.field.asking import asked_of, effort_of
from highground.field.labels import word
from highground.methods.rules.procedure.graph import Through
from highground.people.enums import HouseholdStatus
from highground.people.models import Household, Observation
from highground.signals.enums import ClueStatus
from highground.signals.models import Clue
from highground.signals.rulebooks import latest_books, said

SHAPE = 2
"""What a card holds. Raised when that changes: phones then fetch every card anew."""

MOST_TOLD = 40
"""Of so many due visits, the most urgent ones, the list says how long they take; every card says it of its own."""

MOST_HOUSEHOLDS = 600
"""Of so many households a phone keeps the cards; beyond that only of those that are due."""


def due_of(user: User, today: datetime.date) -> list[dict[str, Any]]:
    """The visits that call for this person, the most urgent first. A constant number of queries."""
    books = latest_books()
    found: dict[int, dict[str, Any]] = {}
    for turn in _turns(user, books, today):
        step = procedure_for(turn.case).steps[turn.step]
        kind = "follow_up" if step.through == Through.FOLLOW_UP else "visit"
        found.setdefault(
            turn.case.household_id,
            _due(turn.case.household, kind, f"case:{turn.case_id}", turn.due_on, today),
        )
    clues = Clue.objects.visible_to(user, today).filter(status=ClueStatus.OPEN).select_related("household")
    reasons: dict[int, str] = {}
    for clue in clues.order_by("-severity", "opened_on", "pk")[: MOST_HOUSEHOLDS * 2]:
        reasons.setdefault(clue.household_id, said(clue.evidence.get("short")))
        if clue.household_id not in found and clue.household_id not in _under_way(user, today):
            found[clue.household_id] = _due(clue.household, "clue", f"clue:{clue.pk}", None, today)
    needs = (
        Need.objects.visible_to(user, today)
        .exclude(family_says=FamilySays.SOLVED)
        .select_related("household")
    )
    for need in needs.order_by("asked_on", "pk")[:MOST_HOUSEHOLDS]:
        reasons.setdefault(need.household_id, need.words[:80])
        found.setdefault(need.household_id, _due(need.household, "need", f"need:{need.pk}", None, today))
    for pk, one in found.items():
        one["why"] = reasons.get(pk) or _plain_reason(one["kind"])
    return sorted(
        found.values(), key=lambda one: (one["due"] is None, one["due"] or "", one["kind"], one["household"])
    )


def _turns(user: User, books: Any, today: datetime.date) -> Iterable[Turn]:
    doors = Q(pk__in=[])
    for name, book in books.items():
        steps = book.procedure.steps.values() if book.procedure else []
        wanted = [one.id for one in steps if one.through in (Through.VISIT, Through.FOLLOW_UP)]
        doors |= Q(case__rulebook=name, step__in=wanted)
    rows = turns_of(user, books, today).filter(of_person(user, today)).filter(doors)
    return (
        rows.select_related("case__household", "case__rulebook_version")
        .defer("case__rulebook_version__content")
        .order_by("due_on", "pk")
    )


def _under_way(user: User, today: datetime.date) -> set[int]:
    """The households with a case that is under way. One query, once per person object."""
    if not hasattr(user, "_households_under_way"):
        rows = Case.objects.visible_to(user, today).filter(status__in=RUNNING)
        user._households_under_way = set(rows.values_list("household", flat=True))  # type: ignore[attr-defined]
    return user._households_under_way  # type: ignore[attr-defined,no-any-return]


def _due(
    household: Household, kind: str, ref: str, due: datetime.date | None, today: datetime.date
) -> dict[str, Any]:
    left = (due - today).days if due else None
    tone = "water" if left is None else "clay" if left <= 1 else "gold" if left <= 7 else "green"
    return {
        "household": household.key,
        "number": household.number,
        "kind": kind,
        "ref": ref,
        "due": due.isoformat() if due else None,
        "tone": tone,
    }


def _plain_reason(kind: str) -> str:
    return word(
        {
            "visit": _("A visit is due in the family's case."),
            "follow_up": _("A follow-up: how is the family now?"),
            "clue": _("A clue asks for a look."),
            "need": _("The family asked for something."),
        }[kind]
    )


def index_of(user: User, today: datetime.date) -> dict[str, Any]:
    """Which households this person's phone keeps, each with the version of its card, and which are due."""
    due = due_of(user, today)
    wanted = {one["household"] for one in due}
    _add_effort(due[:MOST_TOLD], user, today)
    mine = Household.objects.visible_to(user, today).filter(status=HouseholdStatus.ACTIVE)
    keys = [
        *wanted,
        *mine.exclude(key__in=wanted)
        .order_by("pk")
        .values_list("key", flat=True)[: max(0, MOST_HOUSEHOLDS - len(wanted))],
    ]
    versions = versions_of(mine.filter(key__in=keys), wanted, today)
    return {
        "due": [one for one in due if one["household"] in versions],
        "households": [{"key": key, "version": versions[key]} for key in keys if key in versions],
    }


def _add_effort(due: list[dict[str, Any]], user: User, today: datetime.date) -> None:
    """Say of these visits how many questions they bring and how many minutes those take. A constant number of queries."""
    keys = [one["household"] for one in due]
    households = Household.objects.visible_to(user, today).filter(key__in=keys).select_related("area")
    effort = {one.household.key: effort_of(one.questions) for one in asked_of(households, user, today)}
    for one in due:
        one |= effort.get(one["household"], {})


def versions_of(households: Any, due: set[str], today: datetime.date) -> dict[str, str]:
    """What changes when a card does. Four queries, however many households."""
    rows = dict(households.values_list("pk", "key"))
    observed = dict(newest(Observation, rows, "pk"))
    steps = dict(newest(Case, rows, "version"))
    cases = dict(newest(Case, rows, "pk"))
    needs = {
        pk: (a, b)
        for pk, a, b in Need.objects.everywhere(reason="cards of households in scope")
        .filter(household__in=rows)
        .order_by()
        .values_list("household")
        .annotate(Max("pk"), Max("answered_on"))
    }
    language, week = get_language(), today.isocalendar()[:2]
    return {
        key: hashlib.sha256(
            repr(
                (
                    SHAPE,
                    observed.get(pk),
                    steps.get(pk),
                    cases.get(pk),
                    needs.get(pk),
                    language,
                    today if key in due else week,
                )
            ).encode()
        ).hexdigest()[:16]
        for pk, key in rows.items()
    }


def newest(model: Any, rows: dict[int, str], what: str) -> Iterable[tuple[int, int]]:
    found = model.objects.everywhere(reason="cards of households in scope").filter(household__in=rows)
    return found.order_by().values_list("household").annotate(Max(what))  # type: ignore[no-any-return]
