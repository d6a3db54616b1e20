"""The team of a village: its people, days, money and training, what it would hand over, and its sheets to print."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.areas.models import Area
from highground.support.actions.ground import SupportError, catalogue_for, to_major
from highground.teams.actions import write_days, write_fund, write_training
from highground.teams.enums import VillageType
from highground.teams.forms import DaysForm, FundForm, TrainingForm
from highground.teams.ground import TeamsError, may_count, norms_if_there
from highground.teams.handover import open_in
from highground.teams.models import Fund, Post, Training
from highground.teams.pages import person, tabs
from highground.teams.queries import Team, due_on, posts_of, teams_in, too_small
from highground.teams.words import chips, person_chips
from highground.web.numbers import money

SHOWN = 12
"""So many entries of money and of training, the latest first."""


@require_http_methods(["GET", "POST"])
@sees(Sight.TEAMS)
def village_team(request: HttpRequest, code: str) -> HttpResponseBase:
    """The team of a village today; days, money and training are written down here."""
    user, today = person(request), timezone.localdate()
    village = _village_or_404(request, code, user, today)
    (team,) = teams_in([village], user, today)
    forms = _forms(request, team, today) if may_count(user, village, today) else {}
    asked = request.POST.get("do", "days")
    if request.method == "POST" and asked in forms and forms[asked].is_valid():
        try:
            _write(asked, forms[asked], village, user, today)
            messages.success(request, _("Written down."))
            return redirect(request.path)
        except TeamsError as error:
            forms[asked].add_error(None, str(error))
    wrong = next((form for form in forms.values() if form.errors), None)
    left = open_in(village, user, today)
    context = _context(team, today) | {
        "forms": forms,
        "wrong": wrong,
        "left": len(left),
        "late": sum(one.due is not None and one.due < today for one in left),
        "funds": _funds(village, user, today),
        "trainings": _trainings(team, user, today),
        "tabs": tabs(request, today),
    }
    return render(request, "teams/village_team.html", context, status=422 if wrong else 200)


def _forms(request: HttpRequest, team: Team, today: datetime.date) -> dict[str, Any]:
    """The forms of the page by what they do; the one that was sent is bound."""
    posts = _posts(team)
    made: dict[str, Callable[..., Form]] = {
        "days": lambda *given, **more: DaysForm(*given, posts=posts, today=today, **more),
        "training": lambda *given, **more: TrainingForm(*given, posts=posts, **more),
    }
    try:
        catalogue = catalogue_for(team.village.country)
    except SupportError:
        pass  # a country without a catalogue has no currency to write money in
    else:
        made["fund"] = lambda *given, **more: FundForm(*given, posts=posts, catalogue=catalogue, **more)
    sent = request.POST.get("do", "days") if request.method == "POST" else ""
    return {
        name: make(request.POST, auto_id=f"{name}-%s") if name == sent else make(auto_id=f"{name}-%s")
        for name, make in made.items()
    }


def _write(asked: str, form: Any, village: Area, by: User, today: datetime.date) -> None:
    data = form.cleaned_data
    if asked == "days":
        write_days(form.post, month=data["month"], days=data["days"], by=by, today=today)
    elif asked == "fund":
        write_fund(village, **form.given, by=by, today=today)
    else:
        rest = {name: value for name, value in data.items() if name != "post"}
        write_training(form.post, **rest, by=by, today=today)


def _funds(village: Area, user: Any, today: datetime.date) -> list[dict[str, Any]]:
    """The money that came last, the latest first, each in words."""
    funds = Fund.objects.visible_to(user, today).filter(village=village).select_related("unit")
    found = list(funds.order_by("-day", "-pk")[:SHOWN])
    digits = catalogue_for(village.country).minor_digits if found else 0
    return [
        {
            "one": one,
            "from": one.unit.name if one.unit else one.get_source_display(),
            "amount": money(to_major(one.amount, digits), one.currency),
        }
        for one in found
    ]


def _trainings(team: Team, user: Any, today: datetime.date) -> list[Training]:
    found = Training.objects.visible_to(user, today).filter(post__in=_posts(team))
    return list(found.select_related("post__candidate").order_by("-day", "-pk")[:SHOWN])


@require_safe
@sees(Sight.TEAMS)
def team_sheet(request: HttpRequest, code: str) -> HttpResponseBase:
    """The team of a village on one sheet of paper."""
    user, today = person(request), timezone.localdate()
    village = _village_or_404(request, code, user, today)
    (team,) = teams_in([village], user, today)
    return render(request, "teams/sheet.html", _context(team, today) | {"today": today})


@require_safe
@sees(Sight.TEAMS)
def handover_sheet(request: HttpRequest, code: str) -> HttpResponseBase:
    """What is open in a village, household by household, for the team that goes and the one that comes to sign."""
    user, today = person(request), timezone.localdate()
    village = _village_or_404(request, code, user, today)
    (team,) = teams_in([village], user, today)
    context = _context(team, today) | {"today": today, "left": open_in(village, user, today)}
    return render(request, "teams/handover.html", context)


def _village_or_404(request: HttpRequest, code: str, user: Any, today: datetime.date) -> Area:
    """A village with a team that the person may see."""
    village = get_object_or_404(Area.objects.select_related("parent__parent"), code=code)
    if not posts_of(user, today, village).exists():
        raise Http404
    return village


def _posts(team: Team) -> list[Post]:
    return [one for one in team.people if isinstance(one, Post)]


def _context(team: Team, today: datetime.date) -> dict[str, Any]:
    posts = _posts(team)
    norms = norms_if_there(posts[0].norms)
    lacking = too_small(team, norms)
    return {
        "team": team,
        "village": team.village,
        "need": team.need,
        "types": [str(VillageType(one).label) for one in team.need.types] if team.need else [],
        "chips": chips(team),
        "small": lacking.first_secretaries + lacking.members if lacking else 0,
        "lacks": [one for one in team.lacks if team.need and one in team.need.needs],
        "rows": [
            {
                "one": one,
                "chips": person_chips(one, team),
                "due": (due := due_on(one)),
                "over": bool(due and due <= today),
                "days": one.days,  # type: ignore[attr-defined]
            }
            for one in posts
        ],
        "least": norms.days_a_year if norms else None,
        "year": today.year,
    }
