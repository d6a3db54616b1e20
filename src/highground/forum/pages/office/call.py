"""The call in the office: entries, who reviews what, scores, decisions."""

from __future__ import annotations

import re
from pathlib import PurePath

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.files.uploads import send_content
from highground.forum.actions.call import DECIDED, decide
from highground.forum.actions.programme import give_talk
from highground.forum.actions.reviewing import (
    MOST_SEATS,
    SEATS,
    Wanted,
    ask_reviewers,
    of_the_field,
    propose,
)
from highground.forum.enums import Criterion, EntryStatus, ReviewStatus, TakingPart
from highground.forum.forms import day_field
from highground.forum.ground import LANGUAGES, ForumError, country_name
from highground.forum.models import Attachment, Entry, Forum
from highground.forum.pages.entry import send_shown
from highground.forum.pages.office import around, mine_or_404, number, shown, today, tried, who_does
from highground.forum.queries import people_of
from highground.knowledge.enums import Field
from highground.web.export import csv_response


class AssignForm(forms.Form):
    """What is asked of those who review one entry."""

    seats = forms.IntegerField(
        label=gettext_lazy("Reviews of each entry"), min_value=1, max_value=MOST_SEATS, initial=SEATS
    )
    of_country = forms.IntegerField(
        label=gettext_lazy("Reviewers of one country, at most"),
        min_value=1,
        max_value=MOST_SEATS,
        required=False,
    )
    women = forms.IntegerField(
        label=gettext_lazy("Women among them, if it can be"), min_value=0, max_value=MOST_SEATS, initial=0
    )
    begins = day_field(gettext_lazy("Reviews are written from"), required=False)
    ends = day_field(
        gettext_lazy("until"),
        help_text=gettext_lazy("Who is away in all of these days is not asked."),
        required=False,
    )

    def wanted(self) -> Wanted:
        """For the action."""
        return Wanted(**self.cleaned_data)


@require_http_methods(["GET", "POST"])
@sees(Sight.FORUM)
def entries(request: HttpRequest, code: str) -> HttpResponseBase:
    """All entries with their scores; give those that wait to reviewers (`do=assign`). `?format=csv` hands out the list."""
    forum = mine_or_404(request, code)
    form = AssignForm(request.POST or None, auto_id="assign_%s")
    problem = tried(request, lambda: _assign(request, forum, form))
    if problem is None and not form.errors:
        return redirect(request.path)
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
    handed_in = [row for row in listed if row[0].status == EntryStatus.SUBMITTED]
    waiting = sum(done + open_ < SEATS for *_entry, done, open_ in handed_in)
    context = around(
        request, forum, ngettext("%(count)s entry", "%(count)s entries", len(listed)) % {"count": len(listed)}
    ) | {
        "rows": sorted(listed, key=lambda row: (row[3] is None, -(row[3] or 0), row[0].number)),
        "waiting": waiting,
        "assign": form if handed_in else None,
        "form": form if form.is_bound else None,
    }
    return shown(request, "entries", context, problem or "")


def _assign(request: HttpRequest, forum: Forum, form: AssignForm) -> None:
    """Give what was handed in to reviewers, and say who was not found and why."""
    if not form.is_valid():
        return
    who = who_does(request)
    found = propose(forum, wanted=form.wanted(), **who)
    asked = ask_reviewers(forum, sorted(found.pairs), **who)
    said = _("Reviews asked: %(count)s.") % {"count": asked}
    if forum.entries.exclude(field="").exists():
        counted = {"all": len(found.pairs), "field": of_the_field(forum, found.pairs)}
        said += " " + _("By somebody of the entry's field: %(field)s of %(all)s in all.") % counted
    messages.success(request, said)
    if found.empty:
        words = {
            "load": _("so many entries at most"),
            "own country": _("not their own country"),
            "language": _("a language that they read"),
            "time": _("not away in these days"),
            "countries": _("so many of one country at most"),
        }
        relief = ", ".join(f"{words[group]} {gain}" for group, gain in found.relief.items())
        messages.warning(
            request,
            _("Reviews that find nobody: %(count)s. So many of them would, without this demand: %(relief)s.")
            % {"count": sum(found.empty.values()), "relief": relief},
        )


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
    forum = mine_or_404(request, code)
    rows = Entry.objects.visible_to(request.user, today()).filter(forum=forum)
    found = get_object_or_404(rows.prefetch_related("texts", "reviews__reviewer"), number=entry_number)
    problem = tried(request, lambda: _decide_or_give(request, forum, found))
    if problem is None:
        return redirect("forum:entries", code=code)
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
        "field": dict(Field.choices).get(found.field, found.field),
    }
    return shown(request, "entry", context, problem)


def _short(criterion: Criterion) -> str:
    """The name of a criterion without its question; Chinese has a colon of its own."""
    return re.split("[:：]", str(criterion.label), maxsplit=1)[0]


def _decide_or_give(request: HttpRequest, forum: Forum, found: Entry) -> None:
    who = who_does(request)
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
