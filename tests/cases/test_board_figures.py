"""The figures of a board against brute force in Python over random cases; what they cost; whose cases they count."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.accounts.enums import Role
from highground.cases.actions.facts import FactValue
from highground.cases.actions.visiting import record_visit
from highground.cases.changes import BEFORE, Changes, deciding_facts, remember_changes
from highground.cases.figures import (
    Board,
    ByClass,
    Counted,
    InTime,
    Period,
    Returns,
    StepCount,
    board_of,
    by_part,
    steps_by_rulebook,
)
from highground.cases.models import Case, CaseClue, CaseStep, Deadline, Visit
from highground.cases.spread import Spread, at_rank, spread_of
from highground.people.models import Household
from highground.people.queries import facts_as_of
from highground.signals.actions import screen_register
from highground.signals.rulebooks import book_of
from tests.support.casework import add_staff, lead, start
from tests.support.many_cases import add_cases
from tests.support.places import add_person
from tests.support.register import BOOK, TODAY, add_register

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(db):
    return add_register()


@pytest.fixture
def run(register):
    return screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)


def homes(register, code: str, many: int) -> list[Household]:
    return Household.objects.bulk_create(
        Household(key=f"{code[:6]}{number:04}", number=f"{code} {number}", area=register.areas[code])
        for number in range(many)
    )


def counted(register, role: Role = Role.COUNTY_OFFICER) -> Counted:
    return Counted(add_person("ann", role, register.areas["LONGHE"]), register.areas["LONGHE"], BOOK, TODAY)


def board(of: Counted, run, months: int = 12, **options: Any) -> Board:
    steps = steps_by_rulebook(of.user, of.area, TODAY).get(BOOK, [])
    return board_of(of, steps, book_of(run.rulebook_version.hash), Period.until(TODAY, months), **options)


def nearest_rank(values: list[int]) -> Spread:
    """Sorted, and counted off: written anew, from the sentence."""
    if not values:
        return Spread()
    ordered = sorted(values)
    return Spread(len(ordered), *(ordered[math.ceil(share * len(ordered)) - 1] for share in (0.5, 0.9)))


def everything(model: Any, area: str) -> list[Any]:
    path = "case__household__area__path__startswith"
    return list(model.objects.everywhere(reason="test").filter(**{path: area}))


def twelve_months_later(day: datetime.date) -> datetime.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


@pytest.mark.parametrize("months", [3, 12, 36])
def test_every_figure_is_what_brute_force_finds(register, run, months) -> None:
    add_cases(
        run, [*homes(register, "BAIYUN", 60), *homes(register, "HEPING-1", 40)], today=TODAY, seed=months
    )
    add_cases(run, homes(register, "ANTANG-1", 30), today=TODAY, seed=99)
    of = counted(register)
    found = board(of, run, months)
    area, period = register.areas["LONGHE"].path, Period.until(TODAY, months)
    cases = [
        one
        for one in Case.objects.everywhere(reason="test").select_related("household__area")
        if one.household.area.path.startswith(area)
    ]

    def within(day: datetime.date | None) -> bool:
        return day is not None and period.first <= day <= period.last

    active = [one for one in cases if one.status in ("open", "monitored")]
    stands = Counter((one.status, one.next_step) for one in active)
    late = Counter((one.status, one.next_step) for one in active if one.due_on and one.due_on < TODAY)
    helpless = Counter((one.status, one.next_step) for one in active if one.supported_on is None)
    assert sorted(found.steps, key=str) == sorted(
        (StepCount(*key, count, late[key], helpless[key]) for key, count in stands.items()), key=str
    )
    recognised = [one for one in cases if within(one.recognised_on)]
    supported = [one for one in cases if within(one.supported_on)]
    exited = [one for one in cases if within(one.exited_on)]
    assert found.recognition == nearest_rank(
        [(one.recognised_on - one.discovered_on).days for one in recognised]
    )
    assert found.support == nearest_rank([(one.supported_on - one.discovered_on).days for one in supported])
    assert (found.recognised, found.exited) == (len(recognised), len(exited))
    assert recognised, "the random cases hold what is to be counted"

    deadlines = [one for one in everything(Deadline, area) if within(one.met_on) and one.due_on]
    in_time = {
        InTime(*key, len(rows), sum(one.met_on <= one.due_on for one in rows))
        for key in {(one.step, one.days, one.unit) for one in deadlines}
        for rows in [[one for one in deadlines if (one.step, one.days, one.unit) == key]]
    }
    assert set(found.in_time) == in_time
    assert found.returns == returns(cases, period)
    assert found.classes == by_class(cases, recognised, within)
    assert found.changes == changed(recognised, exited, run)

    steps = [one for one in everything(CaseStep, area) if within(timezone.localtime(one.recorded_at).date())]
    lags = [(timezone.localtime(one.recorded_at).date() - one.day).days for one in steps]
    assert found.entries.steps == len(steps)
    assert found.entries.late == sum(lag > 2 for lag in lags) > 0
    assert found.entries.days == nearest_rank([lag for lag in lags if lag > 2])
    assert found.asking.questions == nearest_rank([one.questions for one in exited])
    visits = [one for one in everything(Visit, area) if within(one.day) and one.asked_fresh is not None]
    assert found.asking.asked == sum(one.asked for one in visits)
    assert found.asking.fresh == (sum(one.asked_fresh for one in visits) if visits else None)


def returns(cases: list[Case], period: Period) -> Returns:
    full_last = period.last.replace(year=period.last.year - 1)
    full_first = period.first.replace(year=period.first.year - 1)
    tally = Counter[str]()
    for one in cases:
        if one.exited_on is None:
            continue
        again = any(
            other.household_id == one.household_id
            and other.pk > one.pk
            and other.recognised_on is not None
            and one.exited_on <= other.recognised_on <= twelve_months_later(one.exited_on)
            for other in cases
        )
        if full_first <= one.exited_on <= full_last:
            tally["exits"] += 1
            tally["back"] += again
        if period.first <= one.exited_on <= period.last:
            tally["recent"] += 1
            tally["already"] += again
    return Returns(**tally)


def by_class(cases: list[Case], recognised: list[Case], within: Any) -> list[ByClass]:
    tally: dict[str, Counter[str]] = {}
    for one in recognised:
        answer = (
            "cannot_tell"
            if one.differs is None
            else "agreed"
            if not one.differs
            else "another"
            if one.rule_class
            else "no"
        )
        tally.setdefault(one.class_id, Counter())[answer] += 1
    closed = {one.pk for one in cases if one.status == "closed" and within(one.closed_on)}
    for link in CaseClue.objects.everywhere(reason="test").select_related("clue"):
        if link.case_id in closed and link.clue.kind == "class":
            tally.setdefault(link.clue.rule, Counter())["refused"] += 1
    return [ByClass(name, **counts) for name, counts in sorted(tally.items())]


def changed(recognised: list[Case], exited: list[Case], run) -> list[Changes]:
    """By reading each household as it was known then, one by one."""
    facts = {fact.name: fact for fact in deciding_facts(book_of(run.rulebook_version.hash))}
    tally: dict[tuple[str, str], Counter[str]] = {}
    decisions = [("recognition", one.household_id, one.recognised_on) for one in recognised]
    decisions += [("exit", one.household_id, one.exited_on) for one in exited]
    for what, household, day in decisions:
        opened = day - datetime.timedelta(days=BEFORE)
        first, last = (
            {
                one.fact: one.value
                for one in facts_as_of([household], as_of=when, known_on=day)
                if one.member is None
            }
            for when in (opened, day)
        )
        for name in first.keys() & last.keys() & facts.keys():
            if first[name] == last[name]:
                continue
            how = "otherwise"
            if facts[name].type == "money":
                how = "lowered" if float(last[name]) < float(first[name]) else "raised"
            tally.setdefault((what, name), Counter())[how] += 1
    rows = [Changes(what, fact, **counts) for (what, fact), counts in tally.items()]
    return sorted(rows, key=lambda one: (one.before != "recognition", -one.total, one.fact))


def test_no_case_is_not_known_and_never_no_days(register, run) -> None:
    found = board(counted(register), run)
    assert found.recognition == found.support == found.asking.questions == Spread(0, None, None)
    assert found.entries.days == Spread()
    assert (found.steps, found.in_time, found.classes, found.changes) == ([], [], [], [])
    assert found.returns == Returns()
    assert found.asking.fresh is None


def test_a_case_of_one_day_takes_no_days_and_is_known(register, run) -> None:
    staff = add_staff(register)
    lead(start(register.households["2231"], staff["huangmei"]), staff, to="plan")
    found = board(counted(register), run)
    assert found.recognition == Spread(1, 0, 0)
    assert found.support == Spread(0, None, None)
    assert (found.under_way, found.unsupported) == (1, 1)


def test_the_neighbours_and_other_rulebooks_are_never_counted(register, run) -> None:
    add_cases(run, homes(register, "ANTANG-1", 40), today=TODAY)
    of = counted(register)
    nobody = Counted(add_person("eve"), of.area, BOOK, TODAY)
    assert board(of, run) == board(nobody, run)
    assert board(of, run).entries.steps == 0
    add_cases(run, homes(register, "BAIYUN", 10), today=TODAY, under_way=None, past=1)
    assert board(of, run, 36).exited + board(of, run, 36).recognised > 0
    assert board(nobody, run, 36).exited + board(nobody, run, 36).recognised == 0
    assert board(Counted(of.user, of.area, "vn-2022", TODAY), run).entries.steps == 0
    # Whoever asks about an area that is not theirs counts nothing there.
    assert board(Counted(of.user, register.areas["PINGNAN"], BOOK, TODAY), run).entries.steps == 0
    assert steps_by_rulebook(of.user, register.areas["PINGNAN"], TODAY) == {}


def test_too_few_cases_give_no_figure_and_say_so(register, run) -> None:
    add_cases(run, homes(register, "BAIYUN", 9), today=TODAY, under_way=None, past=1)
    of = counted(register, Role.ANALYST)
    found = board(of, run, 36, least=10)
    assert 0 < found.recognition.count < 10
    assert (found.recognition.median, found.recognition.most, found.recognition.few) == (None, None, True)
    add_cases(run, homes(register, "HEPING-1", 60), today=TODAY, under_way=None, past=1, seed=3)
    parts = by_part(of, Period.until(TODAY, 36), least=10)
    assert parts[register.areas["NALONG"].path].few
    assert parts[register.areas["HEPING"].path].median is not None


def test_fifty_cases_cost_as_much_as_one(register, run) -> None:
    of = counted(register)

    def queries() -> int:
        of.user.__dict__.pop("_held_grants", None)
        with CaptureQueriesContext(connection) as asked:
            board(of, run)
        return len(asked)

    add_cases(run, homes(register, "BAIYUN", 1), today=TODAY, past=1)
    few = queries()
    add_cases(run, homes(register, "DATANG", 50), today=TODAY, past=1)
    assert queries() == few


@pytest.mark.parametrize(
    ("values", "half", "most"),
    [
        ([7], 7, 7),
        ([1, 2], 1, 2),
        ([0] * 9 + [30], 0, 0),
        ([0] * 8 + [5, 30], 0, 5),
        (list(range(101)), 50, 90),
    ],
)
def test_ranks_are_nearest_ranks(values, half, most) -> None:
    assert spread_of(Counter(values)) == Spread(len(values), half, most)


def test_a_rank_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        at_rank({}, 0.5)


def test_without_facts_that_decide_nothing_changed(register, run) -> None:
    cases = counted(register).cases()
    assert remember_changes({"recognition": cases, "exit": cases}, []) == 0


def test_what_is_asked_although_it_is_fresh_is_counted(register, run) -> None:
    staff = add_staff(register)
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="visit")
    known = {one.fact: one.value for one in facts_as_of([case.household], as_of=TODAY)}
    record_visit(
        case,
        outcome="propose",
        by=staff["qinhao"],
        visitors=[staff["huangmei"]],
        day=TODAY,
        today=TODAY,
        proposed_class="sudden_severe",
        risks=["illness"],
        values=[
            FactValue("income_wage_12m", known["income_wage_12m"]),  # known, fresh, the same: not to be asked
            FactValue("income_business_12m", "13"),  # known, but another amount: worth the question
            FactValue("income_total_12m", "99"),  # not known before
        ],
    )
    asking = board(counted(register), run).asking
    assert (asking.asked, asking.fresh) == (3, 1)
