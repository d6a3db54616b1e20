"""Which households a phone is told of, which of them the plan sends this person to, on which day and why."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Max
from django.utils.text import capfirst
from django.utils.translation import get_language

from highground.accounts.models import User
from highground.accounts.queries import held_grants
from highground.areas.models import Area
from highground.cases.models import Case, Need
from highground.field.asking import asked_of, effort_of
from highground.field.labels import labels_in, name_of, word
from highground.people.enums import HouseholdStatus
from highground.people.models import Household, Observation
from highground.rounds.plan_words import PLAIN, found_by, reasons_of, why_of
from highground.rounds.planning import Round, plan_of, units_of
from highground.signals.models import Clue
from highground.signals.rulebooks import latest_books, rule_label

SHAPE = 3
"""What a card holds. Raised when that changes: phones then fetch every card anew."""

MOST_TOLD = 40
"""Of so many visits, the first of the plan, the list says how long they take; every card says it of its own."""

MOST_HOUSEHOLDS = 600
"""Of so many households a phone keeps the cards; beyond that only of those that are due."""


def due_of(user: User, today: datetime.date) -> list[dict[str, Any]]:
    """The visits that the plan of the coming days gives this person, in its order.

    It is the plan that the office sees. A constant number of queries for each county in which they visit. Whoever works
    above the counties is given none.
    """
    found: dict[str, dict[str, Any]] = {}
    of_clue = _namer() if _beyond_the_office() else found_by
    for unit in _units(user, today):
        rounds = plan_of(unit, today).of(str(user.pk))
        reasons = reasons_of(rounds, user, today, of_clue)
        for one in rounds:
            found.setdefault(one.call.key, _due(one, reasons.get(one.call.task, ""), today))
    return sorted(found.values(), key=lambda one: one["day"])


def _units(user: User, today: datetime.date) -> Iterable[Area]:
    """The counties in which somebody visits. One query for each area where they hold a role."""
    around = [units_of(grant.area) for grant in held_grants(user, today) if grant.area]
    return {units[0].pk: units[0] for units in around if len(units) == 1}.values()


def _due(one: Round, reason: str, today: datetime.date) -> dict[str, Any]:
    """One visit as a phone lists it: `day` is the day of the plan, `due` the last day on which it is in time."""
    call = one.call
    assert one.planned is not None
    left = (call.due - today).days if call.due else None
    tone = "water" if left is None else "clay" if left <= 1 else "gold" if left <= 7 else "green"
    return {
        "household": call.key,
        "number": call.number,
        "kind": call.kind,
        "day": one.planned.day.isoformat(),
        "due": call.due.isoformat() if call.due else None,
        "tone": tone,
        "why": _why(one, reason),
    }


def _beyond_the_office() -> bool:
    """True where the reader's language is one that the evidence of clues does not speak."""
    return bool(labels_in(get_language() or "").words)


def _namer() -> Callable[[Clue], str]:
    """What says a clue by the name of its rule, which the phone knows in every language that it speaks. One query."""
    books = latest_books()
    return lambda clue: capfirst(name_of(rule_label(books.get(clue.rulebook), clue.rule)))


def _why(one: Round, reason: str) -> str:
    """The reason to go. Where rulebooks do not speak the reader's language, a sentence that does comes first."""
    if _beyond_the_office():
        return f"{word(PLAIN[one.call.kind])} {reason}".strip()
    return why_of(one, reason, word)


def index_of(user: User, today: datetime.date) -> dict[str, Any]:
    """Which households this person's phone keeps, each with the version of its card, and which are due."""
    due = due_of(user, today)
    wanted = dict.fromkeys(one["household"] for one in due)
    _add_effort(due[:MOST_TOLD], user, today)
    mine = Household.objects.visible_to(user, today).filter(status=HouseholdStatus.ACTIVE)
    keys = [
        *wanted,
        *mine.exclude(key__in=wanted)
        .order_by("pk")
        .values_list("key", flat=True)[: max(0, MOST_HOUSEHOLDS - len(wanted))],
    ]
    versions = versions_of(mine.filter(key__in=keys), set(wanted), today)
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
