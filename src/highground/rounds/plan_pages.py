"""The plan of the coming days: who goes to whom, why, and until when; what cannot be reached in time is said.

Leaders give visits to somebody else, say who is away, and hand everything over when somebody leaves.
"""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import holds, scope_of
from highground.areas.models import Area
from highground.cases.flow import CaseError
from highground.methods.rules.procedure.path import NotAllowed
from highground.rounds.actions import RoundsError
from highground.rounds.calls import LOOKS
from highground.rounds.models import MOST_A_DAY, Absence
from highground.rounds.pages import place_of, tabs
from highground.rounds.plan_actions import (
    SETTERS,
    hand_over,
    let_go,
    mark_away,
    mark_back,
    may_lead,
    move,
    set_plan,
)
from highground.rounds.plan_words import csv_cells, csv_header, rows_of
from highground.rounds.planning import DayPlan, Person, Round, plan_of, units_of
from highground.web.export import csv_response
from highground.web.lists import page_of, pill
from highground.web.numbers import number, short_day

MOST_UNITS = 40
MOST_PEOPLE = 40
"""Of so many visitors a page of the plan says what they have to do: those with the most."""


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def plan(request: HttpRequest) -> HttpResponseBase:
    """The visits of the coming days; `?show=mine|all|late`, `?day=`, `?visitor=`, `?move=`; CSV with `?format=csv`."""
    user, today = request.user, timezone.localdate()
    place = place_of(request, Sight.CASES)
    units = units_of(place) if place else []
    if len(units) != 1 or place is None:
        context = {"units": units[:MOST_UNITS], "tabs": tabs(request, user, today)}
        return render(request, "rounds/plan_where.html", context)
    found = plan_of(units[0], today)
    if request.method == "POST":
        return _post(request, found, place, user)
    return _page(request, found, place, user, today)


def _page(
    request: HttpRequest, found: DayPlan, place: Area, user: Any, today: datetime.date
) -> HttpResponseBase:
    scope = scope_of(user, today, Sight.CASES)
    seen = [
        one
        for one in found.rounds
        if one.call.path.startswith(place.path) and one.call.path.startswith(tuple(scope))
    ]
    mine = [one for one in seen if one.planned and one.planned.visitor == str(user.pk)]
    late = [one for one in seen if _is_late(one, found)]
    here = _people_here(found, seen, place, scope)
    visitor = here.get(request.GET.get("visitor", ""))
    show = request.GET.get("show", "mine" if mine and visitor is None else "all")
    rounds = {"mine": mine, "late": late}.get(show, seen)
    if visitor is not None:
        rounds = [one for one in rounds if one.planned and one.planned.visitor == str(visitor.user.pk)]
    by_day = Counter(one.planned.day for one in rounds if one.planned)
    if day := next((one for one in found.days if one.isoformat() == request.GET.get("day")), None):
        rounds = [one for one in rounds if one.planned and one.planned.day == day]
    if request.GET.get("format") == "csv":
        rows = rows_of(found, rounds, user, today)
        return csv_response("visits.csv", csv_header(), map(csv_cells, rows))
    page = page_of(request, rounds)
    context = {
        "title": _title(today, by_day, late, show, visitor),
        "late_count": len(late),
        "place": place,
        "page": page,
        "rows": [
            (row, may_lead(user, row.one.call.path, today)) for row in rows_of(found, page.rows, user, today)
        ],
        "pills": [
            pill(request, _("Mine"), show="mine", visitor=None, day=None, count=len(mine)),
            pill(request, _("Everybody"), show="all", visitor=None, day=None, count=len(seen)),
            pill(request, _("Not in time"), show="late", visitor=None, day=None, count=len(late)),
        ],
        "day_pills": [
            pill(request, _("All days"), day=None, count=sum(by_day.values())),
            *(pill(request, short_day(one), day=one.isoformat(), count=by_day[one]) for one in found.days),
        ],
        "people": _people(request, found, seen, here, today),
        "more_people": max(0, len(here) - MOST_PEOPLE),
        "person": _person(found, visitor, user, today) if visitor else None,
        "moving": _moving(request, found, seen, user, today),
        "setting": _setting(found, place, user, today),
        "share": _share(found, seen),
        "today": today,
        "tabs": tabs(request, user, today),
        "here": request.get_full_path(),
    }
    return render(request, "rounds/plan.html", context)


