"""Experts, what speaks for them, practices with their texts, and who was asked what with which result.

Experts and practices that are published are for everybody and belong to no area. Questions and referrals belong to the
area that asked. Which fields of a profile everybody reads is the person's own choice (`Expert.shown`).
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.files.fields import FileHash
from highground.knowledge.enums import (
    Decline,
    Evidence,
    Gender,
    Income,
    Institution,
    LineKind,
    LineStatus,
    Outcome,
    Progress,
    Standing,
    TextStatus,
)

USER = "accounts.User"


class Mark(models.Model):
    """How often knowledge has changed. What changed last carries the number, so that an index knows what it lacks."""

    number = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")

    def __str__(self) -> str:
        return str(self.number)


class Practice(models.Model):
    """Something that was done against poverty somewhere, with its source. The words stand in `PracticeText`.

    `causes` are risks of the fact dictionary, `concepts` those of the glossary. `cost` counts minor units for one household;
    null where the source does not say. `rubric` holds 0 to 3 for sustainable, replicable, practical and inclusive.
    `verified`: somebody compared the record with its source.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    country = models.CharField(_("country"), max_length=2)
    place = models.CharField(_("place"), max_length=120, blank=True)
    since = models.PositiveSmallIntegerField(_("since"), null=True)
    until = models.PositiveSmallIntegerField(_("until"), null=True)
    fields = models.JSONField(_("fields"), default=list)
    causes = models.JSONField(_("causes"), default=list)
    concepts = models.JSONField(default=list)
    zones = models.JSONField(_("land"), default=list)
    income = models.CharField(_("income of the country"), max_length=12, choices=Income, blank=True)
    institutions = models.JSONField(_("who runs it"), default=list)
    cost = models.BigIntegerField(_("cost per household"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    evidence = models.CharField(_("evidence"), max_length=10, choices=Evidence)
    rubric = models.JSONField(default=dict)
    source = models.CharField(_("source"), max_length=300)
    url = models.URLField(_("address of the source"), max_length=400, blank=True)
    source_date = models.CharField(_("date of the source"), max_length=10)
    verified = models.BooleanField(_("compared with its source"), default=False)
    verified_on = models.DateField(null=True)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.WAITING)
    taken_back_because = models.CharField(_("why it was taken back"), max_length=300, blank=True)
    """What the curator who took it back, last, said to whoever told it; kept while it waits again, empty once it is published."""
    synthetic = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    added_on = models.DateField(_("added"))
    changed_on = models.DateField(_("changed"))
    mark = models.BigIntegerField(default=0, db_index=True)

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")
        constraints = [
            models.CheckConstraint(
                condition=Q(evidence__in=Evidence.values), name="practice_evidence_is_known"
            ),
            models.CheckConstraint(
                condition=Q(standing__in=Standing.values), name="practice_standing_is_known"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="practice_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | (Q(cost__gte=0) & ~Q(currency="")),
                name="practice_cost_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PracticeText(models.Model):
    """What a practice says in one language, and where these words come from."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=8)
    status = models.CharField(_("status"), max_length=10, choices=TextStatus)
    title = models.CharField(_("title"), max_length=200)
    problem = models.TextField(_("problem"))
    done = models.TextField(_("what was done"))
    results = models.TextField(_("results"), blank=True)
    failures = models.TextField(_("where it failed"), blank=True)
    elsewhere = models.TextField(_("tried elsewhere"), blank=True)

    class Meta:
        verbose_name = _("text of a practice")
        verbose_name_plural = _("texts of practices")
        constraints = [
            models.UniqueConstraint(fields=["practice", "language"], name="practice_text_once_in_a_language"),
            models.CheckConstraint(
                condition=Q(status__in=TextStatus.values), name="practice_text_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} {self.language}"


class Attachment(models.Model):
    """A PDF of a practice. `hash` is the SHA-256 of what is stored, `pages` holds the words of each page, which are searched."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=8)
    hash = FileHash()
    media = models.CharField(_("media type"), max_length=40)
    size = models.PositiveIntegerField(_("bytes"))
    pages = models.JSONField(default=list)
    added_on = models.DateField(_("added"))
    by = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("file of a practice")
        verbose_name_plural = _("files of practices")
        constraints = [
            models.UniqueConstraint(fields=["practice", "hash"], name="practice_file_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Expert(models.Model):
    """Somebody who can be asked. A profile needs no account; its owner may claim it.

    `declared` are concepts that the person claims; what is shown by evidence stands in `Line`. `shown` names the fields
    that everybody reads. `confirmed_on` is when the owner, or a curator, last said that it is right.
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    place = models.CharField(_("place"), max_length=120, blank=True)
    languages = models.JSONField(_("languages"), default=list)
    fields = models.JSONField(_("fields"), default=list)
    declared = models.JSONField(_("declared expertise"), default=list)
    institution = models.CharField(_("institution"), max_length=160, blank=True)
    kind = models.CharField(_("kind of institution"), max_length=14, choices=Institution)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True, default=Gender.UNSTATED)
    about = models.TextField(_("about"), blank=True)
    about_language = models.CharField(_("language of these words"), max_length=8, default="en")
    free_from = models.DateField(_("free from"), null=True)
    conflicts = models.TextField(_("conflicts of interest"), blank=True)
    orcid = models.CharField("ORCID", max_length=19, blank=True)
    shown = models.JSONField(_("what everybody reads"), default=list)
    basis = models.CharField(_("why the profile may be here"), max_length=160)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.WAITING)
    owner = models.OneToOneField(USER, on_delete=models.PROTECT, null=True, related_name="expert_profile")
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")
    synthetic = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    added_on = models.DateField(_("added"))
    confirmed_on = models.DateField(_("confirmed"))
    mark = models.BigIntegerField(default=0, db_index=True)

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        constraints = [
            models.CheckConstraint(
                condition=Q(standing__in=Standing.values), name="expert_standing_is_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=Institution.values), name="expert_kind_is_known"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(standing=Standing.WITHDRAWN),
                name="expert_merged_is_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["standing", "country"], name="expert_by_country")]

    def __str__(self) -> str:
        return self.name


class Line(models.Model):
    """One line of evidence for an expert. `key` names it at its source (a DOI, a put-code), so that it comes only once."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(_("kind"), max_length=12, choices=LineKind)
    text = models.CharField(_("text"), max_length=400)
    language = models.CharField(_("language"), max_length=8, default="en")
    year = models.PositiveSmallIntegerField(_("year"), null=True)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, related_name="lines")
    concepts = models.JSONField(default=list)
    source = models.CharField(_("source"), max_length=40, default="curator")
    key = models.CharField(max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=LineStatus, default=LineStatus.CONFIRMED)

    class Meta:
        verbose_name = _("line of evidence")
        verbose_name_plural = _("lines of evidence")
        constraints = [
            models.UniqueConstraint(fields=["expert", "key"], name="line_once_for_an_expert"),
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="line_kind_is_known"),
            models.CheckConstraint(condition=Q(status__in=LineStatus.values), name="line_status_is_known"),
        ]

    def __str__(self) -> str:
        return self.text


class Vetting(models.Model):
    """One of two people who looked at a profile and agree that it is published."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="vettings")
    by = models.CharField(max_length=80)
    on = models.DateField(_("day"))

    class Meta:
        verbose_name = _("vetting")
        verbose_name_plural = _("vettings")
        constraints = [models.UniqueConstraint(fields=["expert", "by"], name="vetting_once_by_a_person")]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.on}"


class Claim(models.Model):
    """A letter of invitation: whoever brings its token becomes the owner of the profile, once and until a day."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="claims")
    token_hash = models.CharField(max_length=64, unique=True)
    until = models.DateField(_("until"))
    used_on = models.DateField(_("used"), null=True)
    by = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"{self.expert_id} {self.until}"


class Merge(models.Model):
    """Two profiles that a person found to be one: what was moved, so that it can be put back.

    With `undone_on` it says the contrary: somebody told the two apart.
    """

    kept = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="merges_kept")
    gone = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="merges_gone")
    moved = models.JSONField(default=dict)
    on = models.DateField(_("day"))
    by = models.CharField(max_length=80)
    undone_on = models.DateField(_("undone"), null=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")

    def __str__(self) -> str:
        return f"{self.gone_id} -> {self.kept_id}"


class Question(models.Model):
    """What an area wants to know: in its own words, from a cause, perhaps about a practice."""

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("question"))
    language = models.CharField(_("language"), max_length=8)
    cause = models.CharField(_("cause"), max_length=40, blank=True)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField(_("asked"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.QUESTIONS)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self) -> str:
        return f"{self.pk} {self.asked_on}"


class Referral(models.Model):
    """One expert who was asked a question, and what came of it.

    `works_3` and `works_12` are the outcomes after three and twelve months; empty until somebody says.
    """

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="referrals")
    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="+")
    progress = models.CharField(_("progress"), max_length=10, choices=Progress, default=Progress.ASKED)
    asked_on = models.DateField(_("asked"))
    answered_on = models.DateField(_("answered"), null=True)
    answer = models.TextField(_("answer"), blank=True)
    answer_language = models.CharField(_("language"), max_length=8, blank=True)
    why_not = models.CharField(_("why not"), max_length=14, choices=Decline, blank=True)
    works_3 = models.CharField(_("after 3 months"), max_length=10, choices=Outcome, blank=True)
    told_3 = models.TextField(blank=True)
    works_12 = models.CharField(_("after 12 months"), max_length=10, choices=Outcome, blank=True)
    told_12 = models.TextField(blank=True)

    objects = ScopedManager(area="question__area__path", sight=Sight.QUESTIONS)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.UniqueConstraint(fields=["question", "expert"], name="referral_once"),
            models.CheckConstraint(
                condition=Q(progress__in=Progress.values), name="referral_progress_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(progress=Progress.ADVISED) | ~Q(answer=""), name="referral_advice_has_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} {self.expert_id} {self.progress}"


class Shown(models.Model):
    """How often an expert was among the answers of a search, opened from it, and asked, by month; nothing of who searched."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="months")
    month = models.DateField(_("month"))
    shown = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("times shown")
        verbose_name_plural = _("times shown")
        constraints = [models.UniqueConstraint(fields=["expert", "month"], name="shown_once_a_month")]

    def __str__(self) -> str:
        return f"{self.expert_id} {self.month}"


class CauseTable(models.Model):
    """How many monitored households below an area named which cause at the end of a quarter, by the area right below.

    Written once and never again: figures that change afterwards, entry by entry, would give single households away.
    """

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField(_("as of"))
    cells = models.JSONField(default=dict)

    objects = ScopedManager(area="area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("table of causes")
        verbose_name_plural = _("tables of causes")
        constraints = [models.UniqueConstraint(fields=["area", "as_of"], name="cause_table_once")]

    def __str__(self) -> str:
        return f"{self.area_id} {self.as_of}"
