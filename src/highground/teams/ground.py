"""Who acts on teams and plans, and the errors that refuse."""

from __future__ import annotations

import datetime
from typing import Any

from highground.accounts.enums import Role
from highground.accounts.queries import holds
from highground.areas.models import Area

PLANNERS = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
COUNTERS = (Role.FIRST_SECRETARY, Role.TOWNSHIP_OFFICER, *PLANNERS)
"""Who writes down how many days somebody was in a village."""

BY_THE_PLANNER = "a plan is worked out by a background job that its officer has started"
"""Why a plan is read and written past its area's scope."""


class TeamsError(RuntimeError):
    """Something that cannot be done with teams; the message says why and what to do instead."""


def may_plan(user: Any, area: Area, today: datetime.date) -> bool:
    """Whether a person imports candidates, plans and posts in an area."""
    return holds(user, today, PLANNERS, area.path) is not None


def may_count(user: Any, village: Area, today: datetime.date) -> bool:
    """Whether a person writes down days in a village."""
    return holds(user, today, COUNTERS, village.path) is not None
