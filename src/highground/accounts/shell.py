"""The area in view: what the switcher in the dark bar offers and what lists and pictures start from."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from highground.accounts.enums import Role, Sight
from highground.accounts.queries import held_grants, roles_of, scope_of
from highground.areas.models import Area

_SESSION_KEY = "area"
_MOST_CHILDREN = 60


@dataclass(frozen=True)
class Switcher:
    """The area in view, the way up, and where one can go from here."""

    current: Area | None
    up: Area | None = None
    held: list[Area] = field(default_factory=list)
    children: list[Area] = field(default_factory=list)


def areas_held(request: HttpRequest) -> list[Area]:
    """The areas in which this person holds a role today that sees counts, outermost first."""
    today = timezone.localdate()
    paths = set(scope_of(request.user, today, Sight.COUNTS))
    held = {grant.area.path: grant.area for grant in held_grants(request.user, today) if grant.area}
    return [held[path] for path in sorted(paths) if path in held]


def area_in_view(request: HttpRequest) -> Area | None:
    """The area chosen in the switcher, if the person may still look there, else the first one held.

    One query at most, once per request; None for a person without an area.
    """
    if not hasattr(request, "_area_in_view"):
        held = areas_held(request)
        chosen = _in_scope(held, request.session.get(_SESSION_KEY, ""))
        request._area_in_view = chosen or (held[0] if held else None)  # type: ignore[attr-defined]
    return request._area_in_view  # type: ignore[attr-defined,no-any-return]


def choose_area(request: HttpRequest, code: str) -> bool:
    """Make the area with this code the one in view; False if the person may not look there."""
    chosen = _in_scope(areas_held(request), code)
    if chosen:
        request.session[_SESSION_KEY] = chosen.code
    return bool(chosen)


def _in_scope(held: list[Area], code: str) -> Area | None:
    for area in held:
        if area.code == code:
            return area
    if not code or not held:
        return None
    named = Area.objects.filter(code=code).select_related("parent").first()
    inside = named and any(named.path.startswith(above.path) for above in held)
    return named if inside else None


def switcher(request: HttpRequest) -> Switcher | None:
    """What the area switcher shows; None for a person without an area. Two queries at most."""
    held = areas_held(request)
    current = area_in_view(request)
    if current is None:
        return None
    parent = current.parent
    may_go_up = parent and any(parent.path.startswith(above.path) for above in held)
    children = list(Area.objects.filter(parent=current).order_by("path")[: _MOST_CHILDREN + 1])
    return Switcher(
        current=current,
        up=parent if may_go_up else None,
        held=[area for area in held if area != current],
        children=children if len(children) <= _MOST_CHILDREN else [],
    )


def roles_in_words(request: HttpRequest) -> str:
    """The roles held today, for the bar: "county officer"."""
    comma = "、" if (get_language() or "").startswith("zh") else ", "
    return comma.join(str(Role(role).label) for role in roles_of(request.user, timezone.localdate()))


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the bar. Nothing is asked of the database until a template uses it."""
    # A request that was refused early (a wrong host) has nobody yet.
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {"switcher": None}
    return {
        "switcher": SimpleLazyObject(lambda: switcher(request)),
        "roles_in_words": SimpleLazyObject(lambda: roles_in_words(request)),
    }
