"""The team that a plan gives a village: who, why, why not somebody else; locks; and the sheet to print."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.methods.allocate.arrays import InputError
from highground.teams.actions import set_lock
from highground.teams.enums import PlanStatus, VillageType
from highground.teams.ground import TeamsError, may_plan
from highground.teams.models import Candidate, Plan, VillageNeed
from highground.teams.pages import person, tabs
from highground.teams.pages.plan import plan_or_404
from highground.teams.queries import Team, needs_below, needs_of, teams_of_plan
from highground.teams.reasons import Names, names_of, why, why_not
from highground.teams.words import chips, person_chips, wish
from highground.web.numbers import number as shown

MOST_FOUND = 8


@require_http_methods(["GET", "POST"])
@sees(Sight.POSTINGS)
def planned_team(request: HttpRequest, number: int, code: str) -> HttpResponseBase:
    """The team of one village in a plan; `?who=` asks why somebody else is not in it."""
    user, today = person(request), timezone.localdate()
    found, problem = plan_or_404(request, number), ""
    need: VillageNeed = get_object_or_404(needs_of(found, user, today), village__code=code)
    if not found.certificate:
        raise Http404
    if request.method == "POST":
        try:
            posting = get_object_or_404(
                found.postings.select_related("plan__area", "candidate"),
                village=need.village_id,
                candidate__code=request.POST.get("who", ""),
            )
            set_lock(posting, locked=request.POST.get("do") == "lock", by=user, today=today)
            return redirect(request.path)
        except TeamsError as error:
            problem = str(error)
    (team,) = teams_of_plan(found, [need])
    asked = request.GET.get("who", "").strip()
    others = _found(found, asked, user, today) if asked else []
    names = _names(found, [one.candidate for one in team.people] + others)
    context = {
        "plan": found,
        "need": need,
        "team": team,
        "chips": chips(team),
        "lacking": _(", ").join(wish(one, team) for one in team.lacks)
        or ngettext("%(count)s person", "%(count)s people", team.vacant) % {"count": team.vacant},
        "about": " · ".join(
            [_people_at_risk(need.at_risk), *(str(VillageType(one).label) for one in need.types)]
        ),
        "rows": _rows(found, team, names),
        "asked": asked,
        "answers": [(one, _answer(found, one, code, names)) for one in others],
        "may": may_plan(user, found.area, today) and found.status == PlanStatus.DRAFT,
        "locked": any(getattr(one, "locked", False) for one in team.people),
        "problem": problem,
        "today": today,
        "tabs": tabs(request, today),
    }
    return render(request, "teams/planned_team.html", context, status=422 if problem else 200)


def _people_at_risk(count: int) -> str:
    return ngettext("%(count)s person at risk", "%(count)s people at risk", count) % {"count": shown(count)}


def _rows(found: Plan, team: Team, names: Names) -> list[dict[str, Any]]:
    return [
        {"one": one, "chips": person_chips(one, team), "why": _why(found, one.candidate, names)}
        for one in team.people
    ]


def _why(found: Plan, one: Candidate, names: Names) -> str:
    try:
        return why(found, one.code, names)
    except (InputError, OSError):
        return _("The tables of this plan are gone, so the reason cannot be worked out any more.")


def _answer(found: Plan, one: Candidate, village: str, names: Names) -> list[str]:
    try:
        return why_not(found, one.code, village, names)
    except InputError:
        return [_("Was not among the candidates of this plan.")]
    except TeamsError as problem:  # its norms are gone
        return [str(problem)]
    except OSError:
        return [_("The tables of this plan are gone, so the reason cannot be worked out any more.")]


def _found(found: Plan, asked: str, user: Any, today: datetime.date) -> list[Candidate]:
    """The candidates of the plan's area with this code, or with this in their name."""
    every = Candidate.objects.visible_to(user, today).filter(unit__area__path__startswith=found.area.path)
    return list(
        (every.filter(code__iexact=asked) | every.filter(name__icontains=asked)).order_by("code")[:MOST_FOUND]
    )


def _names(found: Plan, people: list[Candidate]) -> Names:
    """What everybody and every village of the plan is called. Two queries."""
    posted = found.postings.values_list("candidate__code", "candidate__name")
    reason = "names of the villages of a plan that the caller has reached in scope"
    needs = needs_below(found.area, reason=reason)
    villages = [(one.village.code, str(one.village)) for one in needs.select_related("village")]
    return names_of([*posted, *((one.code, one.name) for one in people)], villages)
