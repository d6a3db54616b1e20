"""Telling a practice: the page of those who have done something and own a profile, and of curators."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.knowledge.actions.attachments import attach
from highground.knowledge.actions.telling import may_tell, tell_practice
from highground.knowledge.cards import said_by_curator
from highground.knowledge.enums import TextStatus
from highground.knowledge.forms import PracticeForm
from highground.knowledge.ground import KnowledgeError, brought
from highground.knowledge.languages import reading
from highground.knowledge.matching import text_for
from highground.knowledge.models import Practice, PracticeText
from highground.knowledge.pages import own_profile, tabs


@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest, code: str = "") -> HttpResponseBase:
    """Tell a practice, or say one anew that one told; it waits for a curator."""
    user: Any = request.user
    today, reader, problem = timezone.localdate(), reading(request), ""
    if not may_tell(user, today):
        raise PermissionDenied
    told = Practice.objects.prefetch_related("texts").filter(code=code).first() if code else None
    if code and (told is None or not brought(told, user)):
        raise Http404
    form = _empty(user, reader) if told is None else PracticeForm.of(told, _own_words(told, reader), reader)
    if request.method == "POST":
        form = PracticeForm(request.POST, request.FILES, reader=reader)
        problem = _("Mend the fields that are marked.")
        if form.is_valid():
            try:
                made = _tell(form, told, user, today)
                messages.success(
                    request, _("The practice waits for a curator, who reads it and publishes it.")
                )
                return redirect("knowledge:practice", made.code)
            except KnowledgeError as error:
                problem = str(error)
    context = {
        "form": form,
        "told": told,
        "because": said_by_curator(told, reader) if told else "",
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/tell.html", context, status=422 if problem else 200)


def _empty(user: Any, reader: str) -> PracticeForm:
    """The form with what is known of the person: where they are, and that they tell it themselves."""
    profile = own_profile(user)
    initial = {"language": reader, "evidence": "anecdotal"}
    if profile is not None:
        initial |= {"country": profile.country, "place": profile.place, "source": _("Told by who did it")}
    return PracticeForm(initial=initial, reader=reader)


def _own_words(told: Practice, reader: str) -> PracticeText:
    """What was told, and not a translation of it."""
    original = (one for one in told.texts.all() if one.status == TextStatus.ORIGINAL)
    return next(original, None) or text_for(told, reader)


@transaction.atomic
def _tell(form: PracticeForm, told: Practice | None, user: Any, today: datetime.date) -> Practice:
    """The practice with its file; neither without the other."""
    language = form.cleaned_data["language"]
    made = tell_practice(form.values(today), form.text(), language=language, by=user, today=today, told=told)
    if file := form.cleaned_data["file"]:
        name = file.name.rsplit(".", 1)[0]
        attach(made, file, name=name, language=language, by=user, today=today)
    return made
