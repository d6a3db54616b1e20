"""Choices of the teams."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VillageType(TextChoices):
    """Why a village has a team; the words of the opinions of 2021."""

    LIFTED_OUT = "lifted_out", _("lifted-out village")
    RELOCATION = "relocation", _("relocation site")
    HEAVY_TASK = "heavy_task", _("heavy-task village")
    WEAK_ORGANISATION = "weak_organisation", _("weak organisation")


class UnitLevel(TextChoices):
    """Where a sending unit stands."""

    COUNTY = "county", _("county unit")
    PREFECTURE = "prefecture", _("prefecture unit")
    PROVINCE = "province", _("province unit")
    CENTRAL = "central", _("central unit")


class PostRole(TextChoices):
    """What somebody is in a team; the words of `methods.allocate`."""

    FIRST_SECRETARY = "first_secretary", _("first secretary")
    MEMBER = "member", pgettext_lazy("of a team", "member")


class FundSource(TextChoices):
    """Where money that comes with a team is from."""

    FIRST_SECRETARY = "first_secretary", _("first secretary's fund")
    UNIT = "unit", _("sending unit")


class Became(TextChoices):
    """What became of the team of a village after people withdrew."""

    SAME = "same", _("same team")
    OTHERS = "others", _("others moved in or out")
    FILLED = "filled", _("somebody withdrew, the seat is filled")
    VACANT = "vacant", _("somebody withdrew, a seat is vacant")


class PlanStatus(TextChoices):
    """How far a plan has come."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("being worked out")
    FAILED = "failed", _("not worked out")
    DRAFT = "draft", _("draft")
    APPROVED = "approved", _("approved")
    PUBLISHED = "published", _("published")
