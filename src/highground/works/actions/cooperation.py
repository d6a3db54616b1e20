"""What partners write of a project: user groups and their years after hand-over, money by date, and who takes part."""

from __future__ import annotations

import datetime
import hashlib
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.areas.models import Area
from highground.audit.actions import record
from highground.works.enums import DayKind, DayPrecision, Exactness, FigureKind, MoneyKind, PartnerRole
from highground.works.ground import WorksError, may_keep, may_write_of
from highground.works.held import OWN
from highground.works.models import Figure, GroupYear, Money, Partner, Project, Reference, UserGroup, told
from highground.works.queries.projects import seen_sites


def _only_partners(project: Project, by: User, today: datetime.date) -> None:
    if not may_write_of(by, project, today):
        raise WorksError(
            _("This is written by those who hold a role for the project, or an officer of all its villages.")
        )


def _only_keepers(project: Project, village: Area, by: User, today: datetime.date) -> None:
    if all(site.area_id != village.pk for site in seen_sites([project], by, today)):
        raise WorksError(_("The project does not work in this village."))
    if not may_keep(by, village, today) and not may_write_of(by, project, today):
        raise WorksError(
            _("User groups are written down by those who hold a role for the project, or keep their village.")
        )


def _source(title: str) -> Reference:
    """The source of what partners write; the same words are the same source."""
    title = title.strip()[:200]
    if not title:
        raise WorksError(_("Say where this is from, such as the accounts of a year."))
    code = OWN + hashlib.sha256(title.encode()).hexdigest()[:24]
    found, _made = Reference.objects.get_or_create(code=code, defaults={"title": title, "verified": True})
    return found


def _record(event: str, project: Project, by: User, today: datetime.date, /, **data: object) -> None:
    paths = [site.area.path for site in seen_sites([project], by, today)]
    record(
        event, by=str(by.pk), subject_kind="project", subject_id=project.code, area_path=paths[0] if paths else "",
        also_in=paths[1:], data=data,
    )  # fmt: skip


@transaction.atomic
def add_group(
    project: Project, *, village: Area, name: str, members: int | None, by: User, today: datetime.date
) -> UserGroup:
    """Write a user group of a village down; one event. Raises WorksError for one that is known already."""
    _only_keepers(project, village, by, today)
    name = name.strip()[:120]
    if not name:
        raise WorksError(_("Give the group a name."))
    if project.groups.filter(area=village, name=name).exists():
        raise WorksError(_("%(name)s is known in this village already.") % {"name": name})
    group: UserGroup = UserGroup.objects.create(project=project, area=village, name=name, members=members)
    _record("works.user_group", project, by, today, group=group.pk)
    return group


@transaction.atomic
def add_group_year(
    project: Project,
    *,
    group: UserGroup,
    year: int,
    income: Decimal,
    spending: Decimal,
    currency: str,
    by: User,
    today: datetime.date,
) -> GroupYear:
    """Write down what a group took in and spent in a year after hand-over; one event.

    Raises WorksError for a year before the hand-over or not begun, one that is written already, sums below zero, and a
    currency that is not that of the group's other years: balances are carried on and are never converted.
    """
    _only_keepers(project, group.area, by, today)
    if project.handed_over is None or year < project.handed_over.year:
        raise WorksError(
            _(
                "The finances of a group are kept from the hand-over on; this year lies before it, or it is not known."
            )
        )
    if year > today.year:
        raise WorksError(_("This year has not begun."))
    if income < 0 or spending < 0:
        raise WorksError(_("Sums are zero or above."))
    known = list(group.years.all())
    if any(one.year == year for one in known):
        raise WorksError(_("The year %(year)s is written already.") % {"year": year})
    if other := next((one.currency for one in known if one.currency != currency), ""):
        raise WorksError(
            _(
                "This group keeps its accounts in %(other)s. Currencies are not mixed: write the sums in %(other)s."
            )
            % {"other": other}
        )
    one: GroupYear = GroupYear.objects.create(
        group=group, year=year, income=income, spending=spending, currency=currency, by=str(by.pk)
    )
    _record("works.group_year", project, by, today, group=group.pk, year=year)
    return one


