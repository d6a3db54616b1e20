"""What a phone asks for: its page, its words, its households; and where it sends what was said at the door."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from highground.accounts.actions import TooManyAttempts, check_password
from highground.accounts.devices import issue_device
from highground.accounts.enums import Role, Sight
from highground.accounts.models import User
from highground.accounts.queries import held_grants, roles_of, scope_of
from highground.audit.actions import log_accesses
from highground.field.cards import MOST_CARDS, cards_of
from highground.field.doors import from_device
from highground.field.due import index_of
from highground.field.instance import BadInstance
from highground.field.receiving import OtherContent, Receipt, receive
from highground.web.addresses import address_of

SHELL = Path(__file__).parent / "static" / "field"
KINDS = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}


@login_not_required
@require_GET
def shell(request: HttpRequest) -> HttpResponseBase:
    """The page itself: the same for everybody, without anything about anybody, so that a phone may keep it."""
    response = render(request, "field/shell.html", {"lang": get_language()})
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_GET
def part(request: HttpRequest, name: str) -> HttpResponseBase:
    """A script or a style of the page, by a name that does not change; a phone asks whether it has changed."""
    if name not in {one.name for one in SHELL.iterdir() if one.suffix in KINDS}:
        raise Http404
    content = (SHELL / name).read_bytes()
    if name == "sw.js":
        content = content.replace(b"__VERSION__", version().encode())
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304)
    response = HttpResponse(content, content_type=f"{KINDS[Path(name).suffix]}; charset=utf-8")
    response["ETag"], response["Cache-Control"] = tag, "no-cache"
    if name == "sw.js":
        response["Service-Worker-Allowed"] = "/field/"
    return response


@login_not_required
@require_GET
def words(request: HttpRequest, language: str) -> HttpResponseBase:
    """The words of the page in a language; English stands in the page itself."""
    file = _words_file(language)
    response = JsonResponse(json.loads(file.read_text()) if file else {})
    response["X-Words-Version"], response["Cache-Control"] = words_version(language), "no-cache"
    return response


def _words_file(language: str) -> Path | None:
    return next((one for one in SHELL.glob("words.*.json") if one.name == f"words.{language}.json"), None)


def words_version(language: str) -> str:
    """What changes when the words of a language do; "" for English, which stands in the page."""
    file = _words_file(language)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file else ""


@login_not_required
@require_GET
def manifest(request: HttpRequest) -> HttpResponseBase:
    """What a phone shows when the page is put on its first screen."""
    return JsonResponse(
        {
            "name": "Highground",
            "short_name": "Highground",
            "start_url": "/field/",
            "scope": "/field/",
            "display": "standalone",
            "background_color": "#faf8f2",
            "theme_color": "#0f4c3a",
            "icons": [{"src": "/static/web/icon.svg", "type": "image/svg+xml", "sizes": "any"}],
        },
        content_type="application/manifest+json",
    )


def version() -> str:
    """What changes when a file of the page does."""
    whole = hashlib.sha256()
    for one in sorted(SHELL.iterdir()):
        whole.update(one.name.encode() + one.read_bytes())
    return whole.hexdigest()[:16]


@csrf_exempt
@login_not_required
@sensitive_variables("typed")
@require_POST
def enrol(request: HttpRequest) -> HttpResponseBase:
    """Give this phone a token of its own, once, for a name and a password. No cookie is read or set."""
    if request.content_type != "application/json":
        return JsonResponse({"error": "send JSON"}, status=415)
    try:
        typed = json.loads(request.body)
        username, password, name = str(typed["username"]), str(typed["password"]), str(typed.get("name", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"error": "give username, password and name"}, status=400)
    today = timezone.localdate()
    try:
        user = check_password(
            request, username=username, password=password, address=address_of(request), now=timezone.now()
        )
    except TooManyAttempts:
        return JsonResponse({"error": "too_many"}, status=403)
    if user is None:
        return JsonResponse({"error": "wrong_password"}, status=403)
    if not scope_of(user, today, Sight.CASES):
        return JsonResponse({"error": "no_area"}, status=403)
    issued = issue_device(user, name=name, by=str(user.pk), today=today)
    told = {"token": issued.token, "device": issued.device.pk, "until": issued.device.until.isoformat()}
    return JsonResponse({**told, "user": _told_of(user)}, status=201)


def _told_of(user: User) -> dict[str, Any]:
    roles = roles_of(user, timezone.localdate())
    return {"id": str(user.pk), "name": str(user), "role": str(Role(roles[0]).label) if roles else ""}


@from_device
@require_GET
def bundle(request: HttpRequest) -> HttpResponseBase:
    """What is due today, and which households there are with the version of each card."""
    user, today = request.user, timezone.localdate()
    areas = {one.area.code: str(one.area) for one in held_grants(user, today) if one.area}
    return JsonResponse(
        {
            "today": today.isoformat(),
            "language": get_language(),
            "words": words_version(get_language() or ""),
            "user": _told_of(user),  # type: ignore[arg-type]
            "areas": [{"code": code, "name": name} for code, name in areas.items()],
            **index_of(user, today),  # type: ignore[arg-type]
        }
    )


@from_device
@require_GET
def cards(request: HttpRequest) -> HttpResponseBase:
    """The cards of some households. The look at each is logged."""
    user, today = request.user, timezone.localdate()
    keys = [one for one in request.GET.get("keys", "").split(",") if one]
    if len(keys) > MOST_CARDS:
        return JsonResponse({"error": f"ask for at most {MOST_CARDS} households at once"}, status=400)
    found = cards_of(keys, user, today)  # type: ignore[arg-type]
    shown = [(one["key"], one.pop("path")) for one in found]
    log_accesses(by=str(user.pk), page="field.cards", subject_kind="household", subjects=shown)
    return JsonResponse({"cards": found})


@from_device
@require_http_methods(["HEAD", "POST"])
def submission(request: HttpRequest) -> HttpResponseBase:
    """Take in one form and its files. Sent again, it gets the same answer and counts once."""
    if request.method == "HEAD":
        return HttpResponse(status=204)
    sent = request.FILES.get("xml_submission_file")
    if sent is None:
        return JsonResponse({"error": "xml_submission_file is missing"}, status=400)
    content = sent.read()
    files = {name: file for name, file in request.FILES.items() if name != "xml_submission_file"}
    try:
        receipt = receive(content, files, device=request.device, today=timezone.localdate())  # type: ignore[attr-defined]
    except BadInstance as error:
        return JsonResponse({"error": str(error)}, status=400)
    except OtherContent as error:
        return JsonResponse({"error": str(error)}, status=409)
    return JsonResponse(_told(receipt), status=201)


def _told(receipt: Receipt) -> dict[str, Any]:
    return {
        "state": receipt.state,
        "problems": receipt.problems,
        "conflicts": receipt.conflicts,
        "lacking": receipt.lacking,
    }
