"""How teams are made without a planner, for comparison: a sorted sheet, a meeting, one county at a time, nothing at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from highground.methods.allocate.building import Task
from highground.methods.allocate.problem import BITS, Problem

AT_ONCE = 1_000_000


class Filling:
    """A plan that grows by one posting at a time and keeps every rule."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.chosen: list[int] = []
        self._posted = bytearray(problem.people)
        self._left = problem.seats.tolist()
        self._waits = problem.leads.tolist()
        self._room = [cap.most.tolist() for cap in problem.caps]
        self._group = [cap.group.tolist() for cap in problem.caps]

    def open(self, place: int) -> bool:
        """Whether a seat of a place is vacant."""
        return self._left[place] > 0

    def allows(self, person: int, place: int, lead: bool) -> bool:
        """Whether a person may take a seat there now."""
        if self._posted[person] or self._left[place] <= (self._waits[place] and not lead):
            return False
        return all(
            group[person] < 0 or room[group[person]] > 0
            for group, room in zip(self._group, self._room, strict=True)
        )

    def take(self, pair: int, person: int, place: int, lead: bool) -> None:
        """Post them."""
        self.chosen.append(pair)
        self._posted[person] = 1
        self._left[place] -= 1
        self._waits[place] = self._waits[place] and not lead
        for group, room in zip(self._group, self._room, strict=True):
            if group[person] >= 0:
                room[group[person]] -= 1

    def pairs(self) -> np.ndarray:
        """The postings."""
        return np.sort(np.array(self.chosen, dtype=np.int64))


def greedy(problem: Problem) -> np.ndarray:
    """A sheet of pairs sorted by points, taken from the top."""
    order = np.argsort(-problem.points, kind="stable")
    filling = Filling(problem)
    for begin in range(0, len(order), AT_ONCE):
        some = order[begin : begin + AT_ONCE]
        rows = zip(some.tolist(), problem.person[some].tolist(), problem.place[some].tolist(),
                   (problem.brings[some] & 1).tolist(), strict=True)  # fmt: skip
        for pair, person, place, lead in rows:
            if filling.allows(person, place, bool(lead)):
                filling.take(pair, person, place, bool(lead))
    return filling.pairs()


def in_turn(problem: Problem, seed: int) -> np.ndarray:
    """Villages in an order by lot, round after round, each picking whoever helps its team most."""
    starts = np.searchsorted(problem.place, np.arange(len(problem.seats) + 1))
    order = np.random.default_rng(seed).permutation(len(problem.seats)).tolist()
    filling, has = Filling(problem), np.zeros(len(problem.seats), dtype=np.int64)
    table = (np.arange(1 << BITS)[:, None] >> np.arange(BITS)) & 1
    while order:
        again = []
        for place in order:
            pairs = np.arange(starts[place], starts[place + 1])
            new = problem.brings[pairs] & ~has[place]
            gain = problem.points[pairs] + table[new] @ problem.weight[place]
            for one in pairs[np.argsort(-gain, kind="stable")].tolist():
                person, lead = int(problem.person[one]), bool(problem.brings[one] & 1)
                if filling.allows(person, place, lead):
                    filling.take(one, person, place, lead)
                    has[place] |= int(problem.brings[one])
                    if filling.open(place):
                        again.append(place)
                    break
        order = again
    return filling.pairs()


def by_county(task: Task) -> np.ndarray:
    """Each county places its own people by the Hungarian method on seats that each ask for one thing."""
    problem = task.problem
    numbers = {
        name: number for number, name in enumerate(task.tables.villages.column("county").unique().to_pylist())
    }
    county = np.array([numbers[one] for one in task.tables.villages.column("county").to_pylist()])
    home = np.array([numbers.get(one, -1) for one in task.tables.people.column("county").to_pylist()])
    filling = Filling(problem)
    own = np.flatnonzero(home[problem.person] == county[problem.place])
    own = own[np.argsort(county[problem.place[own]], kind="stable")]
    cuts = np.searchsorted(county[problem.place[own]], np.arange(len(numbers) + 1))
    for number in range(len(numbers)):
        for pair in _hungarian(problem, own[cuts[number] : cuts[number + 1]]):
            person, place, lead = (
                int(problem.person[pair]),
                int(problem.place[pair]),
                bool(problem.brings[pair] & 1),
            )
            if filling.allows(person, place, lead):
                filling.take(pair, person, place, lead)
    return filling.pairs()


def _hungarian(problem: Problem, pairs: np.ndarray) -> Iterator[int]:
    if not len(pairs):
        return
    people, row = np.unique(problem.person[pairs], return_inverse=True)
    places, number = np.unique(problem.place[pairs], return_inverse=True)
    first = np.cumsum(problem.seats[places]) - problem.seats[places]
    value = np.zeros((len(people), int(problem.seats[places].sum())))
    which = np.full(value.shape, -1, dtype=np.int64)
    for rank in range(int(problem.seats.max())):
        inside = rank < problem.seats[problem.place[pairs]]
        some, seat = pairs[inside], first[number[inside]] + rank
        asked = np.where(
            (rank == 0) & problem.leads[problem.place[some]], 0, [0, 3, 4, 2, 1][rank] if rank < 5 else 7
        )
        brings = (problem.brings[some] >> asked) & 1
        worth = 5_000 + problem.points[some] + problem.weight[problem.place[some], asked] * brings
        fits = (asked != 0) | (brings == 1)
        value[row[inside][fits], seat[fits]] = worth[fits]
        which[row[inside][fits], seat[fits]] = some[fits]
    taken = linear_sum_assignment(value, maximize=True)
    yield from which[taken][which[taken] >= 0].tolist()


def left_alone(problem: Problem, seed: int) -> np.ndarray:
    """The plan before: made by picking in turn, and a third of its people gone since, as terms end."""
    before = in_turn(problem, seed + 1)
    return before[np.random.default_rng(seed).random(len(before)) >= 1 / 3]


class Memory:
    """The most memory that this process and its children have held together, in bytes: each shared page counted once."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.most = max(self.most, sum(map(_share, _family())))
            time.sleep(0.5)


def _family() -> list[str]:
    children = [task.read_text().split() for task in Path("/proc/self/task").glob("*/children")]
    return ["self", *(one for some in children for one in some)]


def _share(process: str) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
