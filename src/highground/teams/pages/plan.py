"""One plan: how good it is and why that is known, what its teams have, and what comes next. And two plans compared."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import names_of_users
from highground.areas.models import Area
from highground.teams.actions import approve, mend_after, publish, start_plan
from highground.teams.enums import PlanStatus
from highground.teams.ground import TeamsError, may_plan, norms_if_there
from highground.teams.models import Plan
from highground.teams.pages import person, tabs
from highground.teams.pictures import draw_gap, draw_replay
from highground.teams.planning import take_up, weights_of
from highground.teams.queries import (
    Team,
    became_of,
    moves_between,
    needs_of,
    pairings_of,
    plans_of,
    teams_of_plan,
    with_their_unit,
)
from highground.teams.words import (
    COLOURS,
    chips,
    coverage_rows,
    fairness_rows,
    headline_of,
    proof_of,
    steadiness_of,
    steadiness_rows,
    title_of,
    weight_label,
    weight_said,
    who_of,
)
from highground.web.lists import Pill, page_of, pill
from highground.web.numbers import number
from highground.web.pictures import Bar

MOST_MOVES = 200
MOST_FINDINGS = 20
MOST_COUNTIES = 30
MOST_TO_SEARCH = 5_000
"""Villages up to which a page looks through every team for what is lacking."""
AT_WORK = (PlanStatus.WAITING, PlanStatus.RUNNING)


def plan_or_404(request: HttpRequest, number_of: int) -> Plan:
    """A plan that the person may see."""
    found: Plan = get_object_or_404(
        Plan.objects.visible_to(request.user).select_related("area", "parent"), pk=number_of
    )
    return found


@require_http_methods(["GET", "POST"])
@sees(Sight.POSTINGS)
def plan(request: HttpRequest, number: int) -> HttpResponseBase:
    """The page of a plan; what people do with it is sent here."""
    user, today = person(request), timezone.localdate()
    found, problem = plan_or_404(request, number), ""
    if request.method == "POST":
        try:
            return _act(request, found, user, today)
        except TeamsError as error:
            problem = str(error)
            found.refresh_from_db()
    if found.status in AT_WORK:
        take_up(found)
        context = {"plan": found, "percent": round(100 * found.share), "tabs": tabs(request, today)}
        return render(request, "teams/plan_at_work.html", context)
    needs = needs_of(found, user, today)
    count = needs.count()
    show = request.GET.get("show", "all")
    if show == "lacking" and count <= MOST_TO_SEARCH:
        teams: list[Team] = [one for one in teams_of_plan(found, list(needs)) if not one.whole]
        page = page_of(request, teams)
        shown = page.rows
    else:
        page = page_of(request, needs, total=count)
        shown = teams_of_plan(found, page.rows)
    context = {
        "plan": found,
        "headline": headline_of(found, count),
        "proof": proof_of(found),
        "colour": COLOURS[found.status],
        "norms": title_of(norms) if (norms := norms_if_there(found.norms)) else found.norms,
        "who": who_of(found),
        "gap": _gap(found),
        "steady": steadiness_of(found),
        "steadiness": steadiness_rows(found),
        "fairness": fairness_rows(found),
        "strength": _strength(found),
        "borrowed": _borrowed(found),
        "coverage": coverage_rows(found),
        "moved": _moved(found),
        "replay": draw_replay(became_of(found, list(needs)))
        if found.withdrawn and found.parent and count <= MOST_TO_SEARCH
        else None,
        "findings": found.findings[:MOST_FINDINGS],
        "pairings": pairings_of(found, MOST_FINDINGS),
        "barred": len(found.barred.get("people", {})),
        "weights": [
            (weight_label(name), weight_said(name, value)) for name, value in weights_of(found).items()
        ],
        "page": page,
        "teams": [(one, chips(one)) for one in shown],
        "pills": [
            pill(request, _("Every village"), show=None, count=count),
            pill(request, _("Something is lacking"), show="lacking"),
        ],
        "maker": names_of_users([found.by]).get(found.by, found.by),
        "approver": names_of_users([found.approved_by]).get(found.approved_by, ""),
        "locked": found.postings.filter(locked=True).count(),
        "may": may_plan(user, found.area, today),
        "own": found.by == str(user.pk),
        "today": today,
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "teams/plan.html", context, status=422 if problem else 200)


def _gap(found: Plan) -> Any:
    shown = found.certificate
    return (
        draw_gap(found.course, shown["objective"], shown["bound"]) if shown and not shown["wrong"] else None
    )


def _borrowed(found: Plan) -> list[Bar]:
    """Who goes from one county to another, the most first; none where a plan has one county. One query."""
    rows = found.certificate.get("borrowed", [])[:MOST_COUNTIES] if found.certificate else []
    codes = {code for row in rows for code in row[:2]}
    areas = {one.code: str(one) for one in Area.objects.filter(code__in=codes)} if codes else {}
    return [
        Bar(
            _("%(home)s to %(away)s") % {"home": areas.get(home, home), "away": areas.get(away, away)},
            people,
            "water",
        )
        for home, away, people in rows
    ]


def _strength(found: Plan) -> list[Bar]:
    """The counties of a plan by the strength of their teams, the weakest first; none where there is but one."""
    counties = found.weighed.get("counties", [])
    names = dict(Area.objects.filter(code__in=[one["county"] for one in counties]).values_list("code", "pk"))
    areas = Area.objects.in_bulk(names.values())
    before = {one["county"]: one["strength"] for one in found.weighed.get("before", [])}
    ordered = sorted(counties, key=lambda one: one["strength"])[:MOST_COUNTIES]
    bars = [
        Bar(
            str(areas[names[one["county"]]]) if one["county"] in names else one["county"],
            round(one["strength"]),
            "green",
            note=_("before: %(strength)s") % {"strength": number(round(before[one["county"]]))}
            if one["county"] in before
            else "",
        )
        for one in ordered
    ]
    return bars if len(bars) > 1 else []


def _moved(found: Plan) -> dict[str, Any] | None:
    """How many postings are others than in the plan before."""
    if found.parent is None:
        return None
    _moves, changed = moves_between(found.parent, found, 0)
    url = f"{reverse('teams:compare', args=[found.pk])}?with={found.parent_id}"
    return {"count": number(changed), "parent": found.parent.number, "url": url}


def _act(request: HttpRequest, found: Plan, user: Any, today: datetime.date) -> HttpResponseBase:
    verb = request.POST.get("do", "")
    if verb == "again":
        made = start_plan(
            found.area,
            norms=found.norms,
            weights=found.weights,
            pool=found.pool,
            parent=found,
            by=user,
            today=today,
        )
        return redirect("teams:plan", made.pk)
    if verb == "approve":
        approve(found, by=user, today=today)
        messages.success(request, _("The plan is approved. It holds once it is published."))
    elif verb == "publish":
        since = _day(request.POST.get("since", ""))
        begin = publish(found, since=since, by=user, today=today)
        messages.success(request, _("Published: %(count)s posts begin.") % {"count": number(begin)})
    else:
        raise TeamsError(_("This is nothing that can be done with a plan."))
    return redirect("teams:plan", found.pk)


def _day(given: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(given)
    except ValueError:
        raise TeamsError(_("This is no date; write for example 2024-06-30.")) from None


@require_http_methods(["GET", "POST"])
@sees(Sight.POSTINGS)
def withdraw(request: HttpRequest, number: int) -> HttpResponseBase:
    """Find people of a plan by name, code or unit, choose who has withdrawn, and have the plan mended."""
    user, today = person(request), timezone.localdate()
    found, problem = plan_or_404(request, number), ""
    chosen = list(dict.fromkeys(request.POST.getlist("gone") or request.GET.getlist("gone")))
    if request.method == "POST":
        try:
            others = request.POST.get("mode") == "resolve"
            made = mend_after(found, chosen, may_move_others=others, by=user, today=today)
            return redirect("teams:plan", made.pk)
        except TeamsError as error:
            problem = str(error)
    rows = found.postings.select_related("candidate__unit", "village").order_by("candidate__code")
    asked = request.GET.get("q", "").strip()
    picked = list(rows.filter(candidate__code__in=chosen))
    if asked:
        rows = rows.filter(candidate__name__icontains=asked) | rows.filter(candidate__code__iexact=asked)
    context = {
        "plan": found,
        "page": page_of(request, rows),
        "asked": asked,
        "picked": picked,
        "chosen": set(chosen),
        "may": may_plan(user, found.area, today),
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "teams/withdraw.html", context, status=422 if problem else 200)


@require_safe
@sees(Sight.POSTINGS)
def compare(request: HttpRequest, number: int) -> HttpResponseBase:
    """Two plans of an area side by side, and who moves between them; `?with=`."""
    user, today = person(request), timezone.localdate()
    found = plan_or_404(request, number)
    others = [
        one
        for one in plans_of(user, today, found.area)[:20]
        if one.pk != found.pk and one.area_id == found.area_id and one.certificate
    ]
    wanted = request.GET.get("with", "")
    other = next((one for one in others if str(one.pk) == wanted), others[0] if others else None)
    moves, count = moves_between(other, found, MOST_MOVES) if other else (None, 0)
    context = {
        "plan": found,
        "other": other,
        "rows": _compared(other, found) if other else [],
        "moves": moves,
        "count": count,
        "more": max(0, count - MOST_MOVES),
        "pills": [
            Pill(
                _("Plan %(number)s") % {"number": one.number},
                f"{request.path}?with={one.pk}",
                current=one == other,
            )
            for one in others
        ],
        "tabs": tabs(request, today),
    }
    return render(request, "teams/compare.html", context)


def _compared(before: Plan, after: Plan) -> list[tuple[str, str, str]]:
    """What the certificates of two plans say, row by row."""
    both = [dict(coverage_rows(one)) for one in (before, after)]
    rows = [
        (label, number(before.certificate[name]), number(after.certificate[name]))
        for name, label in (("objective", _("Points in all")), ("vacancies", _("Vacant seats")))
    ]
    if before.pool != after.pool:
        was, now = (_("one pool") if one.pool else _("paired") for one in (before, after))
        rows[0] = (_("Who may go where"), was, now)
    at_home = [with_their_unit(one) for one in (before, after)]
    rows.append((_("Posted to the village of their unit"), number(at_home[0]), number(at_home[1])))
    return rows + [
        (label, both[0].get(label, "–"), both[1].get(label, "–")) for label in {**both[0], **both[1]}
    ]
