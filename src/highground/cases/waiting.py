"""What waits for a list: the households that a meeting can decide on or a notice can announce, by village and step.

All of it is read from the turns, set-wise: a county with thousands of open cases costs as many queries as one household.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from highground.accounts.enums import Role
from highground.accounts.queries import holds
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.cases.enums import ListStatus
from highground.cases.flow import state_of
from highground.cases.models import Case, CaseStep, MeetingItem, NoticeItem, Turn
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure.graph import Step, Through
from highground.methods.rules.procedure.path import State

Books = Mapping[str, Rulebook]


@dataclass(frozen=True)
class Group:
    """The households of one village that wait for the same step. `mine`: this person may take it there."""

    village: Area
    rulebook: str
    step: Step
    count: int
    mine: bool


def steps_through(books: Books, form: Through) -> dict[tuple[str, str], Step]:
    """The steps of this form in all rulebooks, by rulebook and id."""
    return {
        (name, step.id): step
        for name, book in books.items()
        if book.procedure
        for step in book.procedure.through(form)
    }


def waiting_turns(
    user: Any, form: Through, books: Books, today: datetime.date, area: Area | None = None
) -> QuerySet[Turn]:
    """The turns of steps of this form whose case stands on no list that is under way."""
    wanted = Q(pk__in=[])
    for rulebook, step in steps_through(books, form):
        wanted |= Q(case__rulebook=rulebook, step=step)
    found = Turn.objects.visible_to(user, today).filter(wanted)
    if area:
        found = found.filter(case__household__area__path__startswith=area.path)
    if form == Through.MEETING:
        items = MeetingItem.objects.everywhere(reason="whether a case in scope stands on a list already")
        listed = items.filter(meeting__status=ListStatus.OPEN, meeting__step=OuterRef("step"))
    else:
        lines = NoticeItem.objects.everywhere(reason="whether a case in scope hangs on a notice already")
        listed = lines.filter(notice__status=ListStatus.OPEN, notice__step=OuterRef("step"))
    return found.filter(~Exists(listed.filter(case=OuterRef("case"))))


def groups_waiting(
    user: Any, form: Through, books: Books, today: datetime.date, area: Area | None
) -> list[Group]:
    """How many households wait in each village for each step, those this person can take first. Two queries."""
    rows = (
        waiting_turns(user, form, books, today, area)
        .order_by()
        .values_list("case__household__area__path", "case__rulebook", "step")
        .annotate(count=Count("case", distinct=True))
    )
    counts: Counter[tuple[str, str, str]] = Counter()
    villages = _villages({path for path, *_rest in rows})
    for path, rulebook, step, count in rows:
        counts[villages[path].path, rulebook, step] += count
    steps, by_path = steps_through(books, form), {area.path: area for area in villages.values()}
    groups = [
        Group(
            by_path[path],
            rulebook,
            steps[rulebook, step],
            count,
            _may(user, steps[rulebook, step], path, today),
        )
        for (path, rulebook, step), count in counts.items()
    ]
    order = list(steps)
    return sorted(
        groups, key=lambda one: (not one.mine, one.village.path, order.index((one.rulebook, one.step.id)))
    )


def _may(user: Any, step: Step, path: str, today: datetime.date) -> bool:
    return holds(user, today, [Role(name) for name in step.roles], path) is not None


def _villages(paths: Iterable[str]) -> dict[str, Area]:
    """The village in which each of these places lies: itself or above; the place itself where there is none."""
    wanted = set(paths)
    around = wanted.union(*(ancestor_paths(path) for path in wanted))
    known = {area.path: area for area in Area.objects.filter(path__in=around).select_related("parent")}
    return {
        path: next(
            (
                known[above]
                for above in (path, *reversed(ancestor_paths(path)))
                if above in known and known[above].level == Level.VILLAGE
            ),
            known[path],
        )
        for path in wanted
    }


def cases_waiting(
    user: Any, form: Through, books: Books, today: datetime.date, *, area: Area, rulebook: str, step: str
) -> list[Case]:
    """The cases in an area that can be put on a list for this step, by the household's number. One query."""
    turns = waiting_turns(user, form, books, today, area).filter(step=step, case__rulebook=rulebook)
    return list(with_household(Case.objects.visible_to(user, today).filter(pk__in=turns.values("case"))))


def with_household(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with all that a row of a list says of them."""
    found = cases.select_related("household__area__parent", "rulebook_version")
    return found.defer("rulebook_version__content").order_by("household__number", "pk")


def states_of(cases: Sequence[Case]) -> dict[int, State]:
    """Where each of these cases stands. One query for all of them; the caller answers for their scope."""
    taken: dict[int, list[CaseStep]] = defaultdict(list)
    steps = CaseStep.objects.everywhere(reason="the steps of cases that the caller has scoped")
    for one in steps.filter(case__in=cases).order_by("case", "sequence"):
        taken[one.case_id].append(one)
    return {case.pk: state_of(case, taken[case.pk]) for case in cases}
