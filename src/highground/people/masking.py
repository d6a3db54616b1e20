"""What is shown of a person to those who watch over an area and do not go there: that it is known, not what it is."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.methods.facts import Fact
from highground.people.models import Household


def opens_persons(user: Any, household: Household, today: datetime.date) -> bool:
    """Whether `user` sees names and sensitive facts of single persons in this household. No query after the first."""
    return may_see(user, today, Sight.PROTECTED, household.area.path)


def is_masked(fact: Fact, opens: bool) -> bool:
    """Whether the value of a member's fact stays hidden from somebody to whom persons open, or do not."""
    return not opens and fact.entity == "member" and fact.sensitivity == "sensitive"


def masked() -> str:
    """What stands in the place of a hidden value."""
    return _("known, not shown")
