"""Who acts on knowledge, and the error that refuses."""

from __future__ import annotations

import datetime
from typing import Any

from highground.accounts.enums import Role, Sight
from highground.accounts.queries import holds, may_see
from highground.areas.models import Area
from highground.knowledge.enums import Standing
from highground.knowledge.models import Practice

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


def brought(practice: Practice, user: Any) -> bool:
    """Whether this person told the practice, or took it in."""
    return user.is_authenticated and practice.by == str(user.pk)


def may_read(practice: Practice, user: Any, today: datetime.date) -> bool:
    """Whether somebody reads a practice: everybody what is published, else curators and whoever told it."""
    return practice.standing == Standing.PUBLISHED or brought(practice, user) or may_curate(user, today)


def may_attach(practice: Practice, user: Any, today: datetime.date) -> bool:
    """Whether a person changes the files of a practice: a curator, and whoever told it while it waits."""
    waits = practice.standing == Standing.WAITING and brought(practice, user)
    return waits or may_curate(user, today)
