"""The plan of the coming days: who goes to which household on which day, and why.

What calls for a visit and who may go is read whenever somebody looks, for a whole county at once: so everybody who looks
sees the same plan, each the part that lies in their own area. Where all of it is as it was at the last look, the plan is
too, and is not worked out again.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Q

from highground.accounts.enums import Role
from highground.accounts.models import Grant, User
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths, at_level, levels_apart
from highground.cases.holidays import lists_around
from highground.cases.roles import OFFICE
from highground.methods.rounds import Left, Plan, Planned, Task, Visitor, plan_visits
from highground.methods.rounds.visits import SHARE
from highground.methods.rules.procedure.clock import WorkCalendar, YearList
from highground.rounds.calls import WHY, Call, calls_in
from highground.rounds.models import Absence, MovedVisit, PlanSetting

AHEAD = 14
"""The plan reaches so many days ahead, besides today."""

VISITS_A_DAY = 4
"""A working value of this project: what one person does besides the way, where nobody sets it otherwise."""

KEPT = 4
"""So many plans are kept by a process: those of the counties whose people look most."""

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who makes visits: in which role, from which area, how many a day, and on which days not."""

    user: User
    role: Role
    area: Area
    a_day: int
    away: frozenset[datetime.date]


class Round(NamedTuple):
    """A household to visit: as planned, or left out."""

    call: Call
    planned: Planned | None = None
    left: Left | None = None


@dataclass(frozen=True)
class DayPlan:
    """The plan of one county. `rounds` by day, visitor and place, then those left out by deadline.

    `people` are those who visit there, by id; `may_go` the ids of those who may make each visit, by its task.
    """

    unit: Area
    today: datetime.date
    days: tuple[datetime.date, ...]
    rounds: tuple[Round, ...]
    people: dict[str, Person]
    may_go: dict[str, tuple[str, ...]]
    share: float

    def of(self, visitor: str) -> list[Round]:
        """The visits of one person."""
        return [one for one in self.rounds if one.planned and one.planned.visitor == visitor]


def units_of(area: Area) -> list[Area]:
    """The counties for which visits are planned: the one around or at `area`, else those in it.

    Where the tree has no counties, the area next above the townships. One query.
    """
    around = [area, *Area.objects.filter(path__in=ancestor_paths(area.path)).order_by("-depth")]
    known = [one for one in around if Level(one.level).rank <= Level.COUNTY.rank]
    if known and (known[0].level == Level.COUNTY or known[0] != area):
        return known[:1]
    return list(at_level(area, Level.COUNTY)) or [area]


def days_of(unit: Area, today: datetime.date, ahead: int = AHEAD) -> tuple[datetime.date, ...]:
    """The working days from today on, by the lists of holidays that count there. One query."""
    local = {
        year: YearList(
            frozenset(map(datetime.date.fromisoformat, one.off)),
            frozenset(map(datetime.date.fromisoformat, one.worked)),
        )
        for year, one in lists_around(unit).items()
    }
    calendar = WorkCalendar(unit.country, local)
    days = (today + DAY * number for number in range(ahead + 1))
    return tuple(day for day in days if calendar.is_working(day))


def plan_of(
    unit: Area, today: datetime.date, *, ahead: int = AHEAD, visits_a_day: int | None = None
) -> DayPlan:
    """The plan of a county from today on. A constant number of queries, however much there is to do.

    `visits_a_day` stands for what is set there. Whoever calls shows people only what lies in their own area.
    """
    days = days_of(unit, today, ahead)
    until = days[-1] if days else today
    settings = _settings(unit)
    here = _set_at(settings, unit.path)
    share = here.share if here else SHARE
    calls = calls_in(unit, today, until=until, share=share)
    grants = grants_in(unit, today)
    people = _people(grants, days, settings, visits_a_day)
    by_hand = {
        one.task: one
        for one in MovedVisit.objects.everywhere(reason=WHY).filter(
            household__area__path__startswith=unit.path
        )
    }
    tasks = _tasks(calls, people, by_hand, _villages(unit), Eligible(grants))
    visitors = tuple(Visitor(name, one.area.path, one.a_day, one.away) for name, one in people.items())
    made = made_of(tuple(tasks), visitors, days, share)
    known = {call.task: call for call in calls}
    rounds = [Round(known[one.task], planned=one) for one in made.visits]
    left = [Round(known[one.task], left=one) for one in made.left]
    left.sort(
        key=lambda one: (one.call.due or datetime.date.max, one.call.rank, one.call.path, one.call.number)
    )
    may_go = {task.id: task.visitors for task in tasks}
    return DayPlan(unit, today, days, (*rounds, *left), people, may_go, share)


