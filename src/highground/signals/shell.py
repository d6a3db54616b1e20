"""What the navigation says of clues."""

from django.http import HttpRequest

from highground.accounts.shell import area_in_view
from highground.signals.queries import open_clues


def open_count(request: HttpRequest) -> int:
    """Open clues in the area in view. One query, asked once per request."""
    if not hasattr(request, "_open_clues"):
        request._open_clues = open_clues(request.user, area_in_view(request)).count()  # type: ignore[attr-defined]
    return request._open_clues  # type: ignore[attr-defined,no-any-return]
