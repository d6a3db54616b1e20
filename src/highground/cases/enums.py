"""Choices of cases. What may follow what is not here but in the rulebook's procedure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CaseStatus(TextChoices):
    """Where a case stands; the same words as `methods.rules.procedure.graph.Status`."""

    OPEN = "open", _("being verified")
    MONITORED = "monitored", _("monitored")
    EXITED = "exited", _("exited, still watched")
    CLOSED = "closed", _("closed")


RUNNING = (CaseStatus.OPEN, CaseStatus.MONITORED)
"""A case that is under way; a household has one of them at most by each rulebook."""


class Channel(TextChoices):
    """Through which of the three channels the household was noticed."""

    HOUSEHOLD = "household", _("the household said so")
    VISIT = "visit", _("a visit found it")
    DATA = "data", _("department data showed it")


class ExitMode(TextChoices):
    """How the risk went away."""

    ASSISTANCE = "assistance", _("by assistance")
    NATURAL = "natural", _("by itself")


class Found(TextChoices):
    """What another register answered."""

    CLEAR = "clear", _("nothing found")
    HIT = "hit", _("found")
    NO_ANSWER = "no_answer", _("no answer yet")


class ListStatus(TextChoices):
    """A meeting or a notice."""

    OPEN = "open", _("under way")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


class ObjectionStatus(TextChoices):
    """What became of an objection."""

    OPEN = "open", _("being looked into")
    UPHELD = "upheld", _("upheld")
    REJECTED = "rejected", _("not upheld")


class FamilySays(TextChoices):
    """Whether the family says that what it asked for is solved; only the family can say it."""

    NOT_ASKED = "", _("not asked yet")
    SOLVED = "solved", _("solved")
    PARTLY = "partly", _("partly solved")
    NOT_SOLVED = "not_solved", _("not solved")


class MessageKind(TextChoices):
    """What somebody without an account may send."""

    REPORT = "report", _("we are in difficulty")
    OBJECTION = "objection", _("I object to a public notice")
    GRIEVANCE = "grievance", _("I have a complaint")


class MessageStatus(TextChoices):
    """What became of a message from the public."""

    RECEIVED = "received", _("received")
    TAKEN_UP = "taken_up", _("being looked into")
    ANSWERED = "answered", _("answered")
