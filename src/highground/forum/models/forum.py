"""A forum: when and where it is, what it asks for, and where the facts come from."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from highground.forum.enums import ForumStatus


def said(texts: dict[str, str], language: str = "") -> str:
    """The text in the reader's language, else in English, else in whatever there is."""
    language = language or get_language() or "en"
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


TAKEN = ("call", "delegation", "door", "entry", "me", "new", "office", "partner", "review")
"""Words that begin other addresses."""


def not_taken(code: str) -> None:
    """Refuse a code that is the beginning of another address."""
    if code in TAKEN:
        raise ValidationError(_("This word is the beginning of another address. Choose another code."))


class Forum(models.Model):
    """One forum. `names` and `themes` are texts by language. `area` hosts it; null where it lies outside the area tree.

    `source` and `verified` are for forums that really took place: where the facts come from, and whether somebody compared
    them. `anonymous`: reviewers do not see who wrote an entry. `attended` is what the source says, not what was counted here.
    """

    code = models.SlugField(_("code"), max_length=40, unique=True, validators=[not_taken])
    names = models.JSONField(_("name"), default=dict)
    themes = models.JSONField(_("theme"), default=dict)
    place = models.CharField(_("place"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    area = models.ForeignKey(
        "areas.Area",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    first_day = models.DateField(_("first day"), null=True)
    last_day = models.DateField(_("last day"), null=True)
    year = models.PositiveSmallIntegerField(_("year"))
    status = models.CharField(max_length=10, choices=ForumStatus, default=ForumStatus.PLANNED)
    call_theme = models.TextField(_("what the call asks for"), blank=True)
    call_opens = models.DateTimeField(_("call opens"), null=True, blank=True)
    call_closes = models.DateTimeField(_("call closes"), null=True, blank=True)
    anonymous = models.BooleanField(_("entries are reviewed without names"), default=True)
    attended = models.PositiveIntegerField(_("people who took part, by the source"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    verified = models.BooleanField(_("compared with its source"), default=False)
    synthetic = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("forum")
        verbose_name_plural = _("forums")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ForumStatus.values), name="forum_status_is_known"),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="forum_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(call_closes__isnull=True) | Q(call_closes__gt=F("call_opens")),
                name="forum_call_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return said(self.names) or self.code

    @property
    def theme(self) -> str:
        return said(self.themes)
