"""What everybody reads of forums."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from highground.forum.actions.taking_part import OPEN
from highground.forum.models import Forum
from highground.forum.pages import forum_or_404, trail


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
    now = timezone.now()
    context = {
        "forum": forum,
        "open": forum.status in OPEN,
        "call_open": bool(
            forum.call_opens and forum.call_closes and forum.call_opens <= now < forum.call_closes
        ),
        "now": now,
        "trail": [*trail(forum)[:-1], (forum.name, "")],
    }
    return render(request, "forum/forum.html", context)
