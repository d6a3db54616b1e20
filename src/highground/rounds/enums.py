"""Choices of the rounds."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Outcome(TextChoices):
    """What a visit of the audit found; the same words as `methods.risk`. Nobody was there yet while it is empty."""

    YES = "yes", _("in difficulty")
    NO = "no", _("not in difficulty")
    CANNOT_TELL = "cannot_tell", _("cannot tell")


class Kind(TextChoices):
    """What calls for a visit, in the order in which it counts where several do."""

    VISIT = "visit", _("visit of a case")
    FOLLOW_UP = "follow_up", _("follow-up")
    CLUE = "clue", _("clue")
    NEED = "need", _("need")
    AUDIT = "audit", _("audit")
    UNSEEN = "unseen", _("never seen")
