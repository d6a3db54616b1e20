"""Reading grants: where a person may look, at what, and as what they act there."""

import datetime
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet

from highground.accounts.enums import SEES, Role, Sight
from highground.accounts.models import Grant, User


def grants_of(user: Any, today: datetime.date) -> QuerySet[Grant]:
    """The grants that `user` holds on `today`, with their areas; none for a person who may not sign in."""
    if not user.is_authenticated or not user.is_active:
        return Grant.objects.none()
    return (
        Grant.objects.filter(user=user, valid_from__lte=today)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
        .select_related("area__parent")
        .order_by("area__path", "role", "pk")
    )


def names_of_users(ids: Iterable[str]) -> dict[str, str]:
    """What people are called, by user id in text; an id that is no user's is left out. One query, none for nobody."""
    wanted = {one for one in ids if one.isdecimal()}
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=wanted)} if wanted else {}


def held_grants(user: Any, today: datetime.date) -> list[Grant]:
    """`grants_of` as a list, read once per user object and day: a request asks many times."""
    cache: dict[datetime.date, list[Grant]] = user.__dict__.setdefault("_held_grants", {})
    if today not in cache:
        cache[today] = list(grants_of(user, today))
    return cache[today]


def scope_of(user: Any, today: datetime.date, sight: Sight = Sight.HOUSEHOLDS) -> list[str]:
    """The area paths whose subtrees `user` may look into on `today`, for one kind of thing.

    Sorted, without a path that lies inside another one. `[""]` means the whole installation (auditors and
    operators only), `[]` means nowhere. Grants for a project or initiative open no area.
    """
    paths = sorted(
        {
            grant.area.path if grant.area else ""
            for grant in held_grants(user, today)
            if not grant.target_kind and sight in SEES[Role(grant.role)]
        }
    )
    outermost: list[str] = []
    for path in paths:
        if not outermost or not path.startswith(outermost[-1]):
            outermost.append(path)
    return outermost


def may_see(user: Any, today: datetime.date, sight: Sight, path: str | None = None) -> bool:
    """Whether `user` sees this kind of thing anywhere, or in the area at `path`."""
    scope = scope_of(user, today, sight)
    return bool(scope) if path is None else any(path.startswith(held) for held in scope)


def roles_of(user: Any, today: datetime.date) -> list[Role]:
    """The roles held on `today`, in the order of the enum."""
    held = {grant.role for grant in held_grants(user, today)}
    return [role for role in Role if role in held]


def holds(user: Any, today: datetime.date, roles: Collection[Role], path: str) -> Role | None:
    """The first of `roles`, in the order of the enum, that `user` holds on `today` in the area at `path` or above.

    None for none of them. Grants without an area and grants for a project or initiative do not count: who acts
    in an area holds a role there.
    """
    held = {
        grant.role
        for grant in held_grants(user, today)
        if grant.area and not grant.target_kind and path.startswith(grant.area.path)
    }
    return next((role for role in Role if role in roles and role in held), None)
