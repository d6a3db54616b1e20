"""What the navigation says of cases."""

from django.http import HttpRequest
from django.utils import timezone

from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.cases.inbox import cases_of
from highground.signals.rulebooks import latest_books


def waiting_in_view(request: HttpRequest) -> int:
    """The cases in the area in view that wait for this person, asked once per request."""
    counts = _kept(request)
    area = area_in_view(request)
    if area not in counts:
        cases = cases_of(request.user, area, latest_books(), timezone.localdate())
        counts[area] = cases.filter(mine=True).count()
    return counts[area]


def keep_waiting(request: HttpRequest, area: Area | None, count: int) -> None:
    """A page that has counted the cases of `area` that wait says so, and the navigation need not count again."""
    _kept(request)[area] = count


def _kept(request: HttpRequest) -> dict[Area | None, int]:
    if not hasattr(request, "_waiting_cases"):
        request._waiting_cases = {}  # type: ignore[attr-defined]
    return request._waiting_cases  # type: ignore[attr-defined,no-any-return]
