"""Who acts on villages, projects and studies, and the errors that refuse."""

from __future__ import annotations

import datetime
from typing import Any

from highground.accounts.enums import SEES, Role, Sight
from highground.accounts.queries import holds
from highground.areas.models import Area
from highground.works.held import projects_held
from highground.works.models import Project

KEEPERS = (Role.FIRST_SECRETARY, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
"""Who writes down what a village has, builds and owns."""

APPROVERS = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
"""Who approves works and changes what assets are worth."""

STUDY_LEADS = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER, Role.ANALYST)
"""Who designs studies, freezes plans and imports readings."""


PROJECT_ROLES = tuple(role for role in Role if Sight.WORKS in SEES[role])
"""Roles that may be held for one project: those that see villages and projects."""


class WorksError(RuntimeError):
    """Something that cannot be done with a village, a project or a study; the message says why and names the mend."""


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


def may_write_of(user: Any, project: Project, today: datetime.date) -> bool:
    """Whether a person writes of a project: by a role for it, or as an officer of each of its villages."""
    if project.code in projects_held(user, today, STUDY_LEADS):
        return True
    return may_give_roles(user, project, today)


def may_give_roles(user: Any, project: Project, today: datetime.date) -> bool:
    """Whether a person gives and ends roles for a project: as an officer of each of its villages, not by such a role."""
    paths = list(project.sites.values_list("area__path", flat=True))
    return bool(paths) and all(holds(user, today, APPROVERS, path) is not None for path in paths)
