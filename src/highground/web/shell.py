"""What stands around every page: navigation with counts, languages, the banner of a demonstration.

A room adds its entries from its `AppConfig.ready()`:

    add_to_navigation(NavItem("clues", _("Clues"), "signals:clues", order=20, shown=sees_households,
                              count=open_clues, belongs=("signals:clue",)))

The two callables get the request; `count` is asked once per page and must cost one query at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_info


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation. `belongs` are beginnings of the view names that light it up.

    Whoever is shown more than `MOST` entries finds the `rare` ones under "More".
    """

    key: str
    label: Any
    url_name: str
    order: int
    shown: Callable[[HttpRequest], bool]
    count: Callable[[HttpRequest], int | None] | None = None
    belongs: tuple[str, ...] = ()
    rare: bool = False


MOST = 9
"""So many entries stand side by side on a desktop."""

_items: dict[str, NavItem] = {}


def add_to_navigation(item: NavItem) -> None:
    """Add an entry, or replace the one with the same key."""
    _items[item.key] = item


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries that this person is shown, each with its count and whether it is current.

    In their order, first those of the row, then those under "More". The current one is always in the row.
    """
    # A request that was refused early (a wrong host) has nobody yet.
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return []
    view = request.resolver_match.view_name if request.resolver_match else ""
    shown = [item for item in sorted(_items.values(), key=lambda item: item.order) if item.shown(request)]
    entries = []
    for item in shown:
        current = view == item.url_name or view.startswith(item.belongs or ("\0",))
        entries.append(
            {
                "key": item.key,
                "label": item.label,
                "url": reverse(item.url_name),
                "count": item.count(request) if item.count else None,
                "current": current,
                "more": item.rare and not current and len(shown) > MOST,
            }
        )
    return sorted(entries, key=lambda entry: entry["more"])


def languages() -> list[dict[str, Any]]:
    """The languages on offer, each in its own name."""
    now = get_language()
    return [{**get_language_info(code), "current": code == now} for code, _name in settings.LANGUAGES]


def context(request: HttpRequest) -> dict[str, Any]:
    """Context processor of the base layout. Nothing is asked of the database until a template uses it."""
    return {
        "synthetic": settings.SYNTHETIC_MARK.exists(),
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "languages": languages(),
    }
