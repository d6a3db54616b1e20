"""The released programme: to read, as a calendar, as frab's JSON, as JSON-LD."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from highground.forum.exports import frab_of, icalendar_of, json_ld_of
from highground.forum.forms import zone_choices
from highground.forum.ground import LANGUAGES, ZONES, zone
from highground.forum.models import Forum, Release
from highground.forum.models.forum import said
from highground.forum.pages import forum_or_404, trail
from highground.forum.programme import by_day, changes_between
from highground.web.export import csv_response


@login_not_required
@require_safe
def programme(request: HttpRequest, code: str) -> HttpResponseBase:
    """The newest version, and what changed since the one before."""
    forum = forum_or_404(code)
    two = list(forum.releases.order_by("-number")[:2])
    if two and request.GET.get("format") == "csv":
        return _table(forum, two[0])
    chosen = request.GET.get("zone", "")
    elsewhere = chosen in ZONES and chosen != forum.time_zone
    context = {
        "forum": forum,
        "release": two[0] if two else None,
        "days": by_day(two[0].sessions, zone(chosen) if elsewhere else None) if two else [],
        "chosen": chosen if elsewhere else forum.time_zone,
        "zones": zone_choices(forum.time_zone),
        "changes": changes_between(two[1].sessions, two[0].sessions) if len(two) == 2 else [],
        "tongues": LANGUAGES,
        "trail": trail(forum, (_("Programme"), "")),
    }
    return render(request, "forum/programme.html", context)


def _table(forum: Forum, release: Release) -> HttpResponseBase:
    header = [_("Code"), _("Session"), _("Begins"), pgettext("a length", "Minutes"), _("Room"), _("Link"), _("Languages"),
              _("Interpreted into"), _("Who speaks"), _("Called off")]  # fmt: skip
    rows = (
        [one["code"], said(one["titles"]), one["starts"], one["minutes"], one["room"], one["link"], " ".join(one["languages"]),
         " ".join(one["channels"]), "; ".join(who["name"] for who in one["speakers"]), _("yes") if one["cancelled"] else ""]
        for one in release.sessions
    )  # fmt: skip
    return csv_response(f"{forum.code}-programme.csv", header, rows)


def _released(code: str) -> tuple[Forum, list[Release]]:
    forum = forum_or_404(code)
    releases = list(forum.releases.order_by("number"))
    if not releases:
        raise Http404
    return forum, releases


@login_not_required
@require_safe
def calendar(request: HttpRequest, code: str) -> HttpResponseBase:
    """The programme as iCalendar, to subscribe to."""
    forum, releases = _released(code)
    return HttpResponse(icalendar_of(forum, releases), content_type="text/calendar; charset=utf-8")


@login_not_required
@require_safe
def frab(request: HttpRequest, code: str) -> HttpResponseBase:
    """The programme as frab's schedule JSON."""
    forum, releases = _released(code)
    address = request.build_absolute_uri(reverse("forum:programme", args=[forum.code]))
    return JsonResponse(frab_of(forum, releases[-1], address))


@login_not_required
@require_safe
def json_ld(request: HttpRequest, code: str) -> HttpResponseBase:
    """The forum as schema.org JSON-LD."""
    forum = forum_or_404(code)
    address = request.build_absolute_uri(reverse("forum:forum", args=[forum.code]))
    newest = forum.releases.order_by("-number").first()
    return JsonResponse(json_ld_of(forum, newest, address), content_type="application/ld+json")
