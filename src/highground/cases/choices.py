"""What an area chooses for its procedure: packs of the rulebook, lists of holidays. Tables beside `models.py`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager


class ProcedureChoice(models.Model):
    """The packs that an area chose for a rulebook's procedure, for cases opened from a day on."""

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    rulebook = models.CharField(_("rulebook"), max_length=60)
    packs = models.JSONField(_("packs"), default=list)
    since = models.DateField(_("from"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("choice of packs")
        verbose_name_plural = _("choices of packs")
        constraints = [models.UniqueConstraint(fields=["area", "rulebook", "since"], name="packs_once_a_day")]

    def __str__(self) -> str:
        return f"{self.area_id} {self.rulebook} {self.since}"


class HolidayList(models.Model):
    """The days off and the weekend days worked in one year, for an area and all below it."""

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    off = models.JSONField(default=list)
    worked = models.JSONField(default=list)
    source = models.CharField(_("source"), max_length=200)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("list of holidays")
        verbose_name_plural = _("lists of holidays")
        constraints = [models.UniqueConstraint(fields=["area", "year"], name="holidays_once_a_year")]

    def __str__(self) -> str:
        return f"{self.area_id} {self.year}"
