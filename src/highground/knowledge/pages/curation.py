"""The curators' page: what waits, who may be the same person, invitations, and who is shown and asked how often."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from highground.files.tables import TableError
from highground.knowledge.actions import experts, merging
from highground.knowledge.actions.attachments import attach, detach
from highground.knowledge.actions.practices import add_practices, set_practice_standing
from highground.knowledge.actions.telling import publish
from highground.knowledge.cards import said_by_curator, where_and_when
from highground.knowledge.enums import Standing
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.languages import reading
from highground.knowledge.matching import text_for
from highground.knowledge.models import Attachment, Expert, Merge, Practice
from highground.knowledge.pages import curates, tabs
from highground.knowledge.pages.mine import STALE
from highground.knowledge.queries import exposure, taken_back
from highground.knowledge.reading import LARGEST, read_practices
from highground.knowledge.words import country_named, country_word
from highground.web.lists import page_of
from highground.web.numbers import number

MOST = 25


@require_http_methods(["GET", "POST"])
@curates
def curate(request: HttpRequest) -> HttpResponseBase:
    """What waits for a curator, and what can be done with it."""
    today, reader, problem = timezone.localdate(), reading(request), ""
    user: Any = request.user
    token = ""
    if request.method == "POST":
        try:
            token = _act(request, today)
            if not token:
                return redirect("knowledge:curate")
        except KnowledgeError as error:
            problem = str(error)
    waiting = (
        Expert.objects.filter(standing=Standing.WAITING)
        .prefetch_related("vettings")
        .order_by("added_on", "pk")
    )
    practices = (
        Practice.objects.filter(standing=Standing.WAITING)
        .prefetch_related("texts")
        .order_by("added_on", "pk")
    )
    counts = waiting.count(), practices.count()
    pairs = merging.likely_pairs()
    unclaimed = Expert.objects.filter(owner__isnull=True, merged_into__isnull=True).exclude(
        standing=Standing.WITHDRAWN
    )
    seen = exposure()
    context = {
        "title": _title(sum(counts)),
        "experts": [
            {
                "one": one,
                "country": country_named(one.country, reader),
                "agreed": len(one.vettings.all()),
                "by_me": any(vetting.by == str(user.pk) for vetting in one.vettings.all()),
            }
            for one in waiting[:MOST]
        ],
        "practices": [
            {
                "one": one,
                "text": text_for(one, reader),
                "where": where_and_when(one, reader),
                "own": one.by == str(user.pk),
                "because": said_by_curator(one, reader),
            }
            for one in practices[:MOST]
        ],
        "pairs": pairs[:MOST],
        "merges": merging.merged_lately()[:10],
        "taken_back": [
            (one, text_for(one, reader), said_by_curator(one, reader)) for one in taken_back()[:10]
        ],
        "apart": merging.kept_apart_lately()[:10],
        "page": page_of(request, unclaimed.order_by("name"), size=10),
        "stale": Expert.objects.filter(standing=Standing.PUBLISHED, confirmed_on__lt=today - STALE).order_by(
            "confirmed_on"
        )[:MOST],
        "exposure": [
            (
                _("Country"),
                sorted(((country_word(row.label), row) for row in seen["country"]), key=lambda pair: pair[0]),
            ),
            (_("Gender"), [(row.label, row) for row in seen["gender"]]),
            (_("Kind of institution"), [(row.label, row) for row in seen["kind"]]),
        ],
        "invitation": request.build_absolute_uri(reverse("knowledge:claim", args=[token])) if token else "",
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/curate.html", context, status=422 if problem else 200)


def _title(waiting: int) -> str:
    if not waiting:
        return _("Nothing waits for a curator")
    return ngettext("%(n)s record waits for a curator", "%(n)s records wait for a curator", waiting) % {
        "n": number(waiting)
    }


def _act(request: HttpRequest, today: Any) -> str:
    """Do what was asked; the token of a new invitation, which is shown once, else nothing."""
    post, user = request.POST, request.user
    verb = post.get("do", "")

    def one_of(name: str) -> Expert:
        found: Expert = get_object_or_404(Expert, code=post.get(name, ""))
        return found

    if verb == "vet":
        if experts.vet(one_of("expert"), by=user, today=today):
            messages.success(request, _("Two people have agreed: the profile is published."))
        else:
            messages.success(request, _("You have agreed. A second curator must agree as well."))
    elif verb == "take_back":
        experts.withdraw(one_of("expert"), by=user, today=today, reason=post.get("reason", ""))
        messages.success(request, _("It is off the public pages."))
    elif verb == "invite":
        return experts.invite(one_of("expert"), by=user, today=today)
    elif verb == "merge":
        merging.merge(one_of("kept"), one_of("gone"), by=user, today=today)
        messages.success(request, _("The two profiles are one. This can be undone below."))
    elif verb == "apart":
        merging.keep_apart(one_of("kept"), one_of("gone"), by=user, today=today)
        messages.success(request, _("They are two people, and are not listed again."))
    elif verb == "undo":
        merging.undo_merge(get_object_or_404(Merge, pk=_whole(post.get("merge", ""))), by=user, today=today)
        messages.success(request, _("The two profiles stand apart again."))
    elif verb == "import":
        _take_practices(request, today)
    elif verb in ("attach", "detach"):
        _change_files(request, verb, today)
    elif verb in (Standing.PUBLISHED, Standing.WITHDRAWN):
        found: Practice = get_object_or_404(Practice, code=post.get("practice", ""))
        if verb == Standing.PUBLISHED:
            publish(found, by=user, today=today)
            messages.success(request, _("The practice is published."))
        else:
            waited = found.standing == Standing.WAITING
            set_practice_standing(found, Standing(verb), by=user, today=today, reason=post.get("reason", ""))
            gone = _("It is off the public pages.")
            given = _("It is given back. Whoever told it reads why.")
            messages.success(request, given if waited else gone)
    else:
        raise KnowledgeError(_("This is nothing that a curator does."))
    return ""


def _take_practices(request: HttpRequest, today: Any) -> None:
    """Take practices in from the file that was sent; another curator publishes them."""
    file = request.FILES.get("file")
    if file is None:
        raise KnowledgeError(_("Choose a file."))
    ending = Path(file.name or "").suffix.lower()
    with NamedTemporaryFile(suffix=ending if ending.isascii() else "") as kept:
        kept.write(file.read(LARGEST + 1))
        kept.flush()
        try:
            read = read_practices(Path(kept.name))
        except (KnowledgeError, TableError) as error:
            raise KnowledgeError(str(error).replace(kept.name, file.name or "")) from error
    done = add_practices(read.records, by=str(request.user.pk), today=today)
    said = _("%(new)s new, %(changed)s changed, %(same)s as before.")
    messages.success(request, said % {"new": done.new, "changed": done.changed, "same": done.same})
    for one in read.rejects[:20]:
        words = {"row": one.row, "column": one.column, "reason": one.reason, "mend": one.mend}
        messages.warning(request, _("Row %(row)s, %(column)s: %(reason)s; %(mend)s") % words)


def _change_files(request: HttpRequest, verb: str, today: Any) -> None:
    """Attach the file that was sent to a practice, or take one off."""
    post, user = request.POST, request.user
    practice: Practice = get_object_or_404(Practice, code=post.get("practice", ""))
    if verb == "detach":
        one: Attachment = get_object_or_404(practice.attachments, pk=_whole(post.get("number", "")))
        detach(one, by=user, today=today)
        messages.success(request, _("The file is off the page."))
        return
    file = request.FILES.get("file")
    if file is None:
        raise KnowledgeError(_("Choose a file."))
    name, language = post.get("name", ""), post.get("language", "")
    made = attach(practice, file, name=name, language=language, by=user, today=today)
    counts = {"pages": len(made.pages), "searched": sum(map(bool, made.pages))}
    messages.success(
        request, _("Attached: %(pages)s pages, of which %(searched)s hold words and are searched.") % counts
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
