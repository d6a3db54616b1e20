"""Who acts on villages, projects and studies, and the errors that refuse."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from highground.accounts.enums import Role, Sight
from highground.accounts.queries import holds, may_see
from highground.areas.models import Area
from highground.works.held import projects_held

KEEPERS = (Role.FIRST_SECRETARY, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
"""Who writes down what a village has, builds and owns."""

APPROVERS = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
"""Who approves works and changes what assets are worth."""

STUDY_LEADS = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER, Role.ANALYST)
"""Who designs studies, freezes plans and imports readings."""


class WorksError(RuntimeError):
    """Something that cannot be done with a village, a project or a study; the message says why and names the mend."""


def opens_works(request: HttpRequest) -> bool:
    """Whether somebody sees villages: in an area, or through a project alone."""
    today = timezone.localdate()
    return may_see(request.user, today, Sight.WORKS) or bool(projects_held(request.user, today))


def may_keep(user: Any, village: Area, today: datetime.date) -> bool:
    """Whether a person writes down what a village has."""
    return holds(user, today, KEEPERS, village.path) is not None


def may_approve(user: Any, village: Area, today: datetime.date) -> bool:
    """Whether a person approves works in a village."""
    return holds(user, today, APPROVERS, village.path) is not None


def may_lead(user: Any, area: Area, today: datetime.date, project: str = "") -> bool:
    """Whether a person leads studies in an area, or of a project for which they hold a role."""
    return holds(user, today, STUDY_LEADS, area.path) is not None or project in projects_held(
        user, today, STUDY_LEADS
    )
