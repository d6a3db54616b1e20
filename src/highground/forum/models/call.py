"""The call for practices: entries with texts in languages, reviewers, reviews."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.files.fields import FileHash
from highground.files.media import BY_TYPE
from highground.forum.enums import EntryStatus, Gender, ReviewStatus
from highground.forum.models.taking_part import BY_FORUM


class Entry(models.Model):
    """An entry of a call. `key` is the secret part of the entrant's link. The words stand in `EntryText`.

    `parties` are others who have a part in it (co-authors, partners, funders): no reviewer sees them, and none of them judges it.
    `version` counts the saves, so that a page that was open elsewhere does not overwrite a newer draft.
    `reason` stands behind a decision; `practice` is the code of the practice that it became.
    """

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="entries")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=24, unique=True)
    entrant = models.CharField(_("your name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    organisation = models.CharField(_("organisation"), max_length=160)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=8, default="en")
    time_zone = models.CharField(_("your time zone"), max_length=40, default="Asia/Shanghai")
    field = models.CharField(_("field"), max_length=40, blank=True)
    parties = models.JSONField(_("others who have a part in it"), default=list)
    status = models.CharField(max_length=10, choices=EntryStatus, default=EntryStatus.DRAFT)
    version = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(_("handed in"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True)
    practice = models.CharField(max_length=60, blank=True)

    objects = ScopedManager(area=BY_FORUM, sight=Sight.FORUM)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["forum", "number"], name="entry_numbers_of_a_forum"),
            models.CheckConstraint(condition=Q(status__in=EntryStatus.values), name="entry_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=[EntryStatus.DRAFT, EntryStatus.WITHDRAWN])
                | Q(submitted_at__isnull=False),
                name="entry_handed_in_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forum_id}-{self.number}"


class EntryText(models.Model):
    """What an entry says in one language; `original` are the entrant's own words."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=8)
    original = models.BooleanField(default=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    problem = models.TextField(_("problem"), blank=True)
    done = models.TextField(_("what was done"), blank=True)
    results = models.TextField(_("results, and what failed"), blank=True)

    objects = ScopedManager(area=f"entry__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("text of an entry")
        verbose_name_plural = _("texts of entries")
        constraints = [models.UniqueConstraint(fields=["entry", "language"], name="entry_text_once")]

    def __str__(self) -> str:
        return self.title


class Attachment(models.Model):
    """A file that goes with an entry. `original` is the hash of what was given, for the entrant and the organisers; `shown` of
    what reviewers read, without what a file says of its maker. `name` is what the entrant called it: no reviewer sees that.
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="attachments")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("name of the file"), max_length=120)
    media = models.CharField(_("media type"), max_length=100)
    size = models.PositiveIntegerField(_("bytes"))
    original = FileHash()
    shown = FileHash()
    given_at = models.DateTimeField(_("given"))

    objects = ScopedManager(area=f"entry__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("file of an entry")
        verbose_name_plural = _("files of entries")
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="attachment_numbers_of_an_entry")
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.number}"

    @property
    def kind(self) -> str:
        """What kind of file, as people say it: `PDF`, `DOCX`, `JPG`."""
        return BY_TYPE[self.media].ending.upper()


class Reviewer(models.Model):
    """Somebody who reviews. `ties`: by kind (`Tie`), the people, addresses and organisations that this person must not judge.

    `expert` is the profile in the experts' database, whose other names, employers and co-authors count as well. `fields` are
    those of `knowledge.enums.Field`, as of an entry. On the days from `away_from` to `away_until` the person does not review.
    """

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="reviewers")
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    country = models.CharField(_("country"), max_length=2)
    organisation = models.CharField(_("organisation"), max_length=160)
    fields = models.JSONField(_("fields"), default=list)
    languages = models.JSONField(_("languages"), default=list)
    ties = models.JSONField(_("must not judge"), default=dict)
    expert = models.ForeignKey(
        "knowledge.Expert", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, default=Gender.UNSTATED)
    most = models.PositiveSmallIntegerField(_("entries at most"), default=8)
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)
    key = models.CharField(max_length=24, unique=True)
    withdrawn_on = models.DateField(_("withdrawn"), null=True)

    objects = ScopedManager(area=BY_FORUM, sight=Sight.FORUM)

    class Meta:
        verbose_name = _("reviewer")
        verbose_name_plural = _("reviewers")
        constraints = [
            models.UniqueConstraint(fields=["forum", "email"], name="reviewer_once"),
            models.CheckConstraint(
                condition=Q(away_from__isnull=True, away_until__isnull=True)
                | Q(away_from__isnull=False, away_until__isnull=False, away_until__gte=F("away_from")),
                name="reviewer_away_from_and_until",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Review(models.Model):
    """One reviewer's judgement of one entry: 0 to 3 for each criterion, and why."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.CASCADE, related_name="reviews")
    status = models.CharField(max_length=10, choices=ReviewStatus, default=ReviewStatus.ASKED)
    scores = models.JSONField(default=dict)
    why = models.TextField(_("why"), blank=True)
    done_at = models.DateTimeField(null=True)

    objects = ScopedManager(area=f"entry__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(fields=["entry", "reviewer"], name="review_once"),
            models.CheckConstraint(
                condition=Q(status__in=ReviewStatus.values), name="review_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.reviewer_id}"
