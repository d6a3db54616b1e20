"""Screening runs, the clues they open, and the last verdict on each household.

A run is kept whole and unchanged in a folder (`HIGHGROUND_HOME/runs/<folder>`); the tables here hold what people
work with. `HouseholdVerdict` and `AreaTally` repeat the last run for speed and can be rebuilt from its folder.
A clue is one episode of one household and one rule: while it is open, later runs attach to it.
"""

import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.accounts.scoping import ScopedManager, within
from highground.areas.queries import ancestor_paths
from highground.signals.enums import Change, ClassVerdict, ClueKind, ClueStatus, Queue, Severity


class RulebookVersion(models.Model):
    """A rulebook as it was when it was first used: its whole content, known by its hash."""

    hash = models.CharField(max_length=64, unique=True)
    rulebook = models.CharField(_("rulebook"), max_length=60)
    version = models.CharField(_("version"), max_length=40)
    title = models.JSONField(_("title"), default=dict)
    content = models.JSONField()
    synthetic = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("rulebook version")
        verbose_name_plural = _("rulebook versions")

    def __str__(self) -> str:
        return f"{self.rulebook} {self.version}"


class RunManager(ScopedManager):
    """A run is seen where its area is, and by those who look after a part of that area."""

    def visible_to(self, user: Any, today: datetime.date | None = None) -> models.QuerySet[Any]:
        """The runs over the areas of `user`, over areas inside them, and over areas around them."""
        paths = scope_of(user, today or timezone.localdate(), self.sight)
        around = [above for path in paths for above in ancestor_paths(path)]
        return self._open().filter(within(self.area, paths) | Q(**{f"{self.area}__in": around}))


class Run(models.Model):
    """One screening of the register of an area by one rulebook, for one day. Never changed once stored."""

    rulebook_version = models.ForeignKey(RulebookVersion, on_delete=models.PROTECT, related_name="runs")
    rulebook = models.CharField(_("rulebook"), max_length=60)
    as_of = models.DateField(_("as of"))
    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    folder = models.CharField(max_length=120, unique=True)
    snapshot = models.CharField(max_length=120)
    counts = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    seconds = models.FloatField(_("seconds"))
    created_at = models.DateTimeField(_("when"))
    by = models.CharField(max_length=80)

    objects = RunManager(area="area__path", sight=Sight.RUNS)
    # Whoever sees households or counts is told when they were last screened, and nothing else about the run.
    dated = RunManager(area="area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("screening run")
        verbose_name_plural = _("screening runs")
        indexes = [models.Index(fields=["rulebook", "area", "-id"], name="run_last")]

    def __str__(self) -> str:
        return f"{self.rulebook} {self.as_of}"


class Clue(models.Model):
    """A reason to knock: one rule said yes of one household. It is no verdict; people decide after the visit.

    `evidence` is what the last run with a yes found, with its sentences by language (`signals/evidence.py`).
    `cleared_by` is the run after which the rule no longer said yes; the clue stays open until people close it.
    `stale` means that the last run could no longer tell.
    """

    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="clues")
    rulebook = models.CharField(_("rulebook"), max_length=60)
    rule = models.CharField(_("rule"), max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=ClueKind)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    status = models.CharField(_("status"), max_length=8, choices=ClueStatus, default=ClueStatus.OPEN)
    opened_on = models.DateField(_("opened"))
    due_on = models.DateField(_("visit due"))
    run_opened = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    run_last = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    cleared_by = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    stale = models.BooleanField(_("can no longer be told"), default=False)
    evidence = models.JSONField(default=dict)

    objects = ScopedManager(area="household__area__path")
    # For sums over areas alone (`queries.py`): counts are seen by more people than households are.
    counted = ScopedManager(area="household__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("clue")
        verbose_name_plural = _("clues")
        constraints = [
            models.UniqueConstraint(
                fields=["household", "rulebook", "rule"], condition=Q(status="open"), name="clue_once_open"
            ),
            models.CheckConstraint(condition=Q(kind__in=ClueKind.values), name="clue_kind_is_known"),
            models.CheckConstraint(condition=Q(status__in=ClueStatus.values), name="clue_status_is_known"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="clue_severity_is_known"),
        ]
        indexes = [models.Index(fields=["status", "due_on", "household"], name="clue_by_deadline")]

    def __str__(self) -> str:
        return f"{self.pk} {self.rule}"


class Sighting(models.Model):
    """What one run found about one clue."""

    clue = models.ForeignKey(Clue, on_delete=models.PROTECT, related_name="sightings", db_index=False)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    change = models.CharField(_("change"), max_length=10, choices=Change)
    stale = models.BooleanField(_("can no longer be told"), default=False)

    objects = ScopedManager(area="clue__household__area__path")
    counted = ScopedManager(area="clue__household__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("sighting")
        verbose_name_plural = _("sightings")
        constraints = [
            models.UniqueConstraint(fields=["clue", "run"], name="sighting_once"),
            models.CheckConstraint(condition=Q(change__in=Change.values), name="sighting_change_is_known"),
        ]
        indexes = [models.Index(fields=["run", "change"], name="sighting_of_run")]

    def __str__(self) -> str:
        return f"{self.clue_id} {self.run_id} {self.change}"


class HouseholdVerdict(models.Model):
    """What the last run of a rulebook said of a household.

    `missing` names what would have to be known: facts, and `parameter:NAME`; `stale` what is
    known but too old. `queue` says where a household waits that nothing could be said about.
    """

    household = models.ForeignKey(
        "people.Household", on_delete=models.PROTECT, related_name="verdicts", db_index=False
    )
    rulebook = models.CharField(_("rulebook"), max_length=60)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    class_id = models.CharField(_("class"), max_length=80, blank=True)
    class_verdict = models.CharField(_("verdict"), max_length=12, choices=ClassVerdict)
    queue = models.CharField(_("queue"), max_length=12, choices=Queue, blank=True)
    fired = models.JSONField(default=list)
    undecided = models.JSONField(default=list)
    unknown = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    stale = models.JSONField(default=list)

    objects = ScopedManager(area="household__area__path")

    class Meta:
        verbose_name = _("household verdict")
        verbose_name_plural = _("household verdicts")
        constraints = [
            models.UniqueConstraint(fields=["household", "rulebook"], name="verdict_once"),
            models.CheckConstraint(
                condition=Q(class_verdict__in=ClassVerdict.values), name="class_verdict_is_known"
            ),
            models.CheckConstraint(condition=Q(queue__in=Queue.values), name="verdict_queue_is_known"),
        ]
        indexes = [
            models.Index(fields=["queue", "household"], condition=~Q(queue=""), name="verdict_in_queue")
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.class_verdict}"

    @property
    def outdated(self) -> list[str]:
        """The missing facts that are known, but too old."""
        return [name for name in self.missing if name in self.stale]

    @property
    def unheard(self) -> list[str]:
        """The missing facts that nobody has ever told, and missing parameters."""
        return [name for name in self.missing if name not in self.stale]


class AreaTally(models.Model):
    """How many households of one area (where they live, not those below) the last run of a rulebook looked at."""

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+", db_index=False)
    rulebook = models.CharField(_("rulebook"), max_length=60)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", db_index=False)
    households = models.PositiveIntegerField()
    possible = models.PositiveIntegerField()
    cannot_tell = models.PositiveIntegerField()
    unseen = models.PositiveIntegerField()

    objects = ScopedManager(area="area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("tally of an area")
        verbose_name_plural = _("tallies of areas")
        constraints = [models.UniqueConstraint(fields=["area", "rulebook"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.area_id} {self.households}"
