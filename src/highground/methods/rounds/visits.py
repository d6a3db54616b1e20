"""The visits of the coming days: who goes to whom on which day, why, and what cannot be reached in time.

What the rule holds, in this order:

1. What people have set by hand stands.
2. No deadline is missed that could be kept. Where not all can be kept, those of a lower `rank` go first.
3. What is late already, or cannot be kept, comes as early as the others allow.
4. Visits that nothing calls for (`share`) get their share of the rest, then come those without a deadline.
5. A visit goes to whom it is for (`prefers`), then to whoever has the shortest way that day: the same place first.

Who can go when is a matching of visits to places in the days of visitors. A visit that finds no place asks others to
move within their own deadlines (an augmenting path); visits that were placed stay placed, so that taking them in the
order of rank keeps the most of every rank (the greedy algorithm on a transversal matroid: Edmonds and Fulkerson 1965,
J. Res. Nat. Bur. Standards 69B). Travel only chooses among places that are free: it is a rule, not an optimum.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from heapq import heapify, heappop
from itertools import groupby
from math import ceil
from typing import NamedTuple

SHARE = 0.05
"""How much of all visits goes to those that nothing calls for, where nobody sets it otherwise."""

Travel = Callable[[str, str], int]
Key = tuple[tuple[int, ...], int]
"""Visitors by number, and the last day by number: all that decides where a visit can be placed."""


class Why(StrEnum):
    """Why this visitor goes, the strongest reason first."""

    BY_HAND = "by_hand"  # somebody has set it so
    PREFERRED = "preferred"  # whose household it is
    AT_HOME = "at_home"  # works in that place
    SAME_PLACE = "same_place"  # is in that place on that day anyway
    NEAREST = "nearest"  # goes to no nearer place that day than others would
    ONLY = "only"  # nobody else may go


class WhyLeft(StrEnum):
    """Why a visit is not made, or not in time."""

    NOBODY = "nobody"  # nobody may make it
    AWAY = "away"  # who may make it is away until then
    FULL = "full"  # every place until then is taken by visits that are due as early or rank before it
    OVERDUE = "overdue"  # its day had passed before the first day of the plan
    BY_HAND = "by_hand"  # somebody has set a later day


class Task(NamedTuple):
    """One visit to make. `place` is what `travel` takes; `due` the last day, None for no deadline.

    `visitors` may make it, `prefers` is the one whose household it is. Of two that cannot both be made the lower `rank`
    goes first. `share`: nothing calls for it. `set_visitor` and `set_day` were set by hand; a day that has passed, or
    on which the visitor is away, is let go, and so is a visitor who may not go.
    """

    id: str
    place: str
    due: date | None
    visitors: tuple[str, ...]
    rank: int = 0
    prefers: str = ""
    share: bool = False
    set_visitor: str = ""
    set_day: date | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who goes: where they start from, how many visits they make on a day, and the days on which they are away."""

    id: str
    place: str
    a_day: int
    away: frozenset[date] = frozenset()


class Planned(NamedTuple):
    """One visit of the plan. `together`: how many visits the visitor makes in that place that day.

    `late` says why it does not come in time; None if it does.
    """

    task: str
    visitor: str
    day: date
    why: Why
    together: int
    late: WhyLeft | None = None


class Left(NamedTuple):
    """A visit that found no place in these days."""

    task: str
    why: WhyLeft


@dataclass(frozen=True, slots=True)
class Plan:
    """The visits by day, visitor and place, and what is left out. Every task is in one of the two, once."""

    visits: tuple[Planned, ...]
    left: tuple[Left, ...]


def plan_visits(
    tasks: Sequence[Task],
    visitors: Sequence[Visitor],
    days: Sequence[date],
    *,
    travel: Travel,
    share: float = SHARE,
) -> Plan:
    """Plan these visits on these days (in order, each once).

    `travel` says how far two places are apart, 0 for the same. The same tasks, in whatever order, give the same plan.
    Raises ValueError for an id that is there twice, days out of order, and a share outside 0 to below 1.
    """
    _check(tasks, visitors, days, share)
    return _Planner(visitors, days, travel).plan(sorted(tasks, key=lambda one: one.id), share)


