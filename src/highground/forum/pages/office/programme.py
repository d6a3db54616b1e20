"""The programme in the office: sessions with what clashes, a proposed timetable, versions, import."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.programme import (
    keep_room,
    keep_session,
    propose_timetable,
    release_programme,
    sessions_of,
    stand_in_the_way,
    take_frab,
    take_timetable,
)
from highground.forum.enums import SessionKind, TakingPart
from highground.forum.ground import LANGUAGES, ForumError, zone_of
from highground.forum.models import Forum, Session
from highground.forum.pages.office import around, mine_or_404, person, today
from highground.forum.programme import changes_between, snapshot_of, warnings_of
from highground.forum.queries import people_of

SECONDS = 10.0
"""How long a timetable may take."""


class SessionForm(forms.Form):
    """A session. People are chosen from those who were accepted."""

    code = forms.SlugField(label=gettext_lazy("Short name, for addresses"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    title_zh = forms.CharField(label=gettext_lazy("Title in Chinese"), max_length=200, required=False)
    abstract = forms.CharField(label=gettext_lazy("What it is about"), widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SessionKind.choices)
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=5, max_value=600, initial=60)
    room = forms.ChoiceField(label=gettext_lazy("Room"), required=False)
    starts = forms.DateTimeField(
        label=gettext_lazy("Begins, at the forum's place"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    fixed = forms.BooleanField(label=gettext_lazy("Stays where it is"), required=False)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages spoken"),
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Interpreted into"),
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    link = forms.URLField(label=gettext_lazy("Link of its own"), required=False, assume_scheme="https")
    speakers = forms.MultipleChoiceField(label=gettext_lazy("Speaks"), required=False)
    afar = forms.MultipleChoiceField(label=gettext_lazy("Speaks from afar"), required=False)
    interpreters = forms.MultipleChoiceField(label=gettext_lazy("Interprets"), required=False)
    cancelled = forms.BooleanField(label=gettext_lazy("Called off"), required=False)

    def __init__(self, *given: Any, forum: Forum, people: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.forum = forum
        self.fields["room"].choices = [("", ""), *((str(one.pk), one.name) for one in forum.rooms.all())]  # type: ignore[attr-defined]
        for name in ("speakers", "afar", "interpreters"):
            self.fields[name].choices = people  # type: ignore[attr-defined]

    def clean_starts(self) -> Any:
        value = self.cleaned_data["starts"]
        return value and value.replace(tzinfo=zone_of(self.forum))

    def typed(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        titles = {"en": given.pop("title"), "zh-hans": given.pop("title_zh")}
        afar = set(given.pop("afar"))
        on_duty: dict[int, dict[str, Any]] = {
            int(one): {"duty": "speaker", "online": one in afar} for one in {*given.pop("speakers"), *afar}
        }
        on_duty |= {int(one): {"duty": "interpreter"} for one in given.pop("interpreters")}
        given["room_id"] = int(given["room"]) if given["room"] else None
        del given["room"]
        return {**given, "titles": {code: text for code, text in titles.items() if text}, "speakers": on_duty}


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
    forum, problem = mine_or_404(request, code), ""
    if request.method == "POST":
        try:
            _do(request, forum)
            return redirect(request.path)
        except ForumError as error:
            problem = str(error)
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
        "problem": problem,
    }
    return render(request, "forum/office/programme.html", context, status=422 if problem else 200)


def _do(request: HttpRequest, forum: Forum) -> None:
    who: dict[str, Any] = {"by": person(request), "today": today()}
    match request.POST.get("do"):
        case "propose":
            found = propose_timetable(forum, seconds=SECONDS, **who)
            reasons = stand_in_the_way(forum, found)
            moved = take_timetable(forum, found, **who)
            messages.success(request, _("%(moved)s sessions moved.") % {"moved": moved})
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
            except ValueError:
                raise ForumError(_("This file is no JSON.")) from None
            taken = take_frab(forum, schedule, **who)
            messages.success(request, _("%(count)s sessions taken in.") % {"count": taken})


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def session(request: HttpRequest, code: str, session: str) -> HttpResponseBase:
    """Change one session, or add one (`new`)."""
    forum, status = mine_or_404(request, code), 200
    found = None
    if session != "new":
        found = get_object_or_404(forum.sessions.prefetch_related("duties"), code=session)
    accepted = people_of(forum, request.user, today()).filter(status=TakingPart.ACCEPTED)
    people = [(str(one.pk), f"{one.name} · {one.organisation}") for one in accepted]
    form = SessionForm(
        request.POST if request.method == "POST" else None,
        forum=forum,
        people=people,
        initial=_initial(found),
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                keep_session(forum, by=person(request), today=today(), **form.typed())
                return redirect("forum:office_programme", code=code)
            except ForumError as error:
                form.add_error(None, str(error))
    context = around(request, forum, found.title if found else _("A new session")) | {"form": form}
    return render(request, "forum/office/session.html", context, status=status)


def _initial(found: Session | None) -> dict[str, Any]:
    if found is None:
        return {"languages": ["en", "zh"]}
    duties = list(found.duties.all())
    return {
        "code": found.code, "title": found.titles.get("en", ""), "title_zh": found.titles.get("zh-hans", ""),
        "abstract": found.abstract, "kind": found.kind, "minutes": found.minutes, "room": str(found.room_id or ""),
        "starts": found.starts and found.starts.astimezone(zone_of(found.forum)).replace(tzinfo=None),
        "fixed": found.fixed, "languages": found.languages, "channels": found.channels, "link": found.link,
        "cancelled": found.cancelled,
        "speakers": [str(one.participant_id) for one in duties if one.duty != "interpreter" and not one.online],
        "afar": [str(one.participant_id) for one in duties if one.online],
        "interpreters": [str(one.participant_id) for one in duties if one.duty == "interpreter"],
    }  # fmt: skip
