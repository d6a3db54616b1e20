"""What families and neighbours say: messages from the public page, objections, needs. Tables beside `models.py`."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.cases.enums import FamilySays, MessageKind, MessageStatus, ObjectionStatus
from highground.people.sealed import SealedField


class ReportManager(ScopedManager):
    """Self-reports that are not about village staff: what the village itself may read."""

    def _open(self) -> models.QuerySet[Any]:
        return super()._open().filter(kind=MessageKind.REPORT, for_county=False)


class Message(models.Model):
    """What somebody without an account sent: a self-report, an objection or a grievance.

    `sender` is how to reach them, sealed. `code_hash` is a keyed hash of the code by which the sender asks what became
    of it. What is about village staff goes to the county (`for_county`); `about` is the person, once somebody there
    has read who it is. `notice_code` and `notice_line` are what an objection quotes, as it was typed.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=MessageKind)
    area = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("place")
    )
    trouble = models.CharField(_("kind of trouble"), max_length=20, blank=True)
    words = models.TextField(_("in their words"), blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    sender = SealedField(_("who sent it"), tied_to="code_hash", blank=True)
    code_hash = models.CharField(max_length=64, unique=True)
    for_county = models.BooleanField(default=False)
    about = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("about whom")
    )
    notice_code = models.CharField(_("number of the notice"), max_length=40, blank=True)
    notice_line = models.CharField(_("line of the notice"), max_length=20, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=MessageStatus, default=MessageStatus.RECEIVED
    )
    sent_on = models.DateField(_("sent"))
    due_on = models.DateField(_("answer due"))
    taken_up_on = models.DateField(null=True)
    taken_up_by = models.CharField(max_length=80, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_on = models.DateField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)
    household = models.ForeignKey(
        "people.Household", on_delete=models.PROTECT, null=True, related_name="messages"
    )

    objects = ScopedManager(area="area__path", sight=Sight.OBJECTORS)
    reports = ReportManager(area="area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("message from the public")
        verbose_name_plural = _("messages from the public")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MessageKind.values), name="message_kind_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=MessageStatus.values), name="message_status_is_known"
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="message_by_deadline")]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"


class Objection(models.Model):
    """Somebody says that a household should not be (or no longer be) monitored. It stops the case's clocks."""

    item = models.ForeignKey("cases.NoticeItem", on_delete=models.PROTECT, related_name="objections")
    message = models.OneToOneField(
        "cases.Message", on_delete=models.PROTECT, null=True, related_name="objection"
    )
    text = models.TextField(_("objection"))
    filed_on = models.DateField(_("filed"))
    status = models.CharField(
        _("status"), max_length=12, choices=ObjectionStatus, default=ObjectionStatus.OPEN
    )
    answer = models.TextField(_("answer"), blank=True)
    answered_on = models.DateField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="item__case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ObjectionStatus.values), name="objection_status_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.status}"


class Need(models.Model):
    """What a family asks for, in its own words and language; what was answered; whether the family says it is solved."""

    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="needs")
    words = models.TextField(_("in their words"), blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    audio = models.CharField(_("recording"), max_length=64, blank=True)
    asked_on = models.DateField(_("asked"))
    answer = models.TextField(_("answer"), blank=True)
    answered_on = models.DateField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)
    family_says = models.CharField(_("the family says"), max_length=12, choices=FamilySays, blank=True)
    said_on = models.DateField(null=True)
    said_to = models.CharField(_("written down by"), max_length=80, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        constraints = [
            models.CheckConstraint(condition=~Q(words="", audio=""), name="need_says_something"),
            models.CheckConstraint(
                condition=Q(family_says__in=FamilySays.values), name="need_answer_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.asked_on}"


class PublicUse(models.Model):
    """Somebody without an account sent or asked something. The key is a keyed hash of where from, or of the place."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="public_use_recent")]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.at:%Y-%m-%d %H:%M}"
