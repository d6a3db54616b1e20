"""What people see of villages: what they have, what is built, who earns there, which projects work there, and studies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from highground.web.lists import Pill
from highground.works.ground import WorksError
from highground.works.queries.projects import opens_works

LARGEST_FILE = 50 * 2**20

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def door(page: Page[P]) -> Page[P]:
    """Let people in who see villages in an area, or hold a role for a project; 403 for others."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not opens_works(request):
            raise PermissionDenied
        return page(request, *args, **kwargs)

    return guarded


def person(request: HttpRequest) -> Any:
    """Who is signed in: no page is opened by anybody else."""
    return request.user


def tabs(request: HttpRequest) -> list[Pill]:
    """The lists of this room."""
    doors = [
        ("works:villages", _("Villages")),
        ("works:projects", _("Projects")),
        ("works:studies", _("Studies")),
        ("works:assets", _("Assets")),
    ]
    return [Pill(label, reverse(name), current=reverse(name) == request.path) for name, label in doors]


def form_page(
    request: HttpRequest,
    form: Form,
    problem: str,
    *,
    title: str,
    sentence: str,
    button: str,
    trail: Sequence[tuple[str, str]],
) -> HttpResponseBase:
    """A page that is one form; 422 where what was sent cannot be used."""
    context = {
        "title": title,
        "sentence": sentence,
        "form": form,
        "button": button,
        "trail": trail,
        "problem": problem,
    }
    wrong = request.method == "POST" and (problem or form.errors)
    return render(request, "works/form.html", context, status=422 if wrong else 200)


def stored(given: Any, folder: Path) -> Path:
    """The uploaded file under its own name, so that messages can name it."""
    if (given.size or 0) > LARGEST_FILE:
        raise WorksError(_("This file is too large. Send one of at most 50 MB, or import it in parts."))
    path = folder / Path(given.name or "file").name
    with path.open("wb") as target:
        for chunk in given.chunks():
            target.write(chunk)
    return path
