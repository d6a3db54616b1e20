"""The draws of the random audit, the households that they send somebody to, and what people set in the plan of visits.

A draw keeps all that its estimate needs as it was on that day (`cells`): households move, and facts are corrected.
The plan itself is kept nowhere: it is worked out anew from what calls for a visit, and from what stands here.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.rounds.enums import Outcome

MOST_A_DAY = 20
"""Nobody makes more visits on a day."""


class AuditDraw(models.Model):
    """One sample of the households of an area that nothing flagged on `drawn_on`.

    The seed and the list of households give the same sample again. `cells`: one object for each combination of
    `frame.COLUMNS` with `unflagged` and `found`, the households that could be drawn and those monitored already.
    """

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    rulebook = models.CharField(_("rulebook"), max_length=60)
    drawn_on = models.DateField(_("drawn"))
    seed = models.BigIntegerField(_("seed"))
    share = models.FloatField(_("share"))
    population = models.PositiveIntegerField(_("households that nothing flagged"))
    drawn = models.PositiveIntegerField(_("households drawn"))
    cells = models.JSONField(default=list)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("draw of the audit")
        verbose_name_plural = _("draws of the audit")
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn__gte=1) & Q(drawn__lte=F("population")),
                name="audit_draws_of_its_population",
            ),
            models.CheckConstraint(condition=Q(share__gt=0) & Q(share__lte=1), name="audit_share_is_a_share"),
            models.CheckConstraint(condition=Q(seed__gte=0), name="audit_seed_is_a_seed"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.drawn_on}"


class AuditVisit(models.Model):
    """One household that was drawn: with which probability, out of which stratum, and what the visit found.

    `cell` is its place in the draw's `cells`. `outcome` is empty until somebody was there.
    """

    draw = models.ForeignKey(AuditDraw, on_delete=models.PROTECT, related_name="visits")
    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="audits")
    stratum = models.CharField(_("stratum"), max_length=80)
    cell = models.PositiveIntegerField()
    probability = models.FloatField(_("probability"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    day = models.DateField(_("day"), null=True)
    visit = models.ForeignKey("cases.Visit", on_delete=models.PROTECT, null=True, related_name="audits")
    by = models.CharField(max_length=80, blank=True)

    objects = ScopedManager(area="household__area__path", sight=Sight.CASES)
    # For sums over a draw alone: they belong to where it was drawn, even if a household has moved away since.
    counted = ScopedManager(area="draw__area__path", sight=Sight.COUNTS)

    class Meta:
        verbose_name = _("visit of the audit")
        verbose_name_plural = _("visits of the audit")
        constraints = [
            models.UniqueConstraint(fields=["draw", "household"], name="audit_draws_a_household_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]), name="audit_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", day__isnull=True) | (~Q(outcome="") & Q(day__isnull=False)),
                name="audit_outcome_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(probability__gt=0) & Q(probability__lte=1), name="audit_probability_is_one"
            ),
        ]
        indexes = [models.Index(fields=["outcome", "household"], name="audit_to_visit")]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.household_id} {self.outcome}"


class PlanSetting(models.Model):
    """How many visits one person makes a day in an area, and which share goes to households that nothing flags.

    What is set nearest to where somebody works counts.
    """

    area = models.OneToOneField(
        "areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("area")
    )
    visits_a_day = models.PositiveSmallIntegerField(_("visits a day"))
    share = models.FloatField(_("share"))
    set_on = models.DateField(_("set"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("setting of the plan")
        verbose_name_plural = _("settings of the plan")
        constraints = [
            models.CheckConstraint(
                condition=Q(visits_a_day__range=(1, MOST_A_DAY)), name="plan_visits_a_day"
            ),
            models.CheckConstraint(
                condition=Q(share__gte=0) & Q(share__lte=0.5), name="plan_share_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.visits_a_day}"


class Absence(models.Model):
    """Somebody makes no visits from `first` to `last`, both included; without a `last` for good."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="absences")
    first = models.DateField(_("from"))
    last = models.DateField(_("to"), null=True)
    set_on = models.DateField(_("set"))
    by = models.CharField(max_length=80)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=Q(last__isnull=True) | Q(last__gte=F("first")), name="absence_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.first}"


class MovedVisit(models.Model):
    """A visit that people gave to somebody, perhaps on a day. It holds for one `task` (see `calls.py`) until it is made."""

    task = models.CharField(max_length=80, unique=True)
    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="moved_visits")
    visitor = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    day = models.DateField(_("day"), null=True)
    set_on = models.DateField(_("set"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("visit set by hand")
        verbose_name_plural = _("visits set by hand")

    def __str__(self) -> str:
        return f"{self.task} {self.visitor_id}"
