"""The design of a study as plain content: what is frozen and hashed, and what can be known of it before any data."""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from highground.methods.impact import DesignCheck, ImpactError, check_design, minimum_detectable_effect
from highground.works.enums import Sides, TheoryStage
from highground.works.models import Study

BARELY = 0.2
"""A smallest p value above this share of the level leaves no room: one village that does otherwise spoils it."""
EARTH = 6371.0


def content_of(study: Study) -> dict[str, Any]:
    """What a plan fixes: villages, outcome, rule of the test, assumptions and theory, by words that do not change.

    Three queries.
    """
    return {
        "question": study.question,
        "sides": study.sides,
        "level": f"{Decimal(study.level).normalize():f}",
        "drawn": study.drawn,
        "spread": study.spread,
        "spread_source": study.spread_source,
        "attrition": study.attrition,
        "method": "change in village means, randomisation inference within blocks",
        "villages": [
            {"code": one.area.code, "treated": one.treated, "block": one.block, "near": one.near}
            for one in study.villages.select_related("area").order_by("area__code")
        ],
        "indicators": [
            {
                "code": one.code, "label": one.label, "unit": one.unit, "source": one.source, "stage": one.stage,
                "main": one.main,
            }
            for one in study.indicators.order_by("code")
        ],
        "theory": study.theory,
    }  # fmt: skip


def hash_of(content: dict[str, Any]) -> str:
    """The SHA-256 of a plan's content in canonical form."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class CheckRow:
    """One comparison that the villages allow. `effect` is the smallest that would be seen; None is not defined."""

    label: str
    check: DesignCheck
    effect: float | None
    pairs: bool = False

    @property
    def verdict(self) -> tuple[str, str]:
        """What it can carry, and its colour."""
        if not self.check.testable:
            return _("describe only"), "clay"
        if self.check.smallest_p > BARELY * self.check.level:
            return _("barely"), "gold"
        return _("can be tested"), "green"


@dataclass(frozen=True)
class Design:
    """What a plan's villages can show: each comparison, the one that the study stands on, and what stands in the way."""

    rows: list[CheckRow]
    whole: CheckRow | None
    problem: str

    @property
    def testable(self) -> bool:
        return self.whole is not None and self.whole.check.testable


