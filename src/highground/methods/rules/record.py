"""One household as the engines see it: facts through the door, stale values set aside, parameters looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Value = int | bool | str | tuple[str, ...] | date | None


@dataclass(frozen=True)
class ParameterReading:
    """What the look-up of one parameter gave for one household.

    `low == high` is a value; both None is a missing parameter (`reason` says what is missing). `low < high`
    happens only where the fact that keys the parameter is itself missing: the range of the rows that could apply.
    Values are in the units of the engine (money in minor units).
    """

    low: int | None
    high: int | None
    key: str | None = None
    period: str | None = None
    source: str | None = None
    verified: bool = True
    reason: str | None = None


@dataclass(frozen=True)
class Known:
    """Where a value came from: the day it holds from, its source, and whether it was too old to count."""

    day: date | None = None
    source: str | None = None
    stale: bool = False
    stale_value: Value = None
    assumed: bool = False


@dataclass(frozen=True)
class Member:
    """One member row: `facts` by name, None where missing or stale; `known` says where each came from."""

    id: str
    facts: Mapping[str, Value]
    known: Mapping[str, Known] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """One household. `facts` by name (money as int in minor units; None where missing or stale).

    `members` is empty where there are no member rows. `parameters` has an entry for each parameter of the
    rulebook. `as_of` is the day for which the rules are asked.
    """

    household: str
    as_of: date
    facts: Mapping[str, Value]
    members: tuple[Member, ...]
    parameters: Mapping[str, ParameterReading]
    area: str | None = None
    known: Mapping[str, Known] = field(default_factory=dict)
