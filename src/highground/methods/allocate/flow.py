"""One flow for a whole block: who sits where, when each seat of a team asks for some bits of its own.

A flow can't see that two people of a team bring the same language. So each place first says how its seats share out what it
wants (`slots`): one asks for the lead, one for a woman who knows the first need, and so on. For given slots the best assignment
is a flow of least cost, solved exactly. A team can only be worth more than the flow thinks (somebody brings a bit that another
seat asks for), never less. With the slots of a plan at hand, that plan is one of the flows, so the answer is at least as good.

    source -> (couple | unit) -> person -> kind of person at the place -> slot -> sink
    source -> slot, for a vacancy
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from highground.methods.allocate.arrays import InputError, Ints, rank_within
from highground.methods.allocate.problem import BITS, SEAT, Cap, Problem

Kept = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Slots:
    """Seats that ask for the same bits at the same place: place, bits, how many."""

    place: Ints
    bits: Ints
    count: Ints


def make_slots(problem: Problem, teams: Ints) -> Slots:
    """The slots of these teams: each bit that a team brings is asked of one who brings it, spread over its people."""
    places = len(problem.seats)
    seats = int(problem.seats.max(initial=0))
    teams = teams[np.argsort(problem.place[teams], kind="stable")]
    place, rank = problem.place[teams].astype(np.int64), rank_within(problem.place[teams])
    brought = np.zeros((places, seats), dtype=np.int64)
    brought[place, rank] = problem.brings[teams]
    asked = np.zeros((places, seats), dtype=np.int64)
    load = np.zeros((places, seats), dtype=np.int64)
    bits = np.arange(BITS)
    brings = (brought[:, :, None] >> bits) & 1
    # The bits that fewest in the team bring are given out first; the lead before all.
    scarce = brings.sum(axis=1) * BITS + bits
    scarce[:, 0] = -1
    order = np.argsort(scarce, axis=1)
    rows = np.arange(places)
    inside = np.arange(seats)[None, :] < problem.seats[:, None]
    outside = np.where(inside, 0, 1 << 20)
    # A team without a lead leaves a seat empty, and that is the one to ask for a lead.
    load[place, rank] = 1
    for step in range(BITS if seats else 0):
        bit = order[:, step]
        has = (brought >> bit[:, None]) & 1
        # Nobody brings it: ask it of a seat that is asked for little; the team loses nothing more by that.
        who = (load + np.where(has > 0, 0, 1 << 10) + outside).argmin(axis=1)
        gives = np.flatnonzero(((problem.wanted >> bit) & 1) & inside[rows, who])
        asked[rows[gives], who[gives]] |= 1 << bit[gives]
        load[rows[gives], who[gives]] += 1
    key = (rows[:, None] << BITS | asked)[inside]
    key, count = np.unique(key, return_counts=True)
    return Slots(key >> BITS, key & ((1 << BITS) - 1), count)


@dataclass(frozen=True)
class Solved:
    """The pairs of the flow, and for each person the price that the flow puts on them."""

    pairs: Ints
    prices: Ints
    caps: list[Ints]


def solve_flow(problem: Problem, teams: Ints, *, scale: int, priced: bool) -> Solved:
    """The best assignment to the slots of these teams, exactly. Prices are in points times `scale`.

    Needs OR-tools (the extra `solve`). A flow can hold a person under one group only. Where a unit and a couple both may
    bind, only as many of the couple are looked at as may go, those of `teams` first: the plan keeps both rules, and teams
    that keep them are still one of its flows.
    """
    pairs = np.arange(len(problem.person))
    prefer = np.zeros(problem.people, dtype=np.int64)
    prefer[problem.person[teams]] = 1
    prefer[problem.person[problem.locked]] = 2
    network = _Network(problem, make_slots(problem, teams), pairs, prefer)
    flow = network.solve()
    chosen = pairs[flow[network.of_pairs] > 0]
    if not priced:
        return Solved(chosen, np.zeros(0, dtype=np.int64), [])
    level = network.potentials(flow)
    level = np.maximum(level - level[0], 0)
    person = np.maximum(level[network.person] - level[network.parent], 0)
    groups = [np.where(nodes >= 0, level[nodes], 0) * scale for nodes in network.group_nodes]
    return Solved(chosen, person * scale, groups)


class _Network:
    """Nodes and arcs of the flow as arrays."""

    def __init__(self, problem: Problem, slots: Slots, pairs: Ints, prefer: Ints) -> None:
        self._tail: list[Ints] = []
        self._head: list[Ints] = []
        self._most: list[Ints] = []
        self._cost: list[Ints] = []
        self.nodes = 1
        seats = int(slots.count.sum())
        slot = self._new(len(slots.place))
        self.person = person = self._new(problem.people)
        self._people(problem, person, prefer)
        key = problem.place[pairs].astype(np.int64) << BITS | problem.brings[pairs]
        kinds, kind_of = np.unique(key, return_inverse=True)
        kind = self._new(len(kinds))
        begin = sum(len(one) for one in self._tail)
        # A filled seat is worth SEAT; the cost of a flow is what it lacks of that.
        cost = -problem.points[pairs].astype(np.int64)
        # A lock is worth more than the one seat that could be won by breaking it, so all that can hold together hold.
        cost[np.isin(pairs, problem.locked)] -= 3 * SEAT
        self._arcs(person[problem.person[pairs]], kind[kind_of], 1, cost)
        self.of_pairs = slice(begin, begin + len(pairs))
        self._fill(problem, slots, kinds, kind, slot)
        self._arcs(
            np.zeros(len(slot), np.int64),
            slot,
            slots.count,
            SEAT + _weight_of(problem, slots.place, slots.bits),
        )
        self.supply = np.zeros(self.nodes, dtype=np.int64)
        self.supply[0] = seats
        self.supply[slot] = -slots.count
        self.tail, self.head, self.most, self.cost = (
            np.concatenate(one) for one in (self._tail, self._head, self._most, self._cost)
        )

    def _new(self, count: int) -> Ints:
        self.nodes += count
        return np.arange(self.nodes - count, self.nodes)

    def _arcs(self, tail: Ints, head: Ints, most: Ints | int, cost: Ints | int) -> None:
        self._tail.append(tail)
        self._head.append(head)
        self._most.append(np.broadcast_to(np.asarray(most, dtype=np.int64), tail.shape))
        self._cost.append(np.broadcast_to(np.asarray(cost, dtype=np.int64), tail.shape))

    def _people(self, problem: Problem, person: Ints, prefer: Ints) -> None:
        """Each person hangs under the last of their groups that may bind, each such group under the source."""
        parent = np.zeros(problem.people, dtype=np.int64)
        usable = np.ones(problem.people, dtype=np.bool_)
        self.group_nodes: list[Ints] = []
        for cap in problem.caps:
            size = np.bincount(cap.group[cap.group >= 0], minlength=len(cap.most))
            binds = cap.most < size
            nodes = np.full(len(cap.most), -1, dtype=np.int64)
            nodes[binds] = self._new(int(binds.sum()))
            self.group_nodes.append(nodes)
            mine = np.where(cap.group >= 0, nodes[cap.group], -1)
            first = (mine >= 0) & (parent == 0)
            parent[first] = mine[first]
            _only_some(cap, (mine >= 0) & ~first, prefer, usable)
            self._arcs(
                np.zeros(int(binds.sum()), np.int64), nodes[binds], cap.most[binds].astype(np.int64), 0
            )
        self.parent = parent
        self._arcs(parent, person, usable.astype(np.int64), 0)

    def _fill(self, problem: Problem, slots: Slots, kinds: Ints, kind: Ints, slot: Ints) -> None:
        """Every kind may fill every slot of its place but the lead's, if it can't lead; what it lacks costs."""
        place = kinds >> BITS
        first = np.searchsorted(slots.place, place)
        last = np.searchsorted(slots.place, place, side="right")
        number = np.repeat(np.arange(len(kinds)), last - first)
        which = first[number] + rank_within(number)
        lacks = slots.bits[which] & ~kinds[number]
        cost = _weight_of(problem, slots.place[which], lacks)
        allowed = (lacks & 1) == 0
        self._arcs(kind[number[allowed]], slot[which[allowed]], slots.count[which[allowed]], cost[allowed])

    def solve(self) -> Ints:
        """The flow on every arc."""
        return solve_arcs(self.tail, self.head, self.most, self.cost, self.supply)

    def potentials(self, flow: Ints) -> Ints:
        """Prices of the nodes under which no arc could still help."""
        return potentials(self.tail, self.head, self.most, self.cost, flow, self.nodes)


def solve_arcs(tail: Ints, head: Ints, most: Ints, cost: Ints, supply: Ints) -> Ints:
    """The flow of least cost on each arc, with what each node gives (or takes, below 0). Needs OR-tools."""
    try:
        from ortools.graph.python import min_cost_flow
    except ImportError as error:
        raise InputError("a plan needs OR-tools: pip install 'highground[solve]'") from error
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tail, head, most, cost)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the flow ended with {status}")
    flow: Ints = np.asarray(solver.flows(np.arange(len(tail)))).astype(np.int64)
    return flow


def potentials(tail: Ints, head: Ints, most: Ints, cost: Ints, flow: Ints, nodes: int) -> Ints:
    """Prices of the nodes under which no arc could still help: sweeps of Bellman and Ford over what is left."""
    forward, back = flow < most, flow > 0
    tail, head = np.concatenate([tail[forward], head[back]]), np.concatenate([head[forward], tail[back]])
    cost = np.concatenate([cost[forward], -cost[back]])
    order = np.argsort(head, kind="stable")
    tail, head, cost = tail[order], head[order], cost[order]
    begin = np.flatnonzero(np.diff(head, prepend=-1))
    ends = head[begin]
    level = np.zeros(nodes, dtype=np.int64)
    for _ in range(nodes):
        found = np.minimum(np.minimum.reduceat(level[tail] + cost, begin), level[ends])
        if np.array_equal(found, level[ends]):
            break
        level[ends] = found
    return level


def _weight_of(problem: Problem, place: Ints, bits: Ints) -> Ints:
    """What a place loses without these bits, the lead aside."""
    found: Ints = (problem.weight[place] * ((bits[:, None] >> np.arange(BITS)) & 1)).sum(axis=1)
    return found


def _only_some(cap: Cap, double: Kept, prefer: Ints, usable: Kept) -> None:
    """Where people hang under another group already, this cap is kept by letting only as many of its group go at all."""
    hit = np.zeros(len(cap.most), dtype=np.bool_)
    hit[cap.group[double]] = True
    inside = np.flatnonzero((cap.group >= 0) & hit[cap.group])
    inside = inside[np.argsort(-prefer[inside], kind="stable")]
    rank = rank_within(cap.group[inside])
    usable[inside[rank >= cap.most[cap.group[inside]]]] = False
