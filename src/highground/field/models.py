"""What phones sent in, word for word, and where it met another truth."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.files.fields import FileHash


class State(models.TextChoices):
    """What became of a submission."""

    APPLIED = "applied", _("taken in")
    CONFLICT = "conflict", _("taken in, a value to decide")
    FLAGGED = "flagged", _("to be looked at")


class TakenForm(models.Model):
    """One version of a form that somebody else wrote, taken in from an XLSForm for the people of an area.

    `workbook_hash` is the SHA-256 of the workbook. `mapping` says by the path of a question (`/data/group/name`) which
    fact or which part of the visit it answers. `beyond` are sentences: what in it Highground's own page cannot do. An
    older version is accepted as long as drafts of it come in.
    """

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    form_id = models.CharField(_("form"), max_length=60)
    version = models.CharField(_("version"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    xml = models.TextField()
    workbook_hash = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    beyond = models.JSONField(default=list)
    taken_at = models.DateTimeField(_("taken in"))
    withdrawn_on = models.DateField(_("withdrawn"), null=True, blank=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        constraints = [
            models.UniqueConstraint(fields=["area", "form_id", "version"], name="taken_form_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.version}"


class FormFile(models.Model):
    """A table (CSV) that came with a form and that its questions look things up in."""

    form = models.ForeignKey(TakenForm, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    content = models.TextField()

    objects = ScopedManager(area="form__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("file of a form")
        verbose_name_plural = _("files of forms")
        constraints = [models.UniqueConstraint(fields=["form", "name"], name="form_file_once")]

    def __str__(self) -> str:
        return f"{self.form_id} {self.name}"


class Submission(models.Model):
    """One form as a phone sent it, or as somebody filled it in at the office, where there is no device.

    `xml` is kept as it came; the same `instance` never counts twice.

    `problems` are sentences for the person who looks at it. `someone_else` says of whom else somebody heard at the door:
    it is a task for the office and says nothing against the form. `area_path` is where it belongs: the household's area, or
    the sender's where the household is not known.
    """

    instance = models.CharField(max_length=80, unique=True)
    form = models.CharField(max_length=60)
    taken_form = models.ForeignKey(TakenForm, on_delete=models.PROTECT, null=True, related_name="+")
    xml = models.TextField()
    sender = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey("accounts.Device", on_delete=models.PROTECT, null=True, related_name="+")
    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, null=True, related_name="+")
    area_path = models.CharField(max_length=255)
    visit = models.ForeignKey("cases.Visit", on_delete=models.PROTECT, null=True, related_name="+")
    need = models.ForeignKey("cases.Need", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State)
    problems = models.JSONField(default=list)
    someone_else = models.TextField(_("who else needs a visit"), blank=True)
    received_at = models.DateTimeField(_("received"))
    seen_by = models.CharField(_("looked at by"), max_length=80, blank=True)

    objects = ScopedManager(area="area_path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="submission_state_is_known")
        ]
        indexes = [models.Index(fields=["state", "received_at"], name="submission_waiting")]

    def __str__(self) -> str:
        return self.instance


class SubmissionFile(models.Model):
    """A photo, a recording or a signature that belongs to a submission; `hash` is the SHA-256 of the upload."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    hash = FileHash(blank=True)
    problem = models.TextField(blank=True)

    objects = ScopedManager(area="submission__area_path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("file of a submission")
        verbose_name_plural = _("files of submissions")
        constraints = [models.UniqueConstraint(fields=["submission", "name"], name="submission_file_once")]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.name}"

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it; a recording is handed out."""
        return self.name.lower().endswith((".jpg", ".jpeg", ".png", ".webp"))


class Conflict(models.Model):
    """A fact that changed at the office and at the door: both values, until a person says which one holds."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="conflicts")
    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("people.Member", on_delete=models.PROTECT, null=True, related_name="+")
    fact = models.CharField(_("fact"), max_length=60)
    at_the_door = models.TextField(_("at the door"))
    day = models.DateField(_("day"))
    at_the_office = models.ForeignKey("people.Observation", on_delete=models.PROTECT, related_name="+")
    chosen = models.CharField(max_length=8, blank=True)
    reason = models.TextField(_("why"), blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True)

    objects = ScopedManager(area="household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        constraints = [
            models.CheckConstraint(
                condition=Q(chosen="", decided_on__isnull=True)
                | Q(chosen__in=["door", "office"], decided_on__isnull=False),
                name="conflict_is_decided_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.fact}"
