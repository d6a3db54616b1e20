"""The programme: rooms, sessions, who does what in them, and the versions that were released."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.forum.enums import Consent, SessionKind
from highground.forum.enums import Duty as DutyKind
from highground.forum.models.forum import said
from highground.forum.models.taking_part import BY_FORUM


class Room(models.Model):
    """A room; `channels` is how many languages can be interpreted in it at once, `link` where it is joined on line."""

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(_("room"), max_length=80)
    seats = models.PositiveSmallIntegerField(_("seats"), null=True, blank=True)
    channels = models.PositiveSmallIntegerField(_("interpretation channels"), default=2)
    link = models.URLField(_("link for those on line"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [models.UniqueConstraint(fields=["forum", "name"], name="room_once")]

    def __str__(self) -> str:
        return self.name


class Session(models.Model):
    """A session. Without `starts` or `room` it waits for a place in the programme; `fixed` is not moved by a proposal.

    `languages` are spoken, `channels` are interpreted into. `live` grows with each question and vote. `summary` is what
    remains of it in the proceedings.
    """

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="sessions")
    code = models.SlugField(_("code"), max_length=40)
    titles = models.JSONField(_("title"), default=dict)
    abstract = models.TextField(_("what it is about"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=SessionKind, default=SessionKind.TALKS)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    starts = models.DateTimeField(_("begins"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=60)
    languages = models.JSONField(_("languages spoken"), default=list)
    channels = models.JSONField(_("interpreted into"), default=list)
    link = models.URLField(_("link of its own"), max_length=400, blank=True)
    fixed = models.BooleanField(_("stays where it is"), default=False)
    cancelled = models.BooleanField(_("called off"), default=False)
    live = models.PositiveIntegerField(default=0)
    summary = models.TextField(_("what was said and agreed"), blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.UniqueConstraint(fields=["forum", "code"], name="session_once"),
            models.CheckConstraint(condition=Q(minutes__gte=5) & Q(minutes__lte=600), name="session_lasts"),
            models.CheckConstraint(condition=Q(kind__in=SessionKind.values), name="session_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return said(self.titles) or self.code


class Duty(models.Model):
    """What somebody does in a session. `online`: from afar. `consent`: whether the talk may become a practice."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="duties")
    participant = models.ForeignKey("forum.Participant", on_delete=models.CASCADE, related_name="duties")
    duty = models.CharField(_("does"), max_length=12, choices=DutyKind, default=DutyKind.SPEAKER)
    entry = models.ForeignKey(
        "forum.Entry", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    online = models.BooleanField(_("from afar"), default=False)
    talk = models.CharField(_("title of the talk"), max_length=200, blank=True)
    told = models.TextField(_("what the talk said"), blank=True)
    consent = models.CharField(max_length=10, choices=Consent, default=Consent.NOT_ASKED)
    practice = models.CharField(max_length=60, blank=True)

    objects = ScopedManager(area=f"session__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        constraints = [
            models.UniqueConstraint(fields=["session", "participant", "duty"], name="duty_once"),
            models.CheckConstraint(condition=Q(duty__in=DutyKind.values), name="duty_is_known"),
            models.CheckConstraint(condition=Q(consent__in=Consent.values), name="duty_consent_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.participant_id} {self.duty}"


class Release(models.Model):
    """A version of the programme as everybody reads it: `sessions` holds all of it, so that versions can be compared."""

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    note = models.CharField(_("note"), max_length=300, blank=True)
    sessions = models.JSONField(default=list)

    class Meta:
        verbose_name = _("version of the programme")
        verbose_name_plural = _("versions of the programme")
        constraints = [models.UniqueConstraint(fields=["forum", "number"], name="release_numbers")]

    def __str__(self) -> str:
        return f"{self.forum_id} {self.number}"
