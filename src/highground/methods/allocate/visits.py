"""Which visitor goes to which family on which day: every deadline first, then early, then near."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from highground.methods.allocate.arrays import InputError, Ints, rank_within
from highground.methods.allocate.choose import Choice, Options, choose
from highground.methods.allocate.policy import Finding
from highground.methods.allocate.tables import place_in

IN_TIME = 1_000_000  # a visit before its deadline outweighs all travel
DAY = 1_000  # a day sooner, against metres of travel: a day is worth a hundred kilometres
MOST_TRAVEL = 100_000


def plan_visits(
    visits: pa.Table, visitors: pa.Table, pairs: pa.Table, *, days: int
) -> tuple[pa.Table, Choice, list[Finding]]:
    """Give visits to visitors for the next `days` days.

    `visits`: visit, due (the last day, from 1). `visitors`: visitor, each_day (visits that they can do on a day). `pairs`:
    visit, visitor, metres. Returns rows visit, visitor, day; the choice with its bound, by which the plan is the best for this
    order of aims; and a finding for visits that can't be done in time. Raises InputError for a table that lacks a column or
    holds what is no number. Needs OR-tools.
    """
    _need(visits, "visits", ["visit", "due"])
    _need(visitors, "visitors", ["visitor", "each_day"])
    _need(pairs, "pairs", ["visit", "visitor", "metres"])
    visit = place_in(pairs.column("visit"), visits.column("visit"))
    visitor = place_in(pairs.column("visitor"), visitors.column("visitor"))
    known = np.flatnonzero((visit >= 0) & (visitor >= 0))
    due = np.minimum(visits.column("due").to_numpy(), days)
    metres = np.minimum(pairs.column("metres").to_numpy(), MOST_TRAVEL)
    pair, day = _each_day(known, np.maximum(due[visit[known]], 0))
    order = np.argsort(visit[pair], kind="stable")
    pair, day = pair[order], day[order]
    options = Options(
        item=visit[pair],
        value=IN_TIME - DAY * day - metres[pair] // 100,
        cost=np.ones(len(pair), dtype=np.int64),
        resource=visitor[pair] * days + day - 1,
        capacity=np.repeat(visitors.column("each_day").to_numpy().astype(np.int64), days),
        items=len(visits),
    )
    made = choose(options)
    chosen = pair[made.chosen]
    table = pa.table(
        {
            "visit": visits.column("visit").take(pa.array(visit[chosen])),
            "visitor": visitors.column("visitor").take(pa.array(visitor[chosen])),
            "day": pa.array(day[made.chosen]),
        }
    )
    return table, made, _late(visits, visit[chosen])


def _each_day(pairs: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Each pair once for every day up to its last, and that day."""
    which = np.repeat(np.arange(len(pairs)), last)
    return pairs[which], rank_within(which) + 1


def _late(visits: pa.Table, done: Ints) -> list[Finding]:
    open_ = np.ones(len(visits), dtype=np.bool_)
    open_[done] = False
    if not open_.any():
        return []
    first = visits.column("visit")[int(np.argmax(open_))]
    what = f"{int(open_.sum()):,} visits can't be done in time, the first is '{first}'"
    return [Finding("deadlines", what, "lend a visitor, allow more visits on a day, or agree on a later day")]


def _need(table: pa.Table, name: str, columns: list[str]) -> None:
    for column in columns:
        if column not in table.column_names:
            raise InputError(
                f"{name}: there is no column '{column}'; add it (columns: {', '.join(table.column_names)})"
            )
        numeric = pa.types.is_integer(table.column(column).type)
        if column in ("due", "each_day", "metres") and not (numeric and table.column(column).null_count == 0):
            raise InputError(f"{name}: column '{column}' must hold whole numbers, none empty")
