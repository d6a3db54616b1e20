"""Who is on which team, since when, and what is due; the team of a village, its days there, and its sheet to print."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.methods.allocate.norms import load_norms
from highground.teams.actions import write_days
from highground.teams.enums import VillageType
from highground.teams.ground import TeamsError, may_count
from highground.teams.models import Post
from highground.teams.pages import person, tabs
from highground.teams.queries import (
    Team,
    due_on,
    posts_of,
    rotation,
    teams_in,
    too_small,
    villages_with_posts,
)
from highground.teams.words import chips, person_chips
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
    norms = load_norms(team.people[0].norms) if team.people and isinstance(team.people[0], Post) else None
    lacking = too_small(team, norms) if norms else None
    due = [one for one in team.people if isinstance(one, Post) and due_on(one) <= today]
    return {
        "team": team,
        "chips": chips(team),
        "small": lacking.first_secretaries + lacking.members if lacking else 0,
        "due": len(due),
    }


@require_http_methods(["GET", "POST"])
@sees(Sight.TEAMS)
def village_team(request: HttpRequest, code: str) -> HttpResponseBase:
    """The team of a village today, how long each has been there, how many days; days are written down here."""
    user, today = person(request), timezone.localdate()
    village = _village_or_404(request, code, user, today)
    problem = ""
    if request.method == "POST":
        try:
            _write(request, village, user, today)
            messages.success(request, _("Written down."))
            return redirect(request.path)
        except TeamsError as error:
            problem = str(error)
    (team,) = teams_in([village], user, today)
    context = _context(team, today) | {
        "may": may_count(user, village, today),
        "month": f"{today:%Y-%m}",
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "teams/village_team.html", context, status=422 if problem else 200)


@require_safe
@sees(Sight.TEAMS)
def team_sheet(request: HttpRequest, code: str) -> HttpResponseBase:
    """The team of a village on one sheet of paper."""
    user, today = person(request), timezone.localdate()
    village = _village_or_404(request, code, user, today)
    (team,) = teams_in([village], user, today)
    return render(request, "teams/sheet.html", _context(team, today) | {"today": today})


def _village_or_404(request: HttpRequest, code: str, user: Any, today: datetime.date) -> Area:
    """A village with a team that the person may see."""
    village = get_object_or_404(Area.objects.select_related("parent__parent"), code=code)
    if not posts_of(user, today, village).exists():
        raise Http404
    return village


def _context(team: Team, today: datetime.date) -> dict[str, Any]:
    posts = [one for one in team.people if isinstance(one, Post)]
    norms = load_norms(posts[0].norms)
    lacking = too_small(team, norms)
    return {
        "team": team,
        "village": team.village,
        "need": team.need,
        "types": [str(VillageType(one).label) for one in team.need.types] if team.need else [],
        "chips": chips(team),
        "small": lacking.first_secretaries + lacking.members if lacking else 0,
        "rows": [
            {
                "one": one,
                "chips": person_chips(one, team),
                "due": due_on(one),
                "over": due_on(one) <= today,
                "days": one.days,  # type: ignore[attr-defined]
            }
            for one in posts
        ],
        "least": norms.days_a_year,
        "year": today.year,
    }


def _write(request: HttpRequest, village: Area, user: Any, today: datetime.date) -> None:
    post = get_object_or_404(posts_of(user, today, village), pk=request.POST.get("post") or 0)
    try:
        month = datetime.date.fromisoformat(f"{request.POST.get('month', '')}-01")
        days = int(request.POST.get("days", ""))
    except ValueError:
        raise TeamsError(_("Write the month as 2024-06 and the days as a whole number.")) from None
    write_days(post, month=month, days=days, by=user, today=today)
