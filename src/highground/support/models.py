"""Plans and their lines, budgets, deliveries, credits, claims, and payments out.

Amounts are whole minor units of the currency (fen, đồng); null is not known, which is not zero. A measure and a family
are ids of the catalogue. The people who did something are user ids in text, as everywhere in the log; the person
responsible for a line is an account.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.files.fields import FileHash
from highground.support.enums import BatchStatus, LineState, PaymentStatus


class Plan(models.Model):
    """What is to be done for a household while its case is monitored: one plan, with a line per measure."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="plan")
    made_on = models.DateField(_("made"))
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("support plan")
        verbose_name_plural = _("support plans")

    def __str__(self) -> str:
        return f"{self.case_id} {self.made_on}"


class Budget(models.Model):
    """What a county may spend on a family of measures in a year: never more than `amount`, promised or spent."""

    area = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("county")
    )
    family = models.CharField(_("family of measures"), max_length=40)
    year = models.PositiveSmallIntegerField(_("year"))
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.BigIntegerField(_("amount"))
    committed = models.BigIntegerField(_("promised"), default=0)
    spent = models.BigIntegerField(_("spent"), default=0)

    objects = ScopedManager(area="area__path", sight=Sight.BUDGETS)

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.UniqueConstraint(fields=["area", "family", "year"], name="budget_once_a_year"),
            models.CheckConstraint(
                condition=Q(amount__gte=F("committed") + F("spent")), name="budget_is_not_overspent"
            ),
            models.CheckConstraint(
                condition=Q(committed__gte=0, spent__gte=0), name="budget_is_not_below_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.family} {self.year}"


class PlanLine(models.Model):
    """One measure of a plan: which risk it answers, who sees to it, by when.

    `risk` is empty for a measure that helps the household in general. `committed` is what is still promised out of
    `budget` for this line.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="lines")
    measure = models.CharField(_("measure"), max_length=60)
    family = models.CharField(_("family of measures"), max_length=40)
    risk = models.CharField(_("risk"), max_length=40, blank=True)
    responsible = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("person responsible")
    )
    due_on = models.DateField(_("due"))
    quantity = models.PositiveIntegerField(_("how many"), default=1)
    amount = models.BigIntegerField(_("amount"), null=True)
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, null=True, related_name="+")
    committed = models.BigIntegerField(default=0)
    state = models.CharField(_("state"), max_length=12, choices=LineState, default=LineState.PLANNED)
    note = models.TextField(_("note"), blank=True)
    dropped_because = models.TextField(_("why dropped"), blank=True)

    objects = ScopedManager(area="plan__case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("line of a plan")
        verbose_name_plural = _("lines of plans")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="line_state_is_known"),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gte=0), name="line_amount"),
            models.CheckConstraint(
                condition=Q(committed=0) | Q(committed__gt=0, budget__isnull=False, state=LineState.PLANNED),
                name="line_promises_while_planned",
            ),
            models.CheckConstraint(
                condition=~Q(state=LineState.DROPPED) | ~Q(dropped_because=""),
                name="line_dropped_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["responsible", "due_on"],
                condition=Q(state=LineState.PLANNED),
                name="line_by_deadline",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.measure}"


class PaymentBatch(models.Model):
    """Payments to households that go out together. `sha256` is of the list without bank accounts."""

    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    family = models.CharField(_("family of measures"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    created_on = models.DateField(_("made"))
    created_by = models.CharField(max_length=80)
    rows = models.PositiveIntegerField(_("payments"), default=0)
    total = models.BigIntegerField(_("total"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=BatchStatus, default=BatchStatus.OPEN)

    objects = ScopedManager(area="area__path", sight=Sight.BUDGETS)

    class Meta:
        verbose_name = _("payment batch")
        verbose_name_plural = _("payment batches")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=BatchStatus.values), name="batch_status_is_known")
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.created_on}"


class Delivery(models.Model):
    """Something reached the household: how much, on which day, on what evidence.

    `key` makes a delivery that is sent twice one delivery. `evidence` is the SHA-256 of a picture or a paper. What is
    `cash` is paid through a batch; `batch` is empty while no payment is under way, and again after one came back.
    """

    line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, related_name="deliveries")
    day = models.DateField(_("day"))
    quantity = models.PositiveIntegerField(_("how many"))
    amount = models.BigIntegerField(_("amount"), null=True)
    cash = models.BooleanField(_("paid to the household"), default=False)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, null=True, related_name="deliveries")
    evidence = FileHash(_("evidence"), blank=True)
    note = models.TextField(_("note"), blank=True)
    key = models.CharField(max_length=64, unique=True)
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="line__plan__case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="delivery_amount"
            ),
            models.CheckConstraint(
                condition=Q(cash=False) | Q(amount__gt=0), name="delivery_cash_has_amount"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="delivery_of_something"),
        ]
        indexes = [
            models.Index(fields=["line"], condition=Q(cash=True, batch=None), name="delivery_to_be_paid")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.day}"


class PaymentLine(models.Model):
    """One payment of a batch to one household, for one delivery; at most one that is not returned."""

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="lines")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="payments")
    household = models.ForeignKey("people.Household", on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField(_("amount"))
    status = models.CharField(
        _("status"), max_length=12, choices=PaymentStatus, default=PaymentStatus.PENDING
    )
    answered_on = models.DateField(_("answered"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = ScopedManager(area="batch__area__path", sight=Sight.BUDGETS)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                fields=["delivery"],
                condition=Q(status__in=[PaymentStatus.PENDING, PaymentStatus.PAID]),
                name="payment_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=PaymentStatus.values), name="payment_status_is_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.pk} {self.status}"


class Credit(models.Model):
    """A microcredit that a line of a plan brought about; what is overdue follows from the day."""

    line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, related_name="credits")
    principal = models.BigIntegerField(_("principal"))
    granted_on = models.DateField(_("granted"))
    due_on = models.DateField(_("due"))
    repaid = models.BigIntegerField(_("repaid"), default=0)
    repaid_on = models.DateField(_("last repaid"), null=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="line__plan__case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("microcredit")
        verbose_name_plural = _("microcredits")
        constraints = [
            models.CheckConstraint(
                condition=Q(principal__gt=0, repaid__gte=0, repaid__lte=F("principal")), name="credit_amounts"
            ),
            models.CheckConstraint(condition=Q(due_on__gt=F("granted_on")), name="credit_is_due_later"),
        ]
        indexes = [models.Index(fields=["due_on"], name="credit_by_due_day")]

    def __str__(self) -> str:
        return f"{self.line_id} {self.granted_on}"


class Claim(models.Model):
    """A claim that an insurer or a department pays: sent, then paid or not yet."""

    line = models.ForeignKey(PlanLine, on_delete=models.PROTECT, related_name="claims")
    amount = models.BigIntegerField(_("claimed"))
    sent_on = models.DateField(_("sent"))
    paid = models.BigIntegerField(_("paid"), null=True)
    paid_on = models.DateField(_("paid on"), null=True)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="line__plan__case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="claim_of_something"),
            models.CheckConstraint(
                condition=Q(paid__isnull=True, paid_on__isnull=True)
                | Q(paid__gte=0, paid_on__gte=F("sent_on")),
                name="claim_is_paid_after_it_was_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.sent_on}"
