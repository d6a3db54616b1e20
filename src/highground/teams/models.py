"""Who may be sent, by whom and where to; plans with their proof; and who is on which team.

A plan keeps the tables that it was made from in a folder of its own, so that its certificate can be checked again
(`planning.py`). Prices of a plan stay in that folder: they are never a person's worth, and no page shows them.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.teams.enums import FundSource, PlanStatus, PostRole, UnitLevel

AREA = "areas.Area"


class SendingUnit(models.Model):
    """An organ, enterprise or institution that releases people; it may be paired with one village."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    level = models.CharField(_("level"), max_length=12, choices=UnitLevel)
    cap = models.PositiveIntegerField(_("may release at most"))
    paired = models.ForeignKey(
        AREA, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("paired village")
    )

    objects = ScopedManager(area="area__path", sight=Sight.POSTINGS)

    class Meta:
        verbose_name = _("sending unit")
        verbose_name_plural = _("sending units")
        constraints = [
            models.CheckConstraint(condition=Q(level__in=UnitLevel.values), name="unit_level_is_known")
        ]

    def __str__(self) -> str:
        return self.name


class Candidate(models.Model):
    """Somebody whom a unit nominates. `languages` are tested or stated by the person; ethnic group is not asked."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    unit = models.ForeignKey(SendingUnit, on_delete=models.PROTECT, related_name="candidates")
    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("lives in"))
    home = models.ForeignKey(
        AREA, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("home village")
    )
    woman = models.BooleanField(_("woman"))
    born = models.PositiveSmallIntegerField(_("year of birth"), null=True)
    occupation = models.CharField(_("occupation"), max_length=80, blank=True)
    skills = models.JSONField(_("skills"), default=list)
    languages = models.JSONField(_("languages"), default=list)
    may_lead = models.BooleanField(_("qualified as first secretary"))
    frail = models.BooleanField(_("health keeps from remote villages"), default=False)
    limit = models.PositiveIntegerField(_("at most so many kilometres from home"), null=True)
    kin = models.JSONField(_("villages where kin hold office"), default=list)
    spouse = models.CharField(_("spouse among the candidates"), max_length=40, blank=True)
    trained = models.JSONField(_("training received"), default=list)
    withdrawn_on = models.DateField(_("withdrawn"), null=True)

    objects = ScopedManager(area="unit__area__path", sight=Sight.POSTINGS)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")

    def __str__(self) -> str:
        return self.name

    @property
    def abilities(self) -> list[str]:
        """The skills that somebody was nominated with, and those they were trained in since."""
        return list(dict.fromkeys([*self.skills, *self.trained]))


class VillageNeed(models.Model):
    """What a village asks of a team: seats, skills, a language. `at_risk` counts people, as the village stated them."""

    village = models.OneToOneField(
        AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village")
    )
    types = models.JSONField(_("type of village"), default=list)
    first_secretaries = models.PositiveSmallIntegerField(_("first secretaries"), default=1)
    members = models.PositiveSmallIntegerField(_("members"))
    needs = models.JSONField(_("needed skills"), default=list)
    language = models.CharField(_("language"), max_length=40, blank=True)
    remoteness = models.FloatField(_("remoteness"), default=0)
    at_risk = models.PositiveIntegerField(_("people at risk"), default=0)

    objects = ScopedManager(area="village__path", sight=Sight.POSTINGS)

    class Meta:
        verbose_name = _("need of a village")
        verbose_name_plural = _("needs of villages")
        constraints = [
            models.CheckConstraint(
                condition=Q(first_secretaries__lte=1), name="village_has_one_first_secretary"
            ),
            models.CheckConstraint(condition=Q(members__lte=20), name="village_members_are_few"),
            models.CheckConstraint(
                condition=Q(remoteness__gte=0) & Q(remoteness__lte=1), name="village_remoteness_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.village_id} {self.members}"


class Plan(models.Model):
    """One run of the planner: the norms and weights it was asked with, how it went, its certificate, and its fate.

    In a `pool` what units are paired with does not count; else `pairings` are those that this plan found for units without
    one: code of the unit, code of the village. `course`: score and bound as the search went on. `certificate`: what a second
    program found. `withdrawn`: codes of people who had dropped out. `weighed`: how even it is, and what hangs on the
    weights; found after the plan itself.
    """

    area = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    number = models.PositiveIntegerField()
    norms = models.CharField(_("norms"), max_length=40)
    weights = models.JSONField(_("weights"), default=dict)
    mode = models.CharField(max_length=8, default="plan")
    pool = models.BooleanField(_("one pool"), default=False)
    pairings = models.JSONField(default=list)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    withdrawn = models.JSONField(default=list)
    status = models.CharField(_("status"), max_length=10, choices=PlanStatus, default=PlanStatus.WAITING)
    share = models.FloatField(default=0)
    heard_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    course = models.JSONField(default=list)
    certificate = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    barred = models.JSONField(default=dict)
    weighed = models.JSONField(default=dict)
    made_on = models.DateField(_("made"))
    by = models.CharField(max_length=80)
    approved_by = models.CharField(max_length=80, blank=True)
    approved_on = models.DateField(_("approved"), null=True)
    published_on = models.DateField(_("published"), null=True)

    objects = ScopedManager(area="area__path", sight=Sight.POSTINGS)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.UniqueConstraint(fields=["area", "number"], name="plan_numbers_of_an_area"),
            models.CheckConstraint(condition=Q(status__in=PlanStatus.values), name="plan_status_is_known"),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("by")), name="plan_approved_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.number}"


class Posting(models.Model):
    """Somebody posted to a village by a plan."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="postings")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="postings")
    village = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=16, choices=PostRole)
    locked = models.BooleanField(_("locked by hand"), default=False)

    objects = ScopedManager(area="plan__area__path", sight=Sight.POSTINGS)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["plan", "candidate"], name="posting_one_for_each_person"),
            models.CheckConstraint(condition=Q(role__in=PostRole.values), name="posting_role_is_known"),
        ]
        indexes = [models.Index(fields=["plan", "village"], name="posting_by_village")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.candidate_id} {self.village_id}"


