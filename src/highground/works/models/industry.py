"""Local industry: enterprises and how households earn from them; and the register of what projects left behind."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.works.enums import AssetKind, AssetState, EnterpriseKind, LinkKind

AREA = "areas.Area"


class Enterprise(models.Model):
    """An enterprise, cooperative, workshop, online shop or tourist business of a village."""

    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=EnterpriseKind)
    owner = models.CharField(_("owner"), max_length=120)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="enterprise_once"),
            models.CheckConstraint(
                condition=Q(kind__in=EnterpriseKind.values), name="enterprise_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Earning(models.Model):
    """What an enterprise earned in a year, and what of it went to the households of the village."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    revenue = models.DecimalField(_("revenue"), max_digits=18, decimal_places=2)
    to_households = models.DecimalField(_("paid to households"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="enterprise__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("year of an enterprise")
        verbose_name_plural = _("years of enterprises")
        constraints = [models.UniqueConstraint(fields=["enterprise", "year"], name="earning_once")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.year}"


class IndustryLink(models.Model):
    """A household earns from an enterprise, from one day to another. Seen where the household is seen."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="links")
    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("earns by"), max_length=8, choices=LinkKind)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path", sight=Sight.HOUSEHOLDS)

    class Meta:
        verbose_name = _("industry link")
        verbose_name_plural = _("industry links")
        indexes = [models.Index(fields=["household", "until"], name="link_of_household")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="link_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="link_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.household_id}"


class LinkYear(models.Model):
    """What a household earned in a year by its link to an enterprise. Seen where the household is seen."""

    link = models.ForeignKey(IndustryLink, on_delete=models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.DecimalField(_("earned"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="link__household__area__path", sight=Sight.HOUSEHOLDS)

    class Meta:
        verbose_name = _("year of an industry link")
        verbose_name_plural = _("years of industry links")
        ordering = ["-year"]
        constraints = [models.UniqueConstraint(fields=["link", "year"], name="link_year_once")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.year}"


class Asset(models.Model):
    """Something that project money bought or built: who owns it, who keeps it, what it brings in, what became of it."""

    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    code = models.CharField(_("number"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=12, choices=AssetKind)
    funds = models.CharField(_("source of funds"), max_length=160)
    cost = models.DecimalField(_("cost"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    owner = models.CharField(_("owner"), max_length=120)
    keeper = models.CharField(_("keeper"), max_length=120)
    since = models.DateField(_("since"))
    contract = models.CharField(_("contract with"), max_length=160, blank=True)
    contract_until = models.DateField(_("contract until"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=AssetState, default=AssetState.IN_USE)
    state_since = models.DateField(_("in this state since"))
    project = models.ForeignKey("works.Project", on_delete=models.PROTECT, null=True, related_name="assets")
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("project asset")
        verbose_name_plural = _("project assets")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=AssetKind.values), name="asset_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=AssetState.values), name="asset_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class AssetIncome(models.Model):
    """What an asset brought in in a year, and to whom it went: `shares` are [(to whom, amount as text), ...]."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="incomes")
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.DecimalField(_("income"), max_digits=18, decimal_places=2)
    shares = models.JSONField(_("went to"), default=list)
    published_on = models.DateField(_("published in the village"), null=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="asset__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("income of an asset")
        verbose_name_plural = _("incomes of assets")
        constraints = [models.UniqueConstraint(fields=["asset", "year"], name="asset_income_once")]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.year}"


class AssetTask(models.Model):
    """An asset is idle or lost: somebody must see to it, and says what was done when they close the task."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="tasks")
    state = models.CharField(_("raised because"), max_length=8, choices=AssetState)
    raised_on = models.DateField(_("raised on"))
    raised_by = models.CharField(max_length=80)
    why = models.CharField(_("what was found"), max_length=1000)
    closed_on = models.DateField(_("closed on"), null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    done = models.CharField(_("what was done"), max_length=300, blank=True)

    objects = ScopedManager(area="asset__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("task about an asset")
        verbose_name_plural = _("tasks about assets")
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(closed_on__isnull=True), name="one_open_task_of_an_asset"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.state}"
