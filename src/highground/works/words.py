"""Words for what villages, projects and studies show: dates as far as they are known, figures as their source gives them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.methods.impact import OutcomeCost
from highground.web.numbers import day, due, in_chinese, listed, money, number, percent, signed
from highground.works.enums import DayKind, DayPrecision, Exactness, Sides, WorkStage
from highground.works.findings import Found
from highground.works.models import AssetIncome, FrozenPlan, Study, Work, told
from highground.works.models.projects import Dated, Figure
from highground.works.queries.villages import ServiceState

YEARS_AFTER = (1, 3, 5)
"""When a project or a work is looked at again after its hand-over."""


def shares_in_words(income: AssetIncome) -> list[tuple[str, Decimal]]:
    """To whom the income of an asset went, and how much."""
    labels = {
        "to_households": _("monitored households"),
        "to_village": _("works of the village"),
        "kept": _("kept for repairs"),
    }
    return [(labels.get(to, to), Decimal(share)) for to, share in income.shares]


def day_of(value: datetime.date, precision: str) -> str:
    """A date as far as it is known: 28 November 2020, November 2020, 2020."""
    if precision == DayPrecision.YEAR:
        return formats.date_format(value, "Y年" if in_chinese() else "Y")
    if precision == DayPrecision.MONTH:
        return formats.date_format(value, "Y年n月" if in_chinese() else "F Y")
    return day(value)


def dated(one: Dated) -> str:
    """When and where a figure was said: "published 28 November 2020, Xinhua"."""
    words = {
        "kind": str(DayKind(one.day_kind).label),
        "day": day_of(one.day, one.day_precision),
        "source": one.reference,
    }
    return _("%(kind)s %(day)s, %(source)s") % words


def figure_text(figure: Figure) -> str:
    """A figure as its source gives it: "about 1,400", "more than 2,700"."""
    text = number(figure.value)
    if figure.exactness == Exactness.ABOUT:
        return _("about %(value)s") % {"value": text}
    if figure.exactness == Exactness.MORE_THAN:
        return _("more than %(value)s") % {"value": text}
    return text


def years_on(start: datetime.date, years: int) -> datetime.date:
    """The same day so many years later; the last of February where there is no 29th."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)


def check_due(handed_over: datetime.date | None, today: datetime.date) -> tuple[str, str]:
    """When what was built is to be looked at five years after hand-over, and its colour."""
    if handed_over is None:
        return _("Five-year check: the day of hand-over is not known"), "plum"
    then = years_on(handed_over, YEARS_AFTER[-1])
    words = {"day": day(then)}
    if then <= today:
        return _("Five-year check was due on %(day)s") % words, "clay"
    if (then - today).days <= 365:
        return _("Five-year check due on %(day)s") % words, "gold"
    return _("Five-year check on %(day)s") % words, "grey"


def effect_words(found: Found) -> str:
    """The effect in its unit: "+0.24 log points"."""
    if found.effect is None:
        return _("not known")
    return f"{signed(rough(found.effect))} {found.unit}"


def chance_words(found: Found, plan: FrozenPlan) -> str:
    """How far chance alone would have gone; where nothing can be tested, that alone."""
    if found.effect is None or found.check is None:
        return _("Not both waves are there.")
    if not found.testable or found.p is None:
        return _(
            "Descriptive only: there are %(count)s ways to pick the villages, too few to tell an effect from chance."
        ) % {"count": number(found.check.assignments)}
    sides = {
        Sides.GREATER: _("as much or more"),
        Sides.LESS: _("as little or less"),
        Sides.TWO: _("as far from zero or farther"),
    }[Sides(plan.content["sides"])]
    words = {
        "count": number(found.as_far), "all": number(found.check.assignments), "sides": sides, "p": p_words(found.p),
        "kind": _("two-sided") if plan.content["sides"] == Sides.TWO else _("one-sided"),
    }  # fmt: skip
    if not found.exact:
        return _("Among drawn ways to pick the villages: p = %(p)s, %(kind)s") % words
    return _("%(count)s of %(all)s ways to pick the villages give %(sides)s: p = %(p)s, %(kind)s") % words


def spread_words(content: Mapping[str, Any], unit: str) -> str:
    """What the smallest effect seen rests on: the spread between villages and its source; empty where it is not known."""
    if not content["spread"]:
        return ""
    words = {"spread": number(rough(content["spread"])), "unit": unit, "source": content["spread_source"]}
    return (
        _(
            "Smallest effect seen: one that 80 of 100 studies would find, if villages differ by %(spread)s %(unit)s (%(source)s)."
        )
        % words
    )


