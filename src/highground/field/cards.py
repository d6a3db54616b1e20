"""What a phone is told of households: which there are, which are due and why, and the card and the form of each."""

from __future__ import annotations

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Max, Q
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.cases.enums import RUNNING, FamilySays
from highground.cases.flow import procedure_for, state_of
from highground.cases.forms.base import people_who_may
from highground.cases.forms.questions import RISKS, Question, questions_of, reasons_of, rows_of
from highground.cases.inbox import class_tag, of_person, turns_of
from highground.cases.models import Case, Need, Turn, Visit
from highground.field.receiving import WORRY, rulebook_for
from highground.methods.facts import load_dictionary
from highground.methods.facts.entering import items_of
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import Effect, Phase, Step, Through
from highground.people.enums import HouseholdStatus, Protected
from highground.people.models import Household, Member, Observation, ProtectedValue
from highground.people.queries import names_of
from highground.signals.enums import ClueStatus
from highground.signals.household_page import value_in_words
from highground.signals.models import Clue
from highground.signals.rulebooks import book_of, latest_books, said
from highground.web.numbers import day as day_in_words

MOST_CARDS = 20
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
    return {
        "visit": _("A visit is due in the family's case."),
        "follow_up": _("A follow-up: how is the family now?"),
        "clue": _("A clue asks for a look."),
        "need": _("The family asked for something."),
    }[kind]


def index_of(user: User, today: datetime.date) -> dict[str, Any]:
    """Which households this person's phone keeps, each with the version of its card, and which are due."""
    due = due_of(user, today)
    wanted = {one["household"] for one in due}
    mine = Household.objects.visible_to(user, today).filter(status=HouseholdStatus.ACTIVE)
    keys = [
        *wanted,
        *mine.exclude(key__in=wanted)
        .order_by("pk")
        .values_list("key", flat=True)[: max(0, MOST_HOUSEHOLDS - len(wanted))],
    ]
    versions = _versions(mine.filter(key__in=keys), wanted, today)
    return {
        "due": [one for one in due if one["household"] in versions],
        "households": [{"key": key, "version": versions[key]} for key in keys if key in versions],
    }


def _versions(households: Any, due: set[str], today: datetime.date) -> dict[str, str]:
    """What changes when a card does. Four queries, however many households."""
    rows = dict(households.values_list("pk", "key"))
    observed = dict(_grouped(Observation, rows, "pk"))
    steps = dict(_grouped(Case, rows, "version"))
    cases = dict(_grouped(Case, rows, "pk"))
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


def _grouped(model: Any, rows: dict[int, str], what: str) -> Iterable[tuple[int, int]]:
    found = model.objects.everywhere(reason="cards of households in scope").filter(household__in=rows)
    return found.order_by().values_list("household").annotate(Max(what))  # type: ignore[no-any-return]


# --- Cards ---


def cards_of(keys: Sequence[str], user: User, today: datetime.date) -> list[dict[str, Any]]:
    """The cards of these households, as far as this person sees them. At most `MOST_CARDS` are made."""
    found = list(
        Household.objects.visible_to(user, today)
        .filter(key__in=list(keys)[:MOST_CARDS], status=HouseholdStatus.ACTIVE)
        .select_related("area__parent")
        .order_by("pk")
    )
    ids = [one.pk for one in found]
    versions = _versions(
        Household.objects.visible_to(user, today).filter(pk__in=ids),
        {one["household"] for one in due_of(user, today)} if ids else set(),
        today,
    )
    bases = dict(_grouped(Observation, {one.pk: one.key for one in found}, "pk"))
    cases: dict[int, Case] = {}
    running = Case.objects.visible_to(user, today).filter(household__in=ids, status__in=RUNNING)
    for case in running.select_related("household__area", "rulebook_version").order_by("pk"):
        cases[case.household_id] = case
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
    return [
        {
            "key": one.key,
            "path": one.area.path,
            "version": versions[one.key],
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
                {"key": member.key, "name": names.get((member.pk, Protected.NAME), member.key)}
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
            **_form_of(one, cases.get(one.pk), user, today),
        }
        for one in found
    ]


def _last(visit: Visit | None) -> dict[str, str] | None:
    return None if visit is None else {"day": visit.day.isoformat(), "note": visit.note}


