"""What people see of knowledge: everybody searches and reads; officers ask; experts answer; curators look after it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.knowledge.ground import may_curate
from highground.knowledge.languages import NAMES, reading
from highground.knowledge.models import Expert
from highground.knowledge.words import in_language
from highground.web.lists import Pill, pill

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def curates(page: Page[P]) -> Page[P]:
    """Let only curators in; 403 for others."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not may_curate(request.user, timezone.localdate()):
            raise PermissionDenied
        return page(request, *args, **kwargs)

    return guarded


def own_profile(user: Any) -> Expert | None:
    """The profile that this person has claimed. One query."""
    return Expert.objects.filter(owner=user).first() if user.is_authenticated else None


_more: list[tuple[str, Any, Callable[[HttpRequest], bool]]] = []


def add_tab(name: str, label: Any, shown: Callable[[HttpRequest], bool]) -> None:
    """A page of a higher floor that stands among these: from that room's `AppConfig.ready()`."""
    if name not in {known for known, *_rest in _more}:
        _more.append((name, label, shown))


def tabs(request: HttpRequest, today: datetime.date) -> list[Pill]:
    """The pages of knowledge that this person may open; none for readers without an account."""
    user: Any = request.user
    if not user.is_authenticated:
        return []
    mine = own_profile(user) is not None
    doors = [
        ("knowledge:search", _("Search"), True),
        ("knowledge:questions", _("Questions"), mine or may_see(user, today, Sight.QUESTIONS)),
        ("knowledge:mine", _("My profile"), mine),
        ("knowledge:curate", _("Curation"), may_curate(user, today)),
    ]
    doors += [(name, label, shown(request)) for name, label, shown in _more]
    found = [
        Pill(label, reverse(name), current=reverse(name) == request.path) for name, label, may in doors if may
    ]
    return found if len(found) > 1 else []


def language_pills(request: HttpRequest) -> list[Pill]:
    """The languages that this page can be read in."""
    chosen = reading(request)
    found = [(code, pill(request, name, lang=code)) for code, name in NAMES.items()]
    return [Pill(in_language(one.label, code), one.url, None, code == chosen) for code, one in found]
