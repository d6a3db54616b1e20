"""Who holds a role for a project: a grant by kind and id in text, which opens the project and no area."""

from __future__ import annotations

import datetime
from typing import Any

from highground.accounts.enums import SEES, Role, Sight
from highground.accounts.queries import held_grants

PROJECT = "project"
"""The kind of such a grant; its id is the code of the project."""


OWN = "own-"
"""How the codes of sources begin that partners named themselves; files of projects leave what rests on them alone."""


def projects_held(user: Any, today: datetime.date, roles: tuple[Role, ...] | None = None) -> list[str]:
    """The codes of the projects for which `user` holds, on `today`, a role that sees works (or one of `roles`)."""
    return sorted(
        grant.target_id
        for grant in held_grants(user, today)
        if grant.target_kind == PROJECT
        and Sight.WORKS in SEES[Role(grant.role)]
        and (roles is None or grant.role in roles)
    )
