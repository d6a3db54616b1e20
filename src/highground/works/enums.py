"""Choices of villages, projects and studies."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FigureKind(TextChoices):
    """What a published figure of a project tells of."""

    CONTEXT = "context", _("the place")
    INPUT = "input", _("inputs")
    OUTPUT = "output", _("outputs")
    OUTCOME = "outcome", _("outcomes")


class Exactness(TextChoices):
    """How a source gives a figure."""

    EXACT = "exact", pgettext_lazy("of a figure", "exactly")
    ABOUT = "about", pgettext_lazy("of a figure", "about")
    MORE_THAN = "more_than", pgettext_lazy("of a figure", "more than")


class DayKind(TextChoices):
    """What the date of a figure is the date of. The day of reading alone is known where an article bears no date."""

    STATED = "stated", _("as of")
    PUBLISHED = "published", _("published")
    READ = "read", _("date not known, read")


class DayPrecision(TextChoices):
    """How much of a date is known."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")


class MoneyKind(TextChoices):
    """What became of money, in the words of IATI."""

    COMMITMENT = "commitment", _("committed")
    DISBURSEMENT = "disbursement", _("paid out")
    EXPENDITURE = "expenditure", _("spent")


class PartnerRole(TextChoices):
    """What a partner does in a project, in the words of IATI."""

    FUNDING = "funding", _("pays")
    ACCOUNTABLE = "accountable", _("answers for it")
    EXTENDING = "extending", _("passes funds on")
    IMPLEMENTING = "implementing", _("carries it out")


ORGANISATIONS = {
    "10": _("government"),
    "11": _("local government"),
    "15": _("other public body"),
    "21": _("international NGO"),
    "22": _("national NGO"),
    "40": _("multilateral organisation"),
    "60": _("foundation"),
    "70": _("private company"),
    "80": _("university or research"),
    "90": _("other"),
}
"""Kinds of organisations, by their codes in IATI's list."""


class WorkStage(TextChoices):
    """How far a piece of infrastructure has come, in order; a work may be given up at any time before hand-over."""

    PROPOSED = "proposed", _("proposed")
    APPROVED = "approved", _("approved")
    BUILDING = "building", _("being built")
    COMPLETED = "completed", _("completed, waits for hand-over")
    HANDED_OVER = "handed_over", _("handed over")
    GIVEN_UP = "given_up", _("given up")


class PhotoTime(TextChoices):
    """When a photo of a work was taken."""

    BEFORE = "before", _("before")
    DURING = "during", _("while it was built")
    AFTER = "after", _("after")


class Condition(TextChoices):
    """What somebody found who looked whether a work still works."""

    WORKS = "works", _("works")
    PARTLY = "partly", _("works in part")
    BROKEN = "broken", _("does not work")


class EnterpriseKind(TextChoices):
    """Kinds of local industry."""

    ENTERPRISE = "enterprise", _("enterprise")
    COOPERATIVE = "cooperative", _("cooperative")
    WORKSHOP = "workshop", _("workshop")
    ECOMMERCE = "ecommerce", _("online shop")
    TOURISM = "tourism", _("tourism")


class LinkKind(TextChoices):
    """How a household earns from an enterprise."""

    JOB = "job", _("job")
    RENT = "rent", _("rent")
    SHARE = "share", _("share")
    ORDER = "order", _("order")


class AssetKind(TextChoices):
    """The three kinds in which project assets are kept (national guidance of 2021)."""

    OPERATING = "operating", _("operating asset")
    PUBLIC = "public", _("public-benefit asset")
    HOUSEHOLD = "household", _("household asset")


class AssetState(TextChoices):
    """What became of an asset."""

    IN_USE = "in_use", _("in use")
    IDLE = "idle", _("idle")
    LOST = "lost", _("lost")
    SOLD = "sold", _("sold")
    WORN_OUT = "worn_out", _("worn out")


class Wave(TextChoices):
    """When the readings of a study were taken."""

    BASELINE = "baseline", _("baseline")
    MIDLINE = "midline", _("midline")
    ENDLINE = "endline", _("endline")


class TheoryStage(TextChoices):
    """The steps of a theory of change."""

    INPUTS = "inputs", _("Inputs")
    ACTIVITIES = "activities", _("Activities")
    OUTPUTS = "outputs", _("Outputs")
    OUTCOMES = "outcomes", _("Outcomes")
    IMPACT = "impact", _("Impact")


class Sides(TextChoices):
    """Which effects count as a finding; one rule for every test of a study."""

    GREATER = "greater", _("a rise")
    LESS = "less", _("a fall")
    TWO = "two", _("a change either way")


class Criterion(TextChoices):
    """The evaluation criteria of OECD-DAC (2019)."""

    RELEVANCE = "relevance", _("Relevance")
    COHERENCE = "coherence", _("Coherence")
    EFFECTIVENESS = "effectiveness", _("Effectiveness")
    EFFICIENCY = "efficiency", _("Efficiency")
    IMPACT = "impact", _("Impact")
    SUSTAINABILITY = "sustainability", _("Sustainability")
