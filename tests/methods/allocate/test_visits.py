"""Visits to visitors: beside every plan of tiny tasks, and beside the rule that offices plan by."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.visits import choose_visits
from highground.methods.rounds import Task, Visitor, plan_visits

MONDAY = datetime.date(2026, 3, 9)
DAY = datetime.timedelta(days=1)
VISITS = pa.schema([("visit", pa.string()), ("due", pa.date32()), ("rank", pa.int64())])
WAYS = pa.schema([("visit", pa.string()), ("visitor", pa.string()), ("minutes", pa.int64())])
DAYS = pa.schema([("visitor", pa.string()), ("day", pa.date32()), ("capacity", pa.int64())])


def drawn(rng: random.Random, visits: int, visitors: int, days: int, density: float) -> list[pa.Table]:
    """Visits of which some have no deadline and some are late already, ways, and the days of visitors."""
    dues = [None, *(MONDAY + number * DAY for number in range(-2, days + 1))]
    people = [f"p{number}" for number in range(visitors)]
    rows = (
        [{"visit": f"v{one}", "due": rng.choice(dues), "rank": rng.randint(0, 2)} for one in range(visits)],
        [
            {"visit": f"v{one}", "visitor": who, "minutes": rng.randint(0, 90)}
            for one in range(visits)
            for who in [*people, "stranger"]
            if rng.random() < density
        ],
        [
            {"visitor": who, "day": MONDAY + number * DAY, "capacity": rng.randint(0, 2)}
            for who in people
            for number in range(days)
            if rng.random() < 0.8
        ],
    )
    return [
        pa.Table.from_pylist(one, schema=schema)
        for one, schema in zip(rows, (VISITS, WAYS, DAYS), strict=True)
    ]


def slots(tables: list[pa.Table]) -> list[tuple[str, str, datetime.date]]:
    """Every visit with every visitor and day that it could have."""
    room = [(one["visitor"], one["day"]) for one in tables[2].to_pylist()]
    ways = [(one["visit"], one["visitor"]) for one in tables[1].to_pylist()]
    return [(visit, who, day) for visit, who in ways for other, day in room if other == who]


def merit(tables: list[pa.Table], plan: list[tuple[str, str, datetime.date]]) -> tuple[int, ...]:
    """What a plan is judged by: deadlines kept up to each rank, visits made, less time on the way and days too late."""
    known = {one["visit"]: one for one in tables[0].to_pylist()}
    ways = {(one["visit"], one["visitor"]): one["minutes"] for one in tables[1].to_pylist()}
    days = tables[2].column("visitor").to_pylist()
    last = max((day for _visit, _who, day in slots(tables)), default=MONDAY)
    longest = max((way for (_visit, who), way in ways.items() if who in days), default=0) + 1
    kept: Counter[int] = Counter()
    cost = 0
    for visit, visitor, day in plan:
        due = known[visit]["due"]
        kept[known[visit]["rank"]] += bool(due and day <= due <= last)
        cost += ways[visit, visitor] + longest * max(0, (day - due).days if due else 0)
    return (*itertools.accumulate(kept[rank] for rank in range(3)), len(plan), -cost)


def every_plan(tables: list[pa.Table]) -> list[list[tuple[str, str, datetime.date]]]:
    """All plans, by trying."""
    room = {(one["visitor"], one["day"]): one["capacity"] for one in tables[2].to_pylist()}
    choices: list[list[Any]] = []
    for visit in tables[0].column("visit").to_pylist():
        goes = {one["visitor"] for one in tables[1].to_pylist() if one["visit"] == visit}
        choices.append([None, *((visit, *slot) for slot in room if slot[0] in goes)])
    found = []
    for chosen in itertools.product(*choices):
        plan = [one for one in chosen if one]
        if all(many <= room[slot] for slot, many in Counter(one[1:] for one in plan).items()):
            found.append(plan)
    return found


def test_no_plan_keeps_more_deadlines_makes_more_visits_or_travels_less() -> None:
    late = 0
    for seed in range(120):
        rng = random.Random(seed)
        tables = drawn(rng, rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 3), 0.6)
        rows, made, findings = choose_visits(*tables)
        plan = [(one["visit"], one["visitor"], one["day"]) for one in rows.to_pylist()]
        plans = every_plan(tables)
        assert sorted(plan) in [sorted(one) for one in plans], seed
        assert merit(tables, plan) == max(merit(tables, one) for one in plans), seed
        assert made.gap < 1e-6 or made.objective == 0
        due = dict(zip(*(tables[0].column(one).to_pylist() for one in ("visit", "due")), strict=True))
        for one in rows.to_pylist():
            assert one["in_time"] == (None if due[one["visit"]] is None else one["day"] <= due[one["visit"]])
        late += rows.column("in_time").to_pylist().count(False)
        ready = set(tables[2].column("visitor").to_pylist())
        nobody = set(due) - {one["visit"] for one in tables[1].to_pylist() if one["visitor"] in ready}
        assert len(findings) == bool(nobody)
    assert late


def test_the_rule_of_offices_keeps_as_many_deadlines_and_this_travels_no_further() -> None:
    rng = random.Random(4)
    tables = drawn(rng, 400, 25, 5, 0.2)
    rows, _, _ = choose_visits(*tables)
    mine = [(one["visit"], one["visitor"], one["day"]) for one in rows.to_pylist()]
    ways: dict[str, list[str]] = {}
    for one in tables[1].to_pylist():
        ways.setdefault(one["visit"], []).append(one["visitor"])
    days = [MONDAY + number * DAY for number in range(5)]
    room = {(one["visitor"], one["day"]): one["capacity"] for one in tables[2].to_pylist()}
    # The rule knows one number of visits a day: each visitor and day stands as a visitor of its own.
    people = [
        Visitor(f"{who} {day}", "", capacity, frozenset(one for one in days if one != day))
        for (who, day), capacity in room.items()
    ]
    tasks = [
        Task(
            one["visit"], "", one["due"],
            tuple(f"{who} {day}" for who in ways.get(one["visit"], []) for day in days if (who, day) in room),
            rank=one["rank"],
        )
        for one in tables[0].to_pylist()
    ]  # fmt: skip
    by_rule = plan_visits(tasks, people, days, travel=lambda _one, _other: 0)
    theirs = [(one.task, one.visitor.split()[0], one.day) for one in by_rule.visits]
    ours, rules = merit(tables, mine), merit(tables, theirs)
    assert ours[:3] == rules[:3] and ours > rules
    assert 0 < ours[0] < ours[2] == len(mine) < 400


@pytest.mark.parametrize(
    ("table", "column", "values", "message"),
    [
        (0, "rank", [10, 0], "visits: column 'rank': row 1 is above 9"),
        (1, "minutes", [5, -1], "ways: column 'minutes': row 2 is below 0"),
        (1, "visitor", ["A", "A"], r"ways: row 2 stands there already \(visit, visitor\)"),
        (2, "capacity", [1, None], "days: column 'capacity': row 2 is empty"),
        (2, "day", ["Monday", "Tuesday"], "days: column 'day' is string; it must hold dates"),
    ],
)
def test_tables_that_cannot_be_used(table: int, column: str, values: list[object], message: str) -> None:
    tables = [
        pa.table({"visit": ["x", "y"], "due": [MONDAY, None], "rank": [0, 1]}),
        pa.table({"visit": ["x", "x"], "visitor": ["A", "B"], "minutes": [5, 6]}),
        pa.table({"visitor": ["A", "B"], "day": [MONDAY, MONDAY], "capacity": [1, 1]}),
    ]
    rows, _, findings = choose_visits(*tables)
    assert rows.column("visitor").to_pylist() == ["A"]
    assert "nobody may make 'y' (1 visits)" in str(findings[0])
    place = tables[table].column_names.index(column)
    tables[table] = tables[table].set_column(place, column, pa.array(values))
    with pytest.raises(InputError, match=message):
        choose_visits(*tables)
