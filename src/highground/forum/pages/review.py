"""What a reviewer sees: entries without names where the call is anonymous, and a form with the four criteria."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from highground.cases.public.pages import small
from highground.forum.actions.reviewing import (
    declare_conflict,
    declare_ties,
    review,
    set_away,
    withdraw_reviewer,
)
from highground.forum.enums import Criterion, ReviewStatus
from highground.forum.forms import AwayForm, TiesForm
from highground.forum.ground import LANGUAGES, ForumError
from highground.forum.links import reviewer_by, reviews_of
from highground.forum.models import Review, Reviewer
from highground.forum.pages import held, trail
from highground.forum.pages.entry import send_shown

SCORES = [
    ("0", gettext_lazy("0: no")),
    ("1", gettext_lazy("1: a little")),
    ("2", gettext_lazy("2: mostly")),
    ("3", gettext_lazy("3: fully")),
]


class ReviewForm(forms.Form):
    """The four criteria as a rubric, and why."""

    why = forms.CharField(
        label=gettext_lazy("Why?"),
        widget=forms.Textarea,
        max_length=4000,
        help_text=gettext_lazy("The entrant reads this, without your name."),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for one in Criterion:
            self.fields[one.value] = forms.ChoiceField(
                label=one.label, choices=SCORES, widget=forms.RadioSelect
            )
        self.order_fields([*Criterion.values, "why"])


@login_not_required
@small
@require_http_methods(["GET", "HEAD", "POST"])
def reviewer_page(request: HttpRequest, link: str) -> HttpResponseBase:
    """What somebody was asked to review."""
    reviewer: Reviewer = held(reviewer_by(link))
    do = request.POST.get("do", "")
    form = TiesForm(request.POST if do == "ties" else None, ties=reviewer.ties)
    kept = {"away_from": reviewer.away_from, "away_until": reviewer.away_until}
    away = AwayForm(request.POST if do == "away" else None, initial=kept)
    if do == "away" and away.is_valid():
        try:
            set_away(reviewer, **away.cleaned_data)
            messages.success(request, _("It is kept."))
            return redirect(request.path)
        except ForumError as error:
            away.add_error(None, str(error))
    if do == "ties" and form.is_valid():
        try:
            parted = declare_ties(reviewer, form.ties())
            messages.success(
                request, _("It is kept. Reviews that go to others: %(count)s.") % {"count": parted}
            )
            return redirect(request.path)
        except ForumError as error:
            form.add_error(None, str(error))
    if do == "withdraw":
        withdraw_reviewer(reviewer, by=f"reviewer:{reviewer.pk}", now=timezone.now())
        return render(request, "forum/gone.html", {"forum": reviewer.forum, "trail": trail(reviewer.forum)})
    rows = reviews_of(reviewer)
    context = {
        "reviewer": reviewer,
        "forum": reviewer.forum,
        "rows": [(one, _title(one)) for one in rows],
        "form": form,
        "away": away,
        "open": sum(one.status == ReviewStatus.ASKED for one in rows),
        "link": link,
        "trail": trail(reviewer.forum, (_("Reviews"), "")),
    }
    return render(request, "forum/reviewer.html", context, status=422 if form.errors or away.errors else 200)


def _title(one: Review) -> str:
    texts = sorted(one.entry.texts.all(), key=lambda text: not text.original)
    return texts[0].title if texts else ""


@login_not_required
@small
@require_http_methods(["GET", "HEAD", "POST"])
def review_page(request: HttpRequest, link: str, number: int) -> HttpResponseBase:
    """One entry and the form."""
    reviewer: Reviewer = held(reviewer_by(link))
    found: Review = held(next((one for one in reviews_of(reviewer) if one.entry.number == number), None))
    entry, status, back = found.entry, 200, reverse("forum:reviewer", args=[link])
    initial = {**{name: str(score) for name, score in found.scores.items()}, "why": found.why}
    form = ReviewForm(request.POST if request.POST.get("do") == "review" else None, initial=initial)
    if request.method == "POST":
        status = 422
        try:
            if request.POST.get("do") == "conflict":
                declare_conflict(reviewer, entry)
                messages.success(request, _("Thank you: somebody else reviews it."))
                return redirect(back)
            if form.is_valid():
                scores = {name: int(form.cleaned_data[name]) for name in Criterion.values}
                review(reviewer, entry, scores, form.cleaned_data["why"], now=timezone.now())
                messages.success(request, _("Your review is kept."))
                return redirect(back)
        except ForumError as error:
            form.add_error(None, str(error)) if form.is_bound else messages.error(request, str(error))
    context = {
        "entry": entry,
        "forum": entry.forum,
        "texts": [
            (LANGUAGES.get(one.language, one.language), one)
            for one in sorted(entry.texts.all(), key=lambda text: not text.original)
            if one.title
        ],
        "files": [
            (reverse("forum:review_file", args=[link, number, one.number]), one)
            for one in entry.attachments.order_by("number")
        ],
        "named": not entry.forum.anonymous,
        "form": form,
        "back": back,
        "trail": trail(entry.forum, (_("Reviews"), back), (_("Entry %(number)s") % {"number": number}, "")),
    }
    return render(request, "forum/review.html", context, status=status)


@login_not_required
@require_safe
def file(request: HttpRequest, link: str, number: int, file: int) -> HttpResponseBase:
    """A file of an entry without what it says of its maker; under a name that says nothing either."""
    reviewer: Reviewer = held(reviewer_by(link))
    found: Review = held(next((one for one in reviews_of(reviewer) if one.entry.number == number), None))
    return send_shown(held(found.entry.attachments.filter(number=file).first()), number)
