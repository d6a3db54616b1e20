"""Which visitor makes which visit on which day: deadlines first, then as many visits as can be made, then the shortest ways.

It is a flow, so the answer is the best there is, and its prices prove it: what one more place in the day of a visitor would be
worth. `methods.rounds` plans the same by a rule that can be told at a door; this says how far from the best that rule is, and
plans where the ways are known in minutes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.allocate.arrays import InputError, Ints, ranges, starts_of
from highground.methods.allocate.choose import Choice, Options, choose
from highground.methods.allocate.policy import Finding
from highground.methods.allocate.tables import first_of_each, need, place_in

MOST_MINUTES, MOST_RANK = 24 * 60, 9
MOST_WORTH = 1 << 50
"""What all visits together may be worth, so that no sum leaves 64 bits inside the flow."""


def choose_visits(visits: pa.Table, ways: pa.Table, days: pa.Table) -> tuple[pa.Table, Choice, list[Finding]]:
    """A plan of visits: at most one visitor and day for each, within what each visitor can make on a day.

    `visits`: visit, due (a date, null for none), rank (0 to 9; of two that cannot both be made in time the lower goes first).
    `ways`: visit, visitor, minutes: who may make it, and how far it is. `days`: visitor, day (a date), capacity (visits).
    No plan keeps more deadlines of a rank without losing one of a lower rank; among those none makes more visits; among those
    none has less to travel, where a day too late counts as much as the longest way of all. A deadline after the last of the
    days can wait for the next plan, and counts for nothing here.

    Returns rows of visit, visitor, day, minutes, in_time (null without a deadline); the choice with its proof, a price for
    each row of `days`; findings for visits that nobody may make. Needs OR-tools. Raises InputError naming the table, column
    and row for what cannot be used.
    """
    _check(visits, ways, days)
    visit = place_in(ways.column("visit"), visits.column("visit"))
    row, slot = _reach(ways, days, visit)
    order = np.lexsort((slot, visit[row]))
    row, slot = row[order], slot[order]
    item = visit[row]
    minutes = ways.column("minutes").to_numpy().astype(np.int64)[row]
    worth, in_time = _worth(visits, item, minutes, _numbers(days.column("day"))[slot])
    made = choose(
        Options(
            item=item,
            value=worth,
            cost=np.ones(len(item), dtype=np.int64),
            resource=slot,
            capacity=days.column("capacity").to_numpy().astype(np.int64),
            items=len(visits),
        )
    )
    taken = made.chosen
    found = pa.table(
        {
            "visit": visits.column("visit").take(pa.array(item[taken])),
            "visitor": days.column("visitor").take(pa.array(slot[taken])),
            "day": days.column("day").take(pa.array(slot[taken])),
            "minutes": pa.array(minutes[taken]),
            "in_time": pa.array(in_time[taken], mask=_dues(visits)[item[taken]] < 0),
        }
    )
    return found, made, list(_findings(visits, item))


def _reach(ways: pa.Table, days: pa.Table, visit: Ints) -> tuple[Ints, Ints]:
    """Each way beside each day of its visitor: rows of `ways` and of `days`."""
    known = days.column("visitor").unique()
    who = place_in(days.column("visitor"), known)
    order = np.argsort(who, kind="stable")
    starts = starts_of(who[order], len(known))
    goes = place_in(ways.column("visitor"), known)
    rows = np.flatnonzero((goes >= 0) & (visit >= 0))
    at, which = ranges(starts[goes[rows]], starts[goes[rows] + 1])
    return rows[which], order[at]


def _worth(visits: pa.Table, item: Ints, minutes: Ints, day: Ints) -> tuple[Ints, np.ndarray]:
    """What each option is worth, every aim more than what comes after it could lose by one step of it; and what is in time.

    A deadline that is kept in a plan of one more comes by a chain of visits that change places, of which at most the last is
    given up. So it is enough that a deadline is worth more than one visit and every way.
    """
    due = _dues(visits)[item]
    in_time = (due < 0) | (day <= due)
    late = np.where(in_time, 0, day - due)
    longest = int(minutes.max(initial=0)) + 1
    least = longest * (
        int(late.max(initial=0)) + 1
    )  # what way and lateness cost one visit at most, and a little more
    made = len(visits) * least + 1
    kept = 2 * made  # one deadline more costs at most one visit and all that is lost on ways
    ranks = MOST_RANK + 1 - visits.column("rank").to_numpy().astype(np.int64)[item]
    if kept * (MOST_RANK + 1) * len(visits) > MOST_WORTH:
        raise InputError(
            f"visits: {len(visits):,} rows with ways of up to {longest - 1:,} minutes are too many for one plan; plan each"
            " county by itself"
        )
    now = (due >= 0) & (due <= day.max(initial=0))
    worth = made - minutes - longest * late + kept * ranks * (now & in_time)
    return worth.astype(np.int64), in_time


def _dues(visits: pa.Table) -> Ints:
    """The day of each deadline as a number, -1 for none."""
    return _numbers(visits.column("due"))


def _numbers(dates: pa.ChunkedArray) -> Ints:
    numbers = pc.fill_null(dates.cast(pa.date32()).cast(pa.int32()), -1)
    found: Ints = numbers.to_numpy().astype(np.int64)
    return found


def _findings(visits: pa.Table, item: Ints) -> list[Finding]:
    nobody = np.ones(len(visits), dtype=np.bool_)
    nobody[item] = False
    if not nobody.any():
        return []
    what = (
        f"nobody may make '{visits.column('visit')[int(np.argmax(nobody))]}' ({int(nobody.sum()):,} visits)"
    )
    return [Finding("visits", what, "write a way to it for somebody who has days")]


def _check(visits: pa.Table, ways: pa.Table, days: pa.Table) -> None:
    need(visits, "visits", ["visit", "rank"], {"rank": MOST_RANK}, there=["due"])
    need(ways, "ways", ["visit", "visitor", "minutes"], {"minutes": MOST_MINUTES})
    need(days, "days", ["visitor", "day", "capacity"], {"capacity": 1000})
    for name, table, column in (("visits", visits, "due"), ("days", days, "day")):
        kind = table.column(column).type
        if not (pa.types.is_date(kind) or pa.types.is_null(kind)):
            raise InputError(f"{name}: column '{column}' is {kind}; it must hold dates such as 2026-11-27")
    for name, table, keys in (("visits", visits, ["visit"]), ("ways", ways, ["visit", "visitor"]),
                              ("days", days, ["visitor", "day"])):  # fmt: skip
        once = first_of_each(_joined(table, keys))
        if not once.all():
            row = int(np.argmin(once)) + 1
            raise InputError(f"{name}: row {row} stands there already ({', '.join(keys)}); keep one row")


def _joined(table: pa.Table, keys: list[str]) -> pa.ChunkedArray:
    """One text for the keys of each row."""
    return pc.binary_join_element_wise(*(table.column(one).cast(pa.string()) for one in keys), "\n")
