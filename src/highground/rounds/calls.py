"""What calls for a visit in an area: cases, clues, needs, the audit, and those whom nobody has seen. Each household once."""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from highground.accounts.enums import Role
from highground.areas.models import Area
from highground.cases.enums import RUNNING, FamilySays
from highground.cases.flow import procedure_for
from highground.cases.models import Case, CaseStep, Need, Turn, Visit
from highground.cases.roles import VILLAGE
from highground.methods.rounds.visits import wanted_of_share
from highground.methods.rules.procedure.graph import Procedure, Step, Through
from highground.people.enums import HouseholdStatus
from highground.rounds.actions import visitors_of
from highground.rounds.enums import Kind
from highground.rounds.frame import unflagged
from highground.rounds.models import AuditVisit
from highground.rounds.queries import unseen_in
from highground.signals.enums import ClueStatus, Severity
from highground.signals.models import Clue, RulebookVersion
from highground.signals.rulebooks import latest_books

WHY = "who goes where is worked out for a whole county; each person is shown their own area of it"
LOOKS = (*VILLAGE, Role.TOWNSHIP_OFFICER)
"""Who goes where no procedure says who."""


NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Call:
    """One household to visit. `task` names what calls for it, as in "case:12:visit"; `also` what calls besides.

    `roles` may go there, but not the people in `barred` (ids), who had a hand in what the visit checks. `contact` is
    the id of the case's contact officer. `together` is how many must go; the plan names who leads. A lower `rank` goes
    first where not all can be visited in time.
    """

    task: str
    kind: Kind
    household: int
    key: str
    number: str
    path: str
    due: datetime.date | None
    rank: int
    roles: tuple[str, ...]
    contact: int | None = None
    barred: frozenset[str] = NOBODY
    together: int = 1
    also: list[Kind] = field(default_factory=list)

    @property
    def share(self) -> bool:
        """Whether nothing but the lot, or that nobody was there for a year, calls for it."""
        return self.kind in (Kind.AUDIT, Kind.UNSEEN)


def calls_in(unit: Area, today: datetime.date, *, until: datetime.date, share: float) -> list[Call]:
    """What calls for a visit in `unit` up to a day, each household once. Eight queries, however many there are.

    Of those whom nobody has seen only so many are named as `share` of all visits has room for.
    """
    found: dict[int, Call] = {}
    for one in (*_of_cases(unit, until), *_of_clues(unit), *_of_needs(unit), *_of_audit(unit)):
        first = found.setdefault(one.household, one)
        if first is not one and one.kind not in (first.kind, *first.also):
            first.also.append(one.kind)
    drawn = sum(call.share for call in found.values())
    room = max(wanted_of_share(len(found) - drawn, share), 1) - drawn
    if share and room > 0:
        heard = sum(call.share or call.kind == Kind.NEED for call in found.values())
        for one in _of_unseen(unit, today, room + heard):
            if room > 0 and one.household not in found:
                found[one.household] = one
                room -= 1
    return list(found.values())


def _inside(model: Any, unit: Area) -> QuerySet[Any]:
    found = model.objects.everywhere(reason=WHY)
    return found.filter(household__area__path__startswith=unit.path)  # type: ignore[no-any-return]


HOUSEHOLD = ("household", "household__key", "household__number", "household__area__path")


def _of_cases(unit: Area, until: datetime.date) -> Iterator[Call]:
    """The visits and follow-ups that cases call for, the first due first. Three queries."""
    doors = Q(pk__in=[])
    for name, book in latest_books().items():
        steps = book.procedure.steps.values() if book.procedure else []
        first_exit = book.procedure.first_exit if book.procedure else None
        wanted = [one.id for one in steps if one.through == Through.VISIT and one != first_exit]
        again = [one.id for one in steps if one.through == Through.FOLLOW_UP]
        doors |= Q(case__rulebook=name, step__in=wanted)
        doors |= Q(case__rulebook=name, step__in=again, due_on__lte=until)
    turns = Turn.objects.everywhere(reason=WHY).filter(
        doors, case__household__area__path__startswith=unit.path
    )
    rows = list(
        # The packs as they are written: of thousands of cases the same few stand in all.
        turns.annotate(packs=Cast("case__packs", TextField()))
        .order_by()
        .values_list(
            "case", "step", *(f"case__{name}" for name in HOUSEHOLD),
            "case__contact", "case__rulebook_version", "case__rulebook_version__hash", "packs",
        )
        .annotate(due=Min("due_on"))
        .order_by(F("due").asc(nulls_last=True), "case", "step")
    )  # fmt: skip
    procedures = _Procedures()
    hands = _hands(turns, rows, procedures)
    for case, step_id, household, key, number, path, contact, version, content, packs, due in rows:
        step = procedures.step(version, content, packs, step_id)
        repeated = step.through == Through.FOLLOW_UP
        barred = frozenset(who for one in step.not_by for who in hands[case, one]) if step.not_by else NOBODY
        yield Call(
            f"case:{case}:{step_id}", Kind.FOLLOW_UP if repeated else Kind.VISIT, household, key, number, path, due,
            int(repeated), tuple(step.roles), contact, barred, step.visitors,
        )  # fmt: skip


