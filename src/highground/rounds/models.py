"""The draws of the random audit, and the households that they send somebody to.

A draw keeps all that its estimate needs as it was on that day (`cells`): households move, and facts are corrected.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.rounds.enums import Outcome


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