def wanted_of_share(called: int, share: float) -> int:
    """How many visits that nothing calls for make up `share` of all, beside `called` others."""
    exact = Fraction(str(share))
    return ceil(called * exact / (1 - exact))


def _check(tasks: Sequence[Task], visitors: Sequence[Visitor], days: Sequence[date], share: float) -> None:
    for what, ids in (("task", [one.id for one in tasks]), ("visitor", [one.id for one in visitors])):
        if len(set(ids)) != len(ids):
            raise ValueError(f"a {what} is there twice; give each one id")
    if list(days) != sorted(set(days)):
        raise ValueError("days: give each day once, the first first")
    if not 0 <= share < 1:
        raise ValueError(f"share: {share} is no share; give one from 0 to below 1, such as 0.05")


class _Planner:
    """The places in the days of all visitors (slots, by number), what is in them, and how to make room."""

    def __init__(self, visitors: Sequence[Visitor], days: Sequence[date], travel: Travel) -> None:
        self.visitors = sorted(visitors, key=lambda one: one.id)
        self.number = {one.id: number for number, one in enumerate(self.visitors)}
        self.days = list(days)
        self.free = [0 if day in one.away else one.a_day for one in self.visitors for day in self.days]
        self.open = [bool(room) for room in self.free]
        self.who = [number for number in range(len(self.visitors)) for _day in self.days]
        self.day = [number for _visitor in self.visitors for number in range(len(self.days))]
        self.inside: list[dict[Key, list[Task]]] = [{} for _slot in self.free]
        self.places: list[set[str]] = [{one.place} for one in self.visitors for _day in self.days]
        self.ways: list[dict[str, int]] = [{} for _slot in self.free]
        self.fixed: list[tuple[Task, int]] = []
        self.dead: set[int] = set()
        self.late: dict[str, WhyLeft] = {}
        self.left: list[Left] = []
        self._travel, self._far = travel, dict[tuple[str, str], int]()
        self._reach: dict[Key, list[int]] = {}
        self._roomy: dict[Key, list[int]] = {}
        self._living: dict[Key, tuple[int, list[int]]] = {}
        self._pools: dict[tuple[tuple[str, ...], str], tuple[int, ...]] = {}

    def plan(self, tasks: Sequence[Task], share: float) -> Plan:
        """Place all tasks by the rule of the module."""
        free = [task for task in tasks if not self._by_hand(task)]
        kept, missed, rest = self._sorted(free)
        for group in _groups(kept, lambda task: (task.rank, self._last(task))):
            missed += self._place(group, self._last(group[0]))
        for group in _groups(missed, lambda task: (task.rank, self._last(task))):
            self._soon(group)
        self._without_deadline(rest, len(tasks), share)
        return self._told()

    # --- in which order ---

    def _by_hand(self, task: Task) -> bool:
        """Place a task where people have set it, if it can be there."""
        number = self.number.get(task.set_visitor)
        if number is None or task.set_visitor not in task.visitors or task.set_day not in self.days:
            return False
        slot = number * len(self.days) + self.days.index(task.set_day)
        if not self.open[slot]:
            return False
        self.free[slot] -= 1
        self.fixed.append((task, slot))
        self._go(task.place, slot)
        if task.due and task.set_day > task.due:
            self.late[task.id] = WhyLeft.OVERDUE if task.due < self.days[0] else WhyLeft.BY_HAND
        return True

    def _sorted(self, tasks: Iterable[Task]) -> tuple[list[Task], list[Task], list[Task]]:
        """Tasks that can be kept, those that are late or that nobody can make in time, and those that can wait."""
        kept, missed, rest = [], [], []
        for task in tasks:
            if not self._pool(task):
                self.left.append(Left(task.id, WhyLeft.NOBODY))
            elif task.due is None or not self.days or task.due > self.days[-1]:
                rest.append(task)
            elif self._last(task) < 0:
                self.late[task.id] = WhyLeft.OVERDUE
                missed.append(task)
            else:
                kept.append(task)
        return kept, missed, rest

    def _soon(self, group: Sequence[Task]) -> None:
        """Place tasks whose deadline cannot be kept: each as early as the others allow."""
        last = self._last(group[0])
        for task in group:
            if task.id not in self.late:
                self.late[task.id] = self._why(task, last)
        for until in range(last + 1, len(self.days)):
            if not group:
                return
            group = self._place(group, until)
        self.left += [Left(task.id, self.late.pop(task.id)) for task in group]

    def _without_deadline(self, tasks: Sequence[Task], number: int, share: float) -> None:
        """First those that nothing calls for, up to their share, then those with a reason, then the others."""
        quota = wanted_of_share(number - sum(task.share for task in tasks), share)
        unflagged = sorted((task for task in tasks if task.share), key=lambda task: task.rank)
        called = [task for task in tasks if not task.share]
        for part in (unflagged[:quota], called, unflagged[quota:]):
            for group in _groups(part, lambda task: (task.rank, task.due or date.max)):
                last = len(self.days) - 1
                self.left += [Left(task.id, self._why(task, last)) for task in self._place(group, last)]

    # --- where ---

    def _place(self, group: Sequence[Task], last: int) -> list[Task]:
        """Place tasks of one pool and place up to the day `last`; those for which there is no room."""
        key = (self._pool(group[0]), last)
        slots = self._ordered(group[0], key)
        for number, task in enumerate(group):
            while slots and self.free[slots[0][-1]] <= 0:
                heappop(slots)
            slot = slots[0][-1] if slots else self._make_room(key)
            if slot is None:
                return list(group[number:])
            self._put(task, key, slot)
        return []

    def _ordered(self, task: Task, key: Key) -> list[tuple[bool, int, int, int, int]]:
        """The free slots for a task as a heap, the best first; the slot is the last part of each entry.

        Most tasks take one or two of a hundred: a heap leaves the others unsorted.
        """
        prefers, place = self.number.get(task.prefers), task.place
        free, ways, who, day = self.free, self.ways, self.who, self.day
        # A slot that is full stays full: what moves away makes room for what comes.
        if (slots := self._roomy.get(key)) is None:
            slots = self._slots(key)
        slots = self._roomy[key] = [slot for slot in slots if free[slot] > 0]
        for slot in slots:
            if place not in ways[slot]:
                ways[slot][place] = self._way(slot, place)
        found = [(who[slot] != prefers, ways[slot][place], day[slot], -free[slot], slot) for slot in slots]
        heapify(found)
        return found

    def _way(self, slot: int, place: str) -> int:
        """How far a place is from where the visitor is that day, or starts from."""
        return min(self._apart(one, place) for one in self.places[slot])

    def _apart(self, one: str, other: str) -> int:
        if (known := self._far.get((one, other))) is None:
            known = self._far[one, other] = self._travel(one, other)
        return known

    def _put(self, task: Task, key: Key, slot: int) -> None:
        self.free[slot] -= 1
        self.inside[slot].setdefault(key, []).append(task)
        self._go(task.place, slot)

    def _go(self, place: str, slot: int) -> None:
        """Note that a visitor comes to a place on a day: what lies near is near to them then."""
        if place not in self.places[slot]:
            self.places[slot].add(place)
            ways = self.ways[slot]
            for other, way in ways.items():
                ways[other] = min(way, self._apart(place, other))

    def _make_room(self, key: Key) -> int | None:
        """Free a slot for a task by moving others within their own limits; None where nothing helps.

        Slots that were searched in vain are full of tasks that can go nowhere else: no later search can pass them.
        """
        came: dict[int, tuple[int, Key] | None] = dict.fromkeys(self._alive(key))
        seen, waiting = {key}, list(came)
        for slot in waiting:  # grows on the way
            for other in [known for known in self.inside[slot] if known not in seen]:
                seen.add(other)
                for one in self._alive(other):
                    if one not in came:
                        came[one] = (slot, other)
                        if self.free[one] > 0:
                            return self._shift(one, came)
                        waiting.append(one)
        self.dead.update(came)
        return None

    def _alive(self, key: Key) -> list[int]:
        """Where tasks with this key can be, without what was searched in vain."""
        known = self._living.get(key)
        if known is None or known[0] != len(self.dead):
            slots = known[1] if known else self._slots(key)
            known = self._living[key] = (len(self.dead), [slot for slot in slots if slot not in self.dead])
        return known[1]

    def _shift(self, slot: int, came: Mapping[int, tuple[int, Key] | None]) -> int:
        """Move one task after another along the way that was found; the slot that has room then."""
        while (step := came[slot]) is not None:
            before, key = step
            tasks = self.inside[before][key]
            moved = tasks.pop()
            if not tasks:
                del self.inside[before][key]
            self.free[before] += 1
            self._put(moved, key, slot)
            slot = before
        return slot

    # --- what is known of a task ---

    def _pool(self, task: Task) -> tuple[int, ...]:
        """Who may make it, by number; the one who was set by hand alone, if they may."""
        asked = task.visitors, task.set_visitor
        if (known := self._pools.get(asked)) is None:
            by_hand = task.set_visitor in task.visitors and task.set_visitor in self.number
            may = (task.set_visitor,) if by_hand else task.visitors
            known = self._pools[asked] = tuple(
                sorted({self.number[one] for one in may if one in self.number})
            )
        return known

    def _last(self, task: Task) -> int:
        """The number of the last day on which it is in time; -1 for none."""
        assert task.due is not None
        return bisect_right(self.days, task.due) - 1

    def _slots(self, key: Key) -> list[int]:
        """Where tasks with this key can be, whether there is room or not."""
        if (known := self._reach.get(key)) is None:
            pool, last = key
            days = len(self.days)
            near = [one * days + day for one in pool for day in range(last + 1)]
            known = self._reach[key] = [slot for slot in near if self.open[slot]]
        return known

    def _why(self, task: Task, last: int) -> WhyLeft:
        return WhyLeft.FULL if self._slots((self._pool(task), last)) else WhyLeft.AWAY

    # --- the plan in words of the caller ---

    def _told(self) -> Plan:
        inside: dict[int, list[Task]] = defaultdict(list)
        for task, slot in self.fixed:
            inside[slot].append(task)
        for slot, known in enumerate(self.inside):
            for tasks in known.values():
                inside[slot] += tasks
        by_hand = {task.id for task, _slot in self.fixed}
        visits = [
            one
            for slot in sorted(inside, key=lambda slot: (self.day[slot], slot))
            for one in self._day(slot, inside[slot], by_hand)
        ]
        return Plan(tuple(visits), tuple(sorted(self.left, key=lambda one: one.task)))

    def _day(self, slot: int, tasks: list[Task], by_hand: set[str]) -> Iterator[Planned]:
        """What one visitor does on one day, place by place."""
        visitor, day = self.visitors[self.who[slot]], self.days[self.day[slot]]
        together: dict[str, int] = defaultdict(int)
        for task in tasks:
            together[task.place] += 1
        for task in sorted(tasks, key=lambda one: (one.place, one.due or date.max, one.id)):
            near = together[task.place]
            why = self._reason(task, visitor, task.id in by_hand, near)
            yield Planned(task.id, visitor.id, day, why, near, self.late.get(task.id))

    def _reason(self, task: Task, visitor: Visitor, by_hand: bool, together: int) -> Why:
        if by_hand or task.set_visitor == visitor.id:
            return Why.BY_HAND
        if task.prefers == visitor.id:
            return Why.PREFERRED
        if len(self._pool(task)) == 1:
            return Why.ONLY
        if self._apart(visitor.place, task.place) == 0:
            return Why.AT_HOME
        return Why.SAME_PLACE if together > 1 else Why.NEAREST


def _groups(tasks: Iterable[Task], order: Callable[[Task], tuple[object, ...]]) -> list[list[Task]]:
    """Tasks in this order, those together that can be placed alike: of one pool, one preference and one place."""

    def alike(task: Task) -> tuple[object, ...]:
        return (*order(task), task.place, task.visitors, task.prefers, task.set_visitor)

    return [list(found) for _alike, found in groupby(sorted(tasks, key=alike), key=alike)]
