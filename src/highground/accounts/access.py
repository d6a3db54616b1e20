"""Doors of pages: who may open which, and who is shown which entry of the navigation.

    @sees(Sight.RUNS)
    def runs(request): ...

    NavItem("clues", _("Clues"), "signals:clues", order=20, shown=shown_to(Sight.HOUSEHOLDS), ...)

A door says only that a person sees this kind of thing somewhere. Which rows they see is for the managers:
`visible_to(request.user)`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def sees(*sights: Sight) -> Callable[[Page[P]], Page[P]]:
    """Let only people in who hold a role today that sees one of these kinds of things; 403 for others."""

    def guard(page: Page[P]) -> Page[P]:
        @wraps(page)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            today = timezone.localdate()
            if not any(may_see(request.user, today, sight) for sight in sights):
                raise PermissionDenied
            return page(request, *args, **kwargs)

        return guarded

    return guard


def shown_to(*sights: Sight) -> Callable[[HttpRequest], bool]:
    """For a navigation entry: whether the person sees one of these kinds of things somewhere."""

    def shown(request: HttpRequest) -> bool:
        today = timezone.localdate()
        return any(may_see(request.user, today, sight) for sight in sights)

    return shown
