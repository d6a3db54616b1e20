"""A letter: to whom, what it says, what it is about, and how far it has come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LetterStatus(models.TextChoices):
    """How far a letter has come."""

    DRAFT = "draft", _("waits to be looked at")
    RELEASED = "released", _("on its way")
    SENT = "sent", _("sent")
    FAILED = "failed", _("given up")
    DROPPED = "dropped", _("not sent")


class Letter(models.Model):
    """One letter to one address. `about_kind` and `about_id` name what it belongs to, as text: those rooms lie above.

    `key` is the same for the same letter, so that it is written once. `next_try` is when sending is tried (again).
    """

    key = models.CharField(max_length=120, unique=True)
    about_kind = models.CharField(max_length=40)
    about_id = models.CharField(max_length=64)
    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=8, default="en")
    calendar = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=LetterStatus, default=LetterStatus.DRAFT)
    made_at = models.DateTimeField(_("written"))
    by = models.CharField(max_length=80)
    released_by = models.CharField(max_length=80, blank=True)
    next_try = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=LetterStatus.values), name="letter_status_is_known")
        ]
        indexes = [
            models.Index(fields=["about_kind", "about_id", "status"], name="letter_about"),
            models.Index(fields=["status", "next_try"], name="letter_due"),
        ]

    def __str__(self) -> str:
        return f"{self.about_kind} {self.about_id} {self.status}"
