"""One part of the world (a county side, or the Lao-like district) while its facts are written down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from highground.methods.world.chance import Bools, Ints
from highground.methods.world.families import RELATIONS, SEXES, Families
from highground.methods.world.ledger import Ledger, on_day, one_of, whole, yes_no
from highground.methods.world.livelihood import HEALTH, LABOUR, Bodies

REGISTERED_DAYS_AGO = 1000
"""Days before today on which the register was first filled."""
FEED_MONTHS = 13


@dataclass(frozen=True)
class Part:
    """Households and members of one part, where they stand in the whole world, and who is in no data.

    `first_household` and `first_member` are positions in the whole world. Of households that are not `seen`
    nothing is ever written: they are known by address only. `village` numbers the villages of the part.
    """

    ledger: Ledger
    today: int
    families: Families
    village: Ints
    seen: Bools
    first_household: int
    first_member: int

    @property
    def registered_on(self) -> int:
        return self.today - REGISTERED_DAYS_AGO

    @property
    def feed_days(self) -> Ints:
        """The first days of the last thirteen months, in order of time; the last is today or before it."""
        month = np.datetime64(self.today, "D").astype("datetime64[M]")
        months = month - np.arange(FEED_MONTHS - 1, -1, -1)
        days: Ints = months.astype("datetime64[D]").astype(np.int64)
        return days

    def write(
        self,
        fact: str,
        values: pa.Array,
        *,
        day: Ints | int,
        source: Ints | int,
        household: Ints | None = None,
        where: Bools | None = None,
    ) -> None:
        """Write a fact of all households, or of those at the positions `household`."""
        if household is None:
            household = np.arange(self.families.households)
        kept = self.seen[household] if where is None else self.seen[household] & where
        self.ledger.write(
            fact, values, household=household + self.first_household, day=day, source=source, where=kept
        )

    def write_members(
        self,
        fact: str,
        values: pa.Array,
        *,
        day: Ints | int,
        source: Ints | int,
        member: Ints | None = None,
        where: Bools | None = None,
    ) -> None:
        """Write a fact of all members, or of those at the positions `member`."""
        if member is None:
            member = np.arange(len(self.families.household))
        household = self.families.household[member]
        self.ledger.write(
            fact,
            values,
            household=household + self.first_household,
            member=member + self.first_member,
            day=day,
            source=source,
            where=self.seen[household] if where is None else self.seen[household] & where,
        )

    def sources_by_feed(self, name: str) -> Ints:
        """One source per month of a department's feed, in the order of `feed_days`."""
        days = self.feed_days
        months = np.datetime_as_string(days.astype("datetime64[D]").astype("datetime64[M]"))
        named = zip(months.tolist(), days.tolist(), strict=True)
        return np.array([self.ledger.source("department", f"{name}, {month}", day) for month, day in named])

    def next_feed(self, day: Ints) -> Ints:
        """Position in `feed_days` of the first feed on or after each day; `FEED_MONTHS` where none came yet."""
        return np.searchsorted(self.feed_days, day, side="left").astype(np.int64)


def write_registration(part: Part, bodies: Bodies, source: int) -> None:
    """What the registration office knows of persons: from the first day, or from birth."""
    families = part.families
    since = np.maximum(families.born, part.registered_on)
    part.write_members("relation", one_of(RELATIONS, families.relation), day=since, source=source)
    part.write_members("sex", one_of(SEXES, families.sex), day=since, source=source)
    part.write_members("birth_date", on_day(families.born), day=since, source=source)
    part.write_members("on_register", yes_no(bodies.on_register), day=since, source=source)
    part.write_members("lives_with", yes_no(bodies.lives_with), day=since, source=source)
    part.write_members("shares_budget", yes_no(bodies.shares_budget), day=since, source=source)


def write_bodies(part: Part, bodies: Bodies, visited: Ints, source: Ints) -> None:
    """What a visit on the day `visited` (per household) notes of members: health and, of adults, work."""
    families = part.families
    day = np.maximum(visited[families.household], families.born)
    by = source[families.household]
    grown = families.age >= 16
    working_age = grown & (families.age < 65)
    part.write_members("health_status", one_of(HEALTH, bodies.health), day=day, source=by)
    part.write_members("labour", one_of(LABOUR, bodies.labour), day=day, source=by, where=grown)
    part.write_members("work_months_away", whole(bodies.months_away), day=day, source=by, where=working_age)
