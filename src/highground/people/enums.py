"""Choices of the register."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HouseholdStatus(TextChoices):
    """Where a household stands today; its history is in residences and links."""

    ACTIVE = "active", _("on the register")
    MERGED = "merged", _("merged into another household")
    SPLIT = "split", _("split into other households")
    MOVED = "moved", _("moved away")


class SourceKind(TextChoices):
    """Who says so."""

    HOUSEHOLD = "household", _("the household itself")
    VISIT = "visit", _("a visit")
    DEPARTMENT = "department", _("a department")
    IMPORT = "import", _("an import")
    SYNTHETIC = "synthetic", _("invented for the demonstration")


class LinkKind(TextChoices):
    """How one household came from another."""

    SPLIT = "split", _("split off")
    MERGE = "merge", _("merged")


class Protected(TextChoices):
    """Attributes that identify a person. They are encrypted, and no fact, snapshot or log holds them."""

    NAME = "name", _("name")
    IDENTITY_NUMBER = "identity_number", _("identity number")
    PHONE = "phone", _("phone")
    BANK_ACCOUNT = "bank_account", _("bank account")


class Signed(TextChoices):
    """How a person showed that they mean what a paper says."""

    SIGNATURE = "signature", _("signature")
    THUMBPRINT = "thumbprint", _("thumbprint")
    WITNESSED = "witnessed", _("said before a witness")
