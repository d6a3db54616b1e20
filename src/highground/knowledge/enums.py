"""Choices of the knowledge room."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Field(TextChoices):
    """What a practice or an expert is about, as forums sort it."""

    INDUSTRY = "industry", _("farming and village industry")
    JOBS = "jobs", _("jobs and skills")
    TRADE = "trade", _("trade and markets")
    TOURISM = "tourism", _("tourism and crafts")
    ENVIRONMENT = "environment", _("environment")
    TECHNOLOGY = "technology", _("technology")
    HEALTH = "health", _("health and nutrition")
    EDUCATION = "education", _("education")
    FINANCE = "finance", _("savings, credit and insurance")
    PROTECTION = "protection", _("social protection")
    HOUSING = "housing", _("housing and resettlement")
    INFRASTRUCTURE = "infrastructure", _("roads, water and power")
    DISASTER = "disaster", _("disasters and climate")
    GOVERNANCE = "governance", _("village organisation and monitoring")


class Evidence(TextChoices):
    """How well it is known that a practice works; the weakest first."""

    ANECDOTAL = "anecdotal", _("told")
    MONITORED = "monitored", pgettext_lazy("evidence", "monitored")
    COMPARED = "compared", pgettext_lazy("evidence", "compared")
    TRIAL = "trial", _("randomised trial")


class Zone(TextChoices):
    """The land that a practice was tried on."""

    LOWLAND = "lowland", _("lowland and delta")
    UPLAND = "upland", _("upland and mountain")
    DRYLAND = "dryland", _("dry land")
    COAST = "coast", _("coast and islands")
    CITY = "city", _("city")


class Income(TextChoices):
    """The World Bank's group of the country when it was tried."""

    LOW = "low", _("low income")
    LOWER_MIDDLE = "lower_middle", _("lower middle income")
    UPPER_MIDDLE = "upper_middle", _("upper middle income")
    HIGH = "high", _("high income")


class TextStatus(TextChoices):
    """Where a text in a language comes from."""

    ORIGINAL = "original", _("original")
    DRAFT = "draft", _("machine draft")
    REVIEWED = "reviewed", pgettext_lazy("of a text", "reviewed")


class Standing(TextChoices):
    """Whether everybody can read it."""

    WAITING = "waiting", _("waits for a curator")
    PUBLISHED = "published", pgettext_lazy("of knowledge", "published")
    WITHDRAWN = "withdrawn", pgettext_lazy("of knowledge", "withdrawn")


class Institution(TextChoices):
    """Where an expert works."""

    VILLAGE = "village", _("village or cooperative")
    GOVERNMENT = "government", _("government")
    UNIVERSITY = "university", _("university or institute")
    ENTERPRISE = "enterprise", _("enterprise")
    ASSOCIATION = "association", _("association or NGO")
    INTERNATIONAL = "international", _("international organisation")


class Gender(TextChoices):
    """As an expert states it; nobody has to."""

    WOMAN = "woman", _("woman")
    MAN = "man", _("man")
    OTHER = "other", pgettext_lazy("gender", "other")
    UNSTATED = "", pgettext_lazy("gender", "not stated")


class LineKind(TextChoices):
    """What speaks for an expert."""

    PRACTICE = "practice", _("practice")
    PROJECT = "project", _("project")
    PUBLICATION = "publication", _("publication")
    SESSION = "session", _("session of a forum")
    ANSWER = "answer", _("verified answer")


class LineStatus(TextChoices):
    """An imported line counts once the expert says that it is theirs."""

    SUGGESTED = "suggested", _("suggested")
    CONFIRMED = "confirmed", pgettext_lazy("of evidence", "confirmed")
    REFUSED = "refused", pgettext_lazy("of evidence", "not mine")


class Progress(TextChoices):
    """How far asking somebody has come."""

    ASKED = "asked", pgettext_lazy("of a question", "asked")
    ACCEPTED = "accepted", pgettext_lazy("of a question", "accepted")
    DECLINED = "declined", pgettext_lazy("of a question", "declined")
    ADVISED = "advised", pgettext_lazy("of a question", "advised")


class Decline(TextChoices):
    """Why somebody who was asked does not answer, or was seen and not asked."""

    NO_TIME = "no_time", _("no time")
    NOT_MY_FIELD = "not_my_field", _("not my field")
    LANGUAGE = "language", _("no common language")
    CONFLICT = "conflict", _("conflict of interest")
    OTHER = "other", pgettext_lazy("reason", "other")


class Outcome(TextChoices):
    """What became of the advice."""

    WORKS = "works", _("tried, and it works")
    PARTLY = "partly", _("tried, and it works in part")
    FAILED = "failed", _("tried, and it failed")
    NOT_TRIED = "not_tried", _("not tried")
