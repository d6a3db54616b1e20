"""Initiatives and commitments: who promised what, where, and what became of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.forum.enums import PartnerRole, PromiseStatus
from highground.forum.models.taking_part import BY_FORUM


class Commitment(models.Model):
    """Something that somebody promised to do. `amount` counts minor units; null where no sum was named.

    `countries` and `places` say where; a place is written as its country knows it (`LA: Xieng Ngeun`), so that two
    initiatives in one place are found. `reason` stands behind a withdrawal.
    """

    forum = models.ForeignKey("forum.Forum", on_delete=models.PROTECT, related_name="commitments")
    session = models.ForeignKey(
        "forum.Session", on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    number = models.PositiveIntegerField()
    who = models.CharField(_("who promises"), max_length=160)
    what = models.CharField(_("what"), max_length=300)
    field = models.CharField(_("field"), max_length=40, blank=True)
    countries = models.JSONField(_("countries"), default=list)
    places = models.JSONField(_("places"), default=list)
    amount = models.BigIntegerField(_("sum"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    promised_on = models.DateField(_("promised"))
    begins_on = models.DateField(_("begins"), null=True, blank=True)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    status = models.CharField(max_length=10, choices=PromiseStatus, default=PromiseStatus.PROMISED)
    reason = models.TextField(_("reason"), blank=True)
    synthetic = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = [
            models.UniqueConstraint(fields=["forum", "number"], name="commitment_numbers"),
            models.CheckConstraint(
                condition=Q(status__in=PromiseStatus.values), name="commitment_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | (Q(amount__gte=0) & ~Q(currency="")),
                name="commitment_sum_has_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("promised_on")),
                name="commitment_due_after_promised",
            ),
            models.CheckConstraint(
                condition=~Q(status=PromiseStatus.WITHDRAWN) | ~Q(reason=""),
                name="commitment_withdrawn_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Partner(models.Model):
    """What a country or organisation is in one initiative. `key` is the secret part of a link that reaches this one alone."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="partners")
    country = models.CharField(_("country"), max_length=2)
    organisation = models.CharField(_("organisation"), max_length=160)
    role = models.CharField(_("role"), max_length=10, choices=PartnerRole, default=PartnerRole.PARTNER)
    email = models.EmailField(_("e-mail"), blank=True)
    key = models.CharField(max_length=24, unique=True)
    ended_on = models.DateField(null=True)

    objects = ScopedManager(area=f"commitment__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        constraints = [
            models.UniqueConstraint(fields=["commitment", "country", "organisation"], name="partner_once"),
            models.CheckConstraint(condition=Q(role__in=PartnerRole.values), name="partner_role_is_known"),
        ]

    def __str__(self) -> str:
        return self.organisation


class Evidence(models.Model):
    """What somebody saw of a commitment on a day, and where it can be looked up. `status` is what it speaks for.

    `accepted`: an organiser has looked at it; until then it changes nothing. `by` is a person's id or `partner:` and an id.
    """

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="evidence")
    day = models.DateField(_("day"))
    text = models.TextField(_("what was seen"))
    source = models.CharField(_("where it can be looked up"), max_length=300)
    status = models.CharField(_("it speaks for"), max_length=10, choices=PromiseStatus)
    by = models.CharField(max_length=80)
    accepted = models.BooleanField(default=False)
    accepted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PromiseStatus.values), name="evidence_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(accepted=True) | ~Q(accepted_by=F("by")), name="evidence_accepted_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.day}"