def interval_words(found: Found) -> str:
    """The effects that the test does not reject: "90 % interval from +120 to +410"."""
    if found.interval is None:
        return ""
    words = {
        "share": percent(found.interval.share),
        "low": signed(rough(found.interval.low)),
        "high": signed(rough(found.interval.high)),
    }
    return _("%(share)s interval from %(low)s to %(high)s") % words


def midline_words(found: Found, names: Mapping[str, str]) -> str:
    """How far the effect had come at the midline, or which villages lack it."""
    if found.midline is None:
        return ""
    if found.midline.test is None:
        return _("The midline is missing for %(villages)s and is not compared.") % {
            "villages": listed([names.get(code, code) for code in found.midline.lacking])
        }
    effect = f"{signed(rough(found.midline.test.effect))} {found.unit}"
    if not found.testable:
        return _("at the midline %(effect)s") % {"effect": effect}
    return _("at the midline %(effect)s, p = %(p)s") % {"effect": effect, "p": p_words(found.midline.test.p)}


def cost_words(told: OutcomeCost | None, main: Found | None, study: Study) -> str:
    """What one unit of the outcome cost, or why that is not said; nothing where no sum was given."""
    if study.cost is None or main is None or main.effect is None:
        return ""
    if told is None:
        return _("No effect was shown, so what the outcome cost is not said; spent were %(spent)s.") % {
            "spent": money(study.cost, study.currency)
        }
    words = {
        "cost": money(rough(told.cost), told.currency), "unit": main.unit, "label": main.label,
        "spent": money(study.cost, study.currency), "reached": number(study.reached),
        "least": money(rough(told.least), told.currency),
        "most": money(rough(told.most), told.currency) if told.most is not None else "",
    }  # fmt: skip
    text = _("One %(unit)s of “%(label)s” cost %(cost)s (%(spent)s spent on %(reached)s reached).")
    bounds = (
        _("At least %(least)s; no upper bound: the data do not rule out that nothing was gained.")
        if told.most is None
        else _("The data allow %(least)s to %(most)s.")
    )
    return f"{text % words} {bounds % words}"


def p_words(p: float) -> str:
    """A p value as tables give it: 0.167, 0.0046."""
    return f"{p:.3f}" if p >= 0.1 else f"{p:.2g}" if p >= 0.0001 else f"{p:.1e}"


def rough(value: float) -> float:
    """A number with three figures that count: more would claim what nobody knows."""
    return float(f"{value:.3g}")


UNITS = {
    "% of households": gettext_lazy("% of households"),
    "% of households within 2 km": gettext_lazy("% of households within 2 km"),
    "% of people": gettext_lazy("% of people"),
    "% of adults with an account or in a savings group": gettext_lazy(
        "% of adults with an account or in a savings group"
    ),
    "minutes on foot": gettext_lazy("minutes on foot"),
}
"""The units of the standards that come with Highground, in words; files of readings write them as they stand."""


def unit_words(unit: str) -> str:
    """A unit of a standard in words; that of an office's own standard as it is written."""
    return str(UNITS.get(unit, unit))


def service_rows(services: Sequence[ServiceState]) -> list[dict[str, Any]]:
    """The services that somebody looked at: readings by date, what is missing, what closing it costs and changes."""
    return [
        {
            "label": told(one.standard.label),
            "unit": unit_words(one.standard.unit),
            "readings": one.readings,
            "standard": number(one.standard.value),
            "source": one.standard.source,
            "verified": one.standard.verified,
            "gap": one.gap,
            "cost": money(*one.cost) if one.cost else "",
            "change": told(one.standard.change),
        }
        for one in services
        if one.latest
    ]


def work_words(work: Work, today: datetime.date) -> tuple[str, str]:
    """Where a work stands and whether it is late, with its colour."""
    stage = WorkStage(work.stage)
    if stage == WorkStage.GIVEN_UP:
        return str(stage.label), "grey"
    if stage == WorkStage.HANDED_OVER:
        return str(stage.label), "green"
    if work.due and work.due < today and stage != WorkStage.COMPLETED:
        words = {"stage": stage.label, "late": due(work.due, today)}
        return _("%(stage)s, %(late)s") % words, "clay"
    return str(stage.label), "water"
