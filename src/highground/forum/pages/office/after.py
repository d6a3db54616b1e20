"""What remains, in the office: proceedings, talks that become practices, exchange, follow-ups."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum.actions.remaining import (
    HALF_A_YEAR,
    add_follow_up,
    ask_learner,
    close_follow_up,
    keep_summary,
    make_practice,
    note_talk,
    record_learning,
)
from highground.forum.enums import Duty as DutyKind
from highground.forum.enums import LearningKind, Used
from highground.forum.forms import day_field
from highground.forum.ground import ForumError, country_choices
from highground.forum.models import Duty, FollowUp, Forum, Learner
from highground.forum.pages.office import around, mine_or_404, number, shown, today, tried, who_does
from highground.knowledge.enums import Field
from highground.knowledge.models import Expert


class LearningForm(forms.Form):
    """A course, study visit or exchange."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LearningKind.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    host = forms.CharField(label=gettext_lazy("Who teaches"), max_length=160)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    skills = forms.CharField(label=gettext_lazy("Skills, with commas between"), required=False)
    begins_on = day_field(gettext_lazy("Begins"))
    ends_on = day_field(gettext_lazy("Ends"))
    learners = forms.CharField(
        label=gettext_lazy("Who learned"),
        help_text=gettext_lazy(
            "One person a line: name; country code; organisation; learned from; code in the pool of work teams; code of the "
            "expert's profile. The last three may be left out."
        ),
        widget=forms.Textarea,
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]

    def clean_learners(self) -> list[dict[str, str]]:
        names, found = ("name", "country", "organisation", "taught_by", "candidate", "expert"), []
        for line in self.cleaned_data["learners"].splitlines():
            parts = [part.strip()[:120] for part in line.split(";")]
            if line.strip() and (len(parts) < 3 or len(parts[1]) != 2):
                raise forms.ValidationError(
                    _("%(line)s: write name; country code; organisation.") % {"line": line[:60]}
                )
            if line.strip():
                found.append(dict(zip(names, parts, strict=False)) | {"country": parts[1].upper()})
        return found

    def typed(self) -> dict[str, Any]:
        """For the action."""
        skills = [one.strip() for one in self.cleaned_data["skills"].split(",") if one.strip()]
        return {**self.cleaned_data, "skills": skills}


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def after(request: HttpRequest, code: str) -> HttpResponseBase:
    """What remains: summaries, talks that may become practices, what people learned, follow-ups (`do`)."""
    forum = mine_or_404(request, code)
    learning = LearningForm(
        request.POST if request.POST.get("do") == "learning" else None, auto_id="learning_%s"
    )
    problem = tried(request, lambda: _do(request, forum, learning))
    if problem is None and not learning.errors:
        return redirect(request.path)
    talks, learners = _talks(request, forum), _learners(request, forum)
    context = around(request, forum, _("What remains")) | {
        "sessions": forum.sessions.exclude(kind="break").order_by("starts", "code"),
        "talks": talks.select_related("participant", "session", "entry").order_by("session__starts", "pk"),
        "fields": Field.choices,
        "learners": [
            (one, one.learning.ends_on + datetime.timedelta(days=HALF_A_YEAR))
            for one in learners.select_related("learning").order_by("learning__ends_on", "name")
        ],
        "used": Used.choices,
        "learning_form": learning,
        "form": learning,
        "follow_ups": forum.follow_ups.order_by("done_on", "due_on"),
        "today": today(),
    }
    return shown(request, "after", context, problem or "")


def _do(request: HttpRequest, forum: Forum, learning: LearningForm) -> None:
    who = who_does(request)
    sent = request.POST
    match sent.get("do"):
        case "summary":
            session = get_object_or_404(
                forum.sessions.select_related("forum__area"), pk=number(sent.get("session"))
            )
            keep_summary(session, words=sent.get("words", ""), **who)
        case "talk":
            note_talk(_talk(request, forum), words=sent.get("told", ""), **who)
        case "practice":
            expert = (
                Expert.objects.filter(code=sent.get("expert", "")).first() if sent.get("expert") else None
            )
            made = make_practice(_talk(request, forum), field=sent.get("field", ""), expert=expert, **who)
            messages.success(request, _("A draft waits for the curators: %(code)s.") % {"code": made.code})
        case "learner":
            people = _learners(request, forum).select_related("learning__forum__area")
            one = get_object_or_404(people, pk=number(sent.get("learner")))
            ask_learner(one, used=sent.get("used", ""), told=sent.get("told", ""), **who)
        case "learning" if learning.is_valid():
            record_learning(forum, **learning.typed(), **who)
        case "follow_up":
            try:
                due = forms.DateField().clean(sent.get("due_on"))
            except forms.ValidationError:
                raise ForumError(_("Give the day by which it is done.")) from None
            add_follow_up(forum, text=sent.get("text", ""), owner=sent.get("owner", ""), due_on=due, **who)
        case "done":
            todo = FollowUp.objects.visible_to(request.user, today()).filter(
                forum=forum, done_on__isnull=True
            )
            found = get_object_or_404(todo.select_related("forum__area"), pk=number(sent.get("follow_up")))
            close_follow_up(found, outcome=sent.get("outcome", ""), **who)


def _talks(request: HttpRequest, forum: Forum) -> QuerySet[Duty]:
    rows: QuerySet[Duty] = Duty.objects.visible_to(request.user, today())
    return rows.filter(session__forum=forum, duty=DutyKind.SPEAKER)


def _talk(request: HttpRequest, forum: Forum) -> Duty:
    rows = _talks(request, forum).select_related("session__forum__area", "participant", "entry")
    return get_object_or_404(rows, pk=number(request.POST.get("duty")))


def _learners(request: HttpRequest, forum: Forum) -> QuerySet[Learner]:
    rows: QuerySet[Learner] = Learner.objects.visible_to(request.user, today())
    return rows.filter(learning__forum=forum)
