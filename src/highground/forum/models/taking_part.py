"""Who takes part, in the room or on line, who came in, and what was asked during a session."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.forum.enums import Gender, Mode, Part, QuestionStatus, TakingPart

BY_FORUM = "forum__area__path"


class Delegation(models.Model):
    """A government or organisation that nominates people. `key` is the secret part of its link."""

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="delegations")
    country = models.CharField(_("country"), max_length=2)
    organisation = models.CharField(_("government or organisation"), max_length=160)
    contact = models.EmailField(_("e-mail of whoever nominates"))
    seats = models.PositiveSmallIntegerField(_("may nominate at most"), default=15)
    protocol = models.PositiveSmallIntegerField(_("place in the protocol"), default=100)
    key = models.CharField(max_length=24, unique=True)

    objects = ScopedManager(area=BY_FORUM, sight=Sight.FORUM)

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.UniqueConstraint(fields=["forum", "country", "organisation"], name="delegation_once"),
        ]

    def __str__(self) -> str:
        return self.organisation


class Participant(models.Model):
    """Somebody who takes part. `key` is the secret part of their link; `badge` is printed and opens nothing but the door.

    `answers` hold what was asked after acceptance (visa letter, travel, diet, interpretation). `printed` says what the badge
    said when it was printed, so that an old one is found. `consents`: the name may stand in public lists.
    """

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="participants")
    delegation = models.ForeignKey(
        Delegation, on_delete=models.PROTECT, null=True, related_name="participants"
    )
    name = models.CharField(_("name as on the badge"), max_length=120)
    latin = models.CharField(_("name in Latin letters"), max_length=120, blank=True)
    position = models.CharField(_("position"), max_length=120, blank=True)
    organisation = models.CharField(_("organisation"), max_length=160)
    country = models.CharField(_("country"), max_length=2)
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, default=Gender.UNSTATED)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    part = models.CharField(_("takes part as"), max_length=12, choices=Part, default=Part.DELEGATE)
    protocol = models.PositiveSmallIntegerField(_("place in the protocol"), default=100)
    status = models.CharField(max_length=10, choices=TakingPart, default=TakingPart.NOMINATED)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    consents = models.BooleanField(_("the name may be published"), default=False)
    answers = models.JSONField(default=dict)
    key = models.CharField(max_length=24, unique=True)
    badge = models.CharField(_("badge code"), max_length=12)
    printed = models.CharField(max_length=32, blank=True)
    came_on = models.DateField(null=True)

    objects = ScopedManager(area=BY_FORUM, sight=Sight.FORUM)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(fields=["forum", "badge"], name="badge_once_at_a_forum"),
            models.UniqueConstraint(
                fields=["forum", "email"],
                condition=~Q(email="") & ~Q(status=TakingPart.WITHDRAWN),
                name="participant_once_by_address",
            ),
            models.CheckConstraint(
                condition=Q(status__in=TakingPart.values), name="participant_status_is_known"
            ),
            models.CheckConstraint(condition=Q(part__in=Part.values), name="participant_part_is_known"),
        ]
        indexes = [models.Index(fields=["forum", "status", "protocol"], name="participant_by_protocol")]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """How somebody means to take part on one day."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("day"))
    mode = models.CharField(_("how"), max_length=8, choices=Mode)

    objects = ScopedManager(area=f"participant__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("day")
        verbose_name_plural = _("days")
        constraints = [
            models.UniqueConstraint(fields=["participant", "day"], name="presence_once_a_day"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="presence_mode_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.day} {self.mode}"


class Door(models.Model):
    """A desk at the entrance or at a room. `key` is the secret part of its link; a closed door takes nothing more."""

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="doors")
    name = models.CharField(_("door"), max_length=60)
    session = models.ForeignKey("forum.Session", on_delete=models.CASCADE, null=True, related_name="doors")
    key = models.CharField(max_length=24, unique=True)
    closed_on = models.DateField(null=True)

    objects = ScopedManager(area=BY_FORUM, sight=Sight.FORUM)

    class Meta:
        verbose_name = _("door")
        verbose_name_plural = _("doors")
        constraints = [models.UniqueConstraint(fields=["forum", "name"], name="door_name_once")]

    def __str__(self) -> str:
        return self.name


class Scan(models.Model):
    """A code that was typed or scanned at a door. `key` was made by the door, so that what it sends twice is stored once.

    Every scan is kept; people are counted once a day. A code that nobody has is kept as well, without a participant.
    """

    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="scans")
    key = models.CharField(max_length=40, unique=True)
    typed = models.CharField(max_length=40)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, null=True, related_name="scans")
    at = models.DateTimeField(_("at the door"))
    day = models.DateField()
    arrived_at = models.DateTimeField(_("arrived here"))

    objects = ScopedManager(area=f"door__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        indexes = [models.Index(fields=["participant", "day"], name="scan_by_day")]

    def __str__(self) -> str:
        return f"{self.door_id} {self.at}"


class Attendance(models.Model):
    """Somebody was in a session, in the room or on line; whoever was both has one row each."""

    session = models.ForeignKey("forum.Session", on_delete=models.CASCADE, related_name="attendance")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="attendance")
    mode = models.CharField(max_length=8, choices=Mode)
    since = models.DateTimeField()

    objects = ScopedManager(area=f"session__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [
            models.UniqueConstraint(fields=["session", "participant", "mode"], name="attendance_once"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="attendance_mode_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.participant_id} {self.mode}"


class LiveQuestion(models.Model):
    """A question asked during a session, from the room or on line: one queue. `key` was made by the asker's page."""

    session = models.ForeignKey("forum.Session", on_delete=models.CASCADE, related_name="questions")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="questions")
    key = models.CharField(max_length=40, unique=True)
    text = models.CharField(_("question"), max_length=400)
    mode = models.CharField(max_length=8, choices=Mode)
    status = models.CharField(max_length=8, choices=QuestionStatus, default=QuestionStatus.WAITING)
    at = models.DateTimeField()

    objects = ScopedManager(area=f"session__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("question in a session")
        verbose_name_plural = _("questions in a session")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=QuestionStatus.values), name="live_question_status_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.text


class LiveVote(models.Model):
    """Somebody wants to hear the answer to a question as well."""

    question = models.ForeignKey(LiveQuestion, on_delete=models.CASCADE, related_name="votes")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="votes")

    objects = ScopedManager(area=f"question__session__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [models.UniqueConstraint(fields=["question", "participant"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.participant_id}"