def _is_late(one: Round, found: DayPlan) -> bool:
    """Whether a visit misses its deadline by the plan; what has none and finds no room can wait."""
    if one.planned:
        return one.planned.late is not None
    return one.call.due is not None and (not found.days or one.call.due <= found.days[-1])


def _title(
    today: datetime.date, by_day: Counter[datetime.date], late: list[Round], show: str, visitor: Person | None
) -> str:
    if show == "late":
        return ngettext(
            "%(count)s visit cannot be made in time", "%(count)s visits cannot be made in time", len(late)
        ) % {"count": number(len(late))}
    count = by_day[today]
    words = {
        "count": number(count),
        "all": number(sum(by_day.values())),
        "name": visitor.user if visitor else "",
    }
    if visitor:
        return ngettext("%(name)s: %(count)s visit today", "%(name)s: %(count)s visits today", count) % words
    return (
        ngettext(
            "Today %(count)s visit, %(all)s in two weeks",
            "Today %(count)s visits, %(all)s in two weeks",
            count,
        )
        % words
    )


def _people_here(found: DayPlan, seen: list[Round], place: Area, scope: list[str]) -> dict[str, Person]:
    """Those who visit in what one sees, or would, by id."""
    going = {one.planned.visitor for one in seen if one.planned}

    def would(one: Person) -> bool:
        """Whether somebody whom one may see works in this place, or in what lies around it."""
        path = one.area.path
        near = path.startswith(place.path) or place.path.startswith(path)
        return one.role in LOOKS and near and path.startswith(tuple(scope))

    return {name: one for name, one in found.people.items() if name in going or would(one)}


def _people(
    request: HttpRequest, found: DayPlan, seen: list[Round], here: dict[str, Person], today: datetime.date
) -> list[dict[str, Any]]:
    """What they have to do here, of those who have the most."""
    every = Counter(one.planned.visitor for one in seen if one.planned)
    now = Counter(one.planned.visitor for one in seen if one.planned and one.planned.day == today)
    ordered = sorted(here.items(), key=lambda item: (-every[item[0]], item[1].area.path, str(item[1].user)))
    return [
        {
            "person": one,
            "role": capfirst(str(one.role.label)),
            "today": now[name],
            "all": every[name],
            "most": one.a_day * sum(day not in one.away for day in found.days),
            "away": today in one.away,
            "url": pill(request, one.user, visitor=name, show="all", day=None, move=None).url,
        }
        for name, one in ordered[:MOST_PEOPLE]
    ]


def _person(found: DayPlan, visitor: Person, user: Any, today: datetime.date) -> dict[str, Any]:
    """One visitor, with what may be set of them."""
    path = visitor.area.path
    leads = may_lead(user, path, today)
    heirs = [
        (name, one)
        for name, one in found.people.items()
        if one.user != visitor.user
        and one.role in LOOKS
        and (one.area.path.startswith(path) or path.startswith(one.area.path))
    ]
    absences = Absence.objects.filter(user=visitor.user).exclude(last__lt=today).order_by("first", "pk")
    return {
        "visitor": visitor,
        "may_mark": leads or user == visitor.user,
        "may_hand_over": leads and user != visitor.user,
        "heirs": sorted(heirs, key=lambda item: str(item[1].user)),
        "absences": list(absences),
    }


def _moving(
    request: HttpRequest, found: DayPlan, seen: list[Round], user: Any, today: datetime.date
) -> dict[str, Any] | None:
    """The visit that is about to be given to somebody else."""
    task = request.GET.get("move", "")
    one = next((one for one in seen if one.call.task == task), None)
    if one is None or not may_lead(user, one.call.path, today):
        return None
    people = [(name, found.people[name]) for name in found.may_go[task] if name in found.people]
    return {
        "one": one,
        "people": sorted(people, key=lambda item: str(item[1].user)),
        "days": found.days,
        "by_hand": one.planned is not None and one.planned.why == "by_hand",
        "back": pill(request, "", move=None).url,
    }


