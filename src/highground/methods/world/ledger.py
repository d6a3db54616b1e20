"""The ledger: dated facts are written down in columns, and come out as one long table in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.facts import load_dictionary
from highground.methods.world.chance import Bools, Ints

NO_MEMBER = -1
_DAY_BITS, _FACT_BITS, _MEMBER_BITS = 20, 8, 6

FACT_SCHEMA = pa.schema(
    [
        ("household", pa.string()),
        ("member", pa.string()),
        ("fact", pa.string()),
        ("value", pa.string()),
        ("valid_from", pa.date32()),
        ("source", pa.int32()),
    ]
)

SOURCE_SCHEMA = pa.schema(
    [("source", pa.int32()), ("kind", pa.string()), ("name", pa.string()), ("day", pa.date32())]
)


@dataclass
class Ledger:
    """Dated facts as they are written, household and member by position, days since 1970-01-01."""

    _names: list[str] = field(default_factory=lambda: list(load_dictionary()))
    _sources: list[tuple[str, str, int]] = field(default_factory=list)
    _columns: list[tuple[Ints, Ints, int, pa.Array, Ints, Ints]] = field(default_factory=list)

    def source(self, kind: str, name: str, day: int) -> int:
        """Note a source of facts; its number."""
        self._sources.append((kind, name, day))
        return len(self._sources) - 1

    def write(
        self,
        fact: str,
        values: pa.Array,
        *,
        household: Ints,
        day: Ints | int,
        source: Ints | int,
        member: Ints | int = NO_MEMBER,
        where: Bools | None = None,
    ) -> None:
        """Write one fact of many households or members, where `where` (all, if not given) is true."""
        rows = len(household)
        columns = [np.broadcast_to(np.asarray(each, dtype=np.int64), rows) for each in (member, day, source)]
        if where is not None:
            household, values = household[where], values.filter(pa.array(where))
            columns = [each[where] for each in columns]
        members, days, sources = columns
        self._columns.append((household, members, self._names.index(fact), values, days, sources))

    def sources(self) -> pa.Table:
        """The sources, numbered from 0."""
        kinds, names, days = zip(*self._sources, strict=True)
        return pa.table(
            [range(len(kinds)), kinds, names, pa.array(days, pa.int32()).cast(pa.date32())],
            schema=SOURCE_SCHEMA,
        )

    def table(self, households: pa.Array, members: pa.Array, number: Ints) -> pa.Table:
        """All facts, ordered by household, member (the household's own first), fact and day.

        `households` and `members` are the keys by position, `number` counts members within their household
        from 1. What was written last for the same fact and day stands.
        """
        household, member, days, sources = (
            np.concatenate([each[place] for each in self._columns]) for place in (0, 1, 4, 5)
        )
        fact = np.repeat([each[2] for each in self._columns], [len(each[0]) for each in self._columns])
        number = np.where(member == NO_MEMBER, 0, number[member])
        key = ((household << _MEMBER_BITS | number) << _FACT_BITS | fact) << _DAY_BITS | days
        order = np.argsort(key, kind="stable")
        last = np.append(np.diff(key[order]) != 0, True)
        kept = order[last]
        own = pa.array(member[kept] == NO_MEMBER)
        return pa.table(
            [
                households.take(pa.array(household[kept])),
                pc.if_else(own, None, members.take(pa.array(np.maximum(member[kept], 0)))),
                pa.array(self._names).take(pa.array(fact[kept])),
                pa.concat_arrays([each[3] for each in self._columns]).take(pa.array(kept)),
                pa.array(days[kept].astype(np.int32)).cast(pa.date32()),
                pa.array(sources[kept].astype(np.int32)),
            ],
            schema=FACT_SCHEMA,
        )


def whole(values: Ints) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(values).cast(pa.string())


def yes_no(values: Bools) -> pa.Array:
    """Truth values as text."""
    return pa.array(values).cast(pa.string())


def one_of(names: Sequence[str], values: Ints) -> pa.Array:
    """Categories, given by position in `names`."""
    return pa.array(names).take(pa.array(values))


def on_day(values: Ints) -> pa.Array:
    """Days since 1970-01-01 as ISO text."""
    return pa.array(values.astype(np.int32)).cast(pa.date32()).cast(pa.string())
