"""The forums that a person runs, and what waits in each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.enums import TakingPart
from highground.forum.ground import days_of
from highground.forum.pages.office import around, mine_or_404, today
from highground.forum.queries import attendance_of, came_twice, day_counts, organised_by, standing_of
from highground.web.numbers import number as shown


@require_GET
@sees(Sight.FORUM)
def office(request: HttpRequest) -> HttpResponseBase:
    """The forums that this person runs."""
    return render(request, "forum/office/forums.html", {"forums": organised_by(request.user, today())})


@require_GET
@sees(Sight.FORUM)
def overview(request: HttpRequest, code: str) -> HttpResponseBase:
    """What waits, who comes on which day, who was in which session."""
    forum = mine_or_404(request, code)
    standing = standing_of(forum, request.user, today())
    waiting = standing[TakingPart.NOMINATED]
    title = (
        ngettext("%(shown)s person waits for an answer", "%(shown)s people wait for an answer", waiting)
        if waiting
        else _("Nobody waits for an answer")
    ) % {"shown": shown(waiting)}
    attended = attendance_of(forum, request.user, today())
    sessions = forum.sessions.filter(starts__isnull=False).select_related("room").order_by("starts", "room")
    context = around(request, forum, title, forum.name) | {
        "standing": standing,
        "waiting": waiting,
        "accepted": standing[TakingPart.ACCEPTED],
        "days": day_counts(forum, days_of(forum), request.user, today()),
        "twice": came_twice(forum, request.user, today()),
        "sessions": [(one, *attended.get(one.pk, (0, 0))) for one in sessions],
        "now": timezone.now(),
    }
    return render(request, "forum/office/overview.html", context)
