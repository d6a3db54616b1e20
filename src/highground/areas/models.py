"""Areas and the codes under which others know them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from highground.areas.enums import Level

SEGMENT = 4
"""Characters per step of a path: 36 ** 4 children under one parent."""


class Area(models.Model):
    """A place in the tree.

    `path` is the parent's path and one segment of digits and capital letters, so that an area's subtree is
    everything whose path starts with the area's own. A path is never given to another area (`FormerPath`), and an area
    that ceases to exist keeps its place with a `valid_to` (its last day).
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    country = models.CharField(_("country"), max_length=2)
    level = models.CharField(_("level"), max_length=12, choices=Level)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    path = models.CharField(max_length=48, unique=True)
    depth = models.PositiveSmallIntegerField()
    names = models.JSONField(_("names"), default=dict)
    iso = models.CharField(_("ISO 3166-2 code"), max_length=8, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    verified = models.BooleanField(_("checked against a source"), default=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    synthetic = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=Level.values), name="area_level_is_known"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=models.F("valid_from")),
                name="area_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="area_point_is_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name()

    def name(self, language: str | None = None) -> str:
        """The name in `language` (the reader's without it), else in a related one, else in English, else any."""
        language = (language or get_language() or "en").lower()
        for wanted in (language, language.split("-")[0], "en"):
            if found := self.names.get(wanted):
                return str(found)
        return str(next(iter(self.names.values()), self.code))


class FormerPath(models.Model):
    """Where an area lay until it moved. Events and accesses from then are filed under it, and no other area gets it."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=48, unique=True)
    until = models.DateField()

    def __str__(self) -> str:
        return f"{self.area_id} {self.path}"


class AreaCode(models.Model):
    """A code under which a scheme (a statistics office, a register) knows an area, for a time."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField(_("scheme"), max_length=40)
    code = models.CharField(_("code"), max_length=40)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("area code")
        verbose_name_plural = _("area codes")
        ordering = ["scheme", "code"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code", "area"], name="area_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.code}"