class Post(models.Model):
    """Somebody on the team of a village, from a day until, and without, another."""

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="posts")
    village = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=16, choices=PostRole)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True)
    norms = models.CharField(_("norms"), max_length=40)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="posts")

    objects = ScopedManager(area="village__path", sight=Sight.TEAMS)

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(until__isnull=True), name="post_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="post_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(role__in=PostRole.values), name="post_role_is_known"),
        ]
        indexes = [models.Index(fields=["village", "until"], name="post_by_village")]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.village_id} {self.since}"


class DaysThere(models.Model):
    """How many days of a month somebody was in the village; what nobody wrote down has no row."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="months")
    month = models.DateField(_("month"))
    days = models.PositiveSmallIntegerField(_("days"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="post__village__path", sight=Sight.TEAMS)

    class Meta:
        verbose_name = _("days in the village")
        verbose_name_plural = _("days in the village")
        constraints = [
            models.UniqueConstraint(fields=["post", "month"], name="days_there_once_a_month"),
            models.CheckConstraint(condition=Q(days__lte=31), name="days_there_fit_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.month} {self.days}"


class Fund(models.Model):
    """Money that came to a village with its team, in minor units: of the first secretary's fund, or from a sending unit."""

    village = models.ForeignKey(AREA, on_delete=models.PROTECT, related_name="+", verbose_name=_("village"))
    source = models.CharField(_("source"), max_length=16, choices=FundSource)
    unit = models.ForeignKey(
        SendingUnit, on_delete=models.PROTECT, null=True, related_name="funds", verbose_name=_("sending unit")
    )
    amount = models.PositiveBigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    purpose = models.CharField(_("used for"), max_length=200)
    day = models.DateField(_("day"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="village__path", sight=Sight.TEAMS)

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        constraints = [
            models.CheckConstraint(condition=Q(source__in=FundSource.values), name="fund_source_is_known"),
            models.CheckConstraint(
                condition=Q(source=FundSource.UNIT, unit__isnull=False)
                | Q(source=FundSource.FIRST_SECRETARY, unit__isnull=True),
                name="fund_of_a_unit_names_it",
            ),
        ]
        indexes = [models.Index(fields=["village", "day"], name="fund_by_village")]

    def __str__(self) -> str:
        return f"{self.village_id} {self.day} {self.amount}"


class Training(models.Model):
    """Training that somebody on a team took part in. What was learned counts as a skill in the next plan."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="trainings")
    skill = models.CharField(_("skill"), max_length=40)
    day = models.DateField(_("ended on"))
    days = models.PositiveSmallIntegerField(_("days"))
    given_by = models.CharField(_("given by"), max_length=120, blank=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="post__village__path", sight=Sight.TEAMS)

    class Meta:
        verbose_name = _("training")
        verbose_name_plural = _("trainings")
        constraints = [
            models.UniqueConstraint(fields=["post", "skill", "day"], name="training_once"),
            models.CheckConstraint(condition=Q(days__gte=1) & Q(days__lte=366), name="training_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.skill}"
