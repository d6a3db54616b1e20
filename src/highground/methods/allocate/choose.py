"""One choice for each item under limits: which measure a household gets under a county's budget, which visitor goes when.

Every item takes at most one of its options, or none; an option is worth something and takes some of one resource (the budget of
a county, the hours of a visitor on a day). With a price on each resource the items choose by themselves, so

    sum of capacity x price + for each item the best of its options less what they cost, or nothing

is a bound for any prices that are not below zero. The price of a resource says what one more unit of it would be worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.allocate.arrays import Bools, Floats, InputError, Ints

HALVINGS = 60
UPGRADES = 50
ROUNDING = 1e-9  # the bound is made larger by this share of itself, more than floating point can lose


@dataclass(frozen=True)
class Options:
    """Options in the order of their items: what each is worth, what it takes, and of which resource."""

    item: Ints
    value: Ints
    cost: Ints
    resource: Ints
    capacity: Ints  # of each resource
    items: int

    def __post_init__(self) -> None:
        if np.any(self.item[1:] < self.item[:-1]):
            raise InputError("options: they do not stand in the order of their items; sort them")
        if np.any(self.cost < 0) or np.any(self.capacity < 0):
            raise InputError("options: a cost or a capacity is below 0; write 0 or more")


@dataclass(frozen=True)
class Choice:
    """The chosen options, in order; a price for each resource; objective and bound of the certificate."""

    chosen: Ints
    prices: Floats
    objective: int
    bound: float

    @property
    def gap(self) -> float:
        """How much better, at most, another choice could be, as a share of the objective."""
        return (self.bound - self.objective) / self.objective if self.objective > 0 else float("nan")


def choose(options: Options) -> Choice:
    """A choice close to the best, and a bound that proves how close.

    Where every option takes one unit it is the best (a flow; needs OR-tools). Otherwise all options of an item must draw on
    one resource, and prices are found by halving. Raises InputError where neither holds.
    """
    if len(options.item) and np.all(options.cost == 1):
        return _by_flow(options)
    first = np.zeros(options.items, dtype=np.int64)
    first[options.item[::-1]] = options.resource[::-1]
    mixed = np.flatnonzero(first[options.item] != options.resource)
    if len(mixed):
        one = int(options.item[mixed[0]])
        raise InputError(
            f"options: item {one} draws on two resources; give it one, or let every option take one unit"
        )
    prices, chosen = _by_price(options)
    return prove(options, _use_up(options, chosen, prices), prices)


def prove(options: Options, chosen: Ints, prices: Floats) -> Choice:
    """Check a choice and bound every other from any prices. Raises InputError for a choice that breaks a limit."""
    if len(chosen) and np.bincount(options.item[chosen]).max() > 1:
        raise InputError(
            f"choice: item {int(np.bincount(options.item[chosen]).argmax())} has two options; leave one"
        )
    used = np.bincount(
        options.resource[chosen], weights=options.cost[chosen], minlength=len(options.capacity)
    )
    if np.any(used > options.capacity):
        one = int(np.argmax(used > options.capacity))
        raise InputError(
            f"choice: resource {one} gives {int(used[one])} of {int(options.capacity[one])}; take some back"
        )
    prices = np.maximum(prices, 0.0)
    net = options.value - prices[options.resource] * options.cost
    best = np.zeros(options.items)
    np.maximum.at(best, options.item, net)
    bound = float(np.sum(options.capacity * prices) + best.sum())
    return Choice(np.sort(chosen), prices, int(options.value[chosen].sum()), bound + abs(bound) * ROUNDING)


def _best(options: Options, prices: Floats) -> Ints:
    """What each item takes at these prices: of equals the first; nothing where nothing is worth its price."""
    if not len(options.item):
        return np.zeros(0, dtype=np.int64)
    net = options.value - prices[options.resource] * options.cost
    begin = np.flatnonzero(np.diff(options.item, prepend=-1))
    most = np.maximum.reduceat(net, begin)
    sizes = np.diff(np.append(begin, len(net)))
    at = np.flatnonzero((net == np.repeat(most, sizes)) & (net > 0))
    found: Ints = at[np.diff(options.item[at], prepend=-1) != 0]
    return found


def _by_price(options: Options) -> tuple[Floats, Ints]:
    """For each resource the least price at which the items take no more than there is, to the last halving."""
    low = np.zeros(len(options.capacity))
    some = np.flatnonzero(options.cost > 0)
    dearest = np.zeros(len(options.capacity))
    np.maximum.at(dearest, options.resource[some], options.value[some] / options.cost[some])
    high = np.where(_over(options, _best(options, low)), dearest * 1.01 + 1e-12, 0.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        over = _over(options, _best(options, middle))
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return high, _best(options, high)


def _over(options: Options, chosen: Ints) -> Bools:
    used = np.bincount(
        options.resource[chosen], weights=options.cost[chosen], minlength=len(options.capacity)
    )
    found: Bools = used > options.capacity
    return found


def _use_up(options: Options, chosen: Ints, prices: Floats) -> Ints:
    """Spend what is left: time and again each resource gives the step up that gains most at its price and still fits."""
    now = np.full(options.items, -1, dtype=np.int64)
    now[options.item[chosen]] = chosen
    used = np.bincount(
        options.resource[chosen], weights=options.cost[chosen], minlength=len(options.capacity)
    )
    left = options.capacity - used
    for _ in range(UPGRADES):
        held = now[options.item]
        there = held >= 0
        more = options.value - np.where(there, options.value[held], 0)
        takes = options.cost - np.where(there, options.cost[held], 0)
        fits = np.flatnonzero((more > 0) & (takes <= left[options.resource]))
        if not len(fits):
            break
        rank = more[fits] - prices[options.resource[fits]] * takes[fits]
        order = fits[np.lexsort((-more[fits], -rank, options.resource[fits]))]
        step = order[np.diff(options.resource[order], prepend=-1) != 0]
        now[options.item[step]] = step
        left[options.resource[step]] -= takes[step]
    return now[now >= 0]


def _by_flow(options: Options) -> Choice:
    """The best choice where every option takes one unit, and the prices that prove it."""
    from highground.methods.allocate.flow import potentials, solve_arcs

    worth = np.flatnonzero(options.value > 0)
    item, resource = 1 + options.item, 1 + options.items + options.resource
    sink = 1 + options.items + len(options.capacity)
    count = np.arange(options.items)
    tail = np.concatenate(
        [np.zeros(options.items, np.int64), 1 + count, item[worth], np.arange(1 + options.items, sink)]
    )
    head = np.concatenate(
        [1 + count, np.full(options.items, sink), resource[worth], np.full(len(options.capacity), sink)]
    )
    most = np.concatenate([np.ones(2 * options.items + len(worth), dtype=np.int64), options.capacity])
    cost = np.concatenate(
        [
            np.zeros(2 * options.items, np.int64),
            -options.value[worth],
            np.zeros(len(options.capacity), np.int64),
        ]
    )
    supply = np.zeros(sink + 1, dtype=np.int64)
    supply[0], supply[sink] = options.items, -options.items
    flow = solve_arcs(tail, head, most, cost, supply)
    level = potentials(tail, head, most, cost, flow, sink + 1)
    prices = np.maximum(level[sink] - level[1 + options.items : sink], 0).astype(np.float64)
    begin = 2 * options.items
    chosen = worth[flow[begin : begin + len(worth)] > 0]
    return prove(options, chosen, prices)
