"""The best team of every place by itself, exactly, when every pair has a value: the inner step of plan and proof.

The people whom a place could have fall into kinds by what they bring. Of a kind only the best few can matter (as many as
there are seats), so a team is a choice of how many of each kind. `f[count, bits]` is the best value of teams of `count`
people who together bring `bits`; the kinds are added one after the other. This is exact: nothing is left out but what
cannot be in any best team. All places that have the same seats and want the same bits are worked out at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from highground.methods.allocate.arrays import Bits, Ints
from highground.methods.allocate.problem import Problem

NEVER = -(1 << 50)  # the value of a team that cannot be
EMPTY = -(1 << 62)  # where there is no such pair
SHIFT = 32  # a value and its position share one whole number of 64 bits
AT_ONCE = 4_000


@dataclass(frozen=True)
class _Shape:
    """Places that are alike: how many seats, whether one is for a lead, which bits they want."""

    seats: int
    leads: bool
    wanted: int
    places: Ints

    @property
    def codes(self) -> Ints:
        """The wanted bits pushed together: code of each of the 256 sets of bits."""
        bits = [one for one in range(8) if self.wanted >> one & 1]
        return np.asarray(
            sum(((np.arange(256) >> one) & 1) << place for place, one in enumerate(bits))
            + np.zeros(256, np.int64)
        )

    @property
    def sets(self) -> Ints:
        """The bits of each code."""
        bits = [one for one in range(8) if self.wanted >> one & 1]
        codes = np.arange(1 << len(bits))
        return np.asarray(
            sum(((codes >> place) & 1) << one for place, one in enumerate(bits))
            + np.zeros(len(codes), np.int64)
        )


@dataclass(frozen=True)
class _Added:
    """How the best teams came about when one kind was added: how many of it, and what was there before."""

    kind: int
    targets: Ints
    taken: Bits
    before: Bits


class BestTeams:
    """Works out best teams for one problem, again and again with other values."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        key = problem.place.astype(np.int64) << 8 | problem.brings
        assert np.all(key[1:] >= key[:-1]), "pairs stand in the order of their place, then of what they bring"
        self._begin = np.flatnonzero(np.diff(key, prepend=-1))
        self._segment_place = key[self._begin] >> 8
        self._segment_kind = (key[self._begin] & 255).astype(np.uint8)
        self._of_place = np.searchsorted(self._segment_place, np.arange(len(problem.seats) + 1))
        self._end = np.append(self._begin[1:], len(key))
        is_locked = np.zeros(len(key), dtype=np.bool_)
        is_locked[problem.locked] = True
        self._locked = is_locked if len(problem.locked) else None
        self._most = int(problem.seats.max()) if len(problem.seats) else 0

    def values(self, values: Ints) -> Ints:
        """The value of the best team of every place; `values` has a whole number for each pair."""
        return self._solve(values, None)

    def teams(self, values: Ints) -> tuple[Ints, Ints]:
        """The same, and the pairs of those teams in the order of the places."""
        chosen: list[Ints] = [self._problem.locked]
        best = self._solve(values, chosen)
        pairs = np.concatenate(chosen)
        return best, pairs[np.argsort(self._problem.place[pairs], kind="stable")]

    def _solve(self, values: Ints, chosen: list[Ints] | None) -> Ints:
        problem = self._problem
        best = np.zeros(len(problem.seats), dtype=np.int64)
        base = np.zeros(len(problem.seats), dtype=np.int64)
        count = np.zeros(len(problem.seats), dtype=np.int64)
        held = np.zeros(len(problem.seats), dtype=np.uint8)
        if self._locked is not None:
            at = problem.place[problem.locked]
            np.add.at(base, at, values[problem.locked])
            np.add.at(count, at, 1)
            np.bitwise_or.at(held, at, problem.brings[problem.locked])
        for low in range(0, len(problem.seats), AT_ONCE):
            high = min(low + AT_ONCE, len(problem.seats))
            top = self._top(values, low, high)
            for shape in self._shapes(low, high):
                rows = shape.places - low
                inside = (base[shape.places], count[shape.places], held[shape.places])
                best[shape.places] = self._shape(shape, {n: t[rows] for n, t in top.items()}, inside, chosen)
        return best

    def _shapes(self, low: int, high: int) -> Iterator[_Shape]:
        problem = self._problem
        key = problem.seats[low:high].astype(np.int64) << 9 | problem.leads[low:high].astype(np.int64) << 8
        key |= problem.wanted[low:high]
        for one in np.unique(key).tolist():
            yield _Shape(one >> 9, bool(one >> 8 & 1), one & 255, low + np.flatnonzero(key == one))

    def _top(self, values: Ints, low: int, high: int) -> dict[int, Ints]:
        """For each kind, places x seats: the value and the position of its best pairs in one number, NEVER for none."""
        first, last = self._of_place[low], self._of_place[high]
        if first == last:
            return {}
        begin, stop = int(self._begin[first]), int(self._end[last - 1])
        pairs = slice(begin, stop)
        keys = values[pairs] << SHIFT | np.arange(stop - begin)
        if self._locked is not None:
            keys[self._locked[pairs]] = EMPTY
        starts = self._begin[first:last] - begin
        rows, kinds = self._segment_place[first:last] - low, self._segment_kind[first:last]
        top = {
            one: np.full((high - low, self._most), EMPTY, dtype=np.int64) for one in np.unique(kinds).tolist()
        }
        of_kind = {one: np.flatnonzero(kinds == one) for one in top}
        for place in range(self._most):
            found = np.maximum.reduceat(keys, starts)
            for one, segments in of_kind.items():
                top[one][rows[segments], place] = found[segments]
            there = found > EMPTY
            keys[found[there] & ((1 << SHIFT) - 1)] = EMPTY
        self._offset = begin
        return top

    def _shape(
        self, shape: _Shape, top: dict[int, Ints], inside: tuple[Ints, Ints, Bits], chosen: list[Ints] | None
    ) -> Ints:
        codes, sets = shape.codes, shape.sets
        rows, seats = np.arange(len(shape.places)), shape.seats
        base, count, held = inside
        best = np.full((len(rows), seats + 1, len(sets)), NEVER, dtype=np.int64)
        best[rows, np.minimum(count, seats), codes[held]] = base
        steps: list[_Added] = []
        for kind in sorted(top):
            keys = top[kind][:, :seats]
            if kind & ~shape.wanted or not (keys[:, :1] > EMPTY).any():
                continue
            gains = np.where(keys > EMPTY, keys >> SHIFT, NEVER).cumsum(axis=1)
            best, step = _add(best, gains, int(codes[kind]), kind, chosen is not None)
            steps.append(step)
        loss = self._problem.lost(shape.places[:, None], sets[None, :])
        if shape.leads and seats:
            best[:, seats, (sets & 1) == 0] = NEVER
        final = best - loss[:, None, :]
        flat = final.reshape(len(rows), -1)
        place = flat.argmax(axis=1)
        if chosen is not None:
            state = np.unravel_index(place, final.shape[1:])
            chosen += self._trace(steps, top, state[0].astype(np.int64), state[1].astype(np.int64))
        found: Ints = flat[rows, place]
        return found

    def _trace(self, steps: list[_Added], top: dict[int, Ints], count: Ints, code: Ints) -> Iterator[Ints]:
        """Walk back through the kinds and hand out the pairs that were taken."""
        for step in reversed(steps):
            position = np.full(int(max(code.max(initial=0), step.targets.max())) + 1, -1)
            position[step.targets] = np.arange(len(step.targets))
            at = position[code]
            rows = np.flatnonzero(at >= 0)
            taken = step.taken[rows, count[rows], at[rows]].astype(np.int64)
            rows, taken = rows[taken > 0], taken[taken > 0]
            code = code.copy()
            code[rows] = step.before[rows, count[rows], at[rows]]
            count = count.copy()
            count[rows] -= taken
            for rank in range(int(taken.max(initial=0))):
                keys = top[step.kind][rows[taken > rank], rank]
                yield (keys & ((1 << SHIFT) - 1)) + self._offset


