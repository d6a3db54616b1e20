"""Who calls from ODK Collect: the device whose token stands in the address, or in a header.

Collect can be given an address and nothing else, so the token is a part of it. That is why no line of the log shows what
follows `/field/d/` (`web/logs.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables

from highground.accounts.devices import DeviceRefused, device_of
from highground.field.openrosa.answers import message

Answer = Callable[..., HttpResponseBase]


def from_collect(view: Answer) -> Answer:
    """Let a device in by the token in its address, or by `Authorization: Bearer` in place of it.

    A token that opens nothing gets 403, never 401: Collect would ask for a name and a password, which no device has.
    """

    @csrf_exempt
    @login_not_required
    @sensitive_variables("token", "bearer")
    @wraps(view)
    def guarded(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
        try:
            device = device_of(bearer if scheme == "Bearer" else token, timezone.localdate())
        except DeviceRefused as refused:
            return message(
                _("This phone was taken out of service. Delete this project on it, and ask the office.")
                if refused.revoked
                else _("This address is not known. Ask the office for a new code and scan it."),
                403,
            )
        request.device = device  # type: ignore[attr-defined]
        request.user = device.user
        with override(device.user.language or None):
            return view(request, *args, **kwargs)

    return guarded
