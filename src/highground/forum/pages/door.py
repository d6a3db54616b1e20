"""The door: a page that a phone or laptop keeps, works without a network, and sends what it scanned when it can.

The page is the same for everybody and holds nothing; the door's link stands behind `#` in its address, so that it is in no log.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from highground.cases.public.pages import small
from highground.forum.actions.door import Outcome, take_scans
from highground.forum.ground import ForumError, country_name
from highground.forum.links import came_at, door_by, people_at
from highground.forum.models import Door

SHELL = Path(__file__).parents[1] / "static" / "forum"
PARTS = {"door.js": "text/javascript", "sw.js": "text/javascript", "door.css": "text/css"}


@login_not_required
@require_GET
def shell(request: HttpRequest) -> HttpResponseBase:
    """The page itself, without anything about anybody, so that a device may keep it."""
    response = render(request, "forum/door.html", {"lang": get_language()})
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_GET
def part(request: HttpRequest, name: str) -> HttpResponseBase:
    """A script or style of the page, by a name that does not change."""
    if name not in PARTS:
        raise Http404
    content = (SHELL / name).read_bytes()
    if name == "sw.js":
        content = content.replace(b"__VERSION__", _version().encode())
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304)
    return HttpResponse(
        content,
        content_type=f"{PARTS[name]}; charset=utf-8",
        headers={"ETag": tag, "Cache-Control": "no-cache"},
    )


def _version() -> str:
    whole = hashlib.sha256()
    for name in sorted(PARTS):
        whole.update((SHELL / name).read_bytes())
    template = Path(__file__).parents[1] / "templates" / "forum" / "door.html"
    whole.update(template.read_bytes())
    return whole.hexdigest()[:16]


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponseBase:
    """Whom a door may let in: badge, name, country, and whether they came today already."""
    door = _door(request)
    if door is None:
        return JsonResponse({"error": "closed"}, status=401)
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    found = [
        {"badge": one.badge, "name": one.name, "latin": one.latin, "from": country_name(one.country)}
        for one in people_at(door)
    ]
    answer = {
        "door": door.name,
        "forum": door.forum.name,
        "zone": door.forum.time_zone,
        "people": found,
        "came": [[badge, day.isoformat()] for badge, day in came_at(door)],
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@csrf_exempt
@login_not_required
@small
@require_http_methods(["GET", "POST"])
def scans(request: HttpRequest) -> HttpResponseBase:
    """What a door has scanned; answered scan by scan. The token stands in a header, so no other site can send it."""
    door = _door(request)
    if door is None:
        return JsonResponse({"error": "closed"}, status=401)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        items = json.loads(request.body)
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise ForumError("send a list of scans")
        done = take_scans(door, items, now=timezone.now())
    except (ValueError, RecursionError, ForumError) as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({"scans": [_said(one) for one in done]}, headers={"Cache-Control": "no-store"})


def _said(one: Outcome) -> dict[str, Any]:
    return {
        "key": one.key,
        "state": one.state,
        "name": one.participant.name if one.participant else "",
        "first": one.first_at.isoformat() if one.first_at else "",
    }


def _door(request: HttpRequest) -> Door | None:
    kind, _blank, link = request.headers.get("Authorization", "").partition(" ")
    return door_by(link) if kind == "Door" else None
