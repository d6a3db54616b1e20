"""Pictures of studies: what chance alone would give, and the theory of change. Each has a table twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from highground.works.enums import TheoryStage
from highground.works.findings import BINS, Found


@dataclass(frozen=True)
class Chance:
    """Bars of a histogram (shares of width and height), where zero and the observed effect stand, and the table twin."""

    bars: list[tuple[str, str, str, str]]
    at: str
    ends: bool
    zero: str
    rows: list[tuple[float, float, int]]


def draw_chance(found: Found) -> Chance | None:
    """The effects of every assignment with the one that was observed; None where there is none."""
    if not found.chance or found.effect is None:
        return None
    most, wide = max(found.chance), 100 / BINS
    span = found.high - found.low
    bars = [
        (
            f"{place * wide + 0.3:.2f}%",
            f"{100 * (1 - count / most):.2f}%",
            f"{wide - 0.6:.2f}%",
            f"{100 * count / most:.2f}%",
        )
        for place, count in enumerate(found.chance)
        if count
    ]
    share = (found.effect - found.low) / span
    step = span / BINS
    zero = f"{100 * -found.low / span:.2f}%" if found.low <= 0 <= found.high else ""
    return Chance(
        bars,
        f"{100 * share:.2f}%",
        share > 0.6,
        zero,
        [
            (found.low + place * step, found.low + (place + 1) * step, count)
            for place, count in enumerate(found.chance)
        ],
    )


@dataclass(frozen=True)
class Box:
    """One stage of a theory of change, and the arrow that leads on from it."""

    stage: str
    label: str
    text: str
    colour: str
    indicator: str
    assumes: str
    last: bool


COLOURS = {
    TheoryStage.INPUTS: "grey", TheoryStage.ACTIVITIES: "water", TheoryStage.OUTPUTS: "water",
    TheoryStage.OUTCOMES: "green", TheoryStage.IMPACT: "green",
}  # fmt: skip


def draw_theory(theory: Mapping[str, Any], labels: Mapping[str, str]) -> list[Box]:
    """The stages in order; `labels` are the indicators' names by code. Empty without a theory."""
    if not theory:
        return []
    boxes = []
    for stage in TheoryStage:
        arrow = theory["arrows"].get(stage.value, {})
        code = arrow.get("indicator", "")
        boxes.append(
            Box(
                stage.value,
                str(stage.label),
                theory["stages"].get(stage.value, ""),
                COLOURS[stage],
                labels.get(code, code),
                arrow.get("assumes", ""),
                stage == TheoryStage.IMPACT,
            )
        )
    return boxes
