"""Choices of the rounds."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Outcome(TextChoices):
    """What a visit of the audit found; the same words as `methods.risk`. Nobody was there yet while it is empty."""

    YES = "yes", _("in difficulty")
    NO = "no", _("not in difficulty")
    CANNOT_TELL = "cannot_tell", _("cannot tell")
