"""The queue of a session, for whoever chairs it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.live import settle
from highground.forum.models import LiveQuestion, Session
from highground.forum.pages.office import around, mine_or_404, number, person, shown, today, tried
from highground.forum.queries import attendance_of, queue_of


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def queue(request: HttpRequest, code: str, session: str) -> HttpResponseBase:
    """Questions from both sides in one queue; call one up, mark it answered, take it out."""
    forum = mine_or_404(request, code)
    found = get_object_or_404(forum.sessions.select_related("room", "forum__area"), code=session)
    problem = tried(request, lambda: _settle(request, found))
    if problem is None:
        return redirect(request.path)
    room, online = attendance_of(forum, request.user, today()).get(found.pk, (0, 0))
    context = around(
        request,
        forum,
        found.title,
        _("%(room)s came in the room, %(online)s on line") % {"room": room, "online": online},
    ) | {"session": found, "queue": queue_of(found)}
    return shown(request, "queue", context, problem)


def _settle(request: HttpRequest, session: Session) -> None:
    asked = LiveQuestion.objects.visible_to(request.user, today()).filter(session=session)
    one = get_object_or_404(
        asked.select_related("session__forum__area"), pk=number(request.POST.get("question"))
    )
    settle(one, status=request.POST.get("do", ""), by=person(request), today=today())
