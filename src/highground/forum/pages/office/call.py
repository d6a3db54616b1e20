"""The call in the office: reviewers, who reviews what, scores, decisions, letters."""

from __future__ import annotations

import datetime
import re
from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.files.uploads import send_content
from highground.forum import keys
from highground.forum.actions.call import DECIDED, decide
from highground.forum.actions.letters import write_answers, write_changes, write_decisions
from highground.forum.actions.programme import give_talk
from highground.forum.actions.reviewing import SEATS, add_reviewer, ask_reviewers, propose
from highground.forum.enums import Criterion, EntryStatus, ReviewStatus, TakingPart
from highground.forum.forms import TiesForm
from highground.forum.ground import LANGUAGES, ForumError, country_choices, country_name
from highground.forum.models import Attachment, Entry, Forum, Reviewer
from highground.forum.pages.entry import send_shown
from highground.forum.pages.office import around, mine_or_404, number, person, today
from highground.forum.queries import could_review, people_of
from highground.knowledge.enums import Standing
from highground.knowledge.models import Expert
from highground.outbox.actions import OutboxError, drop, release
from highground.outbox.models import Letter, LetterStatus
from highground.web.export import csv_response


class ReviewerForm(TiesForm):
    """Somebody who reviews."""

    expert = forms.SlugField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    organisation = forms.CharField(label=gettext_lazy("Organisation"), max_length=160)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Reads"), choices=list(LANGUAGES.items()), widget=forms.CheckboxSelectMultiple
    )
    fields_known = forms.CharField(label=gettext_lazy("Fields, with commas between"), required=False)
    most = forms.IntegerField(label=gettext_lazy("Entries at most"), min_value=1, max_value=100, initial=8)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]

    def clean_expert(self) -> Any:
        return Expert.objects.filter(code=self.cleaned_data["expert"] or None).first()

    def typed(self) -> dict[str, Any]:
        """For the action."""
        names = ("expert", "name", "email", "country", "organisation", "languages", "most")
        fields = [one.strip() for one in self.cleaned_data["fields_known"].split(",") if one.strip()]
        return {name: self.cleaned_data[name] for name in names} | {"fields": fields, "ties": self.ties()}


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def entries(request: HttpRequest, code: str) -> HttpResponseBase:
    """All entries with their scores; give those that wait to reviewers (`do=assign`). `?format=csv` hands out the list."""
    forum, problem = mine_or_404(request, code), ""
    if request.method == "POST":
        try:
            found = propose(forum, by=person(request), today=today())
            asked = ask_reviewers(forum, sorted(found.pairs), by=person(request), today=today())
            messages.success(request, _("Asked: %(count)s reviews.") % {"count": asked})
            if found.empty:
                words = {
                    "load": _("so many entries at most"),
                    "own country": _("not their own country"),
                    "language": _("a language that they read"),
                }
                relief = ", ".join(f"{words[group]} {gain}" for group, gain in found.relief.items())
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
    if request.GET.get("format") == "csv":
        header = [_("Number"), _("Title"), _("Entrant"), _("E-mail"), _("Organisation"), _("Country"), _("Language"), _("Field"),
                  _("State"), _("Mean of the reviews (0 to 12)"), _("Reviews"), _("Reason")]  # fmt: skip
        table = (
            [one.number, title, one.entrant, one.email, one.organisation, one.country, one.language, one.field,
             one.get_status_display(), "" if mean is None else f"{mean:.2f}", done, one.reason]
            for one, title, _country, mean, done, _open in listed
        )  # fmt: skip
        return csv_response(f"{forum.code}-entries.csv", header, table)
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
            _decide_or_give(request, forum, found)
            return redirect("forum:entries", code=code)
        except ForumError as error:
            problem = str(error)
    context = around(request, forum, title_of(found) or _("Entry"), country_name(found.country)) | {
        "entry": found,
        "texts": [(LANGUAGES.get(one.language, one.language), one) for one in found.texts.all()],
        "reviews": [
            (
                one,
                [(_short(Criterion(name)), one.scores.get(name)) for name in Criterion.values],
            )
            for one in found.reviews.all()
        ],
        "files": found.attachments.order_by("number"),
        "sessions": forum.sessions.filter(cancelled=False).order_by("starts", "code"),
        "speakers": people_of(forum, request.user, today()).filter(status=TakingPart.ACCEPTED),
        "decisions": [(one, EntryStatus(one).label) for one in DECIDED],
        "problem": problem,
    }
    return render(request, "forum/office/entry.html", context, status=422 if problem else 200)


