"""One session in the office: what it is, when and where, who is on duty in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.programme import keep_session
from highground.forum.enums import SessionKind, TakingPart
from highground.forum.ground import LANGUAGES, ForumError, zone_of
from highground.forum.models import Forum, Session
from highground.forum.pages.office import around, mine_or_404, person, today
from highground.forum.queries import people_of

PEOPLE = {"chairs": "chair", "speakers": "speaker", "interpreters": "interpreter"}
"""The fields of people, and what they do."""


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
    chairs = forms.MultipleChoiceField(label=gettext_lazy("Chairs"), required=False)
    speakers = forms.MultipleChoiceField(label=gettext_lazy("Speaks"), required=False)
    afar = forms.MultipleChoiceField(label=gettext_lazy("Speaks from afar"), required=False)
    interpreters = forms.MultipleChoiceField(label=gettext_lazy("Interprets"), required=False)
    cancelled = forms.BooleanField(label=gettext_lazy("Called off"), required=False)

    def __init__(
        self, *given: Any, forum: Forum, people: list[tuple[str, str]], adds: bool, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.forum, self.adds = forum, adds
        # Calendars and apps know a session by this name, so it stays.
        self.fields["code"].disabled = not adds
        self.fields["room"].choices = [("", ""), *((str(one.pk), one.name) for one in forum.rooms.all())]  # type: ignore[attr-defined]
        for name in (*PEOPLE, "afar"):
            self.fields[name].choices = people  # type: ignore[attr-defined]

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
        afar = set(given.pop("afar"))
        chosen = {duty: set(given.pop(name)) for name, duty in PEOPLE.items()}
        # Somebody from afar who neither chairs nor interprets speaks.
        chosen["speaker"] |= afar - chosen["chair"] - chosen["interpreter"]
        duties = {
            (int(one), duty): {"online": one in afar} for duty, people in chosen.items() for one in people
        }
        given["room_id"] = int(given["room"]) if given["room"] else None
        del given["room"]
        return {**given, "titles": {code: text for code, text in titles.items() if text}, "duties": duties}


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
        adds=found is None,
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
        "chairs": [str(one.participant_id) for one in duties if one.duty == "chair"],
        "speakers": [str(one.participant_id) for one in duties if one.duty == "speaker" and not one.online],
        "afar": [str(one.participant_id) for one in duties if one.online],
        "interpreters": [str(one.participant_id) for one in duties if one.duty == "interpreter"],
    }  # fmt: skip
