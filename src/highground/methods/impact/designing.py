"""Before any data: which inferences a set of villages allows, and how large an effect must be to be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from highground.methods.impact.randomisation import assignments, smallest_p
from highground.methods.impact.regression import ImpactError
from highground.methods.poverty.student import student_quantile


@dataclass(frozen=True)
class DesignCheck:
    """What a design allows: how many assignments within blocks, and the smallest p value that they can give.

    `testable` says whether that is at most `level`. Where it is not, the study is descriptive only. `sides` is the rule
    of every test of the study: `greater`, `less` or `two`.
    """

    treated: int
    others: int
    blocks: int
    assignments: int
    smallest_p: float
    level: float
    sides: str = "greater"

    @property
    def testable(self) -> bool:
        """Whether an effect could be shown at the level."""
        return self.smallest_p <= self.level

    def sentence(self) -> str:
        """The verdict in words."""
        kind = "two-sided" if self.sides == "two" else "one-sided"
        p = f"the smallest {kind} p value is 1 in {1 / self.smallest_p:,.0f}"
        if self.testable:
            return f"{self.assignments:,} assignments are possible within blocks; {p}"
        return f"only {self.assignments:,} assignments are possible within blocks: {p}; descriptive only"


def check_design(
    treated: Sequence[bool],
    blocks: Sequence[Any] | None = None,
    *,
    level: float = 0.05,
    sides: str = "greater",
) -> DesignCheck:
    """Check a design of villages, one entry for each. Raises ImpactError as `randomisation_test` does."""
    chosen = np.asarray(treated, bool)
    possible = assignments(chosen, blocks)
    groups = 1 if blocks is None else len(set(blocks))
    smallest = smallest_p(chosen, blocks, sides)
    return DesignCheck(int(chosen.sum()), int((~chosen).sum()), groups, possible, smallest, level, sides)


def minimum_detectable_effect(
    spread: float,
    treated: int,
    others: int,
    *,
    blocks: int = 1,
    level: float = 0.05,
    power: float = 0.8,
    normal: bool = False,
) -> float:
    """The smallest true effect that a two-sided test at `level` would find with probability `power`.

    `spread` is the standard deviation between villages of the change in their means, in the unit of the outcome, such
    as from an earlier survey. The effect is (t of level + t of power) * spread * sqrt(1/treated + 1/others), with
    Student's t of treated + others - 1 - `blocks` degrees of freedom (Bloom 1995, Evaluation Review 19(5)), since each block
    has a mean of its own; with `normal` by the normal distribution, as most tables have it, which is too small an effect
    for a few villages.

    Raises ImpactError where the villages are not two more than the blocks at least, and for shares outside 0 to 1.
    """
    if treated < 1 or others < 1 or blocks < 1 or treated + others < blocks + 2:
        raise ImpactError(
            "an effect needs treated and other villages, three at least, and two more than there are blocks"
        )
    if not (0 < level < 1 and 0.5 < power < 1 and spread > 0):
        raise ImpactError(
            "level lies between 0 and 1, power between one half and 1, and the spread is above zero"
        )
    df = treated + others - 1 - blocks
    at = NormalDist().inv_cdf if normal else lambda share: student_quantile(share, df)
    factor = at(1 - level / 2) + at(power)
    return factor * spread * math.sqrt(1 / treated + 1 / others)
