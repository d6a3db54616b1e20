"""`./run bench rounds`: how long it takes to plan the visits of a county with thousands of open tasks.

First the rule alone on invented tasks: many deadlines, six visitors and more to each village, enough room and too
little. Then the office, in a process set up like that of the server: a county with thousands of cases under way, its plan
worked out and its page opened again and again through Django's test client. "After a change" is the page where the plan has
to be worked out anew. The target is for the 95th percentile of every page.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, on_database, percentile

TARGET_MS = 300
VILLAGES = 150
CHANGED = "page after a change"
PAGES = {"page": "/rounds/plan/?show=all&area=C0", "page: not in time": "/rounds/plan/?show=late&area=C0"}


def invented(
    tasks: int, a_day: int
) -> tuple[list[Any], list[Any], list[datetime.date], Callable[[str, str], int]]:
    """`tasks` visits in 150 villages of 15 townships, three visitors to a village and six to a township; days; distance."""
    from highground.methods.rounds import Task, Visitor

    rng = random.Random(1)
    days = [datetime.date(2026, 3, 9) + datetime.timedelta(days=number) for number in range(10)]
    villages = [f"T{number // 10:02}V{number:03}" for number in range(VILLAGES)]
    near = {one: [f"{one}-{k}" for k in range(3)] + [f"{one[:3]}-{k}" for k in range(6)] for one in villages}
    people = [
        Visitor(name, name.partition("-")[0], a_day)
        for name in sorted({one for found in near.values() for one in found})
    ]
    dues = [None, *days, days[0] - datetime.timedelta(days=3)]
    work = []
    for number in range(tasks):
        place = rng.choice(villages)
        may, prefers = tuple(near[place]), rng.choice(["", near[place][0]])
        work.append(
            Task(f"{number:05}", place, rng.choice(dues), may, rank=rng.randint(0, 4), prefers=prefers)
        )

    def apart(one: str, other: str) -> int:
        return 0 if one == other else 1 if one[:3] == other[:3] else 2

    return work, people, days, apart


def rule(tasks: int, a_day: int, repeats: int) -> dict[str, Any]:
    """The rule alone."""
    from highground.methods.rounds import plan_visits

    work, people, days, apart = invented(tasks, a_day)
    made = plan_visits(work, people, days, travel=apart)
    told = _timed(lambda: plan_visits(work, people, days, travel=apart), repeats)
    late = sum(one.late is not None for one in made.visits)
    return {**told, "visitors": len(people), "visits": len(made.visits), "late": late, "left": len(made.left)}


def best(tasks: int, a_day: int, repeats: int) -> dict[str, Any]:
    """The same visits where the ways are known in minutes: the best plan, and how much further the rule's people go."""
    import pyarrow as pa

    from highground.methods.allocate.visits import choose_visits
    from highground.methods.rounds import plan_visits

    work, people, days, _apart = invented(tasks, a_day)
    rng = random.Random(2)
    minutes = {(one.id, who): rng.randint(0, 90) for one in work for who in one.visitors}
    tables = (
        pa.table(
            {
                "visit": [one.id for one in work],
                "due": pa.array([one.due for one in work], pa.date32()),
                "rank": [one.rank for one in work],
            }
        ),
        pa.table(
            {
                "visit": [visit for visit, _who in minutes],
                "visitor": [who for _visit, who in minutes],
                "minutes": list(minutes.values()),
            }
        ),
        pa.table(
            {
                "visitor": [one.id for one in people for _day in days],
                "day": pa.array([day for _one in people for day in days], pa.date32()),
                "capacity": [a_day] * len(people) * len(days),
            }
        ),
    )
    told = _timed(lambda: choose_visits(*tables), repeats)
    rows, made, _findings = choose_visits(*tables)
    by_rule = plan_visits(work, people, days, travel=lambda one, other: int(one != other))
    due = {one.id: one.due for one in work}
    in_time = sum(due[one.task] is not None and one.day <= due[one.task] for one in by_rule.visits)
    rules = sum(minutes[one.task, one.visitor] for one in by_rule.visits)
    return {
        **told,
        "options": len(minutes) * len(days),
        "visits": len(rows),
        "gap": round(made.gap, 6),
        "in_time": int(rows.column("in_time").to_pylist().count(True)),
        "rule_in_time": in_time,
        "rule_travel": round(rules / sum(rows.column("minutes").to_pylist()), 2),
    }