def _short(criterion: Criterion) -> str:
    """The name of a criterion without its question; Chinese has a colon of its own."""
    return re.split("[:：]", str(criterion.label), maxsplit=1)[0]


def _decide_or_give(request: HttpRequest, forum: Forum, found: Entry) -> None:
    who: dict[str, Any] = {"by": person(request), "today": today()}
    if request.POST.get("do") != "talk":
        status, reason = request.POST.get("do", ""), request.POST.get("reason", "")
        decide(found, status=status, reason=reason, **who)
        return
    session = get_object_or_404(
        forum.sessions.select_related("forum__area"), pk=number(request.POST.get("session"))
    )
    speakers = people_of(forum, request.user, today())
    speaker = speakers.filter(pk=number(request.POST.get("speaker"))).first()
    if speaker is None:
        raise ForumError(_("Choose who speaks."))
    give_talk(found, session, speaker, **who)
    messages.success(
        request, _("“%(session)s” has this talk now. Look at the programme.") % {"session": session.title}
    )


@require_safe
@sees(Sight.FORUM)
def file(request: HttpRequest, code: str, entry_number: int, number: int) -> HttpResponseBase:
    """A file of an entry as the entrant gave it, or as reviewers get it (`?shown=1`)."""
    forum = mine_or_404(request, code)
    rows = Attachment.objects.visible_to(request.user, today()).filter(entry__forum=forum)
    found = get_object_or_404(rows, entry__number=entry_number, number=number)
    if request.GET.get("shown"):
        return send_shown(found, entry_number)
    return send_content(found.original, found.media, f"{entry_number}-{PurePath(found.name).stem}")


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def reviewers(request: HttpRequest, code: str) -> HttpResponseBase:
    """Who reviews, with the link of each; add somebody, perhaps from the experts' database (`?expert=`, `?q=`)."""
    forum, status = mine_or_404(request, code), 200
    chosen = Expert.objects.filter(code=request.GET.get("expert", ""), standing=Standing.PUBLISHED).first()
    form = ReviewerForm(request.POST if request.method == "POST" else None, initial=_of_expert(chosen))
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                add_reviewer(forum, by=person(request), today=today(), **form.typed())
                return redirect(request.path)
            except ForumError as error:
                form.add_error(None, str(error))
    rows = Reviewer.objects.visible_to(request.user, today()).filter(forum=forum).select_related("expert")
    asked = request.GET.get("q", "").strip()[:80]
    context = around(request, forum, _("Who reviews")) | {
        "rows": [(one, country_name(one.country), address(request, one)) for one in rows.order_by("name")],
        "experts": [(one, country_name(one.country)) for one in could_review(forum, asked)],
        "q": asked,
        "form": form,
    }
    return render(request, "forum/office/reviewers.html", context, status=status)


def _of_expert(one: Expert | None) -> dict[str, Any]:
    """What the experts' database knows of somebody, for the form."""
    if one is None:
        return {}
    return {
        "expert": one.code, "name": one.name, "country": one.country, "organisation": one.institution,
        "languages": [code for code in one.languages if code in LANGUAGES], "fields_known": ", ".join(one.fields),
    }  # fmt: skip


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
    writers = {"decisions": write_decisions, "answers": write_answers, "changes": write_changes}
    if do in writers:
        site = request.build_absolute_uri("/").rstrip("/")
        written = writers[do](forum, site=site, by=person(request), now=now, today=today())
        messages.success(request, _("Written: %(count)s.") % {"count": written})
    elif do == "release":
        release(chosen, by=str(request.user.pk), now=now)
    elif do == "drop":
        drop(chosen, by=str(request.user.pk))