def design_of(content: dict[str, Any]) -> Design:
    """Check the villages of a plan: each block alone, all blocks together, and matched pairs where they fit."""
    villages = content["villages"]
    treated = [one["treated"] for one in villages]
    if not villages:
        return Design([], None, _("No village has been chosen yet."))
    if all(treated) or not any(treated):
        return Design(
            [],
            None,
            _("There is nobody to compare with: every village is treated. Add comparison villages.")
            if all(treated)
            else _("No village is treated. Say where the project works."),
        )
    by_block: dict[str, list[bool]] = defaultdict(list)
    for one in villages:
        by_block[one["block"]].append(one["treated"])
    rows = []
    for block, inside in sorted(by_block.items()):
        if len(by_block) > 1 and any(inside) and not all(inside):
            words = {"treated": sum(inside), "all": len(inside), "block": block or "–"}
            rows.append(
                _row(_("%(treated)s of %(all)s in block %(block)s alone") % words, inside, None, content)
            )
    blocks = [one["block"] for one in villages]
    try:
        check_design(treated, blocks)
    except ImpactError:
        lonely = next(name for name, inside in sorted(by_block.items()) if all(inside) or not any(inside))
        problem = _(
            "In the block %(block)s everybody or nobody is treated: there is nobody to compare with. Add villages there, or"
            " merge blocks if their villages may be exchanged."
        ) % {"block": lonely}
        return Design(rows, None, problem)
    words = {"treated": sum(treated), "all": len(treated), "blocks": len(by_block)}
    label = (
        _("%(treated)s of %(all)s, exchanged within %(blocks)s blocks") % words
        if len(by_block) > 1
        else _("%(treated)s of %(all)s, all exchangeable") % words
    )
    whole = _row(label, treated, blocks, content)
    rows.append(whole)
    if all(2 * sum(inside) == len(inside) for inside in by_block.values()) and sum(treated) > len(by_block):
        pairs = [True, False] * sum(treated)
        names = [number // 2 for number in range(len(pairs))]
        rows.append(
            _row(_("%(count)s matched pairs") % {"count": sum(treated)}, pairs, names, content, paired=True)
        )
    return Design(rows, whole, "")


def _row(
    label: str,
    treated: list[bool],
    blocks: list[Any] | None,
    content: dict[str, Any],
    *,
    paired: bool = False,
) -> CheckRow:
    level, sides = float(content["level"]), content["sides"]
    check = check_design(treated, blocks, level=level, sides=sides)
    spread, effect = content["spread"], None
    if spread and check.testable and not paired:
        # A one-sided test at a level finds what a two-sided one at twice the level finds.
        both = level if sides == Sides.TWO else 2 * level
        effect = minimum_detectable_effect(
            spread, check.treated, check.others, blocks=check.blocks, level=both
        )
    return CheckRow(label, check, effect, paired)


def headline_of(design: Design) -> str:
    """The verdict of the design check, as a heading."""
    if design.whole is None:
        return _("Design check: %(problem)s") % {"problem": design.problem}
    check = design.whole.check
    small = [
        row for row in design.rows if row is not design.whole and not row.pairs and not row.check.testable
    ]
    words = {"all": check.treated, "one": small[0].check.treated if small else 0}
    if not check.testable:
        return (
            _("Design check: %(all)s treated villages cannot carry this question, so it is described only")
            % words
        )
    if small:
        return _("Design check: %(all)s treated villages can carry this question, %(one)s cannot") % words
    return _("Design check: %(all)s treated villages can carry this question") % words


def risks_of(study: Study, content: dict[str, Any]) -> list[tuple[str, str]]:
    """What endangers the comparison before any data, with its colour: loss of households, and the project's reach."""
    found = []
    if content["attrition"] is None:
        found.append((_("How many households will be lost between the waves has not been said."), "plum"))
    else:
        colour = "clay" if content["attrition"] > 20 else "gold" if content["attrition"] > 10 else "green"
        found.append(
            (
                _("%(share)s %% of households are expected to be lost.") % {"share": content["attrition"]},
                colour,
            )
        )
    near = sum(one["near"] and not one["treated"] for one in content["villages"])
    if near:
        found.append(
            (
                _(
                    "%(count)s comparison villages are so near that the project may reach them: an effect would look smaller."
                )
                % {"count": near},
                "clay",
            )
        )
    nearest = _nearest(study)
    if nearest is None:
        found.append(
            (_("How far the villages lie apart is not known: their points are not in the register."), "plum")
        )
    else:
        found.append(
            (
                _("The nearest comparison village lies %(km)s km from a treated one.")
                % {"km": round(nearest)},
                "gold" if nearest < 5 else "green",
            )
        )
    return found


def _nearest(study: Study) -> float | None:
    """Kilometres between the nearest treated and comparison villages; None where a point is missing."""
    points: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for one in study.villages.select_related("area"):
        if one.area.latitude is None or one.area.longitude is None:
            return None
        points[one.treated].append((math.radians(one.area.latitude), math.radians(one.area.longitude)))
    return min((_apart(a, b) for a in points[True] for b in points[False]), default=None)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    lat, lon = one[0] - other[0], one[1] - other[1]
    half = math.sin(lat / 2) ** 2 + math.cos(one[0]) * math.cos(other[0]) * math.sin(lon / 2) ** 2
    return 2 * EARTH * math.asin(math.sqrt(half))


def changed_between(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What two versions of a plan say differently: what, before, after, one row for each difference."""
    labels = {
        "question": _("Question"), "sides": _("Counts as a finding"), "level": _("Level"), "drawn": _("Drawn by lot"),
        "spread": _("Spread between villages"), "spread_source": _("Source of the spread"),
        "attrition": _("Expected loss of households (%)"),
    }  # fmt: skip
    rows = [
        (label, _said(name, before.get(name)), _said(name, after.get(name)))
        for name, label in labels.items()
        if before.get(name) != after.get(name)
    ]
    for key, label, told in (
        ("villages", _("Village"), village_words),
        ("indicators", _("Indicator"), indicator_words),
    ):
        old, new = ({one["code"]: told(one) for one in content[key]} for content in (before, after))
        for code in sorted({**old, **new}):
            if old.get(code) != new.get(code):
                rows.append((f"{label} {code}", old.get(code, "–"), new.get(code, "–")))
    if before["theory"] != after["theory"]:
        rows.append((_("Theory of change"), _("as in this version"), _("changed")))
    return rows


def _said(name: str, value: Any) -> str:
    """A part of a plan in words."""
    if value is None or value == "":
        return "–"
    if name == "sides":
        return str(Sides(value).label)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def village_words(one: dict[str, Any]) -> str:
    """How a plan takes a village: its side, its block, and whether the project may reach it too."""
    side = _("treated") if one["treated"] else _("comparison")
    near = _("so near that the project may reach it too") if one.get("near") else ""
    return " · ".join(part for part in (side, one["block"], near) if part)


def indicator_words(one: dict[str, Any]) -> str:
    """How a plan takes an indicator: its name with its unit, its source, its stage, and whether it decides."""
    stage = str(TheoryStage(one["stage"]).label) if one.get("stage") in TheoryStage.values else ""
    main = _("main outcome") if one["main"] else ""
    named = f"{one['label']} ({one['unit']})"
    return " · ".join(part for part in (named, one["source"], stage, main) if part)
