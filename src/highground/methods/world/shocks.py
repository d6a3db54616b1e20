"""What befalls households in the twelve months before today: illness, lost work, floods.

Rates and sizes are assumptions; what matters here is that each shock has its day, its loss, and reaches the
register later than it happened, by the channel that would carry it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.world.chance import Floats, Ints, draw_days
from highground.methods.world.families import Families
from highground.methods.world.livelihood import Bodies, Livelihood

FLOOD_DAYS_AGO = (24, 96, 205)
"""Days before today on which the floods came; the first lies between the two screening runs."""
VILLAGES_PER_FLOOD = 75
"""One of so many villages is under water in each flood."""
ILLNESS_RATE, JOB_LOSS_RATE, FLOODED_SHARE = 0.018, 0.025, 0.3
FIRST_DAY_AGO, LAST_DAY_AGO = 330, 5


@dataclass(frozen=True)
class Events:
    """Things that happened: to which household, on which day, of what size."""

    household: Ints
    day: Ints
    amount: Floats

    def total(self, until: Ints) -> Floats:
        """Sum of sizes per household up to and on the day that `until` gives for each household."""
        past = self.day <= until[self.household]
        sums = np.bincount(self.household[past], weights=self.amount[past], minlength=len(until))
        return np.asarray(sums, dtype=np.float64)


@dataclass(frozen=True)
class Illness:
    """Bills left to the family, claims paid later, and who fell ill when (`member` is a position)."""

    bills: Events
    claims: Events
    household: Ints
    member: Ints
    day: Ints


@dataclass(frozen=True)
class JobLoss:
    """Lost work: `cut` is the share of the household's wage that stopped on `day`."""

    household: Ints
    member: Ints
    day: Ints
    cut: Floats


@dataclass(frozen=True)
class Flood:
    """Floods: `day` of each, the flood in each village (-1 for none), and the households it hit.

    `loss` is the share of the year's gross farm and business income that is gone; `claims` what insurance paid.
    """

    day: Ints
    in_village: Ints
    household: Ints
    hit_on: Ints
    loss: Floats
    claims: Events


@dataclass(frozen=True)
class Shocks:
    """All shocks of one part of the world."""

    illness: Illness
    job_loss: JobLoss
    flood: Flood


def make_illness(chance: np.random.Generator, families: Families, today: int, line: int) -> Illness:
    """Draw who falls severely ill, when, up to four monthly bills each, and claims for most of the insured."""
    household = np.flatnonzero(chance.random(families.households) < ILLNESS_RATE)
    cases = len(household)
    member = families.somebody(chance, household)
    day = np.maximum(today - draw_days(chance, LAST_DAY_AGO, FIRST_DAY_AGO, cases), families.born[member])
    total = line * 2.2 * np.exp(chance.normal(0.0, 0.7, cases))
    count = chance.integers(1, 4, size=cases, endpoint=True)
    case = np.repeat(np.arange(cases), count)
    order = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
    billed = day[case] + order * 30 + draw_days(chance, 0, 15, len(case))
    bills = _past(Events(household[case], billed, np.rint((total / count)[case])), today)
    insured = np.flatnonzero(chance.random(cases) < 0.65)
    paid_on = day[insured] + draw_days(chance, 60, 300, len(insured))
    paid = np.rint(total[insured] * chance.uniform(0.6, 0.98, len(insured)))
    return Illness(bills, _past(Events(household[insured], paid_on, paid), today), household, member, day)


def make_job_loss(
    chance: np.random.Generator, families: Families, bodies: Bodies, lasting: Floats, today: int
) -> JobLoss:
    """Draw which of those who work away lose their work, and what share of the wage goes with it.

    The lower the lasting part of a household's welfare, the less secure is its work.
    """
    odds = JOB_LOSS_RATE * np.exp(-0.8 * lasting[families.household])
    lost = np.flatnonzero((bodies.months_away > 0) & (chance.random(len(odds)) < odds))
    household = families.household[lost]
    household, first = np.unique(household, return_index=True)
    day = today - draw_days(chance, LAST_DAY_AGO, FIRST_DAY_AGO, len(household))
    return JobLoss(household, lost[first], day, chance.uniform(0.4, 0.9, len(household)))


def make_floods(
    chance: np.random.Generator, village: Ints, villages: int, today: int, harvest: Floats
) -> Flood:
    """Draw flooded villages and the households hit; `harvest` is gross business income per household."""
    day = today - np.asarray(FLOOD_DAYS_AGO, dtype=np.int64)
    each = max(1, villages // VILLAGES_PER_FLOOD)
    in_village = np.full(villages, -1, dtype=np.int64)
    drowned = chance.permutation(villages)[: each * len(day)]
    in_village[drowned] = np.arange(len(drowned)) // each
    flood = in_village[village]
    household = np.flatnonzero((flood >= 0) & (chance.random(len(village)) < FLOODED_SHARE))
    loss = chance.uniform(0.3, 1.0, len(household))
    hit_on = day[flood[household]]
    insured = np.flatnonzero(chance.random(len(household)) < 0.35)
    paid_on = hit_on[insured] + draw_days(chance, 45, 100, len(insured))
    paid = np.rint(harvest[household[insured]] * loss[insured] * 0.5)
    return Flood(
        day, in_village, household, hit_on, loss, _past(Events(household[insured], paid_on, paid), today)
    )


def _past(events: Events, today: int) -> Events:
    past = events.day <= today
    return Events(events.household[past], events.day[past], events.amount[past])


@dataclass(frozen=True)
class History:
    """Amounts over the trailing twelve months on any day: an ordinary year, and what the shocks did to it."""

    base: Livelihood
    shocks: Shocks

    def wage(self, day: Ints) -> Ints:
        """Wages: what a lost job would have brought since the loss is missing."""
        lost = self.shocks.job_loss
        part = np.zeros(len(day))
        part[lost.household] = lost.cut * np.clip((day[lost.household] - lost.day) / 365, 0, 1)
        return np.rint(self.base.wage * (1 - part)).astype(np.int64)

    def business(self, day: Ints) -> Ints:
        """Gross income from farm and business: the flooded part is gone from the day of the flood."""
        flood = self.shocks.flood
        part = np.zeros(len(day))
        part[flood.household] = flood.loss * (flood.hit_on <= day[flood.household])
        return np.rint(self.base.business * (1 - part)).astype(np.int64)

    def out_of_pocket(self, day: Ints) -> Ints:
        """Spending left after reimbursement: an ordinary year and the bills of severe illness."""
        return self.base.out_of_pocket + np.rint(self.shocks.illness.bills.total(day)).astype(np.int64)

    def claims(self, day: Ints) -> Ints:
        """Insurance and indemnity paid out."""
        paid = self.shocks.illness.claims.total(day) + self.shocks.flood.claims.total(day)
        return np.rint(paid).astype(np.int64)

    def net(self, day: Ints) -> Ints:
        """Net income of the household."""
        return self.wage(day) + self.business(day) - self.base.cost + self.base.owned + self.base.transfer

    def reference(self, day: Ints) -> Ints:
        """Net income plus claims less out-of-pocket spending, per household."""
        return self.net(day) + self.claims(day) - self.out_of_pocket(day)
