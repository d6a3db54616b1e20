"""Who calls: the device behind a token. Answers to devices are JSON, and never ask a browser for a password."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt

from highground.accounts.devices import DeviceRefused, device_of
from highground.accounts.models import Device

Answer = Callable[..., HttpResponseBase]


def from_device(view: Answer) -> Answer:
    """Let only a device with a valid token in; `request.device` and `request.user` are set.

    A browser sends the token in a header of its own accord never: there is nothing for another site to forge.
    """

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        try:
            device: Device = device_of(token if scheme == "Bearer" else "", timezone.localdate())
        except DeviceRefused as refused:
            told = {"error": "revoked", "wipe": True} if refused.revoked else {"error": "unknown_device"}
            return JsonResponse(told, status=401)
        request.device = device  # type: ignore[attr-defined]
        request.user = device.user
        with override(request.GET.get("lang") or device.user.language or None):
            return view(request, *args, **kwargs)

    return guarded
