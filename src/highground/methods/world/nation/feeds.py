"""What departments send of the events of a block: a file a month, with the faults that such files have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pyarrow as pa

from highground.methods.world.chance import Bools, Ints, fixed_texts
from highground.methods.world.nation.events import Events, Rows, span_of
from highground.methods.world.nation.people import Bytes, People
from highground.methods.world.nation.plan import Plan

PERSON_FEEDS = ("medical", "school", "employment", "insurance")
HOUSEHOLD_FEEDS = ("disaster", "inspection", "subsistence", "microcredit")
FEEDS = PERSON_FEEDS + HOUSEHOLD_FEEDS
MONEY = {"total", "reimbursed", "own_paid", "paid", "loss", "amount", "due", "overdue"}
YUAN = pa.decimal128(12, 2)

NO_NUMBER, WRONG_NUMBER, TWICE, LATE = 0.003, 0.002, 0.001, 0.005
"""Shares of the rows: without identity number, with a wrong one, sent twice, sent one to three months late."""
NO_BIRTH_DATE, NO_AREA = 0.01, 0.05


def sent(plan: Plan, people: People, events: Events) -> Iterator[tuple[str, str, pa.Table]]:
    """For each feed and month: feed, month, rows in the order of days (there may be none)."""
    starts = span_of(plan, people.last_day).month_starts
    for feed in FEEDS:
        rows = events.feeds[feed]
        chance = people.block.chance(plan.seed, f"sent {feed}")
        row, month = _sent_in(chance, rows, starts)
        columns = (
            _persons(chance, people, rows.who, row)
            if feed in PERSON_FEEDS
            else _household(people, rows.who[row])
        )
        columns["day"] = pa.array(rows.day[row].astype(np.int32)).cast(pa.date32())
        for name, values in rows.fields.items():
            taken = values.take(pa.array(row))
            columns[name] = in_yuan(taken.to_numpy()) if name in MONEY else taken
        table = pa.table(columns)
        edges = np.searchsorted(month, np.arange(plan.months + 1)).tolist()
        for place, (low, high) in enumerate(pairwise(edges)):
            yield feed, plan.feed_months[place], table.slice(low, high - low)


def _sent_in(chance: np.random.Generator, rows: Rows, starts: Ints) -> tuple[Ints, Ints]:
    """Which row stands in which month's file, in the order of month and day; some late, some twice, some not yet."""
    count = len(rows.day)
    month = np.searchsorted(starts, rows.day, side="right") - 1
    late = chance.random(count) < LATE
    month = month + np.where(late, chance.integers(1, 4, size=count), 0)
    there = np.flatnonzero(month < len(starts))
    twice = there[chance.random(len(there)) < TWICE]
    row = np.concatenate([there, twice])
    order = np.argsort(month[row] << 20 | rows.day[row], kind="stable")
    return row[order], month[row[order]]


def _household(people: People, who: Ints) -> dict[str, pa.Array]:
    return {"household": people.household_texts().take(pa.array(who))}


def _persons(chance: np.random.Generator, people: People, who: Ints, row: Ints) -> dict[str, pa.Array]:
    """Number, name, day of birth and village of the persons `who`, for those at the positions `row`."""
    identity = people.identity[who]
    _spoil(chance, identity, chance.random(len(who)) < WRONG_NUMBER)
    draw = chance.random((3, len(who)))
    person = who[row]
    born = pa.array(people.families.born[person].astype(np.int32), mask=draw[1][row] < NO_BIRTH_DATE)
    village = people.village[people.families.household[person]]
    return {
        "identity_number": fixed_texts(identity[row], draw[0][row] < NO_NUMBER),
        "name": people.names.take(pa.array(person)),
        "birth_date": born.cast(pa.date32()),
        "area": pa.array(people.block.village_codes).take(pa.array(village, mask=draw[2][row] < NO_AREA)),
    }


def _spoil(chance: np.random.Generator, identity: Bytes, wrong: Bools) -> None:
    """Change one digit after the region: what a clerk mistypes."""
    rows = np.flatnonzero(wrong)
    place = chance.integers(6, 17, size=len(rows))
    digit = identity[rows, place] - ord("0")
    identity[rows, place] = ord("0") + (digit + chance.integers(1, 10, size=len(rows))) % 10


def in_yuan(fen: Ints) -> pa.Array:
    """Amounts in minor units as decimal amounts of yuan; they are never negative."""
    words = np.zeros((len(fen), 2), dtype=np.int64)
    words[:, 0] = fen
    return pa.Array.from_buffers(YUAN, len(fen), [None, pa.py_buffer(words)])
