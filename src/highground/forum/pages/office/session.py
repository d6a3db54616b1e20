"""One session in the office: what it is, when and where, who is on duty in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.programme import keep_session, put_on_duty, take_off_duty
from highground.forum.enums import Duty as DutyKind
from highground.forum.enums import SessionKind, TakingPart
from highground.forum.ground import LANGUAGES, zone_of
from highground.forum.models import Duty, Forum, Participant, Session
from highground.forum.pages.office import around, mine_or_404, number, shown, today, tried, who_does
from highground.forum.queries import people_of


class SessionForm(forms.Form):
    """A session. People are chosen from those who were accepted."""

    code = forms.SlugField(label=gettext_lazy("Short name, for addresses"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    title_zh = forms.CharField(label=gettext_lazy("Title in Chinese"), max_length=200, required=False)
    abstract = forms.CharField(label=gettext_lazy("What it is about"), widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=SessionKind.choices)
    minutes = forms.IntegerField(
        label=pgettext_lazy("a length", "Minutes"), min_value=5, max_value=600, initial=60
    )
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
    cancelled = forms.BooleanField(label=gettext_lazy("Called off"), required=False)

    def __init__(self, *given: Any, forum: Forum, adds: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        self.forum, self.adds = forum, adds
        # Calendars and apps know a session by this name, so it stays.
        self.fields["code"].disabled = not adds
        self.fields["room"].choices = [("", ""), *((str(one.pk), one.name) for one in forum.rooms.all())]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self.adds and (code == "new" or self.forum.sessions.filter(code=code).exists()):
            raise forms.ValidationError(
                _("There is a session with this short name already. Choose another one.")
            )
        return code

    def clean_starts(self) -> Any:
        value = self.cleaned_data["starts"]
        return value and value.replace(tzinfo=zone_of(self.forum))

    def typed(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        titles = {"en": given.pop("title"), "zh-hans": given.pop("title_zh")}
        given["room_id"] = int(given["room"]) if given["room"] else None
        del given["room"]
        return {**given, "titles": {code: text for code, text in titles.items() if text}}


class DutyForm(forms.Form):
    """Somebody who is on duty in a session."""

    who = forms.ChoiceField(label=gettext_lazy("Who"))
    duty = forms.ChoiceField(label=gettext_lazy("Does what"), choices=DutyKind.choices)
    online = forms.BooleanField(label=gettext_lazy("From afar"), required=False)
    talk = forms.CharField(label=gettext_lazy("Title of the talk"), max_length=200, required=False)

    def __init__(self, *given: Any, people: QuerySet[Participant], **more: Any) -> None:
        super().__init__(*given, **more)
        self.people = people
        by_organisation: dict[str, list[tuple[str, str]]] = {}
        for one in people:
            by_organisation.setdefault(one.organisation, []).append((str(one.pk), one.name))
        self.fields["who"].choices = [("", ""), *by_organisation.items()]  # type: ignore[attr-defined]

    def typed(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        participant = self.people.get(pk=given.pop("who"))
        return {**given, "participant": participant}


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def session(request: HttpRequest, code: str, session: str) -> HttpResponseBase:
    """Change one session, or add one (`new`); who is on duty in it comes and goes one by one (`do`)."""
    forum = mine_or_404(request, code)
    found = None
    if session != "new":
        rows = forum.sessions.select_related("forum__area").prefetch_related("duties__participant")
        found = get_object_or_404(rows, code=session)
    do = request.POST.get("do", "")
    sent = request.POST if request.method == "POST" and not do else None
    form = SessionForm(sent, forum=forum, adds=found is None, initial=_initial(found))
    people = people_of(forum, request.user, today()).filter(status=TakingPart.ACCEPTED)
    duty_form = DutyForm(request.POST if do == "add" else None, people=people, auto_id="duty_%s")
    problem = tried(request, lambda: _do(request, forum, found, form, duty_form))
    if problem is None and not form.errors and not duty_form.errors:
        return redirect("forum:office_session", code=code, session=form["code"].value())
    context = around(request, forum, found.title if found else _("A new session")) | {
        "session_form": form,
        "duty_form": duty_form,
        "form": duty_form if do else form,
        "session": found,
        "duties": sorted(found.duties.all(), key=lambda one: (one.duty, one.pk)) if found else [],
    }
    return shown(request, "session", context, problem or "")


def _do(
    request: HttpRequest, forum: Forum, found: Session | None, form: SessionForm, duty_form: DutyForm
) -> None:
    who = who_does(request)
    match request.POST.get("do", ""):
        case "" if form.is_valid():
            keep_session(forum, **form.typed(), **who)
        case "add" if found and duty_form.is_valid():
            put_on_duty(found, **duty_form.typed(), **who)
        case "remove" if found:
            rows = Duty.objects.visible_to(request.user, today()).filter(session=found)
            one = (
                rows.select_related("session__forum__area")
                .filter(pk=number(request.POST.get("duty")))
                .first()
            )
            if one is not None:
                take_off_duty(one, **who)


def _initial(found: Session | None) -> dict[str, Any]:
    if found is None:
        return {"languages": ["en", "zh"]}
    return {
        "code": found.code, "title": found.titles.get("en", ""), "title_zh": found.titles.get("zh-hans", ""),
        "abstract": found.abstract, "kind": found.kind, "minutes": found.minutes, "room": str(found.room_id or ""),
        "starts": found.starts and found.starts.astimezone(zone_of(found.forum)).replace(tzinfo=None),
        "fixed": found.fixed, "languages": found.languages, "channels": found.channels, "link": found.link,
        "cancelled": found.cancelled,
    }  # fmt: skip
