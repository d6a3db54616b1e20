"""`./run bench timetable`: a place for 30 sessions in two rooms on two days, with speakers in eleven time zones.

Each draw gives every session two speakers (of whom half speak from afar), an interpreter out of four, and up to three channels.
`roomy` are hours alone; `tight` are lengths that fill the rooms to the last half hour, or past it: then what cannot hold together
is asked for as well. Told are the seconds, what the timetable costs, and the bound that no timetable can go below.
"""

from __future__ import annotations

import argparse
import datetime
import random
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._harness import Bench
from highground.methods.allocate.demands import cannot_hold
from highground.methods.allocate.timetable import Event, Place, Timetable, plan_timetable

ZONES = (
    "Asia/Shanghai", "Asia/Bangkok", "Asia/Yangon", "Asia/Jayapura", "Asia/Kolkata", "Asia/Kathmandu", "Europe/Rome",
    "Africa/Nairobi", "America/New_York", "America/Sao_Paulo", "Pacific/Fiji",
)  # fmt: skip
LENGTHS = {"roomy": (60,), "tight": (45, 60, 75), "full": (60, 60, 90)}
ROOMS = [Place("Hall", 3), Place("Room 2", 3)]
TARGET_SECONDS = 10.0
Span = tuple[datetime.datetime, datetime.datetime]


def draw(seed: int, lengths: tuple[int, ...]) -> tuple[list[Event], list[datetime.datetime], list[Span]]:
    """Sessions, when they may begin, and the two days."""
    drawn, place = random.Random(seed), ZoneInfo("Asia/Shanghai")
    zones = {f"speaker {number}": ZONES[number % len(ZONES)] for number in range(40)}
    days = [datetime.datetime(2027, 6, day, 9, tzinfo=place) for day in (22, 23)]
    starts = [day + datetime.timedelta(minutes=30 * step) for day in days for step in range(18)]
    events = []
    for number in range(30):
        speakers = drawn.sample(sorted(zones), 2)
        far = {who: zones[who] for who in speakers if drawn.random() < 0.5}
        people = frozenset({*speakers, f"interpreter {drawn.randrange(4)}"})
        events.append(Event(f"s{number}", drawn.choice(lengths), people, far, drawn.randrange(4)))
    return events, starts, [(day, day + datetime.timedelta(hours=9)) for day in days]


def plan(seed: int, lengths: tuple[int, ...], seconds: float) -> tuple[Timetable, float]:
    """One timetable and how long it took."""
    events, starts, spans = draw(seed, lengths)
    began = time.perf_counter()
    found = plan_timetable(events, ROOMS, starts, ends=spans, seconds=seconds)
    return found, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench timetable", description=__doc__)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=TARGET_SECONDS)
    given = parser.parse_args()
    bench = Bench(
        "timetable", draws=given.draws, seconds=given.seconds, sessions=30, rooms=2, days=2, zones=11
    )
    slow = []
    for name, lengths in LENGTHS.items():
        found = [plan(seed, lengths, given.seconds) for seed in range(given.draws)]
        took = [seconds for _table, seconds in found]
        worst = max(table.cost - table.bound for table, _seconds in found)
        bench.add(
            name,
            proven=sum(table.proven for table, _seconds in found),
            worst_gap=worst,
            left_out=sum(len(table.left_out) for table, _seconds in found),
            median_s=round(sorted(took)[len(took) // 2], 2),
            worst_s=round(max(took), 2),
        )
        slow += [name] if max(took) > given.seconds + 1 else []
        _explain(bench, name, [table for table, _seconds in found])
    bench.finish()
    if slow:
        sys.exit(f"timetable: slower than {given.seconds} s: {', '.join(slow)}")


def _explain(bench: Bench, name: str, tables: list[Timetable]) -> None:
    """How often it is said which demands cannot hold together, where a session was left out."""
    asked = [(seed, table) for seed, table in enumerate(tables) if table.left_out]
    if not asked:
        return
    said, took = 0, []
    for seed, table in asked:
        events, starts, spans = draw(seed, LENGTHS[name])
        began = time.perf_counter()
        found = cannot_hold(events, ROOMS, starts, table, ends=spans, seconds=TARGET_SECONDS)
        said += set(found) == set(table.left_out)
        took.append(time.perf_counter() - began)
    bench.add(f"{name}, why", asked=len(asked), said=said, worst_s=round(max(took), 2))


if __name__ == "__main__":
    main()
