"""Profiles as curators make and keep them while they have no owner, and the lines of evidence that curators add."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.knowledge.actions import experts
from highground.knowledge.enums import LineKind, LineStatus, Standing
from highground.knowledge.forms import LineForm, NewProfileForm, ProfileForm
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.languages import reading, written_in
from highground.knowledge.models import Expert, Practice
from highground.knowledge.pages import curates, tabs
from highground.knowledge.pages.mine import take_works


@require_http_methods(["GET", "POST"])
@curates
def new(request: HttpRequest) -> HttpResponseBase:
    """Make a profile for somebody who agreed to it; it waits until two curators have looked at it."""
    today, reader, problem = timezone.localdate(), reading(request), ""
    form = NewProfileForm(request.POST or None, reader=reader)
    if request.method == "POST":
        problem = _("Mend the fields that are marked.")
        if form.is_valid():
            values = form.values()
            basis = values.pop("basis")
            try:
                values["about_language"] = written_in(values["about"], reader)
                made = experts.add_expert(values, by=str(request.user.pk), today=today, basis=basis)
                messages.success(
                    request, _("The profile waits for two curators. Add what speaks for the person.")
                )
                return redirect("knowledge:keep", made.code)
            except KnowledgeError as error:
                problem = str(error)
    context = {"form": form, "problem": problem, "tabs": tabs(request, today)}
    return render(request, "knowledge/new_profile.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
@curates
def keep(request: HttpRequest, code: str) -> HttpResponseBase:
    """A profile as a curator keeps it: its fields while nobody owns it, and lines of evidence."""
    today, reader, problem = timezone.localdate(), reading(request), ""
    found: Expert = get_object_or_404(Expert.objects.exclude(standing=Standing.WITHDRAWN), code=code)
    form, line = ProfileForm.of(found, reader), LineForm()
    if request.method == "POST":
        try:
            form, line, done = _act(request, found, form, reader, today)
            if done:
                return redirect("knowledge:keep", found.code)
            problem = _("Mend the fields that are marked.")
        except KnowledgeError as error:
            problem = str(error)
    lines = list(found.lines.exclude(status=LineStatus.REFUSED).order_by("-year", "pk")[:200])
    context = {
        "expert": found,
        "form": form if found.owner_id is None else None,
        "line": line,
        "confirmed": [one for one in lines if one.status == LineStatus.CONFIRMED],
        "suggested": [one for one in lines if one.status == LineStatus.SUGGESTED],
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/keep_profile.html", context, status=422 if problem else 200)


def _act(
    request: HttpRequest, found: Expert, form: ProfileForm, reader: str, today: datetime.date
) -> tuple[ProfileForm, LineForm, bool]:
    """Do what was asked; the forms as they were sent, and whether it is done."""
    post, user = request.POST, request.user
    verb, line = post.get("do", ""), LineForm()
    if verb == "save":
        form = ProfileForm(post, reader=reader)
        if not form.is_valid():
            return form, line, False
        experts.change_profile(found, form.values(), by=user, today=today)
        messages.success(request, _("The profile is saved."))
    elif verb == "line":
        line = LineForm(post)
        if not line.is_valid():
            return form, line, False
        _add_line(found, line.cleaned_data, user, reader, today)
    elif verb == "import":
        take_works(request, found, today)
    elif verb in ("mine", "not_mine"):
        chosen = [int(one) for one in post.getlist("line") if one.isdecimal()]
        experts.settle_lines(found, chosen, mine=verb == "mine", by=user, today=today)
    else:
        raise KnowledgeError(_("This is nothing that a curator does."))
    return form, line, True


def _add_line(found: Expert, values: dict[str, Any], user: Any, reader: str, today: datetime.date) -> None:
    """A line that a curator vouches for; where the profile has an owner, the owner confirms it first."""
    practice = Practice.objects.filter(code=values["practice"]).first()
    if values["practice"] and practice is None:
        raise KnowledgeError(_("No practice has this code."))
    text = values["text"]
    suggested = experts.Suggested(
        LineKind(values["kind"]), text, f"curator/{text}", language=written_in(text, reader), year=values["year"],
        practice=practice,
    )  # fmt: skip
    status = LineStatus.CONFIRMED if found.owner_id is None else LineStatus.SUGGESTED
    experts.add_lines(found, [suggested], by=str(user.pk), today=today, status=status)
