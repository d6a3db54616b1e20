"""Events in one chain, the chain's head, and the access log."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One action. Each event carries the hash of the one before it; rows are only ever added.

    `data` holds ids, codes, counts, dates and salted hashes: never a personal value, so that erasing a
    person's data leaves the chain whole. `also_in` are the paths of other areas that it touches, each after a "/".
    """

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=80)
    by = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    area_path = models.CharField(max_length=200, blank=True)
    # A default in the database, too: code from before there was such a column goes on writing while it is added.
    also_in = models.TextField(blank=True, default="", db_default="")
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "sequence"], name="event_of_subject"),
            models.Index(fields=["kind", "sequence"], name="event_of_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"

    @property
    def areas(self) -> list[str]:
        """The paths of the areas that it touches; none for what concerns the whole installation."""
        return [path for path in (self.area_path, *self.also_in.split("/")) if path]


class ChainHead(models.Model):
    """The last event's number and hash, in a single row that every writer locks first."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_chain_head")]

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


class AccessLog(models.Model):
    """Somebody looked at something. Not chained: it grows with every page, and old rows may be deleted."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.CharField(max_length=80)
    page = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    area_path = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("accesses")
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "at"], name="access_to_subject"),
            models.Index(fields=["by", "at"], name="access_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.page} {self.subject_kind} {self.subject_id}"
