"""What the organisers of a forum see and do."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from highground.forum.ground import ForumError
from highground.forum.models import Forum
from highground.forum.pages import number_of
from highground.forum.queries import organised_by
from highground.outbox.actions import OutboxError
from highground.web.lists import Pill


def mine_or_404(request: HttpRequest, code: str) -> Forum:
    """A forum that this person runs; anything else does not exist."""
    found = organised_by(request.user, timezone.localdate()).filter(code=code).first()
    if found is None:
        raise Http404
    return found


def person(request: HttpRequest) -> Any:
    """Who is signed in: no page of the office is opened by anybody else."""
    return request.user


def today() -> datetime.date:
    """What day it is in the office."""
    return timezone.localdate()


def who_does(request: HttpRequest) -> dict[str, Any]:
    """Who does something in the office and on which day, as every action asks."""
    return {"by": person(request), "today": today()}


def number(typed: str | None) -> int:
    """A number that a form sent; 0 where it sent none."""
    return number_of(typed or "")


def tabs(request: HttpRequest, forum: Forum) -> list[Pill]:
    """The pages of a forum in the office."""
    doors = [
        ("overview", _("Overview")),
        ("people", pgettext("a forum", "People")),
        ("delegations", _("Delegations")),
        ("entries", _("Entries")),
        ("office_programme", _("Programme")),
        ("letters", _("Letters")),
        ("doors", _("Doors")),
        ("office_commitments", _("Commitments")),
        ("after", _("What remains")),
    ]
    found = [(reverse(f"forum:{name}", args=[forum.code]), label) for name, label in doors]
    return [Pill(label, url, current=url == request.path) for url, label in found]


def around(request: HttpRequest, forum: Forum, title: str, sentence: str = "") -> dict[str, Any]:
    """What every page of a forum in the office shows around it."""
    return {
        "forum": forum,
        "title": title,
        "sentence": sentence,
        "tabs": tabs(request, forum),
        "trail": [(_("Forums"), reverse("forum:office")), (forum.name, "")],
    }


def tried(request: HttpRequest, do: Callable[[], Any]) -> str | None:
    """Do what the forms of a page ask for: None when it is done, else why not, in words; nothing where nothing was sent."""
    if request.method != "POST":
        return ""
    try:
        do()
    except (ForumError, OutboxError) as error:
        return str(error)
    return None


def shown(request: HttpRequest, template: str, context: dict[str, Any], problem: str) -> HttpResponse:
    """A page of the office, with what could not be done said on it."""
    form = context.get("form")
    wrong = problem or (form is not None and form.errors)
    return render(
        request, f"forum/office/{template}.html", context | {"problem": problem}, status=422 if wrong else 200
    )
