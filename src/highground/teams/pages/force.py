"""Who is on which team in the villages of an area, since when, and what is due."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.shell import area_in_view
from highground.teams.ground import norms_if_there
from highground.teams.models import Post
from highground.teams.pages import person, tabs
from highground.teams.queries import Team, due_on, rotation, teams_in, too_small, villages_with_posts
from highground.teams.words import chips
from highground.web.lists import page_of
from highground.web.numbers import number


@require_safe
@sees(Sight.TEAMS)
def in_force(request: HttpRequest) -> HttpResponseBase:
    """The villages in view with their teams."""
    user, today, area = person(request), timezone.localdate(), area_in_view(request)
    page = page_of(request, villages_with_posts(user, today, area))
    people, due = rotation(user, today, area)
    context = {
        "area": area,
        "page": page,
        "rows": [_village(one, today) for one in teams_in(page.rows, user, today)],
        "title": _title(people, due),
        "tabs": tabs(request, today),
    }
    return render(request, "teams/in_force.html", context)


def _title(people: int, due: int) -> str:
    if not people:
        return _("Nobody is on a team here yet")
    words = {"people": number(people), "due": number(due)}
    if due:
        return (
            ngettext(
                "%(people)s person is in the villages, the term of %(due)s is over",
                "%(people)s people are in the villages, the term of %(due)s is over",
                people,
            )
            % words
        )
    return (
        ngettext("%(people)s person is in the villages", "%(people)s people are in the villages", people)
        % words
    )


def _village(team: Team, today: datetime.date) -> dict[str, Any]:
    norms = norms_if_there(team.people[0].norms) if team.people and isinstance(team.people[0], Post) else None
    lacking = too_small(team, norms)
    ends = [due_on(one) for one in team.people if isinstance(one, Post)]
    due = [day for day in ends if day and day <= today]
    return {
        "team": team,
        "chips": chips(team),
        "small": lacking.first_secretaries + lacking.members if lacking else 0,
        "due": len(due),
    }
