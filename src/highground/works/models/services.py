"""Infrastructure and services: dated readings of what a village has, and works from the proposal to the upkeep."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.works.enums import Condition, PhotoTime, WorkStage

AREA = "areas.Area"


class ServiceReading(models.Model):
    """What somebody found of a service in a village on a day. `service` and `unit` are those of the country's standard."""

    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    service = models.CharField(_("service"), max_length=40)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=40)
    day = models.DateField(_("date"))
    source = models.CharField(_("source"), max_length=200)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("reading of a service")
        verbose_name_plural = _("readings of services")
        indexes = [models.Index(fields=["area", "service", "day"], name="reading_of_service")]
        constraints = [
            models.UniqueConstraint(fields=["area", "service", "day", "source"], name="service_reading_once")
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.value}"


class Work(models.Model):
    """A piece of infrastructure that is built for a service, alone or in an assistance project."""

    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    project = models.ForeignKey("works.Project", on_delete=models.PROTECT, null=True, related_name="works")
    service = models.CharField(_("service"), max_length=40)
    title = models.CharField(_("what is built"), max_length=160)
    stage = models.CharField(_("stage"), max_length=12, choices=WorkStage, default=WorkStage.PROPOSED)
    budget = models.DecimalField(_("budget"), max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3)
    due = models.DateField(_("planned completion"), null=True)
    keeper = models.CharField(_("who keeps it up"), max_length=120, blank=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("work")
        verbose_name_plural = _("works")
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=WorkStage.values), name="work_stage_is_known")
        ]

    def __str__(self) -> str:
        return self.title


class StageStep(models.Model):
    """A work came to a stage on a day; who says so, and why where it was late or given up."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="steps")
    stage = models.CharField(_("stage"), max_length=12, choices=WorkStage)
    day = models.DateField(_("date"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="work__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("step of a work")
        verbose_name_plural = _("steps of works")
        ordering = ["day", "pk"]

    def __str__(self) -> str:
        return f"{self.work_id} {self.stage}"


class Spending(models.Model):
    """Money spent on a work, in the currency of its budget."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="spending")
    day = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    note = models.CharField(_("for what"), max_length=160, blank=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="work__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("spending")
        verbose_name_plural = _("spending")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="spending_is_positive")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.amount}"


class Photo(models.Model):
    """A photo of a work: a photo without a date shows nothing, so it has one."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="photos")
    upload = models.ForeignKey("files.Upload", on_delete=models.PROTECT, related_name="+")
    taken = models.CharField(_("taken"), max_length=8, choices=PhotoTime)
    day = models.DateField(_("date"))
    caption = models.CharField(_("what it shows"), max_length=160)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="work__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["day", "pk"]

    def __str__(self) -> str:
        return self.caption


class WorkCheck(models.Model):
    """Somebody looked on a day whether what was built still works."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="checks")
    day = models.DateField(_("date"))
    found = models.CharField(_("found"), max_length=8, choices=Condition)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="work__area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("check of a work")
        verbose_name_plural = _("checks of works")
        ordering = ["day", "pk"]

    def __str__(self) -> str:
        return f"{self.work_id} {self.found}"
