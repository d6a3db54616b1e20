"""Who acts on teams and plans, and the errors that refuse."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from highground.accounts.enums import Role
from highground.accounts.queries import holds
from highground.areas.models import Area
from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.norms import Norms, load_norms, norms_files

PLANNERS = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
COUNTERS = (Role.FIRST_SECRETARY, Role.TOWNSHIP_OFFICER, *PLANNERS)
"""Who writes down how many days somebody was in a village."""

BY_THE_PLANNER = "a plan is worked out by a background job that its officer has started"
"""Why a plan is read and written past its area's scope."""


def norms_of(name: str) -> Norms:
    """Norms by their id: shipped, or of this office. Raises TeamsError where there are none, or none that can be used."""
    try:
        return load_norms(name, Path(settings.HIGHGROUND_HOME))
    except InputError as problem:
        raise TeamsError(str(problem)) from problem


def norms_if_there(name: str) -> Norms | None:
    """The same, None where a file of the office has gone or was broken since: pages then say less, and still open."""
    try:
        return norms_of(name)
    except TeamsError:
        return None


def all_norms() -> tuple[list[Norms], list[str]]:
    """The norms to choose from, and what is wrong with files that cannot be used."""
    found, wrong = [], []
    for name in norms_files(Path(settings.HIGHGROUND_HOME)):
        try:
            found.append(norms_of(name))
        except TeamsError as problem:
            wrong.append(str(problem))
    return found, wrong


class TeamsError(RuntimeError):
    """Something that cannot be done with teams; the message says why and what to do instead."""


def may_plan(user: Any, area: Area, today: datetime.date) -> bool:
    """Whether a person imports candidates, plans and posts in an area."""
    return holds(user, today, PLANNERS, area.path) is not None


def may_count(user: Any, village: Area, today: datetime.date) -> bool:
    """Whether a person writes down days in a village."""
    return holds(user, today, COUNTERS, village.path) is not None