def _add(best: Ints, gains: Ints, code: int, kind: int, traced: bool) -> tuple[Ints, _Added]:
    """The best teams when up to as many of one kind as there are seats may join, at `gains[:, number - 1]`."""
    targets = np.flatnonzero(np.arange(best.shape[2]) & code == code)
    # The best team that brings a target when the kind joins: over every set that lacks some of the kind's bits.
    before = np.broadcast_to(targets.astype(np.uint8), (*best.shape[:2], len(targets)))
    reach = best[:, :, targets]
    for part in _subsets(code):
        other = best[:, :, targets & ~part]
        better = other > reach
        reach = np.where(better, other, reach)
        if traced:
            before = np.where(better, (targets & ~part).astype(np.uint8), before)
    found = best.copy()
    now = best[:, :, targets]
    taken = np.zeros(now.shape, dtype=np.uint8)
    source = np.zeros(now.shape, dtype=np.uint8)
    seats = best.shape[1] - 1
    for number in range(1, seats + 1):
        joined = reach[:, : seats + 1 - number] + gains[:, number - 1, None, None]
        better = joined > now[:, number:]
        now[:, number:] = np.where(better, joined, now[:, number:])
        if traced:
            taken[:, number:][better] = number
            source[:, number:] = np.where(better, before[:, : seats + 1 - number], source[:, number:])
    found[:, :, targets] = now
    return found, _Added(kind, targets, taken, source)


def _subsets(code: int) -> Iterator[int]:
    """Every part of a set of bits but the empty one."""
    part = code
    while part:
        yield part
        part = (part - 1) & code
