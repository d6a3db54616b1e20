"""The days themselves: badges to print, and the doors."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum import keys
from highground.forum.actions.door import close_door, open_door
from highground.forum.actions.taking_part import note_printed
from highground.forum.badges import MOST, badge_of, mark_of, outdated
from highground.forum.enums import TakingPart
from highground.forum.models import Door, Forum
from highground.forum.pages.office import around, mine_or_404, number, shown, today, tried, who_does
from highground.forum.queries import people_of


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def badges(request: HttpRequest, code: str) -> HttpResponseBase:
    """Badges to print: all, only those not printed yet (`?new=1`), or only those that are out of date (`?old=1`)."""
    forum = mine_or_404(request, code)
    rows = list(people_of(forum, request.user, today()).filter(status=TakingPart.ACCEPTED))
    if request.GET.get("old"):
        rows = outdated(rows)
    elif request.GET.get("new"):
        rows = [one for one in rows if one.printed != mark_of(one)]
    more, rows = max(0, len(rows) - MOST), rows[:MOST]
    if request.method == "POST":
        note_printed(rows, {one.pk: mark_of(one) for one in rows}, by=str(request.user.pk))
        messages.success(request, _("Noted: these badges are printed."))
        return redirect("forum:people", code=forum.code)
    context = {
        "badges": [badge_of(one) for one in rows],
        "more": more,
        "forum": forum,
        "back": reverse("forum:people", args=[forum.code]),
        "office": True,
    }
    return render(request, "forum/badges.html", context)


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def doors(request: HttpRequest, code: str) -> HttpResponseBase:
    """The doors with their links, how much each took and when last; open and close them."""
    forum = mine_or_404(request, code)
    mine = Door.objects.visible_to(request.user, today()).filter(forum=forum)
    problem = tried(request, lambda: _open_or_close(request, forum, mine))
    if problem is None:
        return redirect(request.path)
    rows = mine.select_related("session").annotate(count=Count("scans"), last=Max("scans__arrived_at"))
    address = request.build_absolute_uri(reverse("forum:door"))
    context = around(
        request,
        forum,
        _("Doors"),
        _(
            "Open a door's link once on the device that stands there; from then on it works without a network."
        ),
    ) | {
        "rows": [
            (one, f"{address}#{keys.link_of(keys.DOOR, one.key)}")
            for one in rows.order_by("closed_on", "name")
        ],
        "sessions": forum.sessions.filter(starts__isnull=False).order_by("starts"),
    }
    return shown(request, "doors", context, problem)


def _open_or_close(request: HttpRequest, forum: Forum, mine: QuerySet[Door]) -> None:
    who = who_does(request)
    if request.POST.get("do") == "close":
        closed = get_object_or_404(mine.filter(closed_on__isnull=True), pk=number(request.POST.get("door")))
        close_door(closed, **who)
        return
    session = forum.sessions.filter(pk=number(request.POST.get("session"))).first()
    open_door(forum, name=request.POST.get("name", ""), session=session, **who)
