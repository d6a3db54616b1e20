"""What people see of the teams: who is on them, plans of who goes where, and the team of a village."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.web.lists import Pill


def person(request: HttpRequest) -> Any:
    """Who is signed in: no page is opened by anybody else."""
    return request.user


def tabs(request: HttpRequest, today: datetime.date) -> list[Pill]:
    """The pages of the teams that this person may open."""
    plans = may_see(request.user, today, Sight.POSTINGS)
    doors = [
        ("teams:in_force", _("In the villages"), True),
        ("teams:plans", _("Plans"), plans),
        ("teams:import", _("Candidates and needs"), plans),
    ]
    return [
        Pill(label, reverse(name), current=reverse(name) == request.path) for name, label, may in doors if may
    ]
