"""Choices of support. The families of measures are in the fact dictionary, the measures in the catalogue."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LineState(TextChoices):
    """Where a line of a plan stands."""

    PLANNED = "planned", _("planned")
    DELIVERED = "delivered", _("delivered")
    DROPPED = "dropped", _("dropped")


class BatchStatus(TextChoices):
    """A payment batch: sent out, or every line answered."""

    OPEN = "open", _("waiting for the return")
    RECONCILED = "reconciled", _("reconciled")


class PaymentStatus(TextChoices):
    """What became of one payment."""

    PENDING = "pending", _("not answered yet")
    PAID = "paid", _("paid")
    FAILED = "failed", _("came back")
