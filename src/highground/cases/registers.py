"""The registers of other offices that a household can be compared with."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Register(TextChoices):
    """Which office is asked. What it answers is `Found`."""

    VEHICLES = "vehicles", _("vehicles")
    BUSINESS = "business", _("companies and shops")
    HOUSING = "housing", _("housing and land")
    SOCIAL_SECURITY = "social_security", _("social security")
    PAYROLL = "payroll", _("people paid by the state")
    SAVINGS = "savings", _("savings, where the law allows it")


def register_label(name: str) -> str:
    """What a register is called; its own name where it is none of these."""
    return str(Register(name).label) if name in Register.values else name
