"""Default-deny managers: a query that nobody has scoped raises instead of leaking.

    class Household(models.Model):
        area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
        objects = ScopedManager(area="area__path")

    Household.objects.visible_to(user)                  # what this person may see today
    Household.objects.visible_in(area.path, user)       # and of that, what lies in one area
    Household.objects.everywhere(reason="screening")    # tasks and commands only; a lint lists the callers
    Household.objects.all()                             # UnscopedQuery

Creating rows is not reading: `create` and `bulk_create` work without a scope. Django itself (saving,
following a foreign key, related managers, checks) goes through a plain manager that is added under the name
`unscoped_internal`; no code of ours may use it. A household reached in scope may show its own members
(`household.members.all()`); the way down from an area must stay closed, so a foreign key to an area has
`related_name="+"`, which a system check holds.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils import timezone

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of

INTERNAL = "unscoped_internal"


class UnscopedQuery(RuntimeError):
    """A scoped model was queried without saying for whom, or why for nobody."""


def within(area: str, paths: list[str]) -> models.Q:
    """A condition: the look-up `area` (as `area__path`) lies in the subtree of one of the paths.

    An empty list allows nothing; an empty path allows everything.
    """
    allowed = models.Q(pk__in=[])
    for path in paths:
        allowed |= models.Q(**{f"{area}__startswith": path}) if path else ~models.Q(pk__in=[])
    return allowed


def common(paths: list[str], path: str) -> list[str]:
    """What the subtrees of `paths` share with the subtree of `path`; `paths` holds none inside another (`scope_of`)."""
    return [path] if path.startswith(tuple(paths)) else [held for held in paths if held.startswith(path)]


def touching(paths: list[str]) -> models.Q:
    """A condition on events: one of the areas that they touch lies in the subtree of one of the paths."""
    allowed = within("area_path", paths)
    for path in paths:
        allowed |= models.Q(also_in__contains=f"/{path}")
    return allowed


class ScopedManager(models.Manager[Any]):
    """A manager that answers only `visible_to(user)` and `everywhere(reason=...)`.

    `area` is the look-up from the model to an area's path; `sight` is what a role must be allowed to see.
    """

    def __init__(self, area: str = "area__path", sight: Sight = Sight.HOUSEHOLDS) -> None:
        super().__init__()
        self.area = area
        self.sight = sight

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        super().contribute_to_class(cls, name)
        if not cls._meta.abstract:
            cls.add_to_class(INTERNAL, models.Manager())
            cls._meta.default_manager_name = INTERNAL

    def get_queryset(self) -> models.QuerySet[Any]:
        raise UnscopedQuery(
            f"{self.model.__name__} holds data of an area: ask with .visible_to(user), "
            "or in a task or command with .everywhere(reason=...)"
        )

    def visible_to(self, user: Any, today: datetime.date | None = None) -> models.QuerySet[Any]:
        """The rows in the areas where `user` holds a role on `today` that sees this kind of thing."""
        paths = scope_of(user, today or timezone.localdate(), self.sight)
        return self._open().filter(within(self.area, paths))

    def visible_in(self, path: str, user: Any, today: datetime.date | None = None) -> models.QuerySet[Any]:
        """The rows of `visible_to` in the subtree of `path`, by a single condition where two would say the same.

        PostgreSQL multiplies the odds of two conditions: of a county asked for twice it expects an eighth of the
        rows, where the county has one household in eight, and then fetches thousands of rows one by one.
        """
        paths = scope_of(user, today or timezone.localdate(), self.sight)
        return self._open().filter(within(self.area, common(paths, path)))

    def everywhere(self, *, reason: str) -> models.QuerySet[Any]:
        """Every row, for a task or a command that works for no single person. `reason` says why."""
        if not reason.strip():
            raise UnscopedQuery("everywhere() needs a reason in words")
        return self._open()

    def create(self, **fields: Any) -> Any:
        """Save one new row."""
        return self._open().create(**fields)

    def bulk_create(self, objs: Iterable[Any], *arguments: Any, **options: Any) -> list[Any]:
        """Save many new rows."""
        return self._open().bulk_create(objs, *arguments, **options)

    def _open(self) -> models.QuerySet[Any]:
        return super().get_queryset()
