"""What the navigation says of clues, and to whom it shows the rows of departments that wait."""

from django.http import HttpRequest
from django.utils import timezone

from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.signals.queries import open_clues
from highground.signals.unnumbered import decides, receives_feeds


def open_count(request: HttpRequest, area: Area | None) -> int:
    """Open clues in `area`. One query, asked once per request and area."""
    counts = _kept(request)
    if area not in counts:
        counts[area] = open_clues(request.user, area).count()
    return counts[area]


def open_count_in_view(request: HttpRequest) -> int:
    """Open clues in the area in view."""
    return open_count(request, area_in_view(request))


def keep_open_count(request: HttpRequest, area: Area | None, count: int) -> None:
    """A page that has counted the open clues of `area` says so, and the navigation need not count again."""
    _kept(request)[area] = count


def _kept(request: HttpRequest) -> dict[Area | None, int]:
    if not hasattr(request, "_open_clues"):
        request._open_clues = {}  # type: ignore[attr-defined]
    return request._open_clues  # type: ignore[attr-defined,no-any-return]


def has_rows_to_decide(request: HttpRequest) -> bool:
    """Whether departments send files here and the reader is a county officer."""
    return receives_feeds() and decides(request.user, timezone.localdate())
