"""Assistance projects: where, by whom, with what; and what was published of them, each figure with its date and source.

Figures of different dates may disagree and both be right: nothing here is ever replaced by a later figure.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.works.enums import DayKind, DayPrecision, Exactness, FigureKind, MoneyKind, PartnerRole

AREA = "areas.Area"


def told(words: dict[str, str]) -> str:
    """A text in the reader's language, else in English, else in any."""
    language = (get_language() or "en").split("-")[0]
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


class Reference(models.Model):
    """Where a figure was read. It holds nothing about anybody, so everybody may read it."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("source"), max_length=200)
    published = models.CharField(_("published"), max_length=40, blank=True)
    verified = models.BooleanField(_("read in the source itself"), default=False)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.title


class ProjectManager(ScopedManager):
    """Projects are reached by the villages in which they work; what is asked for is a project once."""

    def visible_to(self, user: Any, today: Any = None) -> models.QuerySet[Any]:
        found: models.QuerySet[Any] = super().visible_to(user, today).distinct()
        return found


class Project(models.Model):
    """An assistance project. `gaps` are what is not known of it, in words; `title` and `summary` by language."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.JSONField(_("title"), default=dict)
    summary = models.JSONField(_("summary"), default=dict)
    country = models.CharField(_("country"), max_length=2)
    starts = models.DateField(_("start"), null=True, blank=True)
    ends = models.DateField(_("end"), null=True, blank=True)
    handed_over = models.DateField(_("handed over"), null=True, blank=True)
    dates = models.JSONField(_("how the dates are known"), default=dict)
    gaps = models.JSONField(_("not known"), default=list)
    synthetic = models.BooleanField(_("invented"), default=False)

    objects = ProjectManager(area="sites__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("assistance project")
        verbose_name_plural = _("assistance projects")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gte=models.F("starts")),
                name="project_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return told(self.title) or self.code


class ProjectSite(models.Model):
    """A village in which a project works."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sites")
    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))

    objects = ScopedManager(area="area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [models.UniqueConstraint(fields=["project", "area"], name="project_site_once")]

    def __str__(self) -> str:
        return str(self.area_id)


class Partner(models.Model):
    """Somebody who takes part in a project. `kind` is the code of IATI's list of organisation types, empty if not known."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="partners")
    name = models.JSONField(_("name"), default=dict)
    country = models.CharField(_("country"), max_length=2)
    role = models.CharField(_("role"), max_length=16, choices=PartnerRole)
    kind = models.CharField(_("kind"), max_length=2, blank=True)
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ScopedManager(area="project__sites__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=PartnerRole.values), name="project_partner_role_is_known"
            )
        ]

    def __str__(self) -> str:
        return told(self.name)


class Component(models.Model):
    """A part of a project, such as water or cattle."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="components")
    code = models.CharField(_("code"), max_length=40)
    title = models.JSONField(_("title"), default=dict)

    objects = ScopedManager(area="project__sites__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        constraints = [models.UniqueConstraint(fields=["project", "code"], name="component_once")]

    def __str__(self) -> str:
        return told(self.title)


class Dated(models.Model):
    """A date of which only so much is known, and what it is the date of."""

    day = models.DateField(_("date"))
    day_kind = models.CharField(_("date of"), max_length=10, choices=DayKind, default=DayKind.PUBLISHED)
    day_precision = models.CharField(
        _("known to the"), max_length=6, choices=DayPrecision, default=DayPrecision.DAY
    )
    reference = models.ForeignKey(
        Reference, on_delete=models.PROTECT, related_name="+", verbose_name=_("source")
    )

    class Meta:
        abstract = True


class Figure(Dated):
    """What a source says of a project on a day. Without an area it is of the whole project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="figures")
    area = models.ForeignKey(AREA, on_delete=models.PROTECT, null=True, related_name="+")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=FigureKind)
    indicator = models.CharField(_("indicator"), max_length=40)
    label = models.JSONField(_("what was counted"), default=dict)
    unit = models.JSONField(_("unit"), default=dict)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)
    exactness = models.CharField(max_length=10, choices=Exactness, default=Exactness.EXACT)
    note = models.JSONField(_("note"), default=dict)

    objects = ScopedManager(area="project__sites__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("published figure")
        verbose_name_plural = _("published figures")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FigureKind.values), name="figure_kind_is_known"),
            models.CheckConstraint(
                condition=Q(exactness__in=Exactness.values), name="figure_exactness_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value}"


class Money(Dated):
    """Money of a project: pledged, paid out or spent, in its own currency; currencies are never added up."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="money")
    kind = models.CharField(_("kind"), max_length=12, choices=MoneyKind)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    note = models.JSONField(_("note"), default=dict)

    objects = ScopedManager(area="project__sites__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("money of a project")
        verbose_name_plural = _("money of projects")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MoneyKind.values), name="money_kind_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class UserGroup(models.Model):
    """Villagers who keep what a project left behind, such as a water group."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="groups")
    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    name = models.CharField(_("name"), max_length=120)
    members = models.PositiveIntegerField(_("members"), null=True)

    objects = ScopedManager(area="area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("user group")
        verbose_name_plural = _("user groups")
        constraints = [models.UniqueConstraint(fields=["project", "area", "name"], name="user_group_once")]

    def __str__(self) -> str:
        return self.name


class GroupYear(models.Model):
    """What a user group took in and spent in a year after hand-over."""

    group = models.ForeignKey(UserGroup, on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    income = models.DecimalField(_("taken in"), max_digits=18, decimal_places=2)
    spending = models.DecimalField(_("spent"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="group__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("year of a user group")
        verbose_name_plural = _("years of user groups")
        constraints = [models.UniqueConstraint(fields=["group", "year"], name="group_year_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.year}"
