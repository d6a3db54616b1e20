"""Pages for those who look after the office itself: the event log, who looked, who may sign in."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Role, Sight
from highground.accounts.models import Grant, User
from highground.accounts.queries import scope_of
from highground.accounts.scoping import touching, within
from highground.areas.models import Area, FormerPath
from highground.audit.models import AccessLog, ChainHead, Event
from highground.web.export import csv_response
from highground.web.lists import page_of, pill


@require_GET
@sees(Sight.EVENTS)
def events(request: HttpRequest) -> HttpResponseBase:
    """Every action, newest first, in the auditor's area; as CSV with `?format=csv`."""
    mine = Event.objects.filter(touching(_scope(request)))
    found = mine.order_by("-sequence")
    if kind := request.GET.get("kind"):
        found = found.filter(kind=kind)
    if request.GET.get("format") == "csv":
        header = [_("Number"), _("When"), _("What"), _("Who"), _("Subject"), _("Area"), _("Data"), _("Hash")]
        return csv_response("events.csv", header, (_event_cells(event) for event in found.iterator()))
    page = page_of(request, found)
    kinds = mine.order_by("kind").values_list("kind", flat=True).distinct()
    context = {
        "page": page,
        "head": ChainHead.objects.filter(pk=1).first(),
        "kind": kind,
        "pills": [
            pill(request, _("All"), kind=None),
            *(pill(request, name, kind=name) for name in kinds),
        ],
        "people": _names(event.by for event in page.rows),
        "areas": _area_names(path for event in page.rows for path in event.areas),
    }
    return render(request, "accounts/events.html", context)


@require_GET
@sees(Sight.EVENTS)
def accesses(request: HttpRequest) -> HttpResponseBase:
    """Who opened which page on which subject, newest first, in the auditor's area."""
    found = AccessLog.objects.filter(within("area_path", _scope(request))).order_by("-pk")
    if subject := request.GET.get("subject"):
        found = found.filter(subject_id=subject)
    page = page_of(request, found)
    context = {
        "page": page,
        "subject": subject,
        "people": _names(row.by for row in page.rows),
        "areas": _area_names(row.area_path for row in page.rows),
    }
    return render(request, "accounts/accesses.html", context)


@require_GET
@sees(Sight.ACCOUNTS)
def people(request: HttpRequest) -> HttpResponseBase:
    """Who may sign in, with the roles they hold today; an operator of one area sees those with a role in it."""
    today = timezone.localdate()
    scope = scope_of(request.user, today, Sight.ACCOUNTS)
    within_scope = Grant.objects.filter(within("area__path", scope))
    held = (
        within_scope.filter(valid_from__lte=today)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today))
        .select_related("area")
    )
    everybody = User.objects.all() if "" in scope else User.objects.filter(pk__in=within_scope.values("user"))
    found = everybody.order_by("username").prefetch_related(Prefetch("grants", held, to_attr="held"))
    if role := request.GET.get("role"):
        found = found.filter(pk__in=held.filter(role=role).values("user"))
    context = {
        "page": page_of(request, found),
        "pills": [
            pill(request, _("All"), role=None),
            *(pill(request, choice.label, role=choice.value) for choice in Role),
        ],
        "may_sign_in": everybody.filter(is_active=True).count(),
    }
    return render(request, "accounts/people.html", context)


def _scope(request: HttpRequest) -> list[str]:
    return scope_of(request.user, timezone.localdate(), Sight.EVENTS)


def _names(ids: Iterable[str]) -> dict[str, str]:
    """The names of those who acted. Commands keep the name they go by."""
    known = {text for text in ids if text.isascii() and text.isdecimal()}
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=known)}


def _area_names(paths: Iterable[str]) -> dict[str, str]:
    """The names of the areas that lie, or once lay, at these paths."""
    wanted = set(paths)
    names = {area.path: str(area) for area in Area.objects.filter(path__in=wanted)}
    if left := wanted - set(names) - {""}:
        former = FormerPath.objects.filter(path__in=left).select_related("area")
        names |= {place.path: str(place.area) for place in former}
    return names


def _event_cells(event: Event) -> list[Any]:
    subject = f"{event.subject_kind} {event.subject_id}"
    return [
        event.sequence,
        event.at.isoformat(),
        event.kind,
        event.by,
        subject,
        " ".join(event.areas),
        event.data,
        event.hash,
    ]
