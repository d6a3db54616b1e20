"""An entry of a call: begin it, write it, hand it in. Works on a line that breaks: what is typed is kept in the browser."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from highground.cases.public import brake
from highground.cases.public.pages import small
from highground.files.uploads import send_content
from highground.forum import keys
from highground.forum.actions.attachments import MOST, attach, detach
from highground.forum.actions.call import (
    TEXTS,
    Elsewhere,
    begin_entry,
    call_is_open,
    hand_in,
    save_draft,
    set_parties,
    withdraw_entry,
)
from highground.forum.enums import EntryStatus
from highground.forum.forms import lines_of, zone_choices
from highground.forum.ground import LANGUAGES, ForumError, country_choices, zone
from highground.forum.links import entry_by
from highground.forum.models import Attachment, Entry
from highground.forum.pages import (
    ENTERED_FROM,
    FILES_FROM,
    forum_or_404,
    held,
    number_of,
    one_paper,
    trail,
)
from highground.knowledge.enums import Field
from highground.web.addresses import address_of
from highground.web.numbers import day as day_in_words


class BeginForm(forms.Form):
    """Who enters a practice."""

    entrant = forms.CharField(label=gettext_lazy("Your name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    organisation = forms.CharField(label=gettext_lazy("Organisation"), max_length=160)
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    language = forms.ChoiceField(
        label=gettext_lazy("Language in which you write"), choices=list(LANGUAGES.items())
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Your time zone"))
    field = forms.ChoiceField(
        label=gettext_lazy("Field"),
        help_text=gettext_lazy("Your entry goes to reviewers of this field first."),
        choices=[("", ""), *Field.choices],
        required=False,
    )
    parties = forms.CharField(
        label=gettext_lazy("Who else has a part in it?"),
        help_text=gettext_lazy(
            "Co-authors, partners, funders: one a line. Reviewers do not see this; none of them judges your entry."
        ),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=4000,
        required=False,
    )

    def clean_parties(self) -> list[str]:
        return lines_of(self.cleaned_data["parties"])

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["country"].choices = [("", ""), *country_choices()]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]


class TextForm(forms.Form):
    """What an entry says in one language."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200, required=False)
    problem = forms.CharField(
        label=gettext_lazy("What was the problem?"), widget=forms.Textarea, required=False
    )
    done = forms.CharField(label=gettext_lazy("What was done?"), widget=forms.Textarea, required=False)
    results = forms.CharField(
        label=gettext_lazy("What came of it, and what failed?"), widget=forms.Textarea, required=False
    )

    def __init__(self, *given: Any, language: str, **more: Any) -> None:
        super().__init__(*given, **more)
        for field in self.fields.values():
            field.widget.attrs["lang"] = language


@login_not_required
@small
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def call_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """What the call asks for, until when, and the form that begins an entry."""
    forum, now, status = forum_or_404(code), timezone.now(), 200
    form = BeginForm(
        request.POST if request.method == "POST" else None, initial={"time_zone": forum.time_zone}
    )
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                brake.use([(ENTERED_FROM, address_of(request))], now=now)
                made = begin_entry(forum, now=now, **form.cleaned_data)
                return redirect("forum:entry", link=keys.link_of(keys.ENTRY, made.key))
            except brake.TooMany:
                status = 429
                form.add_error(None, _("Too many entries came from here lately. Try again in an hour."))
            except ForumError as error:
                form.add_error(None, str(error))
    context = {
        "form": form,
        "forum": forum,
        "open": call_is_open(forum, now),
        "title": _("Call for practices"),
        "sentence": forum.call_theme,
        "trail": trail(forum, (_("Call for practices"), "")),
    }
    return render(request, "forum/call.html", context, status=status)


