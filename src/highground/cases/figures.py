"""The figures of a board: how many cases, how fast, and beside the speed what would show that it was bought.

All of it is counted in the database, over the whole area in view: a county with thousands of cases costs as many
queries as one with a single case. What no case stands behind is not known; it is never 0 days.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case as Either
from django.db.models import Count, Expression, F, Min, Q, QuerySet, Sum, When

from highground.areas.models import Area
from highground.cases.changes import Changes, changes_among
from highground.cases.enums import RUNNING, CaseStatus
from highground.cases.models import Case, CaseStep, Deadline, DecisionChange, Visit
from highground.cases.spread import DayAfter, DaysBetween, Spread, spread_of
from highground.methods.facts.months import later
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure.graph import Effect, Procedure, Through
from highground.signals.enums import ClueKind
from highground.signals.queries import part_of

LATE_ENTRY = 2
"""A step entered more days than this after it happened counts as entered late."""

RETURN = 12
"""Months after an exit within which a household that is recognised again has come back."""


@dataclass(frozen=True)
class Period:
    """From one day to another, both included."""

    first: datetime.date
    last: datetime.date

    @classmethod
    def until(cls, today: datetime.date, months: int) -> Period:
        """The last so many months up to and with today."""
        return cls(later(today, -months) + datetime.timedelta(days=1), today)

    def before(self, months: int) -> Period:
        """The same days so many months earlier."""
        return Period(later(self.first, -months), later(self.last, -months))


@dataclass(frozen=True)
class StepCount:
    """The cases that stand at a step now (empty: no step leads on), and how many of them are late."""

    status: str
    step: str
    count: int
    late: int
    unsupported: int


@dataclass(frozen=True)
class InTime:
    """Of `count` cases that reached a step with a deadline of this length, `kept` reached it in time."""

    step: str
    days: int
    unit: str
    count: int
    kept: int


@dataclass(frozen=True)
class ByClass:
    """The people's answer and the rulebook's for one class.

    Of those recognised in it: the rulebook `agreed`, named `another` class, said `no`, or could not tell. `refused`:
    cases that people closed although the rulebook had named this class.
    """

    class_id: str
    agreed: int = 0
    another: int = 0
    no: int = 0
    cannot_tell: int = 0
    refused: int = 0

    @property
    def differs(self) -> int:
        return self.another + self.no + self.refused


@dataclass(frozen=True)
class Returns:
    """Of `exits`, all of them `RETURN` months ago or more, `back` came back within them; of the `recent` ones, `already`."""

    exits: int = 0
    back: int = 0
    recent: int = 0
    already: int = 0


@dataclass(frozen=True)
class Entries:
    """Of `steps` entered in the period, `late` were entered late: half of these at most `days.median` days."""

    steps: int = 0
    late: int = 0
    days: Spread = field(default_factory=Spread)


@dataclass(frozen=True)
class Asking:
    """Questions per household from clue to exit, and how many were asked although the answer was fresh (None: unknown)."""

    questions: Spread
    asked: int
    fresh: int | None


@dataclass(frozen=True)
class Board:
    """All figures of one area, rulebook and period."""

    steps: list[StepCount]
    recognition: Spread
    support: Spread
    in_time: list[InTime]
    returns: Returns
    classes: list[ByClass]
    changes: list[Changes]
    recognised: int
    exited: int
    entries: Entries
    asking: Asking

    @property
    def under_way(self) -> int:
        return sum(one.count for one in self.steps)

    @property
    def late(self) -> int:
        return sum(one.late for one in self.steps)

    def count(self, status: CaseStatus) -> int:
        """How many cases under way have this status."""
        return sum(one.count for one in self.steps if one.status == status)

    @property
    def unsupported(self) -> int:
        """Monitored households that no help has reached."""
        return sum(one.unsupported for one in self.steps if one.status == CaseStatus.MONITORED)


@dataclass(frozen=True)
class Counted:
    """What figures are of: the cases of one rulebook in an area, as one person may count them."""

    user: Any
    area: Area
    rulebook: str
    today: datetime.date

    def cases(self) -> QuerySet[Any]:
        """The cases themselves."""
        found: QuerySet[Any] = Case.counted.visible_in(self.area.path, self.user, self.today).order_by()
        return found.filter(rulebook=self.rulebook)

    def of_cases(self, model: Any) -> QuerySet[Any]:
        """Rows that belong to these cases."""
        found: QuerySet[Any] = model.counted.visible_in(self.area.path, self.user, self.today).order_by()
        return found.filter(case__rulebook=self.rulebook)


def steps_by_rulebook(user: Any, area: Area, today: datetime.date) -> dict[str, list[StepCount]]:
    """The cases at each step now, by rulebook. One query. A rulebook whose cases have all ended has an empty list."""
    found: dict[str, list[StepCount]] = defaultdict(list)
    rows = (
        Case.counted.visible_in(area.path, user, today)
        .order_by()
        .values_list("rulebook", "status", "next_step")
        .annotate(
            count=Count("pk"),
            late=Count("pk", filter=Q(due_on__lt=today)),
            unsupported=Count("pk", filter=Q(supported_on=None)),
        )
    )
    for rulebook, status, step, *many in rows:
        kept = found[rulebook]
        if status in RUNNING:
            kept.append(StepCount(status, step, *many))
    return dict(found)


def board_of(
    counted: Counted, steps: list[StepCount], book: Rulebook, period: Period, *, least: int = 1
) -> Board:
    """The figures of a board, from the `steps` that were counted already. Ten queries, however many cases.

    Days and questions are told only where at least `least` cases stand behind them.
    """
    cases, within = counted.cases(), (period.first, period.last)
    recognised = cases.filter(recognised_on__range=within)
    exited = cases.filter(exited_on__range=within)
    speed = histogram(recognised, DaysBetween("discovered_on", "recognised_on"))
    helped = histogram(cases.filter(supported_on__range=within), DaysBetween("discovered_on", "supported_on"))
    questions = histogram(exited, F("questions"))
    return Board(
        steps=steps,
        recognition=spread_of(speed, least=least),
        support=spread_of(helped, least=least),
        in_time=_in_time(counted, book.procedure, period),
        returns=_returns(cases, period),
        classes=_by_class(counted, recognised, period),
        changes=changes_among(counted.of_cases(DecisionChange), *within),
        recognised=sum(speed.values()),
        exited=sum(questions.values()),
        entries=_entries(counted, period, least),
        asking=_asking(counted, period, spread_of(questions, least=least)),
    )


def recognition_of(counted: Counted, period: Period, *, least: int = 1) -> Spread:
    """The days from discovery to recognition alone. One query."""
    recognised = counted.cases().filter(recognised_on__range=(period.first, period.last))
    return spread_of(histogram(recognised, DaysBetween("discovered_on", "recognised_on")), least=least)


def by_part(counted: Counted, period: Period, *, least: int) -> dict[str, Spread]:
    """The days from discovery to recognition in each part of the area, by its path (`part_of`). One query."""
    recognised = counted.cases().filter(recognised_on__range=(period.first, period.last))
    found: dict[str, Counter[int]] = defaultdict(Counter)
    rows = recognised.annotate(part=part_of(counted.area), days=DaysBetween("discovered_on", "recognised_on"))
    for part, days, count in rows.values_list("part", "days").annotate(count=Count("pk")):
        found[part][days] += count
    return {part: spread_of(counts, least=least) for part, counts in found.items()}


def histogram(cases: QuerySet[Any], value: Expression | F) -> dict[int, int]:
    """How many cases have each value. One query."""
    rows = cases.annotate(measured=value).values_list("measured").annotate(count=Count("pk"))
    return dict(rows)


def deadlines_in(procedure: Procedure) -> tuple[str, list[str]]:
    """The step that recognises a household, and those by which the first help arrives."""
    recognising = (
        step.id
        for step in procedure.steps.values()
        if any(outcome.effect == Effect.RECOGNISE for outcome in step.outcomes.values())
    )
    return next(recognising, ""), [step.id for step in procedure.through(Through.DELIVERY)]


def _in_time(counted: Counted, procedure: Procedure | None, period: Period) -> list[InTime]:
    if procedure is None:
        return []
    recognising, delivering = deadlines_in(procedure)
    rows = (
        counted.of_cases(Deadline)
        .filter(
            step__in=[recognising, *delivering],
            met_on__range=(period.first, period.last),
            due_on__isnull=False,
        )
        .values_list("step", "days", "unit")
        .annotate(count=Count("pk"), kept=Count("pk", filter=Q(met_on__lte=F("due_on"))))
    )
    return sorted((InTime(*row) for row in rows), key=lambda one: (-one.count, one.step, one.unit, one.days))


def _returns(cases: QuerySet[Any], period: Period) -> Returns:
    """Exits of the period `RETURN` months before, which have had their time, and those of the period itself."""
    full = period.before(RETURN)
    exits, back, recent, already = 0, 0, 0, 0
    again = Q(household__cases__rulebook=F("rulebook"), household__cases__pk__gt=F("pk"))
    again &= Q(household__cases__recognised_on__gte=F("exited_on"))
    rows = cases.filter(exited_on__range=(full.first, period.last)).values_list("pk", "exited_on")
    returned = Min("household__cases__recognised_on", filter=again)
    for _pk, exited_on, recognised_on in rows.annotate(returned=returned):
        came_back = recognised_on is not None and recognised_on <= later(exited_on, RETURN)
        if exited_on <= full.last:
            exits, back = exits + 1, back + came_back
        if exited_on >= period.first:
            recent, already = recent + 1, already + came_back
    return Returns(exits, back, recent, already)


def _by_class(counted: Counted, recognised: QuerySet[Any], period: Period) -> list[ByClass]:
    tallies: dict[str, Counter[str]] = defaultdict(Counter)
    answers = recognised.values_list("class_id", "differs", "rule_class").annotate(count=Count("pk"))
    for class_id, differs, rule_class, count in answers:
        told = {None: "cannot_tell", False: "agreed"}.get(differs, "another" if rule_class else "no")
        tallies[class_id][told] += count
    closed = counted.cases().filter(
        status=CaseStatus.CLOSED, closed_on__range=(period.first, period.last), recognised_on=None
    )
    named = closed.filter(clue_links__clue__kind=ClueKind.CLASS).values_list("clue_links__clue__rule")
    for class_id, count in named.annotate(count=Count("pk", distinct=True)):
        tallies[class_id]["refused"] += count
    return [ByClass(class_id, **tally) for class_id, tally in sorted(tallies.items())]


def _entries(counted: Counted, period: Period, least: int) -> Entries:
    """Steps by how many days passed until they were entered. One query."""
    steps = counted.of_cases(CaseStep).filter(entered_on__range=(period.first, period.last))
    # Only of the late ones the days are asked for: most steps are entered at once.
    late_one = When(entered_on__gt=DayAfter("day", LATE_ENTRY), then=DaysBetween("day", "entered_on"))
    counts = histogram(steps, Either(late_one))
    late = {days: count for days, count in counts.items() if days is not None}
    return Entries(sum(counts.values()), sum(late.values()), spread_of(late, least=least))


def _asking(counted: Counted, period: Period, questions: Spread) -> Asking:
    visits = counted.of_cases(Visit).filter(day__range=(period.first, period.last))
    sums = visits.exclude(asked_fresh=None).aggregate(asked=Sum("asked"), fresh=Sum("asked_fresh"))
    return Asking(questions, sums["asked"] or 0, sums["fresh"])


def in_time_at(rows: Iterable[InTime], steps: Iterable[str]) -> tuple[int, int]:
    """How many of these reached one of the steps, and how many of them in time."""
    wanted = set(steps)
    found = [one for one in rows if one.step in wanted]
    return sum(one.count for one in found), sum(one.kept for one in found)


def usual_rulebook(steps: Mapping[str, list[StepCount]], books: Mapping[str, Rulebook]) -> str:
    """The rulebook with the most cases under way, of those that have a procedure; empty where there is none."""
    known = [name for name, book in books.items() if book.procedure]
    return max(known, key=lambda name: sum(one.count for one in steps.get(name, ())), default="")
