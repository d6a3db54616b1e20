"""What everybody reads of forums."""

from __future__ import annotations

import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from highground.forum.actions.commitments import standing_of
from highground.forum.actions.taking_part import OPEN
from highground.forum.enums import PromiseStatus
from highground.forum.ground import zone_of
from highground.forum.models import Forum
from highground.forum.pages import forum_or_404, trail
from highground.forum.pages.commitments import before
from highground.web.numbers import day as day_in_words


@login_not_required
@require_safe
def forums(request: HttpRequest) -> HttpResponseBase:
    """All forums, the latest first, each with its source."""
    found = Forum.objects.order_by("-year", "code")
    context = {"forums": found, "title": _("Forums on poverty reduction")}
    return render(request, "forum/forums.html", context)


@login_not_required
@require_safe
def forum_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """One forum: what can be done now, its programme, what was promised."""
    forum = forum_or_404(code)
    now, last = timezone.now(), before(forum)
    context = {
        "forum": forum,
        "open": forum.status in OPEN,
        "call_open": bool(
            forum.call_opens and forum.call_closes and forum.call_opens <= now < forum.call_closes
        ),
        "last": last,
        "promised": [
            (PromiseStatus(status).label, count)
            for status, count in (standing_of(last.commitments.all()) if last else {}).items()
            if count
        ],
        "opens": _at(forum, forum.call_opens),
        "closes": _at(forum, forum.call_closes),
        "trail": [*trail(forum)[:-1], (forum.name, "")],
    }
    return render(request, "forum/forum.html", context)


def _at(forum: Forum, moment: datetime.datetime | None) -> str:
    """A moment as the clocks of the forum's place show it."""
    if moment is None:
        return ""
    there = moment.astimezone(zone_of(forum))
    return f"{day_in_words(there.date())}, {there:%H:%M}"
