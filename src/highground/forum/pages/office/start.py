"""The forums that a person runs, and what waits in each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.areas.models import Area
from highground.forum.actions.opening import MOST_DAYS, open_forum, set_forum
from highground.forum.enums import ForumStatus, TakingPart
from highground.forum.forms import day_field, zone_choices
from highground.forum.ground import ForumError, country_choices, days_of, zone_of
from highground.forum.models import Forum
from highground.forum.pages.office import around, mine_or_404, person, today
from highground.forum.queries import attendance_of, came_twice, day_counts, organised_by, standing_of
from highground.web.numbers import number as shown


@require_GET
@sees(Sight.FORUM)
def office(request: HttpRequest) -> HttpResponseBase:
    """The forums that this person runs."""
    return render(request, "forum/office/forums.html", {"forums": organised_by(request.user, today())})


def _moment(label: Any) -> forms.DateTimeField:
    picked = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=picked, required=False)


class OpenForm(forms.Form):
    """A forum that is opened."""

    code = forms.SlugField(label=gettext_lazy("Short name, for addresses"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name in English"), max_length=160)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=160, required=False)
    place = forms.CharField(label=gettext_lazy("Town"), max_length=120)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    area = forms.CharField(
        label=gettext_lazy("Code of the area that hosts it"),
        help_text=gettext_lazy("Organisers of this area run it. Empty: those of the whole country do."),
        max_length=40,
        required=False,
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    first_day = day_field(gettext_lazy("First day"))
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=MOST_DAYS, initial=2)
    call_opens = day_field(gettext_lazy("The call opens"), required=False)
    call_closes = day_field(gettext_lazy("Last day on which entries are taken"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]
        self.fields["time_zone"].initial = settings.TIME_ZONE

    def clean_area(self) -> Area | None:
        code = self.cleaned_data["area"].strip()
        found = Area.objects.filter(code=code).first()
        if code and found is None:
            raise forms.ValidationError(_("No area has the code %(code)s.") % {"code": code})
        return found

    def typed(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        names = {"en": given.pop("name"), "zh-hans": given.pop("name_zh")}
        return {**given, "names": names}


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def new(request: HttpRequest) -> HttpResponseBase:
    """Open a forum."""
    form, status = OpenForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = open_forum(**form.typed(), by=person(request), today=today())
                return redirect("forum:overview", code=made.code)
            except ForumError as error:
                form.add_error(None, str(error))
    context = {"form": form, "trail": [(_("Forums"), reverse("forum:office")), (_("A new forum"), "")]}
    return render(request, "forum/office/new.html", context, status=status)


class ForumForm(forms.Form):
    """What changes in the course of a year."""

    status = forms.ChoiceField(label=gettext_lazy("How far it has come"), choices=ForumStatus.choices)
    theme = forms.CharField(label=gettext_lazy("Theme in English"), max_length=300, required=False)
    theme_zh = forms.CharField(label=gettext_lazy("Theme in Chinese"), max_length=300, required=False)
    call_theme = forms.CharField(
        label=gettext_lazy("What the call asks for"), widget=forms.Textarea, required=False, max_length=4000
    )
    anonymous = forms.BooleanField(label=gettext_lazy("Reviewers do not see names"), required=False)
    first_day = day_field(gettext_lazy("First day"), required=False)
    last_day = day_field(gettext_lazy("Last day"), required=False)
    call_opens = _moment(gettext_lazy("The call opens, at the forum's place"))
    call_closes = _moment(gettext_lazy("The call closes, at the forum's place"))

    def typed(self, forum: Forum) -> dict[str, Any]:
        """For the action: times are those of the forum's place."""
        given = dict(self.cleaned_data)
        for name in ("call_opens", "call_closes"):
            given[name] = given[name] and given[name].replace(tzinfo=zone_of(forum))
        given["themes"] = {**forum.themes, "en": given.pop("theme"), "zh-hans": given.pop("theme_zh")}
        return given


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def overview(request: HttpRequest, code: str) -> HttpResponseBase:
    """What waits, who comes on which day, who was in which session."""
    forum, problem = mine_or_404(request, code), ""
    if request.method == "POST":
        form = ForumForm(request.POST)
        try:
            if not form.is_valid():
                raise ForumError(
                    _("Choose how far the forum has come, and write days and times as they are asked for.")
                )
            set_forum(forum, **form.typed(forum), by=person(request), today=today())
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
        "settings_form": ForumForm(request.POST if problem else None, initial=_initial(forum)),
        "problem": problem,
    }
    return render(request, "forum/office/overview.html", context, status=422 if problem else 200)


def _initial(forum: Forum) -> dict[str, Any]:
    there = zone_of(forum)
    moments = {
        name: value and value.astimezone(there).replace(tzinfo=None)
        for name, value in (("call_opens", forum.call_opens), ("call_closes", forum.call_closes))
    }
    names = ("status", "call_theme", "anonymous", "first_day", "last_day")
    themes = {"theme": forum.themes.get("en", ""), "theme_zh": forum.themes.get("zh-hans", "")}
    return {name: getattr(forum, name) for name in names} | moments | themes