@lru_cache(KEPT)
def made_of(
    tasks: tuple[Task, ...], visitors: tuple[Visitor, ...], days: tuple[datetime.date, ...], share: float
) -> Plan:
    """The plan that these make, kept for the next who looks: its key is all that it is made from, so it is never stale."""
    return plan_visits(tasks, visitors, days, travel=levels_apart, share=share)


def grants_in(unit: Area, today: datetime.date) -> list[Grant]:
    """The grants of today under which people visit in an area, the deepest last. One query."""
    held = Grant.objects.filter(
        Q(area__path__startswith=unit.path) | Q(area__path__in=ancestor_paths(unit.path)),
        role__in=OFFICE,
        target_kind="",
        valid_from__lte=today,
        user__is_active=True,
    ).exclude(valid_to__lt=today)
    return list(held.select_related("user", "area__parent").order_by("area__depth", "area__path", "-pk"))


def _people(
    grants: Sequence[Grant],
    days: Sequence[datetime.date],
    settings: dict[str, PlanSetting],
    visits_a_day: int | None,
) -> dict[str, Person]:
    """Who visits, by the id of the user; where somebody holds several grants the deepest. One query."""
    held = {grant.user_id: grant for grant in grants}
    away: dict[int, set[datetime.date]] = defaultdict(set)
    if days:
        absences = Absence.objects.filter(user__in=held, first__lte=days[-1]).exclude(last__lt=days[0])
        for one in absences:
            away[one.user_id].update(day for day in days if one.first <= day <= (one.last or day))
    found = {}
    for user, grant in held.items():
        assert grant.area
        here = _set_at(settings, grant.area.path)
        a_day = visits_a_day or (here.visits_a_day if here else VISITS_A_DAY)
        found[str(user)] = Person(grant.user, Role(grant.role), grant.area, a_day, frozenset(away[user]))
    return found


def _settings(unit: Area) -> dict[str, PlanSetting]:
    """What is set in and around an area, by path. One query."""
    rows = PlanSetting.objects.everywhere(reason=WHY).filter(
        Q(area__path__startswith=unit.path) | Q(area__path__in=ancestor_paths(unit.path))
    )
    return {one.area.path: one for one in rows.select_related("area")}


def _set_at(settings: dict[str, PlanSetting], path: str) -> PlanSetting | None:
    """What is set at an area or next above it."""
    places = (path, *reversed(ancestor_paths(path)))
    return next((settings[place] for place in places if place in settings), None)


def _villages(unit: Area) -> set[str]:
    """The paths of the villages of an area. One query."""
    return set(at_level(unit, Level.VILLAGE).values_list("path", flat=True))


class Eligible:
    """Who may go to a household: by the grants that reach it, the roles of the step, and who is barred from it."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self.by_path: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for grant in grants:
            if grant.area:
                self.by_path[grant.area.path].append((grant.role, str(grant.user_id)))
        self.known: dict[tuple[object, ...], tuple[str, ...]] = {}

    def of(self, call: Call) -> tuple[str, ...]:
        """The ids of those who may go. A contact officer goes to the households that are theirs, or nobody's."""
        contact = str(call.contact or "")
        asked = (call.path, call.roles, contact, call.barred)
        if asked not in self.known:
            found = {
                who
                for place in (*ancestor_paths(call.path), call.path)
                for role, who in self.by_path.get(place, ())
                if role in call.roles and (role != Role.CONTACT_OFFICER or contact in ("", who))
            }
            self.known[asked] = tuple(sorted(found - call.barred))
        return self.known[asked]


def _tasks(
    calls: Iterable[Call],
    people: dict[str, Person],
    by_hand: dict[str, MovedVisit],
    villages: set[str],
    eligible: Eligible,
) -> list[Task]:
    found = []
    village: dict[str, str] = {}
    for call in calls:
        moved = by_hand.get(call.task)
        if call.path not in village:
            places = (call.path, *reversed(ancestor_paths(call.path)))
            village[call.path] = next((place for place in places if place in villages), call.path)
        found.append(
            Task(
                call.task,
                village[call.path],
                call.due,
                eligible.of(call),
                rank=call.rank,
                prefers=str(call.contact or ""),
                share=call.share,
                set_visitor=str(moved.visitor_id) if moved else "",
                set_day=moved.day if moved else None,
            )
        )
    return found
