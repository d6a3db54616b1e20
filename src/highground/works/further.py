"""What else a study's readings tell: how sure the effect is, how far it had come at the midline, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from highground.methods.impact import (
    DesignCheck,
    ImpactError,
    Interval,
    OutcomeCost,
    Randomised,
    cost_per_outcome,
    effect_interval,
    event_study,
)
from highground.works.enums import Sides, Wave
from highground.works.models import Study

ORDER = {Wave.BASELINE.value: 0, Wave.MIDLINE.value: 1, Wave.ENDLINE.value: 2}


class Placed(Protocol):
    """A village of the plan."""

    @property
    def code(self) -> str: ...
    @property
    def treated(self) -> bool: ...
    @property
    def block(self) -> str: ...


class HasEffect(Protocol):
    """What was found of an outcome."""

    @property
    def effect(self) -> float | None: ...
    @property
    def interval(self) -> Interval | None: ...
    @property
    def p(self) -> float | None: ...


@dataclass(frozen=True)
class Midline:
    """The effect from the baseline to the midline. Where villages lack it there is no test, and `lacking` names them."""

    test: Randomised | None
    lacking: list[str]


def interval_of(
    changes: Sequence[float], treated: Sequence[bool], blocks: Sequence[str], check: DesignCheck
) -> Interval | None:
    """The effects that the study's rule does not reject; None where there are too few assignments to reject any."""
    share = 1 - check.level * (1 if check.sides == Sides.TWO else 2)
    try:
        return effect_interval(changes, treated, blocks=blocks, share=share)
    except ImpactError:
        return None


def midline_of(
    readings: Sequence[tuple[str, str, float, float]], used: Sequence[Placed], content: dict[str, Any]
) -> Midline | None:
    """What the midline shows, from wave, village, value and weight of each reading; None where nobody read one."""
    sides = {one.code: (one.treated, one.block) for one in used}
    rows = [row for row in readings if row[1] in sides]
    there = {village for wave, village, _value, _weight in rows if wave == Wave.MIDLINE}
    if not there:
        return None
    if lacking := sorted(set(sides) - there):
        return Midline(None, lacking)
    found = event_study(
        [value for _wave, _village, value, _weight in rows],
        [ORDER[wave] for wave, _village, _value, _weight in rows],
        [village for _wave, village, _value, _weight in rows],
        [sides[village][0] for _wave, village, _value, _weight in rows],
        base=ORDER[Wave.BASELINE],
        blocks=[sides[village][1] for _wave, village, _value, _weight in rows],
        weights=[weight for _wave, _village, _value, weight in rows],
        sides=content["sides"],
    )
    return Midline(next(one.test for one in found.waves if one.wave == ORDER[Wave.MIDLINE]), [])


def cost_of(study: Study, main: HasEffect | None, content: dict[str, Any]) -> OutcomeCost | None:
    """What one unit of the main outcome cost; None where that was not said, or no effect in the hoped direction was shown."""
    if study.cost is None or not study.reached or main is None or main.effect is None:
        return None
    interval = main.interval
    if interval is None or main.p is None or main.p > float(content["level"]):
        return None
    effect = main.effect
    if content["sides"] == Sides.LESS:
        effect, interval = -effect, Interval(-interval.high, -interval.low, interval.share)
    if effect <= 0:
        return None
    return cost_per_outcome({study.currency: float(study.cost)}, effect, interval, study.reached)
