"""What people see of a forum: everybody, whoever holds a link, and the organisers."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from highground.cases.public import brake
from highground.cases.public.pages import LARGEST
from highground.files.uploads import PAPERS
from highground.forum.models import Forum

REGISTERED_FROM = brake.Limit("forum registration from", 200, datetime.timedelta(hours=1))
ENTERED_FROM = brake.Limit("entry of a forum from", 60, datetime.timedelta(hours=1))
FILES_FROM = brake.Limit("file of an entry from", 60, datetime.timedelta(hours=1))
"""A ministry or a congress hall has one address for all; a flood from one is slowed all the same, and nobody's report of a need
is counted beside it."""

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def one_paper(page: Page[P]) -> Page[P]:
    """Refuse a request whose body is larger than the largest paper that is taken: 413. Forms are small as everywhere."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        papers = request.content_type == "multipart/form-data"
        most = LARGEST + (max(settings.UPLOAD_LIMITS[form] for form in PAPERS) if papers else 0)
        if not length.isdecimal() or int(length) > most:
            return HttpResponse(_("This is too large to be sent."), status=413, content_type="text/plain")
        return page(request, *args, **kwargs)

    return guarded


def forum_or_404(code: str) -> Forum:
    """A forum by its code."""
    found = Forum.objects.select_related("area").filter(code=code).first()
    if found is None:
        raise Http404
    return found


def held(found: Any) -> Any:
    """What a link opens; a link that opens nothing is answered like an address that does not exist."""
    if found is None:
        raise Http404
    return found


def number_of(typed: str) -> int:
    """A number that a form sent; 0 where it sent none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 18 else 0


def trail(forum: Forum, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a public page of a forum."""
    from django.urls import reverse

    return [
        (_("Forums"), reverse("forum:forums")),
        (forum.name, reverse("forum:forum", args=[forum.code])),
        *more,
    ]
