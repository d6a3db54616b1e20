"""The code that sets ODK Collect or KoboCollect up: it holds the address of this office with a token, and is shown once.

Format: the settings as JSON, compressed by zlib, as base64, in a QR code (https://docs.getodk.org/collect-import-export).
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from dataclasses import dataclass

import segno
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Code:
    """What somebody scans, or types where nothing can be scanned."""

    address: str
    picture: SafeString


def code_for(request: HttpRequest, token: str, *, title: str) -> Code:
    """The code of a new device. Who has it, or the address in it, acts for the person until it is revoked."""
    listed = request.build_absolute_uri(reverse("field:collect_forms", kwargs={"token": token}))
    address = listed.removesuffix("/formList")
    return Code(address, _drawn(packed(settings_for(address, title))))


def settings_for(address: str, title: str) -> dict[str, dict[str, object]]:
    """The settings of Collect: this office, its forms kept up to date, finished forms sent by themselves."""
    return {
        "general": {
            "server_url": address,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "delete_send": True,
        },
        "admin": {"change_server": False},
        "project": {"name": title, "icon": "H", "color": "#0f4c3a"},
    }


def packed(settings: dict[str, dict[str, object]]) -> bytes:
    """The settings as they stand in the code."""
    return base64.b64encode(zlib.compress(json.dumps(settings, separators=(",", ":")).encode()))


def _drawn(content: bytes) -> SafeString:
    """A QR code as SVG without styles, which the pages of the office do not allow."""
    kept = io.BytesIO()
    segno.make(content, micro=False, error="l").save(
        kept,
        kind="svg",
        scale=5,
        border=4,
        light="#fff",
        xmldecl=False,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return mark_safe(kept.getvalue().decode())  # noqa: S308  (drawn by a library from base64)