@login_not_required
@one_paper
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def entry_page(request: HttpRequest, link: str) -> HttpResponseBase:
    """The entry: write, add a translation (`?in=`), add files, hand in. JSON keeps a draft without leaving the page."""
    entry: Entry = held(entry_by(link))
    now, problem, status = timezone.now(), "", 200
    languages = [one.language for one in entry.texts.order_by("-original", "language")]
    shown = request.GET.get("in", "") or entry.language
    if shown not in LANGUAGES:
        shown = entry.language
    typed: Any = None
    if request.method == "POST":
        quiet = request.content_type == "application/json"
        try:
            if request.POST.get("do") in ("attach", "detach", "parties", "withdraw"):
                _beside(request, entry, now)
                return redirect(request.get_full_path())
            typed = _sent(request.body) if quiet else request.POST
            entry = _write(request, entry, typed, shown, now)
            return JsonResponse({"version": entry.version}) if quiet else redirect(request.get_full_path())
        except ForumError as error:
            problem, status = str(error), 409 if isinstance(error, Elsewhere) else 422
            if quiet:
                return JsonResponse({"error": problem}, status=status)
    text = next((one for one in entry.texts.all() if one.language == shown), None)
    words = typed or {name: getattr(text, name, "") for name in TEXTS}
    closes = entry.forum.call_closes
    local = closes.astimezone(zone(entry.time_zone)) if closes else None
    form = TextForm(initial={name: words.get(name, "") for name in TEXTS}, language=shown)
    context = {
        "entry": entry,
        "forum": entry.forum,
        "form": form,
        "said": [(form.fields[name].label, words.get(name, "")) for name in TEXTS],
        "shown": shown,
        "written": [(one, LANGUAGES.get(one, one)) for one in languages],
        "others": [(one, name) for one, name in LANGUAGES.items() if one not in languages],
        "may": call_is_open(entry.forum, now) and entry.status in (EntryStatus.DRAFT, EntryStatus.SUBMITTED),
        "closes": f"{day_in_words(local.date())} {local:%H:%M}" if local else "",
        "leaves": entry.status in (EntryStatus.DRAFT, EntryStatus.SUBMITTED),
        "files": entry.attachments.order_by("number"),
        "most": MOST,
        "problem": problem,
        "link": link,
        "trail": trail(entry.forum, (_("My entry"), "")),
    }
    return render(request, "forum/entry.html", context, status=status)


def _sent(body: bytes) -> dict[str, Any]:
    try:
        typed = json.loads(body)
    except (ValueError, RecursionError):
        typed = None
    if not isinstance(typed, dict):
        raise ForumError(_("What was sent could not be read. Load the page again."))
    return typed


def _write(request: HttpRequest, entry: Entry, typed: Any, shown: str, now: datetime.datetime) -> Entry:
    words = {name: str(typed.get(name, "")) for name in TEXTS}
    entry = save_draft(entry, {shown: words}, version=number_of(str(typed.get("version", ""))), now=now)
    if typed.get("do") == "hand_in":
        entry = hand_in(entry, now=now)
        messages.success(request, _("Handed in. You can change it until the call closes."))
    return entry


def _beside(request: HttpRequest, entry: Entry, now: datetime.datetime) -> None:
    """What goes with the words: files, who else has a part; and the end of it."""
    if request.POST["do"] == "withdraw":
        withdraw_entry(entry, now=now)
        messages.success(request, _("Your entry is withdrawn, and its files are gone. Thank you."))
        return
    if request.POST["do"] == "parties":
        set_parties(entry, lines_of(request.POST.get("parties", "")), now=now)
        messages.success(request, _("It is kept."))
        return
    if request.POST["do"] == "detach":
        detach(entry, number_of(request.POST.get("number", "")), now=now)
        return
    file = request.FILES.get("file")
    if file is None:
        raise ForumError(_("Choose a file."))
    try:
        brake.use([(FILES_FROM, address_of(request))], now=now)
    except brake.TooMany:
        raise ForumError(_("Too many files came from here lately. Try again in an hour.")) from None
    attach(entry, file, now=now)
    messages.success(request, _("The file is kept. Open it to see what reviewers get."))


@login_not_required
@require_safe
def file(request: HttpRequest, link: str, number: int) -> HttpResponseBase:
    """A file of the entry as reviewers get it."""
    entry: Entry = held(entry_by(link))
    return send_shown(held(entry.attachments.filter(number=number).first()), entry.number)


def send_shown(one: Attachment, entry: int) -> HttpResponseBase:
    """A file under a name that says nothing: entry and number."""
    return send_content(one.shown, one.media, f"entry-{entry}-{one.number}")
