"""The call in the office: reviewers, who reviews what, scores, decisions, letters."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.forum import keys
from highground.forum.actions.call import DECIDED, SEATS, add_reviewer, ask_reviewers, decide, propose
from highground.forum.actions.letters import write_decisions
from highground.forum.enums import Criterion, EntryStatus, ReviewStatus
from highground.forum.ground import LANGUAGES, ForumError, country_choices, country_name
from highground.forum.models import Entry, Reviewer
from highground.forum.pages.office import around, mine_or_404, number, person, today
from highground.outbox.actions import OutboxError, drop, release
from highground.outbox.models import Letter, LetterStatus


class ReviewerForm(forms.Form):
    """Somebody who reviews."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    organisation = forms.CharField(label=gettext_lazy("Organisation"), max_length=160)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Reads"), choices=list(LANGUAGES.items()), widget=forms.CheckboxSelectMultiple
    )
    fields_known = forms.CharField(label=gettext_lazy("Fields, with commas between"), required=False)
    conflicts = forms.CharField(
        label=gettext_lazy("Must not judge"),
        help_text=gettext_lazy(
            "Organisations and e-mail addresses, one a line. Never weighed against anything."
        ),
        widget=forms.Textarea,
        required=False,
    )
    most = forms.IntegerField(label=gettext_lazy("Entries at most"), min_value=1, max_value=100, initial=8)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]

    def typed(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.cleaned_data)
        given["fields"] = [one.strip() for one in given.pop("fields_known").split(",") if one.strip()]
        given["conflicts"] = [one.strip() for one in given["conflicts"].splitlines() if one.strip()]
        return given


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def entries(request: HttpRequest, code: str) -> HttpResponseBase:
    """All entries with their scores; give those that wait to reviewers (`do=assign`)."""
    forum, problem = mine_or_404(request, code), ""
    if request.method == "POST":
        try:
            found = propose(forum, by=person(request), today=today())
            asked = ask_reviewers(forum, sorted(found.pairs), by=person(request), today=today())
            messages.success(request, _("Asked: %(count)s reviews.") % {"count": asked})
            if found.empty:
                relief = ", ".join(f"{group} {gain}" for group, gain in found.relief.items())
                messages.warning(
                    request,
                    _(
                        "%(count)s reviews find nobody. So many of them would, without this demand: %(relief)s."
                    )
                    % {"count": sum(found.empty.values()), "relief": relief},
                )
            return redirect(request.path)
        except ForumError as error:
            problem = str(error)
    rows = Entry.objects.visible_to(request.user, today()).filter(forum=forum)
    rows = rows.prefetch_related("texts", "reviews").order_by("number")
    listed = [(one, title_of(one), country_name(one.country), *_standing(one)) for one in rows]
    waiting = sum(
        one.status == EntryStatus.SUBMITTED and done + open_ < SEATS
        for one, _title, _country, _mean, done, open_ in listed
    )
    context = around(
        request, forum, ngettext("%(count)s entry", "%(count)s entries", len(listed)) % {"count": len(listed)}
    ) | {
        "rows": sorted(listed, key=lambda row: (row[3] is None, -(row[3] or 0), row[0].number)),
        "waiting": waiting,
        "problem": problem,
    }
    return render(request, "forum/office/entries.html", context, status=422 if problem else 200)


def title_of(entry: Entry) -> str:
    """The title in the entrant's own words."""
    return next((one.title for one in entry.texts.all() if one.original), "")


def _standing(entry: Entry) -> tuple[float | None, int, int]:
    """The mean of the scores (0 to 12; None without a review), how many reviews are done and how many open."""
    reviews = list(entry.reviews.all())
    done = [sum(one.scores.values()) for one in reviews if one.status == ReviewStatus.DONE]
    open_ = sum(one.status == ReviewStatus.ASKED for one in reviews)
    return (sum(done) / len(done) if done else None), len(done), open_


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def entry(request: HttpRequest, code: str, entry_number: int) -> HttpResponseBase:
    """One entry with its reviews, and the decision."""
    forum, problem = mine_or_404(request, code), ""
    rows = Entry.objects.visible_to(request.user, today()).filter(forum=forum)
    found = get_object_or_404(rows.prefetch_related("texts", "reviews__reviewer"), number=entry_number)
    if request.method == "POST":
        try:
            decide(
                found,
                status=request.POST.get("do", ""),
                reason=request.POST.get("reason", ""),
                by=person(request),
                today=today(),
            )
            return redirect("forum:entries", code=code)
        except ForumError as error:
            problem = str(error)
    context = around(request, forum, title_of(found) or _("Entry"), country_name(found.country)) | {
        "entry": found,
        "texts": [(LANGUAGES.get(one.language, one.language), one) for one in found.texts.all()],
        "reviews": [
            (
                one,
                [
                    (Criterion(name).label.partition(":")[0], one.scores.get(name))
                    for name in Criterion.values
                ],
            )
            for one in found.reviews.all()
        ],
        "decisions": [(one, EntryStatus(one).label) for one in DECIDED],
        "problem": problem,
    }
    return render(request, "forum/office/entry.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def reviewers(request: HttpRequest, code: str) -> HttpResponseBase:
    """Who reviews, with the link of each."""
    forum, status = mine_or_404(request, code), 200
    form = ReviewerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                add_reviewer(forum, by=person(request), today=today(), **form.typed())
                return redirect(request.path)
            except ForumError as error:
                form.add_error(None, str(error))
    rows = Reviewer.objects.visible_to(request.user, today()).filter(forum=forum).order_by("name")
    context = around(request, forum, _("Who reviews")) | {
        "rows": [(one, country_name(one.country), address(request, one)) for one in rows],
        "form": form,
    }
    return render(request, "forum/office/reviewers.html", context, status=status)


def address(request: HttpRequest, reviewer: Reviewer) -> str:
    """The whole address of a reviewer's page."""
    return request.build_absolute_uri(
        reverse("forum:reviewer", args=[keys.link_of(keys.REVIEWER, reviewer.key)])
    )


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def letters(request: HttpRequest, code: str) -> HttpResponseBase:
    """Letters that wait to be looked at; write those about decisions, let them go, or drop them."""
    forum, problem, now = mine_or_404(request, code), "", timezone.now()
    mine = Letter.objects.filter(about_kind="forum", about_id=forum.code)
    if request.method == "POST":
        chosen = mine.filter(pk__in=[number(one) for one in request.POST.getlist("letter")])
        try:
            _do(request, forum, chosen, now)
            return redirect(request.path)
        except (ForumError, OutboxError) as error:
            problem = str(error)
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
        "problem": problem,
    }
    return render(request, "forum/office/letters.html", context, status=422 if problem else 200)


def _do(request: HttpRequest, forum: Any, chosen: Any, now: datetime.datetime) -> None:
    do = request.POST.get("do")
    if do == "write":
        site = request.build_absolute_uri("/").rstrip("/")
        written = write_decisions(forum, site=site, by=person(request), now=now, today=today())
        messages.success(request, _("Written: %(count)s.") % {"count": written})
    elif do == "release":
        release(chosen, by=str(request.user.pk), now=now)
    elif do == "drop":
        drop(chosen, by=str(request.user.pk))