class _Procedures:
    """The procedures of cases by rulebook version and packs, each read once."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], Procedure] = {}

    def step(self, version: int, content: str, packs: str, name: str) -> Step:
        """A step by the procedure under which its case runs; `packs` as the database writes them."""
        asked = content, packs
        if asked not in self.known:
            imagined = Case(
                rulebook_version=RulebookVersion(pk=version, hash=content), packs=json.loads(packs)
            )
            self.known[asked] = procedure_for(imagined)
        return self.known[asked].steps[name]


def _hands(
    turns: QuerySet[Turn], rows: list[Any], procedures: _Procedures
) -> dict[tuple[int, str], set[str]]:
    """Who had a hand in each step of a case that one of these steps checks. One query, none where none checks any."""
    checked = {
        before
        for version, content, packs, step in {(row[7], row[8], row[9], row[1]) for row in rows}
        for before in procedures.step(version, content, packs, step).not_by
    }
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    if checked:
        steps = CaseStep.objects.everywhere(reason=WHY).filter(step__in=checked)
        for case, step, people in steps.filter(case__in=turns.order_by().values("case")).values_list(
            "case", "step", "people"
        ):
            found[case, step].update(people)
    return found


def _of_clues(unit: Area) -> Iterator[Call]:
    """The open clues into which no case looks, the worst first. One query besides that for the rulebooks."""
    cases = Case.objects.everywhere(reason=WHY).filter(household=OuterRef("household"), status__in=RUNNING)
    clues = _inside(Clue, unit).filter(~Exists(cases), status=ClueStatus.OPEN)
    roles: dict[str, tuple[str, ...]] = {}
    rows = clues.order_by("due_on", "-severity", "pk").values_list(
        "pk", "rulebook", "severity", "due_on", *HOUSEHOLD
    )
    for pk, rulebook, severity, due, household, key, number, path in rows:
        if rulebook not in roles:
            roles[rulebook] = tuple(visitors_of(rulebook))
        rank = Severity.HIGH - severity
        yield Call(f"clue:{pk}", Kind.CLUE, household, key, number, path, due, rank, roles[rulebook])


def _of_needs(unit: Area) -> Iterator[Call]:
    """What families ask for, until somebody has gone there since. One query."""
    later = Visit.objects.everywhere(reason=WHY).filter(
        household=OuterRef("household"), day__gt=OuterRef("asked_on")
    )
    needs = _inside(Need, unit).filter(~Exists(later), household__status=HouseholdStatus.ACTIVE)
    open_needs = needs.exclude(family_says=FamilySays.SOLVED).order_by("asked_on", "pk")
    for pk, household, key, number, path in open_needs.values_list("pk", *HOUSEHOLD):
        yield Call(f"need:{pk}", Kind.NEED, household, key, number, path, None, 1, LOOKS)


def _of_audit(unit: Area) -> Iterator[Call]:
    """The households that were drawn and to which nobody went, those of the earliest draw first. One query."""
    drawn = _inside(AuditVisit, unit).filter(outcome="", household__status=HouseholdStatus.ACTIVE)
    roles: dict[str, tuple[str, ...]] = {}
    rows = drawn.order_by("draw__drawn_on", "pk").values_list("pk", "draw__rulebook", *HOUSEHOLD)
    for pk, rulebook, household, key, number, path in rows:
        if rulebook not in roles:
            roles[rulebook] = tuple(visitors_of(rulebook))
        yield Call(f"audit:{pk}", Kind.AUDIT, household, key, number, path, None, 0, roles[rulebook])


def _of_unseen(unit: Area, today: datetime.date, most: int) -> Iterator[Call]:
    """Some of the unflagged households that nobody has seen for a year, village by village. One query."""
    unseen = unflagged(unseen_in(unit, today)).order_by("area__path", "number", "pk")[:most]
    for pk, key, number, path in unseen.values_list("pk", "key", "number", "area__path"):
        yield Call(f"unseen:{pk}", Kind.UNSEEN, pk, key, number, path, None, 1, LOOKS)
