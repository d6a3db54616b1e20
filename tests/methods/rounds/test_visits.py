"""The plan of visits against every possible plan of tiny instances, and what it promises on larger ones."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import Counter

import pytest

from highground.methods.rounds import Plan, Task, Visitor, Why, WhyLeft, plan_visits
from highground.methods.rounds.visits import wanted_of_share

MONDAY = datetime.date(2026, 3, 9)
DAYS = [MONDAY + datetime.timedelta(days=number) for number in range(5)]


def apart(one: str, other: str) -> int:
    """Places are words such as "A1": a township and a village."""
    return 0 if one == other else 1 if one[:1] == other[:1] else 2


def plan(tasks, visitors, days=DAYS, **options) -> Plan:
    return plan_visits(tasks, visitors, days, travel=apart, **options)


def at_stake(tasks, days) -> list[Task]:
    """The visits whose deadline lies in these days: any other can wait."""
    return [one for one in tasks if one.due and one.due <= days[-1]]


def kept(tasks, found: Plan) -> set[str]:
    due = {one.id: one.due for one in tasks}
    return {one.task for one in found.visits if one.task in due and one.day <= due[one.task]}


def possible(tasks, visitors, days) -> list[set[str]]:
    """Every set of deadlines that some plan keeps, by trying all plans."""
    away = {one.id: one.away for one in visitors}
    room = {(one.id, day): one.a_day for one in visitors for day in days if day not in one.away}
    choices = [
        [None, *(
            (who, day)
            for who in task.visitors
            for day in days
            if who in away and day not in away[who] and task.due and day <= task.due
        )]
        for task in tasks
    ]  # fmt: skip
    found = []
    for chosen in itertools.product(*choices):
        used = Counter(one for one in chosen if one)
        if all(count <= room[slot] for slot, count in used.items()):
            found.append({task.id for task, slot in zip(tasks, chosen, strict=True) if slot})
    return found


def tiny(seed: int) -> tuple[list[Task], list[Visitor], list[datetime.date]]:
    rng = random.Random(seed)
    days = DAYS[: rng.randint(1, 3)]
    visitors = [
        Visitor(
            f"v{number}", rng.choice(["A1", "A2", "B1"]), rng.randint(0, 2),
            frozenset(day for day in days if rng.random() < 0.25),
        )
        for number in range(rng.randint(1, 3))
    ]  # fmt: skip
    names = [one.id for one in visitors]
    tasks = [
        Task(
            f"t{number}", rng.choice(["A1", "A2", "B1"]), days[0] + datetime.timedelta(rng.randint(-1, 2)),
            tuple(rng.sample(names, rng.randint(0, len(names)))), rank=rng.randint(0, 2),
            prefers=rng.choice(["", *names]), share=rng.random() < 0.1,
        )
        for number in range(rng.randint(1, 6))
    ]  # fmt: skip
    return tasks, visitors, days


def check(tasks, visitors, days, found: Plan) -> None:
    """Every task once; nobody goes who may not, is away, or has made their visits."""
    assert sorted([one.task for one in found.visits] + [one.task for one in found.left]) == sorted(
        task.id for task in tasks
    )
    known, people = {task.id: task for task in tasks}, {one.id: one for one in visitors}
    load = Counter((one.visitor, one.day) for one in found.visits)
    for one in found.visits:
        assert one.visitor in known[one.task].visitors
        assert one.day in days and one.day not in people[one.visitor].away
        assert load[one.visitor, one.day] <= people[one.visitor].a_day
        due = known[one.task].due
        assert (one.late is None) == (due is None or one.day <= due)


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_no_deadline_is_missed_that_could_be_kept(start: int) -> None:
    """Of every rank the most are kept, whatever is kept of the ranks before: no plan at all does better."""
    for seed in range(start, start + 100):
        tasks, visitors, days = tiny(seed)
        found = plan(tasks, visitors, days)
        check(tasks, visitors, days, found)
        asked = at_stake(tasks, days)
        done, every = kept(asked, found), possible(asked, visitors, days)
        for rank in {task.rank for task in asked}:
            upto = {task.id for task in asked if task.rank <= rank}
            assert len(done & upto) == max(len(one & upto) for one in every), seed


def test_the_order_of_the_rows_does_not_matter() -> None:
    for seed in range(40):
        tasks, visitors, days = tiny(seed)
        mixed = (
            random.Random(seed).sample(tasks, len(tasks)),
            random.Random(seed).sample(visitors, len(visitors)),
        )
        assert plan(tasks, visitors, days) == plan(*mixed, days)


def test_somebody_moves_on_to_keep_a_later_deadline() -> None:
    """The contact officer alone can make the second visit, so the first one goes to the other."""
    people = [Visitor("contact", "A1", 1), Visitor("other", "B1", 1)]
    tasks = [
        Task("1", "A1", DAYS[0], ("contact", "other"), prefers="contact"),
        Task("2", "A1", DAYS[0], ("contact",)),
    ]
    found = {one.task: (one.visitor, one.why) for one in plan(tasks, people, DAYS[:1]).visits}
    assert found == {"1": ("other", Why.NEAREST), "2": ("contact", Why.ONLY)}


def test_the_same_place_on_the_same_day_then_the_nearest() -> None:
    people = [Visitor("north", "A", 3), Visitor("south", "B", 3)]
    tasks = [
        Task(f"{place}-{n}", place, None, ("north", "south")) for place in ("A1", "B2") for n in range(3)
    ]
    found = plan(tasks, people)
    assert {(one.task[:2], one.visitor, one.day) for one in found.visits} == {
        ("A1", "north", DAYS[0]), ("B2", "south", DAYS[0]),
    }  # fmt: skip
    assert {(one.why, one.together) for one in found.visits} == {(Why.SAME_PLACE, 3)}


def test_what_is_late_comes_as_early_as_the_others_allow() -> None:
    people = [Visitor("v", "A1", 1)]
    tasks = [
        Task("today", "A1", DAYS[0], ("v",)),
        Task("late", "A1", DAYS[0] - datetime.timedelta(days=3), ("v",)),
        Task("friday", "A1", DAYS[4], ("v",)),
    ]
    found = {one.task: (one.day, one.late) for one in plan(tasks, people).visits}
    assert found["today"] == (DAYS[0], None)
    assert found["late"] == (DAYS[1], WhyLeft.OVERDUE)
    assert found["friday"][1] is None


def test_what_is_left_says_why() -> None:
    people = [Visitor("v", "A1", 1, frozenset(DAYS[:2])), Visitor("gone", "A1", 2, frozenset(DAYS))]
    tasks = [
        Task("nobody", "A1", DAYS[0], ("elsewhere",)),
        Task("away", "A1", DAYS[1], ("v",)),
        Task("never", "A1", DAYS[1], ("gone",)),
        *(Task(f"full-{number}", "A1", None, ("v",)) for number in range(3)),
    ]
    found = plan(tasks, people)
    assert {one.task: one.late for one in found.visits}["away"] == WhyLeft.AWAY
    assert {one.task: one.why for one in found.left} == {
        "nobody": WhyLeft.NOBODY, "never": WhyLeft.AWAY, "full-2": WhyLeft.FULL,
    }  # fmt: skip


def test_what_is_set_by_hand_stands() -> None:
    people = [Visitor("a", "A1", 1), Visitor("b", "B1", 1, frozenset(DAYS[1:2]))]
    both = ("a", "b")
    tasks = [
        Task("day", "A1", None, both, set_visitor="b", set_day=DAYS[2]),
        Task("who", "A1", None, both, set_visitor="b"),
        Task("away", "A1", None, both, set_visitor="b", set_day=DAYS[1]),
        Task("may not", "A1", None, ("a",), set_visitor="b", set_day=DAYS[0]),
        Task("too late", "A1", DAYS[0], both, set_visitor="a", set_day=DAYS[4]),
    ]
    found = {one.task: one for one in plan(tasks, people).visits}
    assert (found["day"].visitor, found["day"].day, found["day"].why) == ("b", DAYS[2], Why.BY_HAND)
    assert found["who"].visitor == found["away"].visitor == "b"
    assert (found["may not"].visitor, found["may not"].why) == ("a", Why.ONLY)
    assert found["too late"].late == WhyLeft.BY_HAND


def test_visits_that_nothing_calls_for_get_their_share_before_those_without_a_deadline() -> None:
    people = [Visitor("v", "A1", 4)]
    tasks = [Task(f"need-{number:02}", "A1", None, ("v",)) for number in range(60)]
    tasks += [Task(f"drawn-{number:02}", "A1", None, ("v",), share=True) for number in range(60)]
    found = [one.task[:4] for one in plan(tasks, people).visits]
    assert Counter(found) == {"draw": wanted_of_share(60, 0.05), "need": 20 - wanted_of_share(60, 0.05)}
    due = [Task(f"due-{number:02}", "A1", DAYS[4], ("v",)) for number in range(20)]
    assert {one.task[:3] for one in plan([*tasks, *due], people).visits} == {"due"}


@pytest.mark.parametrize(
    ("called", "share", "wanted"), [(0, 0.05, 0), (19, 0.05, 1), (20, 0.05, 2), (95, 0.05, 5), (9, 0, 0)]
)
def test_the_share_is_one_of_all_visits(called: int, share: float, wanted: int) -> None:
    assert wanted_of_share(called, share) == wanted


def test_what_makes_no_sense_is_refused() -> None:
    visitor, task = Visitor("v", "A1", 1), Task("t", "A1", None, ("v",))
    for words, arguments in (
        ("task", ([task, task], [visitor], DAYS)),
        ("visitor", ([task], [visitor, visitor], DAYS)),
        ("days", ([task], [visitor], DAYS[::-1])),
    ):
        with pytest.raises(ValueError, match=words):
            plan(*arguments)
    with pytest.raises(ValueError, match="share"):
        plan([task], [visitor], share=1)
    assert [one.why for one in plan([task], [visitor], []).left] == [WhyLeft.AWAY]


def test_a_county_is_planned_as_it_promises() -> None:
    """1,000 visits, 90 people: nobody above their number, and no deadline lost while there is room for all."""
    rng = random.Random(7)
    villages = [f"{township}{number}" for township in "ABCDEF" for number in range(10)]
    people = [Visitor(f"{place}-{n}", place, 3) for place in villages for n in range(1)]
    people += [Visitor(f"{township}-{n}", township, 3) for township in "ABCDEF" for n in range(5)]
    tasks = []
    for number in range(1000):
        place = rng.choice(villages)
        may = (f"{place}-0", *(f"{place[:1]}-{n}" for n in range(5)))
        due = rng.choice([None, *DAYS])
        tasks.append(Task(f"{number:04}", place, due, may, rank=rng.randint(0, 3)))
    found = plan(tasks, people)
    check(tasks, people, DAYS, found)
    assert not [one for one in found.visits if one.late] and not [
        one for one in found.left if one.why != "full"
    ]
