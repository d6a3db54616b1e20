"""Who acts on knowledge, and the error that refuses."""

from __future__ import annotations

import datetime
from typing import Any

from highground.accounts.enums import Role, Sight
from highground.accounts.queries import holds, may_see
from highground.areas.models import Area

ASKERS = (
    Role.FIRST_SECRETARY,
    Role.TOWNSHIP_OFFICER,
    Role.COUNTY_OFFICER,
    Role.PROVINCE_OFFICER,
)
"""Who asks an expert for an area."""
MONTHS = (3, 12)
"""When it is asked what came of advice."""


class KnowledgeError(RuntimeError):
    """Something that cannot be done with knowledge; the message says why and what to do instead."""


def may_curate(user: Any, today: datetime.date) -> bool:
    """Whether a person publishes, vets and merges."""
    return user.is_authenticated and may_see(user, today, Sight.CURATION)


def may_ask(user: Any, area: Area, today: datetime.date) -> bool:
    """Whether a person asks an expert for this area."""
    return holds(user, today, ASKERS, area.path) is not None
