"""The follow-ups of an area on a calendar: who is to be seen on which day, and how the intervals grow."""

from __future__ import annotations

import calendar
import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.cases.flow import past_due, procedure_for, today_for
from highground.cases.models import Deadline
from highground.methods.rules.procedure.graph import Step, Through
from highground.signals.places import areas_of
from highground.signals.rulebooks import latest_books
from highground.support.pages import person
from highground.support.pages.lists import tabs
from highground.web.lists import page_of, pill
from highground.web.numbers import in_chinese, listed, number


@require_GET
@sees(Sight.CASES)
def follow_ups(request: HttpRequest) -> HttpResponseBase:
    """The follow-ups that are due in a month, by day; `?month=2026-03`, `?day=2026-03-14`, `?show=overdue`."""
    user, today = person(request), timezone.localdate()
    area, chosen = areas_of(request, Sight.CASES)
    everything = _waiting(user)
    place = chosen or area
    everything = (
        everything.filter(case__household__area__path__startswith=place.path) if place else everything.none()
    )
    first = _month(request, today)
    following = _months_on(first, 1)
    in_month = everything.filter(due_on__gte=first, due_on__lt=following)
    by_day = dict(in_month.order_by().values_list("due_on").annotate(count=Count("pk")))
    overdue = everything.filter(past_due(latest_books(), today, due="due_on", rulebook="case__rulebook"))
    late = overdue.count()
    shown, total = _shown(request, overdue, in_month, by_day, late)
    shown = shown.annotate(
        times=Count("case__steps", filter=Q(case__steps__step=F("step"), case__steps__stands=True))
    )
    shown = shown.select_related("case__household__area__parent", "case__contact", "case__rulebook_version")
    shown = shown.defer("case__rulebook_version__content").order_by("due_on", "pk")
    page = page_of(request, shown, total=total)
    context = {
        "page": page,
        "rows": [_row(one) for one in page.rows],
        "weeks": _weeks(first, by_day, today, request),
        "weekdays": _weekdays(),
        "month": formats.date_format(first, "Y年n月" if in_chinese() else "F Y"),
        "before": pill(
            request, _("The month before"), month=f"{_months_on(first, -1):%Y-%m}", day=None, show=None
        ),
        "after": pill(request, _("The month after"), month=f"{following:%Y-%m}", day=None, show=None),
        "pills": [
            pill(request, _("The whole month"), show=None, day=None, count=sum(by_day.values())),
            pill(request, _("Overdue"), show="overdue", day=None, count=late),
        ],
        "count": sum(by_day.values()),
        "late": late,
        "tabs": tabs(request, user, today),
        "today": today,
    }
    return render(request, "support/follow_ups.html", context)


def _waiting(user: Any) -> QuerySet[Deadline]:
    """The follow-ups that are still to be made, of every rulebook that knows any."""
    steps = Q(pk__in=[])
    for name, book in latest_books().items():
        if book.procedure:
            steps |= Q(
                case__rulebook=name, step__in=[one.id for one in book.procedure.through(Through.FOLLOW_UP)]
            )
    found: QuerySet[Deadline] = Deadline.objects.visible_to(user)
    return found.filter(steps, met_on=None, dropped_on=None, due_on__isnull=False)


def _shown(
    request: HttpRequest,
    overdue: QuerySet[Deadline],
    in_month: QuerySet[Deadline],
    by_day: dict[datetime.date, int],
    late: int,
) -> tuple[QuerySet[Deadline], int]:
    """What the list shows, and how many it has: of a day, the overdue, or the month."""
    if request.GET.get("show") == "overdue":
        return overdue, late
    try:
        day = datetime.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return in_month, sum(by_day.values())
    return in_month.filter(due_on=day), by_day.get(day, 0)


def _row(one: Deadline) -> dict[str, Any]:
    procedure = procedure_for(one.case)
    step = procedure.steps.get(one.step)
    times: int = one.times  # type: ignore[attr-defined]
    return {
        "deadline": one,
        "today": today_for(procedure),
        "household": one.case.household,
        "contact": one.case.contact,
        "url": reverse("cases:case", args=[one.case_id]),
        "seen": _seen(times),
        "then": _then(step, times) if step else "",
    }


def _seen(times: int) -> str:
    if not times:
        return _("not seen yet")
    return ngettext("seen %(times)s time so far", "seen %(times)s times so far", times) % {
        "times": number(times)
    }


def _then(step: Step, times: int) -> str:
    """The intervals after the next time: they grow, and the last one goes on."""
    later = step.repeats[times:] or step.repeats[-1:]
    if len(later) == 1:
        return _("then every %(days)s days") % {"days": number(later[0])}
    return _("then after %(days)s days") % {"days": listed([number(days) for days in later])}


def _month(request: HttpRequest, today: datetime.date) -> datetime.date:
    """The first day of the month that is asked for, if it lies within a century; else of this one."""
    try:
        asked = datetime.date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        asked = today
    return asked.replace(day=1) if abs(asked.year - today.year) < 100 else today.replace(day=1)


def _months_on(first: datetime.date, months: int) -> datetime.date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return datetime.date(year, month + 1, 1)


def _weekdays() -> list[tuple[str, str]]:
    """Short and full names, Monday first."""
    return [(str(WEEKDAYS_ABBR[day]), str(WEEKDAYS[day])) for day in range(7)]


def _weeks(
    first: datetime.date, by_day: dict[datetime.date, int], today: datetime.date, request: HttpRequest
) -> list[list[dict[str, Any]]]:
    """The days of the month in weeks, each with how many follow-ups are due."""
    return [
        [
            {
                "day": day,
                "inside": day.month == first.month,
                "count": by_day.get(day, 0),
                "today": day == today,
                "late": day < today,
                "url": pill(request, "", day=day.isoformat(), month=f"{first:%Y-%m}", show=None).url,
            }
            for day in week
        ]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
