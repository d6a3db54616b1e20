"""One household: what is waiting, who belongs to it, what is known since when and from whom, what happened."""

from __future__ import annotations

import datetime
from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.audit.actions import log_access
from highground.methods.facts import Dictionary, Fact
from highground.methods.facts.entering import items_of
from highground.people.masking import is_masked, masked, opens_persons
from highground.people.models import Household, Member, ProtectedValue
from highground.people.queries import Known, facts_as_of, history_of, names_of, register_dictionary
from highground.signals.enums import ClueKind, ClueStatus
from highground.signals.joined import cards_of
from highground.signals.models import Clue, HouseholdVerdict
from highground.signals.rulebooks import latest_books, rule_words, said
from highground.signals.trails import area_trail
from highground.web.numbers import day, due, listed, money, number

MOST_STATEMENTS = 2_000
MOST_EVENTS = 40


@require_GET
@sees(Sight.HOUSEHOLDS)
def household(request: HttpRequest, key: str) -> HttpResponseBase:
    """A household's page. Reading it is noted in the access log."""
    user, today = request.user, timezone.localdate()
    found = get_object_or_404(Household.objects.visible_to(user).select_related("area__parent"), key=key)
    log_access(
        by=str(user.pk),
        page="signals.household",
        subject_kind="household",
        subject_id=found.key,
        area_path=found.area.path,
    )
    books = latest_books()
    clues = list(
        Clue.objects.visible_to(user)
        .filter(household=found)
        .select_related("run_opened", "run_last", "cleared_by")
        .order_by("due_on", "pk")
    )
    waiting = [clue for clue in clues if clue.status == ClueStatus.OPEN]
    verdicts = list(HouseholdVerdict.objects.visible_to(user).filter(household=found).select_related("run"))
    members = list(found.members.filter(present=True).order_by("number", "pk"))
    known, dictionary = facts_as_of([found], as_of=today), register_dictionary()
    currency = next((books[one.rulebook].currency for one in verdicts if one.rulebook in books), "")
    context = {
        "household": found,
        "title": _title(found, waiting, verdicts, today),
        "tags": [_tag(clue, books) for clue in waiting],
        "trail": [*area_trail(user, found.area, today)[-3:], (_name(found), "")],
        "waiting": waiting,
        "verdicts": verdicts,
        "books": books,
        "today": today,
        "groups": _facts([one for one in known if one.member is None], dictionary, currency, today),
        "members": _members(user, found, members, known, dictionary, today),
        "events": _timeline(found, clues, books, dictionary),
        "parts": cards_of(found, user, today),
    }
    return render(request, "signals/household.html", context)


def _name(household: Household) -> str:
    return _("Household %(number)s") % {"number": household.number}


def _title(
    household: Household, waiting: list[Clue], verdicts: list[HouseholdVerdict], today: datetime.date
) -> str:
    """What is waiting: a visit, a question, a first look, nothing."""
    name = _name(household)
    if waiting:
        return _("Visit household %(number)s: %(due)s") % {
            "number": household.number,
            "due": due(waiting[0].due_on, today),
        }
    queues = {verdict.queue for verdict in verdicts}
    if "unseen" in queues:
        return _("%(household)s: nothing is known, go and see") % {"household": name}
    if "cannot_tell" in queues:
        return _("%(household)s: ask about what is missing") % {"household": name}
    return _("%(household)s: nothing is waiting") % {"household": name}


def _tag(clue: Clue, books: Any) -> tuple[str, str]:
    return rule_words(books.get(clue.rulebook), clue.rule), "clay" if clue.kind == ClueKind.CLASS else "gold"


# --- What is known ------------------------------------------------------------------------------


def _facts(
    known: list[Known], dictionary: Dictionary, currency: str, today: datetime.date
) -> list[dict[str, Any]]:
    """The household's facts in the order of the dictionary, each with its date, source and freshness."""
    values = {one.fact: one for one in known}
    return [
        _fact(fact, values[fact.name], currency, today)
        for fact in dictionary.household
        if fact.name in values
    ]