def measure(tasks: int, repeats: int) -> dict[str, Any]:
    """Fill the database of this process, plan its county and open the page; figures by part."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from benchmarks import _cases
    from benchmarks.pages import timed
    from highground.accounts.enums import Role
    from highground.accounts.models import Grant, User
    from highground.areas.models import Area
    from highground.rounds.planning import made_of, plan_of
    from highground.wsgi import application

    call_command("migrate", verbosity=0)
    today = timezone.localdate()
    _cases.fill(tasks, 0, today)
    county = Area.objects.get(code="C0")
    _call_for_visits(county, today)
    for area in Area.objects.filter(path__startswith=county.path, level__in=["township", "village"]):
        role = Role.VILLAGE_WORKER if area.level == "village" else Role.TOWNSHIP_OFFICER
        for number in range(2 if area.level == "village" else 4):
            user = User.objects.create(username=f"{area.code}-{number}")
            Grant.objects.create(user=user, role=role, area=area, valid_from=today)
    assert application
    made = plan_of(county, today)
    planned = sum(one.planned is not None for one in made.rounds)
    figures = {
        "plan": {
            **_timed(lambda: (made_of.cache_clear(), plan_of(county, today)), repeats),
            "tasks": len(made.rounds),
            "visits": planned,
            "visitors": len(made.people),
        }
    }
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="county"))
    for page, address in PAGES.items():
        figures[page] = timed(client, address, repeats)
    figures[CHANGED] = _timed(lambda: (made_of.cache_clear(), client.get(PAGES["page"])), repeats)
    return figures


def _call_for_visits(county: Any, today: datetime.date) -> None:
    """Every case of the county waits for its visit, some late, the others due within three weeks."""
    from highground.cases.flow import procedure_for
    from highground.cases.models import Case, Turn
    from highground.files.staging import refresh_statistics

    rng = random.Random(3)
    mine = Case.objects.everywhere(reason="benchmark").filter(household__area__path__startswith=county.path)
    Turn.objects.everywhere(reason="benchmark").filter(case__in=mine).delete()
    rows = []
    for case in mine.filter(status__in=["open", "monitored"]).select_related("rulebook_version"):
        due = today + datetime.timedelta(days=rng.randint(-3, 21))
        roles = procedure_for(case).steps["visit"].roles
        rows += [Turn(case=case, step="visit", role=role, leads=True, due_on=due) for role in roles]
    Turn.objects.bulk_create(rows, batch_size=2000)
    refresh_statistics(Turn)


def _timed(work: Callable[[], object], repeats: int) -> dict[str, Any]:
    seconds, used = [], []
    for _ in range(repeats):
        began, before = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - began)
        used.append(time.process_time() - before)
    return {
        "median_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p95_ms": round(percentile(seconds, 0.95) * 1000, 1),
        "cpu_ms": round(percentile(used, 0.5) * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench rounds", description=__doc__)
    parser.add_argument("--tasks", type=int, default=5000, help="open tasks of the county (default 5,000)")
    parser.add_argument("--database", choices=["sqlite", "postgres", "both", "none"], default="both")
    parser.add_argument("--repeats", type=int, default=20, help="how often each part is done (default 20)")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.tasks, options.repeats)))
        return
    bench = Bench("rounds", tasks=options.tasks, repeats=options.repeats, target_p95_ms=TARGET_MS)
    for name, a_day in (("rule, room for all", 4), ("rule, too little room", 1)):
        bench.add(name, **rule(options.tasks, a_day, options.repeats))
    bench.add("the best plan", **best(options.tasks, 4, min(3, options.repeats)))
    databases = {"both": ["sqlite", "postgres"], "none": []}.get(options.database, [options.database])
    for database in databases:
        for part, told in on_database(
            __file__, database, tasks=options.tasks, repeats=options.repeats
        ).items():
            bench.add(f"{database}: {part}", **told)
            bench.hold(
                part == "plan" or told["p95_ms"] <= TARGET_MS,
                f"{part} on {database}: {told['p95_ms']} ms at the 95th percentile, not {TARGET_MS}",
            )
    bench.finish()


if __name__ == "__main__":
    main()
