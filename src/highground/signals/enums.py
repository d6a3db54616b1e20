"""Choices of clues and verdicts."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class ClueKind(TextChoices):
    """What fired: a class of the rulebook, or another of its rules."""

    CLASS = "class", _("possible class")
    RULE = "rule", _("another reason to knock")


class ClueStatus(TextChoices):
    """A clue is open until people close it; a screening never does."""

    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class Severity(IntegerChoices):
    """How bad it would be if it were true; stored as a number so that lists can be sorted by it."""

    LOW = 1, _("low")
    MEDIUM = 2, _("medium")
    HIGH = 3, _("high")


class Change(TextChoices):
    """What a run found about a rule that was yes, compared with the run before."""

    NEW = "new", _("new")
    CONTINUING = "continuing", _("continuing")
    CLEARED = "cleared", _("cleared")


class ClassVerdict(TextChoices):
    """Whether some class applies."""

    YES = "yes", _("possible")
    NO = "no", _("no class")
    CANNOT_TELL = "cannot_tell", _("cannot tell")


class Queue(TextChoices):
    """The households that a run could say nothing about, by what must be done: ask, or go and look."""

    NONE = "", _("no queue")
    CANNOT_TELL = "cannot_tell", _("cannot tell")
    UNSEEN = "unseen", _("in no data")
