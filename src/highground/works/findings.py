"""What a study found: effects by the frozen plan, how alike the villages were, who was lost, and how far that goes."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from highground.methods.impact import (
    DesignCheck,
    ImpactError,
    Interval,
    check_design,
    effect_within_blocks,
    effects_under_chance,
    randomisation_test,
    village_changes,
)
from highground.works.actions.studies import readings_of
from highground.works.enums import Wave
from highground.works.further import Midline, interval_of, midline_of
from highground.works.models import FrozenPlan, Study

BINS = 15


@dataclass(frozen=True)
class Reading:
    """One value, as the database hands it out."""

    indicator: str
    village: str
    household: str
    wave: str
    value: float
    weight: float
    recalled: bool
    day: datetime.date


@dataclass(frozen=True)
class VillageChange:
    """A village at both waves; a wave that is missing is None, and then nothing is its change."""

    code: str
    treated: bool
    block: str
    before: float | None
    after: float | None
    households: int

    @property
    def change(self) -> float | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True)
class Days:
    """When an outcome was read: the last day of what was read at the baseline, and the first day of the endline.

    What was recalled later is no reading of its day. None where nothing was read.
    """

    last_before: datetime.date | None
    first_after: datetime.date | None


@dataclass(frozen=True)
class Found:
    """What was found of one indicator.

    `p` is None where nothing can be tested: then the effect is a description and nothing more. `chance` counts, in bins
    from `low` to `high`, the effects that other assignments would have given. `panel` is the effect on households that
    were there in both waves, `interval` the effects that the test does not reject, `paired` says that every block is a pair,
    `read` when.
    """

    code: str
    label: str
    unit: str
    main: bool
    villages: list[VillageChange]
    left_out: list[tuple[str, str]]
    effect: float | None
    check: DesignCheck | None
    p: float | None
    as_far: int
    exact: bool
    chance: list[int] = field(default_factory=list)
    low: float = 0.0
    high: float = 0.0
    panel: float | None = None
    recalled: float = 0.0
    interval: Interval | None = None
    midline: Midline | None = None
    paired: bool = False
    read: Days | None = None

    @property
    def testable(self) -> bool:
        return self.check is not None and self.check.testable


@dataclass(frozen=True)
class Balance:
    """How alike both sides were at the baseline: means over villages, and their difference in standard deviations."""

    label: str
    unit: str
    treated: float
    others: float
    apart: float | None


@dataclass(frozen=True)
class Attrition:
    """Households of the baseline, and how many of them were not found again."""

    treated: int
    treated_lost: int
    others: int
    others_lost: int

    @property
    def lost(self) -> float | None:
        whole = self.treated + self.others
        return (self.treated_lost + self.others_lost) / whole if whole else None

    @property
    def apart(self) -> float | None:
        if not self.treated or not self.others:
            return None
        return abs(self.treated_lost / self.treated - self.others_lost / self.others)


@dataclass(frozen=True)
class Findings:
    """Everything that the readings show under a plan."""

    found: list[Found]
    balance: list[Balance]
    attrition: Attrition | None
    waves: list[str]

    @property
    def main(self) -> Found | None:
        return next((one for one in self.found if one.main), None)


def findings_of(study: Study, plan: FrozenPlan) -> Findings:
    """Analyse the readings of a study as a plan says. One query.

    The effect is the mean change of treated villages less that of the others of their block; its p value that of
    randomisation inference within blocks. No standard error of households is used.
    """
    fields = (
        "indicator__code",
        "village__area__code",
        "household",
        "wave",
        "value",
        "weight",
        "recalled",
        "day",
    )
    readings = [Reading(*row) for row in readings_of(study).values_list(*fields)]
    content = plan.content
    by_indicator: dict[str, list[Reading]] = defaultdict(list)
    for one in readings:
        by_indicator[one.indicator].append(one)
    indicators = sorted(content["indicators"], key=lambda one: not one["main"])
    found = [
        _found(one, by_indicator[one["code"]], content) for one in indicators if by_indicator[one["code"]]
    ]
    balance = [
        row for one in indicators if (row := _balance(one, by_indicator[one["code"]], content)) is not None
    ]
    waves = [wave for wave in Wave.values if any(one.wave == wave for one in readings)]
    return Findings(found, balance, _attrition(readings, content), waves)


def _means(readings: list[Reading]) -> dict[str, float]:
    """The weighted mean of each village."""
    total: dict[str, float] = defaultdict(float)
    weight: dict[str, float] = defaultdict(float)
    for one in readings:
        total[one.village] += one.value * one.weight
        weight[one.village] += one.weight
    return {village: total[village] / weight[village] for village in total}


def _found(indicator: dict[str, Any], readings: list[Reading], content: dict[str, Any]) -> Found:
    before = [one for one in readings if one.wave == Wave.BASELINE]
    after = [one for one in readings if one.wave == Wave.ENDLINE]
    first, last = _means(before), _means(after)
    households = defaultdict(set)
    for one in readings:
        households[one.village].add(one.household)
    villages = [
        VillageChange(
            one["code"], one["treated"], one["block"], first.get(one["code"]), last.get(one["code"]),
            len(households[one["code"]] - {""}),
        )
        for one in content["villages"]
    ]  # fmt: skip
    same = {
        "code": indicator["code"],
        "label": indicator["label"],
        "unit": indicator["unit"],
        "main": indicator["main"],
        "read": Days(
            max((one.day for one in before if not one.recalled), default=None),
            min((one.day for one in after), default=None),
        ),
    }
    recalled = sum(one.recalled for one in before) / len(before) if before else 0.0
    used, left_out = _usable(villages)
    if not used:
        return Found(
            **same, villages=villages, left_out=left_out, effect=None, check=None, p=None, as_far=0, exact=True,
            recalled=recalled,
        )  # fmt: skip
    treated, blocks = [one.treated for one in used], [one.block for one in used]
    values = _changes_of(used, before, after)
    check = check_design(treated, blocks, level=float(content["level"]), sides=content["sides"])
    test = randomisation_test(values, treated, blocks=blocks, sides=content["sides"])
    told = effects_under_chance(values, treated, blocks=blocks)
    counts, edges = _bins(told, test.effect)
    return Found(
        **same,
        villages=villages,
        left_out=left_out,
        effect=test.effect,
        check=check,
        p=test.p if check.testable else None,
        as_far=round(test.p * test.draws),
        exact=test.exact,
        chance=counts,
        low=edges[0],
        high=edges[1],
        panel=_panel(before, after, used),
        recalled=recalled,
        interval=interval_of(values, treated, blocks, check),
        midline=midline_of(
            [(one.wave, one.village, one.value, one.weight) for one in readings], used, content
        ),
        paired=all(blocks.count(block) == 2 for block in blocks),
    )


def _changes_of(used: list[VillageChange], before: list[Reading], after: list[Reading]) -> list[float]:
    codes = {one.code for one in used}
    rows = [one for one in before + after if one.village in codes]
    changes = village_changes(
        [one.value for one in rows],
        [one.wave == Wave.ENDLINE for one in rows],
        [one.village for one in rows],
        weights=[one.weight for one in rows],
    )
    return [changes[one.code] for one in used]


def _usable(villages: list[VillageChange]) -> tuple[list[VillageChange], list[tuple[str, str]]]:
    """The villages that can be compared, and why the others can't: a wave is missing, or nobody is left beside them."""
    left_out = []
    used = []
    for one in villages:
        if one.change is None:
            lacking = _("the baseline") if one.before is None else _("the endline")
            left_out.append((one.code, _("%(wave)s is missing") % {"wave": lacking}))
        else:
            used.append(one)
    sides: dict[str, set[bool]] = defaultdict(set)
    for one in used:
        sides[one.block].add(one.treated)
    for one in used:
        if len(sides[one.block]) < 2:
            left_out.append((one.code, _("nobody is left to compare with in its block")))
    return [one for one in used if len(sides[one.block]) == 2], left_out


