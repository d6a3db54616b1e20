"""The area of a list: what the list is of, which part of it was chosen, and the menu of the parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.areas.queries import children
from highground.web.lists import Pill, pill

MOST_PLACES = 60


def areas_of(request: HttpRequest, sight: Sight = Sight.HOUSEHOLDS) -> tuple[Area | None, Area | None]:
    """What the list is of, and the part of it that `?area=` chooses.

    The list is of the area in view. An area right below it is a filter, so that the others stay beside it; one that
    `?area=` names elsewhere is what the list is of, if the person may look there.
    """
    in_view, wanted = area_in_view(request), request.GET.get("area", "")
    named = Area.objects.filter(code=wanted).first() if wanted else None
    if named and in_view and named.parent_id == in_view.pk:
        return in_view, named
    may_look = named and may_see(request.user, timezone.localdate(), sight, named.path)
    return (named if may_look else in_view), None


def places_in(area: Area | None) -> list[Area]:
    """The areas right below `area`; none where there are too many for a menu."""
    found = list(children(area)[: MOST_PLACES + 1]) if area else []
    return found if len(found) <= MOST_PLACES else []


def place_pills(request: HttpRequest, places: Sequence[Area], counts: Mapping[str, int]) -> list[Pill]:
    """The menu of `places`, each with its count by path."""
    if not places:
        return []
    return [
        *([pill(request, _("All"), area=None)] if "area" in request.GET else []),
        *(pill(request, str(place), area=place.code, count=counts.get(place.path, 0)) for place in places),
    ]
