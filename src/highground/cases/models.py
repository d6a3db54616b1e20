"""A case, the steps taken in it, its deadlines, and the lists on which steps are taken for many households at once.

`CaseStep` rows are only ever added; a step that was sent back no longer `stands`. What `Case` and `Turn` hold besides
(`status`, whose turn it is, the next deadline) repeats what the steps say, for speed, and is rebuilt by `flow.py`
after each step. The people who took part are user ids in text, as everywhere in the log.
"""

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.cases.choices import HolidayList as HolidayList
from highground.cases.choices import ProcedureChoice as ProcedureChoice
from highground.cases.contacts import HandOver as HandOver
from highground.cases.enums import CaseStatus, Channel, ExitMode, Found, ListStatus
from highground.cases.families import Message as Message
from highground.cases.families import Need as Need
from highground.cases.families import Objection as Objection
from highground.cases.families import PublicUse as PublicUse


class Case(models.Model):
    """One household on its way from a clue to an exit, by one rulebook and one choice of packs.

    `proposed_class` is what the visit proposes, `class_id` what the people recognised, `rule_class` what the rulebook
    said on that day; none of them ever overwrites another. `earlier` is the case that ended before this one began;
    `first_recognised_on` is carried along from it. `version` grows with every step: who decides on an older one is
    told what has changed.
    """

    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="cases")
    rulebook = models.CharField(_("rulebook"), max_length=60)
    rulebook_version = models.ForeignKey(
        "signals.RulebookVersion", on_delete=models.PROTECT, related_name="+"
    )
    packs = models.JSONField(default=list)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel)
    status = models.CharField(_("status"), max_length=12, choices=CaseStatus, default=CaseStatus.OPEN)
    discovered_on = models.DateField(_("discovered"))
    opened_on = models.DateField(_("opened"))
    contact = models.ForeignKey(
        "accounts.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("contact officer"),
    )
    proposed_class = models.CharField(_("proposed class"), max_length=80, blank=True)
    class_id = models.CharField(_("class"), max_length=80, blank=True)
    rule_class = models.CharField(_("class by the rulebook"), max_length=80, blank=True)
    differs = models.BooleanField(_("people and rulebook differ"), null=True)
    risks = models.JSONField(default=list)
    recognised_on = models.DateField(_("recognised"), null=True)
    first_recognised_on = models.DateField(_("first recognised"), null=True)
    supported_on = models.DateField(_("first support"), null=True)
    exited_on = models.DateField(_("exited"), null=True)
    exit_mode = models.CharField(_("how"), max_length=12, choices=ExitMode, blank=True)
    closed_on = models.DateField(_("closed"), null=True)
    earlier = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="later")
    questions = models.PositiveIntegerField(_("questions asked"), default=0)
    version = models.PositiveIntegerField(default=0)
    next_step = models.CharField(_("next step"), max_length=60, blank=True)
    due_on = models.DateField(_("due"), null=True)

    objects = ScopedManager(area="household__area__path", sight=Sight.CASES)
    # For sums over areas alone: counts are seen by more people than cases are.
    counted = ScopedManager(area="household__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["household", "rulebook"],
                condition=Q(status__in=["open", "monitored"]),
                name="case_once_open",
            ),
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="case_status_is_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="case_channel_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["monitored", "exited"])
                | (Q(recognised_on__isnull=False) & ~Q(class_id="")),
                name="case_monitored_in_a_class",
            ),
            models.CheckConstraint(
                condition=Q(exited_on__isnull=True) | Q(exited_on__gte=F("recognised_on")),
                name="case_exits_after_it_is_recognised",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on", "household"], name="case_by_deadline")]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"


class CaseClue(models.Model):
    """A clue that the case looks into."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clue_links")
    clue = models.ForeignKey("signals.Clue", on_delete=models.PROTECT, related_name="case_links")

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("clue of a case")
        verbose_name_plural = _("clues of cases")
        constraints = [models.UniqueConstraint(fields=["case", "clue"], name="case_clue_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.clue_id}"


class CaseStep(models.Model):
    """One step as it was taken: when, in which role, by whom, with which outcome, and why.

    `day` is when it happened, `recorded_at` when it was entered and `entered_on` which day that was in the office (kept,
    because a database tells local days slowly). `people` are the user ids of all who took part; `by`
    is who entered it. `data` holds ids, counts and dates.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    sequence = models.PositiveIntegerField()
    step = models.CharField(_("step"), max_length=60)
    outcome = models.CharField(_("outcome"), max_length=60)
    effect = models.CharField(max_length=12)
    day = models.DateField(_("day"))
    recorded_at = models.DateTimeField(_("recorded"))
    entered_on = models.DateField(_("entered on"))
    by = models.CharField(max_length=80)
    people = models.JSONField(default=list)
    role = models.CharField(_("role"), max_length=24)
    reason = models.TextField(_("reason"), blank=True)
    stands = models.BooleanField(default=True)
    data = models.JSONField(default=dict)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)
    # For sums over areas alone: counts are seen by more people than cases are.
    counted = ScopedManager(area="case__household__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [models.UniqueConstraint(fields=["case", "sequence"], name="step_in_order")]
        # A board counts the steps of thousands of cases by when they were entered.
        indexes = [models.Index(fields=["case", "entered_on", "day"], name="step_entered")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.sequence} {self.step}"


class Deadline(models.Model):
    """By when a step must stand. It ends when the step does (`met_on`), or is no longer called for (`dropped_on`).

    `due_on` is null while an objection stops the clock. `unlisted` are years counted by weekends alone, because no
    list of holidays is known for them.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="deadlines")
    step = models.CharField(_("step"), max_length=60)
    since = models.DateField(_("from"))
    days = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=8)
    due_on = models.DateField(_("due"), null=True)
    unlisted = models.JSONField(default=list)
    met_on = models.DateField(null=True)
    dropped_on = models.DateField(null=True)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)
    # For sums over areas alone: counts are seen by more people than cases are.
    counted = ScopedManager(area="case__household__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step"],
                condition=Q(met_on__isnull=True, dropped_on__isnull=True),
                name="deadline_once_running",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step} {self.due_on}"


class Turn(models.Model):
    """A step that can be taken now and a role that may take it: what inboxes are made of. Rebuilt after each step."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="turns")
    step = models.CharField(max_length=60)
    role = models.CharField(max_length=24)
    leads = models.BooleanField(default=False)
    due_on = models.DateField(null=True)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints = [models.UniqueConstraint(fields=["case", "step", "role"], name="turn_once")]
        indexes = [models.Index(fields=["role", "due_on", "case"], name="turn_by_deadline")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step} {self.role}"


class Visit(models.Model):
    """Somebody knocked: who went, how many questions were asked, what the family said in its own words.

    `asked_fresh` of the questions had an answer that was known and still counted (null: nobody counted them).
    """

    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="visits")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="visits")
    step = models.OneToOneField(CaseStep, on_delete=models.PROTECT, null=True, related_name="visit")
    day = models.DateField(_("day"))
    visitors = models.JSONField(default=list)
    asked = models.PositiveSmallIntegerField(_("questions asked"), default=0)
    confirmed = models.PositiveSmallIntegerField(default=0)
    corrected = models.PositiveSmallIntegerField(default=0)
    asked_fresh = models.PositiveSmallIntegerField(_("asked although fresh"), null=True)
    note = models.TextField(_("what was seen"), blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path", sight=Sight.CASES)
    # For sums over areas alone: counts are seen by more people than cases are.
    counted = ScopedManager(area="household__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [models.Index(fields=["household", "-day"], name="visit_of_household")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.day}"


class DecisionChange(models.Model):
    """A fact that was changed shortly before a recognition or an exit, and how: kept when the decision is taken."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="changes")
    before = models.CharField(max_length=12)
    fact = models.CharField(max_length=60)
    how = models.CharField(max_length=12)

    # Sums over areas alone are made of them.
    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)
    counted = ScopedManager(area="case__household__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("change before a decision")
        verbose_name_plural = _("changes before decisions")
        constraints = [
            models.UniqueConstraint(fields=["case", "before", "fact"], name="decision_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.before} {self.fact} {self.how}"


class Comparison(models.Model):
    """What one register answered about a household. A veto is weighed by people, with what excepts it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="comparisons")
    register = models.CharField(_("register"), max_length=60)
    found = models.CharField(_("answer"), max_length=12, choices=Found)
    veto = models.CharField(_("veto"), max_length=80, blank=True)
    excepted_by = models.JSONField(default=list)
    note = models.TextField(_("note"), blank=True)
    day = models.DateField(_("day"))
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("data comparison")
        verbose_name_plural = _("data comparisons")
        constraints = [
            models.CheckConstraint(condition=Q(found__in=Found.values), name="comparison_answer_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.register} {self.found}"


class Meeting(models.Model):
    """One appraisal meeting: minutes and attendance once, many households on its list."""

    area = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("village")
    )
    rulebook = models.CharField(_("rulebook"), max_length=60)
    step = models.CharField(max_length=60)
    day = models.DateField(_("day"))
    entitled = models.PositiveSmallIntegerField(_("entitled to attend"))
    present = models.PositiveSmallIntegerField(_("present"), default=0)
    minutes = models.TextField(_("minutes"), blank=True)
    status = models.CharField(_("status"), max_length=12, choices=ListStatus, default=ListStatus.OPEN)
    opened_by = models.CharField(max_length=80)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    objects = ScopedManager(area="area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ListStatus.values), name="meeting_status_is_known"),
            models.CheckConstraint(condition=Q(present__lte=F("entitled")), name="meeting_nobody_too_many"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.day}"


class MeetingItem(models.Model):
    """One household on the list of a meeting, what the meeting said of it, and who wrote that down last."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meeting_items")
    outcome = models.CharField(_("outcome"), max_length=60, blank=True)
    in_favour = models.PositiveSmallIntegerField(_("for"), default=0)
    against = models.PositiveSmallIntegerField(_("against"), default=0)
    abstained = models.PositiveSmallIntegerField(_("abstained"), default=0)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.CharField(_("written down by"), max_length=80, blank=True)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("household of a meeting")
        verbose_name_plural = _("households of meetings")
        constraints = [models.UniqueConstraint(fields=["meeting", "case"], name="meeting_case_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.case_id}"


class Notice(models.Model):
    """One public notice: many households, hung up and taken down once. `code` is what objections quote."""

    area = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("village")
    )
    rulebook = models.CharField(_("rulebook"), max_length=60)
    step = models.CharField(max_length=60)
    code = models.CharField(_("number"), max_length=16, unique=True)
    posted_on = models.DateField(_("posted"))
    days = models.PositiveSmallIntegerField(_("days"))
    ends_on = models.DateField(_("may come down on"))
    place = models.CharField(_("where it hangs"), max_length=200, blank=True)
    object_at = models.CharField(_("where to object"), max_length=200)
    withdrawn_because = models.TextField(_("why it was withdrawn"), blank=True)
    status = models.CharField(_("status"), max_length=12, choices=ListStatus, default=ListStatus.OPEN)
    posted_by = models.CharField(max_length=80)
    closed_on = models.DateField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    objects = ScopedManager(area="area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("public notice")
        verbose_name_plural = _("public notices")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ListStatus.values), name="notice_status_is_known")
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def last_day(self) -> datetime.date:
        """The last of its full days; it may come down on the next."""
        return self.ends_on - datetime.timedelta(days=1)


class NoticeItem(models.Model):
    """One line of a notice. What it shows is made when it is shown, from the allow-list alone."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notice_items")
    line = models.PositiveSmallIntegerField(_("line"))
    class_id = models.CharField(_("class"), max_length=80)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("line of a notice")
        verbose_name_plural = _("lines of notices")
        constraints = [
            models.UniqueConstraint(fields=["notice", "case"], name="notice_case_once"),
            models.UniqueConstraint(fields=["notice", "line"], name="notice_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.line}"