def _panel(before: list[Reading], after: list[Reading], used: list[VillageChange]) -> float | None:
    """The effect on households that were there in both waves; None where the readings are of whole villages."""
    first = {(one.village, one.household) for one in before if one.household}
    both = first & {(one.village, one.household) for one in after}
    if not both:
        return None
    old = _means([one for one in before if (one.village, one.household) in both])
    new = _means([one for one in after if (one.village, one.household) in both])
    if any(one.code not in old for one in used):
        return None
    values = [new[one.code] - old[one.code] for one in used]
    try:
        return effect_within_blocks(values, [one.treated for one in used], blocks=[one.block for one in used])
    except ImpactError:
        return None


def _bins(told: Any, effect: float) -> tuple[list[int], tuple[float, float]]:
    low, high = min(float(told.min()), effect), max(float(told.max()), effect)
    if low == high:
        low, high = low - 1, high + 1
    counts, _edges = np.histogram(told, bins=BINS, range=(low, high))
    return [int(count) for count in counts], (low, high)


def _balance(indicator: dict[str, Any], readings: list[Reading], content: dict[str, Any]) -> Balance | None:
    means = _means([one for one in readings if one.wave == Wave.BASELINE])
    sides: dict[bool, list[float]] = {True: [], False: []}
    for one in content["villages"]:
        if one["code"] in means:
            sides[one["treated"]].append(means[one["code"]])
    if not sides[True] or not sides[False]:
        return None
    treated, others = float(np.mean(sides[True])), float(np.mean(sides[False]))
    spread = None
    if min(len(sides[True]), len(sides[False])) > 1:
        spread = math.sqrt((np.var(sides[True], ddof=1) + np.var(sides[False], ddof=1)) / 2)
    return Balance(
        indicator["label"],
        indicator["unit"],
        treated,
        others,
        (treated - others) / spread if spread else None,
    )


def _attrition(readings: list[Reading], content: dict[str, Any]) -> Attrition | None:
    """Who of the baseline is missing at the endline; None without households, or before the endline."""
    treated = {one["code"]: one["treated"] for one in content["villages"]}
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in readings:
        if one.household and one.village in treated:
            seen[one.wave].add((one.village, one.household))
    first, last = seen[Wave.BASELINE], seen[Wave.ENDLINE]
    if not first or not last:
        return None
    lost = first - last
    return Attrition(
        treated=sum(treated[village] for village, _household in first),
        treated_lost=sum(treated[village] for village, _household in lost),
        others=sum(not treated[village] for village, _household in first),
        others_lost=sum(not treated[village] for village, _household in lost),
    )
