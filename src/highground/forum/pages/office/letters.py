"""Letters in the office: written, looked at, let go."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.letters import (
    write_answers,
    write_changes,
    write_decisions,
    write_invitations,
)
from highground.forum.pages.office import around, mine_or_404, number, person, shown, today, tried
from highground.outbox.actions import drop, release
from highground.outbox.models import Letter, LetterStatus


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def letters(request: HttpRequest, code: str) -> HttpResponseBase:
    """Letters that wait to be looked at; write those about decisions, let them go, or drop them."""
    forum = mine_or_404(request, code)
    mine = Letter.objects.filter(about_kind="forum", about_id=forum.code)
    chosen = mine.filter(pk__in=[number(one) for one in request.POST.getlist("letter")])
    problem = tried(request, lambda: _do(request, forum, chosen, timezone.now()))
    if problem is None:
        return redirect(request.path)
    waiting = list(mine.filter(status=LetterStatus.DRAFT).order_by("pk")[:200])
    context = around(
        request,
        forum,
        ngettext(
            "%(count)s letter waits to be looked at", "%(count)s letters wait to be looked at", len(waiting)
        )
        % {"count": len(waiting)},
    ) | {
        "letters": waiting,
        "others": mine.exclude(status=LetterStatus.DRAFT).order_by("-pk")[:100],
    }
    return shown(request, "letters", context, problem)


def _do(request: HttpRequest, forum: Any, chosen: Any, now: datetime.datetime) -> None:
    do = request.POST.get("do")
    writers = {
        "decisions": write_decisions,
        "answers": write_answers,
        "changes": write_changes,
        "invitations": write_invitations,
    }
    if do in writers:
        site = request.build_absolute_uri("/").rstrip("/")
        written = writers[do](forum, site=site, by=person(request), now=now, today=today())
        messages.success(request, _("Written: %(count)s.") % {"count": written})
    elif do == "release":
        release(chosen, by=str(request.user.pk), now=now)
    elif do == "drop":
        drop(chosen, by=str(request.user.pk))
