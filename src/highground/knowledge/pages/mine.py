"""One's own profile: what became of it, what waits to be confirmed, what everybody reads; and claiming it."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.actions import add_user, close_account
from highground.accounts.models import User
from highground.knowledge.actions import experts
from highground.knowledge.cards import said_by_curator
from highground.knowledge.enums import LineStatus
from highground.knowledge.forms import ProfileForm
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.importing import LARGEST, read_works
from highground.knowledge.languages import reading
from highground.knowledge.matching import text_for
from highground.knowledge.models import Expert, Line
from highground.knowledge.pages import own_profile, tabs
from highground.knowledge.queries import Figures, asked_of, figures_of, told_by
from highground.knowledge.reading import WORDS
from highground.web.numbers import listed, number

STALE = datetime.timedelta(days=365)


@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponseBase:
    """Figures, suggested lines, the form, and the way out."""
    user: Any = request.user
    today, reader, problem = timezone.localdate(), reading(request), ""
    found = own_profile(user)
    if found is None:
        raise PermissionDenied
    form = ProfileForm.of(found, reader)
    if request.method == "POST":
        verb = request.POST.get("do", "")
        try:
            if verb == "save":
                form = ProfileForm(request.POST, reader=reader)
                if form.is_valid():
                    experts.change_profile(found, form.values(), by=user, today=today)
                    messages.success(request, _("The profile is saved."))
                    return redirect("knowledge:mine")
                problem = _("Mend the fields that are marked.")
            else:
                return _act(request, verb, found, today)
        except KnowledgeError as error:
            problem = str(error)
    figures = figures_of(found)
    context = {
        "expert": found,
        "figures": figures,
        "title": _title(figures),
        "sentence": _sentence(figures),
        "why_not": [(label, (count, number(count))) for label, count in figures.declined.items()],
        "told": [(one, text_for(one, reader), said_by_curator(one, reader)) for one in told_by(user)],
        "advice": _advice(found, today),
        "suggested": list(found.lines.filter(status=LineStatus.SUGGESTED).order_by("-year", "pk")[:200]),
        "confirmed": found.lines.filter(status=LineStatus.CONFIRMED).count(),
        "form": form,
        "problem": problem,
        "tabs": tabs(request, today),
    }
    return render(request, "knowledge/mine.html", context, status=422 if problem else 200)


def _title(figures: Figures) -> str:
    shown = ngettext("%(n)s time shown to officers", "%(n)s times shown to officers", figures.shown)
    asked = ngettext("%(n)s time asked", "%(n)s times asked", figures.asked)
    return listed([shown % {"n": number(figures.shown)}, asked % {"n": number(figures.asked)}])


def _sentence(figures: Figures) -> str:
    opened = ngettext(
        "Officers opened your page %(n)s time.", "Officers opened your page %(n)s times.", figures.opened
    )
    answered = ngettext("You answered %(n)s question", "You answered %(n)s questions", figures.answered)
    worked = ngettext("%(n)s piece of advice worked.", "%(n)s pieces of advice worked.", figures.worked)
    said = _("%(opened)s %(answered)s; %(worked)s Who searched is not kept.")
    return said % {
        "opened": opened % {"n": number(figures.opened)},
        "answered": answered % {"n": number(figures.answered)},
        "worked": worked % {"n": number(figures.worked)},
    }


def _act(request: HttpRequest, verb: str, found: Expert, today: datetime.date) -> HttpResponseBase:
    user: Any = request.user
    chosen = [int(one) for one in request.POST.getlist("line") if one.isdecimal()]
    if verb in ("mine", "not_mine"):
        experts.settle_lines(found, chosen, mine=verb == "mine", by=user, today=today)
    elif verb == "import":
        take_works(request, found, today)
    elif verb == "confirm":
        experts.change_profile(found, {}, by=user, today=today)
        messages.success(request, _("Thank you: the profile is confirmed for another year."))
    elif verb == "erase":
        if request.POST.get("sure") != "yes":
            raise KnowledgeError(_("Tick that you are sure: this cannot be undone."))
        experts.erase(found, by=user, today=today)
        said = _("Your profile is erased. That questions were asked and answered stays, without you.")
        if close_account(user, by=str(user.pk)):
            logout(request)
            said = _(
                "Your profile and your account are erased. What was asked and answered stays, without you."
            )
        messages.success(request, said)
        return redirect("knowledge:search")
    else:
        raise KnowledgeError(_("This is nothing that can be done with a profile."))
    return redirect("knowledge:mine")


def take_works(request: HttpRequest, found: Expert, today: datetime.date) -> None:
    """Take suggestions in from the file that was sent, and say what was left out."""
    file = request.FILES.get("file")
    if file is None:
        raise KnowledgeError(_("Choose a file."))
    works = read_works(file.read(LARGEST + 1), found)
    count = experts.add_lines(found, works.lines, by=str(request.user.pk), today=today)
    said = ngettext("%(count)s new work is suggested.", "%(count)s new works are suggested.", count)
    messages.success(request, said % {"count": number(count)})
    for said in [*works.warnings[:10], *works.problems[:10]]:
        messages.warning(request, said)


def _advice(found: Expert, today: datetime.date) -> list[str]:
    """What would help the profile to be found: what officers look for and this profile does not say."""
    rows = []
    if today - found.confirmed_on > STALE:
        rows.append(
            _("Nobody has confirmed this profile for a year: confirm it, or it is shown as out of date.")
        )
    if not found.declared:
        rows.append(_("Say what you know about: questions are matched to it."))
    if not Line.objects.filter(expert=found, status=LineStatus.CONFIRMED).exists():
        rows.append(
            _(
                "Confirm lines of evidence, or ask a curator to add a project: they rank above what is only stated."
            )
        )
    if len(found.languages) < 2:
        rows.append(_("Name every language that you can answer in."))
    return rows


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that is kept about the person, as JSON."""
    found = own_profile(request.user)
    if found is None:
        raise PermissionDenied
    names = [*experts.EDITABLE, "basis", "standing", "added_on", "confirmed_on"]
    texts = ("language", "status", *WORDS)
    content = {
        "profile": {name: getattr(found, name) for name in names},
        "evidence": list(found.lines.values("kind", "text", "language", "year", "source", "status")),
        "questions": list(
            asked_of(found).values(
                "asked_on", "progress", "question__text", "answer", "answered_on", "works_3", "works_12"
            )
        ),
        "shown": list(found.months.values("month", "shown", "opened")),
        "practices": [
            {
                "code": one.code,
                "standing": one.standing,
                "because": one.taken_back_because,
                "texts": list(one.texts.values(*texts)),
            }
            for one in told_by(request.user)
        ],
    }
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False, indent=1, default=str), content_type="application/json"
    )
    response["Content-Disposition"] = 'attachment; filename="profile.json"'
    return response


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponseBase:
    """Whoever brings the token of an invitation makes the profile theirs, with the account they have or a new one."""
    today, problem = timezone.localdate(), ""
    found = experts.open_claim(token, today)
    if request.method == "POST" and found is not None:
        try:
            with transaction.atomic():
                owner = request.user if request.user.is_authenticated else _new_owner(request, found.expert)
                experts.claim(token, by=owner, today=today)
            if not request.user.is_authenticated:
                login(request, owner, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("knowledge:mine")
        except KnowledgeError as error:
            problem = str(error)
        except ValidationError as error:
            problem = " ".join(error.messages)
    context = {"claim": found, "problem": problem, "typed": request.POST.get("username", "")}
    return render(request, "knowledge/claim.html", context, status=422 if problem else 200)


def _new_owner(request: HttpRequest, expert: Expert) -> User:
    username = request.POST.get("username", "").strip()
    if not 3 <= len(username) <= 60:
        raise KnowledgeError(_("Choose a user name of 3 to 60 characters."))
    try:
        with transaction.atomic():
            return add_user(
                username, password=request.POST.get("password", ""), display_name=expert.name, by="invitation"
            )
    except IntegrityError:
        raise KnowledgeError(_("This user name is taken. Choose another one.")) from None