def _setting(found: DayPlan, place: Area, user: Any, today: datetime.date) -> dict[str, Any] | None:
    if holds(user, today, SETTERS, place.path) is None:
        return None
    return {"most": MOST_A_DAY, "share": round(found.share * 100), "a_day": _usual(found, place)}


def _usual(found: DayPlan, place: Area) -> int:
    counts = Counter(one.a_day for one in found.people.values() if one.area.path.startswith(place.path))
    return counts.most_common(1)[0][0] if counts else 4


def _share(found: DayPlan, seen: list[Round]) -> dict[str, Any]:
    """How many of the planned visits go to households that nothing flags, and how many should."""
    planned = [one for one in seen if one.planned]
    made = sum(one.call.share for one in planned)
    return {
        "made": made,
        "all": len(planned),
        "wanted": found.share,
        "short": bool(planned)
        and made < found.share * len(planned)
        and any(one.call.share for one in seen if one.left),
    }


def _post(request: HttpRequest, found: DayPlan, place: Area, user: Any) -> HttpResponseBase:
    """Set something in the plan; what cannot be is said on the page, which is worked out anew either way."""
    try:
        words = _set(request, found, place, user)
    except NotAllowed:
        messages.error(request, _("Your role does not lead those who visit there."))
    except (RoundsError, CaseError) as error:
        messages.error(request, capfirst(str(error)))
    except ValueError:
        messages.error(request, _("This is no date or number; write for example 2024-06-30, or 4."))
    else:
        messages.success(request, words)
    back = request.POST.get("back", "")
    door = reverse("rounds:plan")
    return redirect(back if back.partition("?")[0] == door else door)


def _set(request: HttpRequest, found: DayPlan, place: Area, user: Any) -> str:
    sent, today = request.POST, found.today
    wanted = sent.get("do", "")
    task, visitor = sent.get("task", ""), sent.get("visitor", "")
    if wanted == "move":
        _check_seen(found, task, user)
        move(found, task, visitor=visitor, day=_day(sent.get("day")), by=user)
        return _("Saved. The other visits were planned around it.")
    if wanted == "let_go":
        _check_seen(found, task, user)
        let_go(found, task, by=user)
        return _("Saved. The rule decides again who goes.")
    if wanted == "set":
        set_plan(
            place, visits_a_day=int(sent.get("visits_a_day", "")), share=int(sent.get("share", "")) / 100,
            by=user, today=today,
        )  # fmt: skip
        return _("Saved. Everything was planned anew.")
    person = found.people.get(visitor)
    if person is None:
        raise RoundsError(_("Choose somebody who visits here."))
    if wanted == "away":
        first = _day(sent.get("first"))
        if first is None:
            raise RoundsError(_("Give the first day."))
        mark_away(person, first=first, last=_day(sent.get("last")), by=user, today=today)
        return _("Saved. Their visits were planned anew.")
    if wanted == "back":
        absence = Absence.objects.filter(user=person.user, pk=int(sent.get("absence", ""))).first()
        if absence is not None:
            mark_back(absence, person, by=user, today=today)
        return _("Saved. They are planned again.")
    if wanted == "hand_over":
        done = hand_over(found, visitor, sent.get("successor", ""), by=user)
        return _("Handed over. Cases: %(cases)s, visits: %(visits)s, back to the rule: %(others)s.") % {
            "cases": number(done.cases),
            "visits": number(done.visits),
            "others": number(done.others),
        }
    raise RoundsError(_("Nothing was chosen."))


def _check_seen(found: DayPlan, task: str, user: Any) -> None:
    """What lies outside somebody's area is answered like what is not in the plan."""
    scope = tuple(scope_of(user, found.today, Sight.CASES))
    if not any(one.call.task == task and one.call.path.startswith(scope) for one in found.rounds):
        raise RoundsError(_("Nothing calls for this visit any more."))


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None
