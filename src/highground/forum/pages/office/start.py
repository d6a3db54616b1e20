"""The forums that a person runs, and what waits in each."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.taking_part import set_forum
from highground.forum.enums import ForumStatus, TakingPart
from highground.forum.ground import ForumError, days_of
from highground.forum.pages.office import around, mine_or_404, person, today
from highground.forum.queries import attendance_of, came_twice, day_counts, organised_by, standing_of
from highground.web.numbers import number as shown


@require_GET
@sees(Sight.FORUM)
def office(request: HttpRequest) -> HttpResponseBase:
    """The forums that this person runs."""
    return render(request, "forum/office/forums.html", {"forums": organised_by(request.user, today())})


class ForumForm(forms.Form):
    """What changes in the course of a year."""

    status = forms.ChoiceField(label=gettext_lazy("How far it has come"), choices=ForumStatus.choices)
    call_theme = forms.CharField(
        label=gettext_lazy("What the call asks for"), widget=forms.Textarea, required=False, max_length=4000
    )
    anonymous = forms.BooleanField(label=gettext_lazy("Reviewers do not see names"), required=False)


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def overview(request: HttpRequest, code: str) -> HttpResponseBase:
    """What waits, who comes on which day, who was in which session."""
    forum, problem = mine_or_404(request, code), ""
    if request.method == "POST":
        form = ForumForm(request.POST)
        try:
            if not form.is_valid():
                raise ForumError(_("Choose how far the forum has come."))
            set_forum(forum, **form.cleaned_data, by=person(request), today=today())
            return redirect(request.path)
        except ForumError as error:
            problem = str(error)
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
        "settings_form": ForumForm(
            initial={"status": forum.status, "call_theme": forum.call_theme, "anonymous": forum.anonymous}
        ),
        "problem": problem,
    }
    return render(request, "forum/office/overview.html", context, status=422 if problem else 200)
