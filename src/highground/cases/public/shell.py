"""What the navigation says of messages."""

from django.http import HttpRequest

from highground.accounts.shell import area_in_view
from highground.cases.public.queries import waiting_for


def waiting_in_view(request: HttpRequest) -> int:
    """The messages from the area in view that have no answer yet. One query, asked once per request."""
    if not hasattr(request, "_waiting_messages"):
        request._waiting_messages = waiting_for(request.user, area_in_view(request)).count()  # type: ignore[attr-defined]
    return request._waiting_messages  # type: ignore[attr-defined,no-any-return]
