"""How far the evidence of a study goes, and every reason why it goes no further."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.web.numbers import day, listed, number, percent
from highground.works.findings import Days, Findings, Found
from highground.works.models import FrozenPlan

MUCH_LOST, APART = 0.2, 0.1
"""Households lost above which a study is weak, and a difference between both sides that makes it weak as well."""
UNLIKE = 0.25
"""Differences at the baseline, in standard deviations of village means, above which both sides were not alike."""


@dataclass(frozen=True)
class Grade:
    """How far the evidence goes: its name and colour, and every reason why it goes no further."""

    name: str
    colour: str
    reasons: list[str]


def grade_of(findings: Findings | None, plan: FrozenPlan | None) -> Grade:
    """Grade the evidence on the main outcome: none, descriptive only, weak, tested, or strong.

    Strong is a comparison drawn by lot, planned before the data, with few households lost. What falls short says why.
    """
    main = findings.main if findings else None
    if findings is None or plan is None or main is None or main.effect is None:
        return Grade(_("no evidence yet"), "plum", [_("Both waves of the main outcome are needed.")])
    if not main.testable:
        assert main.check is not None
        count = main.check.assignments
        words = ngettext(
            "There is only %(count)s way to pick the villages, so no effect could be told from chance.",
            "There are only %(count)s ways to pick the villages, so no effect could be told from chance.",
            count,
        )
        return Grade(_("descriptive only"), "clay", [words % {"count": number(count)}])
    weak = _weaknesses(findings, main, plan)
    if weak:
        return Grade(_("weak"), "gold", weak)
    if plan.content["drawn"]:
        return Grade(_("strong"), "green", [_("Drawn by lot, planned before the data, few households lost.")])
    return Grade(
        _("tested"), "green", [_("Villages were not drawn by lot: permutation under exchangeability.")]
    )


def _of_days(read: Days | None, plan: FrozenPlan) -> list[str]:
    """What the days of the readings say against a study: a plan after the endline, a baseline that is none."""
    if read is None or read.first_after is None:
        return []
    found = []
    if read.first_after < plan.frozen_on and not plan.after_endline:
        words = {"read": day(read.first_after), "frozen": day(plan.frozen_on)}
        found.append(
            _("The endline was read from %(read)s on, and the plan was frozen on %(frozen)s, after that.")
            % words
        )
    if read.last_before is not None and read.last_before >= read.first_after:
        found.append(
            _("Some of the baseline was read when the endline had begun, and is not marked as recalled.")
        )
    return found


def _weaknesses(findings: Findings, main: Found, plan: FrozenPlan) -> list[str]:
    found = []
    if plan.retrospective:
        found.append(_("The plan is retrospective: the project was over when it was frozen."))
    if plan.after_endline:
        found.append(_("The plan was changed after the endline was known."))
    found += _of_days(main.read, plan)
    if main.recalled:
        found.append(
            _("%(share)s of the baseline was recalled later, not read at the time.")
            % {"share": percent(main.recalled)}
        )
    lost = findings.attrition
    if lost and lost.lost is not None and lost.lost > MUCH_LOST:
        found.append(_("%(share)s of households were not found again.") % {"share": percent(lost.lost)})
    if lost and lost.apart is not None and lost.apart > APART:
        found.append(
            _("The loss of households differs by %(points)s percentage points between both sides.")
            % {"points": number(round(100 * lost.apart))}
        )
    if unlike := [one.label for one in findings.balance if one.apart is not None and abs(one.apart) > UNLIKE]:
        found.append(_("Both sides were not alike at the baseline: %(what)s.") % {"what": listed(unlike)})
    if near := sum(one["near"] and not one["treated"] for one in plan.content["villages"]):
        found.append(_("%(count)s comparison villages may have been reached too.") % {"count": near})
    if main.left_out:
        found.append(_("%(count)s villages had to be left out.") % {"count": len(main.left_out)})
    return found
