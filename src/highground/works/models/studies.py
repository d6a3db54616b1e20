"""Studies: the design, the plan frozen with its hash, the readings, and what is said by criterion.

A household in a study is known by the number that the study gave it; nothing here leads to the register.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.accounts.scoping import ScopedManager, within
from highground.works.enums import Criterion, Sides, TheoryStage, Wave
from highground.works.held import projects_held

AREA = "areas.Area"


class StudyManager(ScopedManager):
    """A study is seen by those who see all of its villages, or hold a role for its project."""

    def visible_to(self, user: Any, today: datetime.date | None = None) -> models.QuerySet[Any]:
        today = today or timezone.localdate()
        paths = scope_of(user, today, Sight.WORKS)
        held = Q(project__code__in=projects_held(user, today))
        villages = StudyVillage.objects.everywhere(reason="whether a village of a study lies outside a scope")
        outside = villages.filter(study=OuterRef("pk")).exclude(within("area__path", paths))
        own = within("made_in__path", paths) & Q(~Exists(outside))
        return self._open().filter(held | own)


class Study(models.Model):
    """One question about villages. `theory` holds the text of each stage and what joins them (`actions.studies`).

    `spread` is the standard deviation between villages of the change of the main outcome; `drawn` says whether the
    villages were drawn by lot. `cost` is what the project spent on those `reached` in the treated villages.
    """

    made_in = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    project = models.ForeignKey(
        "works.Project",
        on_delete=models.PROTECT,
        null=True,
        related_name="studies",
        verbose_name=_("project"),
    )
    title = models.CharField(_("title"), max_length=160)
    question = models.CharField(_("question"), max_length=300)
    sides = models.CharField(_("counts as a finding"), max_length=8, choices=Sides, default=Sides.GREATER)
    level = models.DecimalField(_("level"), max_digits=4, decimal_places=3, default="0.05")
    spread = models.FloatField(_("spread between villages"), null=True)
    spread_source = models.CharField(_("where the spread is from"), max_length=200, blank=True)
    drawn = models.BooleanField(_("drawn by lot"), default=False)
    attrition = models.PositiveSmallIntegerField(_("expected loss of households (%)"), null=True)
    theory = models.JSONField(default=dict)
    cost = models.DecimalField(_("money spent"), max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    cost_source = models.CharField(_("where the sum is from"), max_length=200, blank=True)
    reached = models.PositiveIntegerField(_("reached, as the outcome counts them"), null=True)
    made_on = models.DateField()
    by = models.CharField(max_length=80)

    objects = StudyManager(area="made_in__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        constraints = [
            models.CheckConstraint(condition=Q(sides__in=Sides.values), name="study_sides_are_known"),
            models.CheckConstraint(
                condition=Q(cost__isnull=True)
                | (Q(cost__gt=0, reached__isnull=False, reached__gt=0) & ~Q(currency="")),
                name="study_cost_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class StudyVillage(models.Model):
    """A village of a study: treated or compared with, and the block within which villages may be exchanged."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="villages")
    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    treated = models.BooleanField(_("treated"))
    block = models.CharField(_("block"), max_length=60, blank=True)
    near = models.BooleanField(_("so near that the project may reach it too"), default=False)

    objects = ScopedManager(area="area__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("village of a study")
        verbose_name_plural = _("villages of a study")
        ordering = ["block", "-treated", "area__path"]
        constraints = [models.UniqueConstraint(fields=["study", "area"], name="study_village_once")]

    def __str__(self) -> str:
        return f"{self.study_id} {self.area_id}"


class StudyIndicator(models.Model):
    """What a study measures. A unit never changes: another unit is another indicator."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="indicators")
    code = models.CharField(_("code"), max_length=40)
    label = models.CharField(_("name"), max_length=160)
    unit = models.CharField(_("unit"), max_length=40)
    source = models.CharField(_("source"), max_length=160)
    stage = models.CharField(_("stage"), max_length=12, choices=TheoryStage, default=TheoryStage.OUTCOMES)
    main = models.BooleanField(_("main outcome"), default=False)

    objects = ScopedManager(area="study__made_in__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["-main", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="study_indicator_once"),
            models.UniqueConstraint(fields=["study"], condition=Q(main=True), name="one_main_outcome"),
        ]

    def __str__(self) -> str:
        return self.label


class FrozenPlan(models.Model):
    """The plan of a study as it stood when it was frozen. `content` is what was hashed; versions are only ever added."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="plans")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    hash = models.CharField(max_length=64)
    retrospective = models.BooleanField()
    after_endline = models.BooleanField()
    reason = models.CharField(_("why it was changed"), max_length=300, blank=True)
    frozen_on = models.DateField()
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="study__made_in__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("frozen plan")
        verbose_name_plural = _("frozen plans")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="plan_version_once")]

    def __str__(self) -> str:
        return f"{self.study_id} {self.number}"


class ReadingFile(models.Model):
    """One file of readings that was taken in. What was withdrawn leaves its name and hash, and no readings."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=160)
    hash = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    waves = models.JSONField(default=list)
    plan = models.ForeignKey(FrozenPlan, on_delete=models.PROTECT, null=True, related_name="+")
    taken_on = models.DateField()
    by = models.CharField(max_length=80)
    withdrawn_on = models.DateField(null=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=300, blank=True)

    objects = ScopedManager(area="study__made_in__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("file of readings")
        verbose_name_plural = _("files of readings")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class StudyReading(models.Model):
    """One value of an indicator in a wave: of a household by its number in the study, or without one of the village."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="+", db_index=False)
    indicator = models.ForeignKey(StudyIndicator, on_delete=models.CASCADE, related_name="readings")
    village = models.ForeignKey(StudyVillage, on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.CharField(max_length=40, blank=True)
    wave = models.CharField(max_length=10, choices=Wave)
    value = models.FloatField()
    day = models.DateField()
    recalled = models.BooleanField(default=False)
    weight = models.FloatField(default=1)
    file = models.ForeignKey(ReadingFile, on_delete=models.CASCADE, related_name="+", db_index=False)

    objects = ScopedManager(area="study__made_in__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("reading of a study")
        verbose_name_plural = _("readings of studies")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "village", "household", "wave"], name="study_reading_once"
            ),
            models.CheckConstraint(condition=Q(weight__gt=0), name="study_weight_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.wave}"


class CriterionNote(models.Model):
    """What is said under one criterion of the report, and what it rests on."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="notes")
    criterion = models.CharField(max_length=16, choices=Criterion)
    text = models.TextField(_("what was found"))
    source = models.CharField(_("what it rests on"), max_length=300)
    written_on = models.DateField()
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="study__made_in__path", sight=Sight.WORKS)

    class Meta:
        verbose_name = _("note on a criterion")
        verbose_name_plural = _("notes on criteria")
        constraints = [models.UniqueConstraint(fields=["study", "criterion"], name="criterion_once")]

    def __str__(self) -> str:
        return f"{self.study_id} {self.criterion}"