def _fact(
    fact: Fact, known: Known, currency: str, today: datetime.date, opens: bool = True
) -> dict[str, Any]:
    until = known.date + datetime.timedelta(days=fact.fresh_for) if fact.fresh_for is not None else None
    return {
        "label": said(fact.label),
        "meaning": said(fact.meaning),
        "value": masked() if is_masked(fact, opens) else value_in_words(fact, known.value, currency),
        "since": known.date,
        "source": known.source,
        "until": until,
        "stale": until is not None and until < today,
    }


def value_in_words(fact: Fact, value: str, currency: str = "") -> str:
    """A stored value as people read it."""
    match fact.type:
        case "boolean":
            return _("yes") if value == "true" else _("no")
        case "money":
            return money(float(value), currency)
        case "integer":
            return number(int(value))
        case "date":
            return day(datetime.date.fromisoformat(value))
        case "list":
            chosen = items_of(value)
            return listed([said(fact.values[one]) if one in fact.values else one for one in chosen]) or _(
                "none"
            )
        case _:
            return said(fact.values.get(value)) or value


def _members(
    user: Any,
    household: Household,
    members: list[Member],
    known: list[Known],
    dictionary: Dictionary,
    today: datetime.date,
) -> list[dict[str, Any]]:
    """Who belongs to the household, with what is known of each."""
    protected = list(ProtectedValue.objects.visible_to(user).filter(household=household, kind="name"))
    names = names_of(protected) if protected else {}
    opens = opens_persons(user, household, today)
    values: dict[int | None, dict[str, Known]] = defaultdict(dict)
    for one in known:
        values[one.member][one.fact] = one
    rows = []
    for member in members:
        mine = values[member.pk]
        birth = mine.pop("birth_date", None) if opens else None
        relation = mine.pop("relation", None)
        rows.append(
            {
                "name": names.get((member.pk, "name"), member.key),
                "relation": value_in_words(dictionary["relation"], relation.value) if relation else "",
                "age": age_on(datetime.date.fromisoformat(birth.value), today) if birth else None,
                "facts": [
                    _fact(fact, mine[fact.name], "", today, opens)
                    for fact in dictionary.members
                    if fact.name in mine
                ],
            }
        )
    return rows


def age_on(born: datetime.date, today: datetime.date) -> int:
    """The age in full years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


# --- What happened ------------------------------------------------------------------------------


def _timeline(
    household: Household, clues: list[Clue], books: Any, dictionary: Dictionary
) -> list[dict[str, Any]]:
    """What happened, the latest first: clues, what sources said, where the household lived."""
    events: list[tuple[datetime.date, dict[str, Any]]] = []
    for clue in clues:
        label = _tag(clue, books)[0]
        events.append(
            (
                clue.opened_on,
                {"title": _("Clue: %(label)s") % {"label": label}, "text": said(clue.evidence.get("short"))},
            )
        )
        if clue.cleared_by:
            events.append((clue.cleared_by.as_of, {"title": _("Cleared: %(label)s") % {"label": label}}))
    said_by: dict[tuple[datetime.date, str], list[str]] = defaultdict(list)
    for statement in history_of(household)[:MOST_STATEMENTS]:
        fact = dictionary.get(statement.fact)
        label = said(fact.label) if fact else statement.fact
        if label not in said_by[statement.valid_from, statement.source.name]:
            said_by[statement.valid_from, statement.source.name].append(label)
    for (when, source), labels in said_by.items():
        events.append((when, {"title": source, "text": _learned(labels)}))
    for residence in household.residences.select_related("area"):
        place = str(residence.area) if residence.area else _("left the areas of this register")
        events.append((residence.valid_from, {"title": _("Lives in %(place)s") % {"place": place}}))
    events.sort(key=lambda event: event[0], reverse=True)
    return [{"day": when, "state": "done", **event} for when, event in events[:MOST_EVENTS]]


def _learned(labels: list[str]) -> str:
    shown, rest = labels[:4], len(labels) - 4
    text = listed(shown)
    if rest > 0:
        more = ngettext("and %(count)s more fact", "and %(count)s more facts", rest) % {"count": number(rest)}
        return f"{text} {more}"
    return text
