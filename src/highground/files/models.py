"""Files that people give: one row for each use. Equal content is stored once, under its hash."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from highground.files.fields import FileHash


class UnscopedUploads(RuntimeError):
    """Uploads were asked for without saying of which areas."""


class UploadManager(models.Manager["Upload"]):
    """Answers only `within(paths, behind=...)`: this room does not know who may see what, the one above says it."""

    def get_queryset(self) -> models.QuerySet[Upload]:
        raise UnscopedUploads("uploads belong to areas: ask with .within(paths, behind=...)")

    def within(self, paths: list[str], *, behind: str) -> models.QuerySet[Upload]:
        """The uploads of one kind of sight in the subtrees of `paths`; an empty list allows nothing."""
        allowed = Q(pk__in=[])
        for path in paths:
            allowed |= Q(area_path__startswith=path)
        return super().get_queryset().filter(allowed, behind=behind)

    def move(self, before: str, after: str) -> None:
        """Let what lies at or below the path `before` lie at `after`."""
        path = Concat(Value(after), Substr("area_path", len(before) + 1))
        super().get_queryset().filter(area_path__startswith=before).update(area_path=path)

    def create(self, **fields: Any) -> Upload:
        """Save one new row."""
        return super().get_queryset().create(**fields)


class Upload(models.Model):
    """One use of a stored file.

    `kind` is what it was given for ("visit", "authorisation"), `behind` the kind of sight that a person needs
    to open it (the rooms above name it), `hash` the SHA-256 of what is stored, after cleaning.
    """

    hash = FileHash(db_index=True)
    media = models.CharField(_("media type"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    kind = models.CharField(_("given for"), max_length=40)
    behind = models.CharField(max_length=24, default="households")
    area_path = models.CharField(max_length=200, db_index=True)
    kept_on = models.DateField(_("given on"))
    by = models.CharField(max_length=80)

    unscoped_internal = models.Manager()
    objects = UploadManager()

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        default_manager_name = "unscoped_internal"

    def __str__(self) -> str:
        return f"{self.kind} {self.hash[:8]}"
