"""What people see of a forum: everybody, whoever holds a link, and the organisers."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from highground.forum.models import Forum


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