def _form_of(household: Household, case: Case | None, user: User, today: datetime.date) -> dict[str, Any]:
    """What is known, and the form for the next visit: of the case's step that is ready, else a look."""
    step = _ready(case, user) if case is not None else None
    asking = case or _imagined(household)
    if asking is None:
        return {"tag": None, "known": [], "form": {**_EMPTY, "outcomes": look_outcomes()}}
    found = questions_of(asking, user, today)
    book = book_of(asking.rulebook_version.hash)
    form: dict[str, Any] = {
        **_EMPTY,
        "case": case.pk if case and step else None,
        "step": step.id if step else "",
        "kind": ("follow_up" if step.through == Through.FOLLOW_UP else "visit") if step else "look",
        "questions": [_question(one, book) for one in found.asked if one.fact.name != RISKS],
    }
    tag = class_tag(case) if case is not None else None
    if step is None:
        form["outcomes"] = look_outcomes()
    else:
        assert case is not None
        form |= _proposal(case, step, book, user, today)
    return {
        "tag": tag[0] if tag else None,
        "known": [
            {**row, "since": day_in_words(row["since"])} for row in rows_of(found.fresh, book.currency)
        ],
        "form": form,
    }


_EMPTY: dict[str, Any] = {
    "case": None, "step": "", "kind": "look", "questions": [], "outcomes": [], "classes": [], "risks": [],
    "class_id": "", "risks_known": [], "companions": [], "least_visitors": 1,
}  # fmt: skip


def _imagined(household: Household) -> Case | None:
    """A case that nobody opened, so that a look asks what such a case would; None where no rulebook was ever used."""
    version = rulebook_for(household)
    if version is None:
        return None
    return Case(household=household, rulebook=version.rulebook, rulebook_version=version)


def _ready(case: Case, user: User) -> Step | None:
    """The visit or follow-up of this case that can be taken now."""
    procedure, state = procedure_for(case), state_of(case)
    doors = [one for one in path.ready(procedure, state) if one.through in (Through.VISIT, Through.FOLLOW_UP)]
    free = [one for one in doors if str(user.pk) not in state.hands_in(one.not_by)]
    return next(iter(sorted(free, key=lambda one: one.through != Through.VISIT)), None)


def look_outcomes() -> list[dict[str, Any]]:
    return [
        {"id": "calm", "label": _("All is well"), "needs_reason": False, "needs_class": False},
        {
            "id": WORRY,
            "label": _("Somebody should look into this"),
            "needs_reason": False,
            "needs_class": False,
        },
    ]


def _proposal(case: Case, step: Step, book: Any, user: User, today: datetime.date) -> dict[str, Any]:
    proposes = step.phase == Phase.RECOGNITION and step.through == Through.VISIT
    outcomes = [] if step.through == Through.FOLLOW_UP else list(step.outcomes.values())
    return {
        "outcomes": [
            {
                "id": one.id,
                "label": capfirst(said(one.label)),
                "needs_reason": one.reason,
                "needs_class": proposes and one.effect == Effect.NEXT,
            }
            for one in outcomes
        ],
        "classes": [[one.id, capfirst(said(one.label))] for one in book.classes] if proposes else [],
        "risks": [[name, capfirst(said(label))] for name, label in load_dictionary()["risks"].values.items()]
        if proposes
        else [],
        "class_id": case.proposed_class or case.rule_class,
        "risks_known": list(case.risks),
        "companions": [
            [str(one.pk), f"{one} · {role.label}"]
            for one, role in people_who_may(step.roles, case, today)
            if one.pk != user.pk
        ],
        "least_visitors": step.visitors,
    }


def _question(one: Question, book: Any) -> dict[str, Any]:
    fact, known = one.fact, one.known
    return {
        "name": f"{fact.name}@{one.member.key}" if one.member else fact.name,
        "label": capfirst(said(fact.label)),
        "who": one.who,
        "type": fact.type,
        "choices": [[name, capfirst(said(text))] for name, text in fact.values.items()],
        "known": _known_value(one),
        "known_text": _("%(value)s, since %(day)s, %(source)s")
        % {
            "value": value_in_words(fact, known.value, book.currency),
            "day": day_in_words(known.date),
            "source": known.source,
        }
        if known
        else "",
        "why": reasons_of(one, book),
        "hint": said(fact.meaning),
        "minimum": None if fact.minimum is None else float(fact.minimum),
        "maximum": None if fact.maximum is None else float(fact.maximum),
        "unit": book.currency if fact.type == "money" else (fact.unit or ""),
    }


def _known_value(one: Question) -> str | list[str] | None:
    """What is known as the page's controls take it: a list as a list."""
    if one.known is None:
        return None
    return items_of(one.known.value) if one.fact.type == "list" else one.known.value
