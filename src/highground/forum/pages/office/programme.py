"""The programme in the office: what clashes, a proposed timetable, rooms, versions, import."""

from __future__ import annotations

import json

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.programme import (
    keep_room,
    propose_timetable,
    release_programme,
    sessions_of,
    stand_in_the_way,
    take_frab,
    take_timetable,
)
from highground.forum.ground import ForumError
from highground.forum.models import Forum
from highground.forum.pages.office import around, mine_or_404, shown, tried, who_does
from highground.forum.programme import changes_between, snapshot_of, warnings_of

SECONDS = 10.0
"""How long a timetable may take."""


class RoomForm(forms.Form):
    """A room."""

    name = forms.CharField(label=gettext_lazy("Room"), max_length=80)
    channels = forms.IntegerField(
        label=gettext_lazy("Interpretation channels"), min_value=0, max_value=30, initial=2
    )
    link = forms.URLField(label=gettext_lazy("Link for those on line"), required=False, assume_scheme="https")


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def programme(request: HttpRequest, code: str) -> HttpResponseBase:
    """All sessions and what clashes; propose a timetable, release a version, take in a schedule (`do`)."""
    forum = mine_or_404(request, code)
    problem = tried(request, lambda: _do(request, forum))
    if problem is None:
        return redirect(request.path)
    sessions = sessions_of(forum)
    warnings = warnings_of(sessions)
    last = forum.releases.order_by("-number").first()
    content = snapshot_of(forum, sessions)
    hard = sum(one.hard for one in warnings)
    title = (
        ngettext("%(count)s clash to mend", "%(count)s clashes to mend", hard)
        if hard
        else _("Nothing clashes")
    )
    context = around(request, forum, title % {"count": hard}) | {
        "sessions": sessions,
        "rooms": forum.rooms.order_by("name"),
        "room_form": RoomForm(auto_id="room_%s"),
        "warnings": warnings,
        "last": last,
        "changes": changes_between(last.sessions, content) if last else [],
        "waiting": sum(not (one.starts and one.room_id) and not one.cancelled for one in sessions),
    }
    return shown(request, "programme", context, problem)


def _do(request: HttpRequest, forum: Forum) -> None:
    who = who_does(request)
    match request.POST.get("do"):
        case "propose":
            found = propose_timetable(forum, seconds=SECONDS, **who)
            reasons = stand_in_the_way(forum, found)
            moved = take_timetable(forum, found, **who)
            said = ngettext("%(moved)s session moved.", "%(moved)s sessions moved.", moved)
            messages.success(request, said % {"moved": moved})
            if not found.proven:
                words = {"cost": found.cost, "bound": found.bound}
                messages.info(
                    request,
                    _("Not proven to be the best: it costs %(cost)s, and none can cost less than %(bound)s.")
                    % words,
                )
            for reason in reasons:
                messages.warning(request, reason)
        case "room":
            form = RoomForm(request.POST)
            if not form.is_valid():
                raise ForumError(
                    _("A room has a name, a number of interpretation channels, and perhaps a link.")
                )
            keep_room(forum, **form.cleaned_data, **who)
        case "release":
            made = release_programme(
                forum, now=timezone.now(), words=request.POST.get("note", "")[:300], **who
            )
            messages.success(request, _("Version %(number)s is released.") % {"number": made.number})
        case "frab":
            upload = request.FILES.get("schedule")
            if upload is None or (upload.size or 0) > 5_000_000:
                raise ForumError(_("Choose a file of at most 5 MB."))
            try:
                schedule = json.loads(upload.read())
            except (ValueError, RecursionError):
                raise ForumError(_("This file is no JSON.")) from None
            taken = take_frab(forum, schedule, **who)
            messages.success(request, _("%(count)s sessions taken in.") % {"count": taken})
