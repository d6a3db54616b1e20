"""Risks as a register knows them: a growing list per household, each addition on its day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from highground.methods.facts import load_dictionary
from highground.methods.world.chance import Floats, Ints
from highground.methods.world.families import Families
from highground.methods.world.livelihood import NO_LABOUR, SEVERE, Bodies, Livelihood

RISKS = tuple(load_dictionary()["risks"].values)
BIT = {name: 1 << place for place, name in enumerate(RISKS)}
_TEXTS = [
    "[]" if not mask else ";".join(name for name in RISKS if mask & BIT[name])
    for mask in range(1 << len(RISKS))
]


@dataclass(frozen=True)
class RiskReports:
    """Who was found to be at which risks (bits), on which day, by which source."""

    household: Ints
    day: Ints
    source: Ints
    bits: Ints

    def gathered(self) -> RiskReports:
        """The reports in order of time, each with everything that was found before it."""
        order = np.lexsort((self.day, self.household))
        household, bits = self.household[order], self.bits[order]
        group = np.append(0, np.cumsum(np.diff(household) != 0)) if len(order) else household
        known = np.zeros_like(bits)
        for bit in BIT.values():
            # groups only grow, so the running maximum of (group, found) starts anew with each household
            known |= np.where(np.maximum.accumulate(group * 2 + ((bits & bit) > 0)) % 2 == 1, bit, 0)
        return RiskReports(household, self.day[order], self.source[order], known)

    @staticmethod
    def joined(reports: list[RiskReports]) -> RiskReports:
        """Several reports as one."""
        columns = [
            np.concatenate([getattr(each, name) for each in reports])
            for name in ("household", "day", "source", "bits")
        ]
        return RiskReports(*columns)


def risk_texts(bits: Ints) -> pa.Array:
    """Lists of risks as text; the empty list, which says that somebody looked and found none, is `[]`."""
    return pa.array(_TEXTS).take(pa.array(bits))


def standing_risks(families: Families, bodies: Bodies) -> Ints:
    """Risks that follow from who lives in the household, whether or not anybody has noted them."""
    severe = families.count(bodies.health == SEVERE) > 0
    disabled = families.count(bodies.health > SEVERE) > 0
    labour = families.count(bodies.labour < NO_LABOUR) > 0
    school = families.count((families.age >= 16) & (bodies.school == 1)) >= 2
    return (
        np.where(severe, BIT["illness"], 0)
        | np.where(disabled, BIT["disability"], 0)
        | np.where(labour, 0, BIT["lack_of_labour"])
        | np.where(school, BIT["schooling"], 0)
    ).astype(np.int64)


def noted_risks(chance: np.random.Generator, standing: Ints, base: Livelihood, line: int) -> Ints:
    """What a yearly check-up writes down: mostly for households whose income is low, seldom for others."""
    per_person: Floats = base.net / base.persons / line
    odds = np.interp(per_person, [1.0, 1.3, 2.0, 3.0], [0.60, 0.40, 0.10, 0.02])
    noted = np.where(chance.random(len(standing)) < odds, standing, 0)
    unstable = (chance.random(len(standing)) < 0.1 * odds) & (base.wage > 0)
    return np.where(unstable, noted | BIT["unstable_work"], noted).astype(np.int64)