@transaction.atomic
def add_figure(
    project: Project,
    *,
    indicator: str,
    label: str,
    unit: str,
    kind: str,
    place: Area | None,
    value: Decimal,
    exactness: str,
    day: datetime.date,
    source: str,
    by: User,
    today: datetime.date,
) -> Figure:
    """Write down what a source says of a project on a day; what was said before stays beside it. One event.

    `indicator` is one that was counted before; without one, `label`, `unit` and `kind` make a new one. Raises WorksError
    for a unit that changes, a day to come, a village in which the project does not work, and what is known already.
    """
    _only_partners(project, by, today)
    if day > today:
        raise WorksError(_("This day lies in the future; write it down when it has happened."))
    if exactness not in Exactness.values:
        raise WorksError(_("Say how the source gives the figure."))
    if place is not None and not project.sites.filter(area=place).exists():
        raise WorksError(_("The project does not work in this village."))
    counted = _counted(project, indicator, label, unit, kind)
    reference = _source(source)
    same = {"indicator": counted["indicator"], "area": place, "day": day, "reference": reference}
    if project.figures.filter(**same).exists():
        raise WorksError(_("This source says a figure of it on this day already."))
    figure: Figure = Figure.objects.create(
        project=project, area=place, value=value, exactness=exactness, day=day, day_kind=DayKind.STATED,
        day_precision=DayPrecision.DAY, reference=reference, **counted,
    )  # fmt: skip
    _record("works.figure", project, by, today, figure=figure.pk, indicator=figure.indicator)
    return figure


def _counted(project: Project, indicator: str, label: str, unit: str, kind: str) -> dict[str, Any]:
    """What is counted: as it was before, or something new under a code of its own."""
    label, unit = label.strip()[:160], unit.strip()[:40]
    if indicator:
        known = project.figures.filter(indicator=indicator).order_by("pk").first()
        if known is None:
            raise WorksError(_("Choose what was counted."))
        if unit and unit not in known.unit.values():
            raise WorksError(
                _(
                    "%(label)s is counted in %(unit)s. Another unit is something new: give it a name of its own."
                )
                % {"label": told(known.label), "unit": told(known.unit)}
            )
        return {
            "indicator": indicator, "label": known.label, "unit": known.unit, "kind": known.kind,
            "component": known.component,
        }  # fmt: skip
    if not label or not unit or kind not in FigureKind.values:
        raise WorksError(_("Choose what was counted, or give something new a name, a unit and a kind."))
    if any(label in one.values() for one in project.figures.values_list("label", flat=True)):
        raise WorksError(_("%(label)s is counted already: choose it in the list.") % {"label": label})
    language = (get_language() or "en").split("-")[0]
    code = OWN + hashlib.sha256(label.encode()).hexdigest()[:24]
    return {"indicator": code, "label": {language: label}, "unit": {language: unit}, "kind": kind}


@transaction.atomic
def add_money(
    project: Project,
    *,
    kind: str,
    amount: Decimal,
    currency: str,
    day: datetime.date,
    source: str,
    by: User,
    today: datetime.date,
) -> Money:
    """Write down money that was committed, paid out or spent on a day, in its own currency; one event."""
    _only_partners(project, by, today)
    if kind not in MoneyKind.values or amount <= 0:
        raise WorksError(_("Say what became of the money, and an amount above zero."))
    if day > today and kind != MoneyKind.COMMITMENT:
        raise WorksError(_("This day lies in the future: money can be committed for it, not spent."))
    one: Money = Money.objects.create(
        project=project, kind=kind, amount=amount, currency=currency, day=day, day_kind=DayKind.STATED,
        day_precision=DayPrecision.DAY, reference=_source(source),
    )  # fmt: skip
    _record("works.money", project, by, today, kind=str(kind), currency=currency)
    return one


@transaction.atomic
def add_partner(
    project: Project,
    *,
    name: str,
    country: str,
    role: str,
    kind: str,
    source: str,
    by: User,
    today: datetime.date,
) -> Partner:
    """Write down who takes part in a project, and how; one event."""
    _only_partners(project, by, today)
    if role not in PartnerRole.values or not name.strip():
        raise WorksError(_("Say who takes part, and what they do."))
    same = {"name__en": name.strip(), "role": role}
    if project.partners.filter(**same).exists():
        raise WorksError(_("%(name)s takes part in this way already.") % {"name": name.strip()})
    one: Partner = Partner.objects.create(
        project=project, name={"en": name.strip()[:160]}, country=country, role=role, kind=kind, reference=_source(source)
    )  # fmt: skip
    _record("works.partner", project, by, today, partner=one.pk)
    return one
