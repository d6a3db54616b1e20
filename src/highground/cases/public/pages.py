"""What everybody sees without an account. Works without a script; sets no cookie but the one that guards forms."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from highground.areas.models import Area
from highground.cases.enums import MessageKind, MessageStatus
from highground.cases.public import brake, codes
from highground.cases.public.actions import Letter, send_message
from highground.cases.public.forms import FORMS, CodeForm, LetterForm
from highground.cases.public.places import place_named, step_at
from highground.cases.public.queries import message_under
from highground.cases.public.service import service_times
from highground.web.addresses import address_of

LARGEST = 64 * 2**10
"""Bytes of a form. The longest words take a quarter of it."""

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def small(page: Page[P]) -> Page[P]:
    """Refuse a request whose body is larger than any of these forms: 413."""

    @wraps(page)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST:
            return HttpResponse(_("This is too large to be sent."), status=413, content_type="text/plain")
        return page(request, *args, **kwargs)

    return guarded


@login_not_required
@require_safe
def report(request: HttpRequest) -> HttpResponseBase:
    """What do you want to tell us? A place given as `?place=` goes along."""
    place = request.GET.get("place", "")
    query = f"?{urlencode({'place': place})}" if place else ""
    kinds = [
        {"title": title, "text": text, "url": reverse("public:letter", args=[kind.value]) + query}
        for kind, title, text in _kinds()
    ]
    named = place_named(place, timezone.localdate()) if place else None
    return render(request, "cases/public/report.html", {"kinds": kinds, "place": named})


def _kinds() -> list[tuple[MessageKind, str, str]]:
    return [
        (
            MessageKind.REPORT,
            _("We are in difficulty"),
            _("Illness, an accident, a lost harvest or job: say so, and somebody comes to see you."),
        ),
        (
            MessageKind.OBJECTION,
            _("I object to a public notice"),
            _("A household is on a notice and should not be, or something about it is not right."),
        ),
        (
            MessageKind.GRIEVANCE,
            _("I have a complaint"),
            _("Something was done wrongly, or somebody treated you unfairly. The county alone reads it."),
        ),
    ]


@login_not_required
@small
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Choose the place step by step (`?in=`), then fill in the form (`?place=`); after sending, the code."""
    if kind not in MessageKind.values:
        raise Http404
    chosen, today = MessageKind(kind), timezone.localdate()
    place = place_named(request.GET.get("place", ""), today)
    if place is None:
        return _choose_place(request, chosen, today)
    if request.method != "POST":
        return _show(request, chosen, place, FORMS[chosen](initial={"ticket": codes.new_ticket()}))
    form = FORMS[chosen](request.POST)
    if not form.is_valid():
        form.again()
        return _show(request, chosen, place, form, status=422)
    try:
        receipt = send_message(
            _letter(chosen, place, form.cleaned_data),
            ticket=form.cleaned_data["ticket"],
            address=address_of(request),
            today=today,
        )
    except brake.TooMany as much:
        form.add_error(None, _too_many(much.wait))
        return _show(request, chosen, place, form, status=429)
    # No switch of language here: it would lead away from the code, which is shown only once.
    return render(request, "cases/public/sent.html", {"receipt": receipt, "languages": []})


def _choose_place(request: HttpRequest, kind: MessageKind, today: datetime.date) -> HttpResponse:
    wanted = request.GET.get("place", "")
    step = step_at(request.GET.get("in") or wanted, today)
    here = reverse("public:letter", args=[kind.value])
    context = {
        "step": step,
        "kind": kind,
        "title": _title(kind),
        "here": here,
        "unknown": bool(wanted) and not step.above,
        "trail": [(_("Start"), reverse("public:report")), (_title(kind), "")],
    }
    # A form that was sent without a place is not taken.
    return render(
        request, "cases/public/place.html", context, status=422 if request.method == "POST" else 200
    )


def _show(
    request: HttpRequest, kind: MessageKind, place: Area, form: LetterForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "kind": kind,
        "place": place,
        "title": _title(kind),
        "times": service_times()[kind],
        "other_place": reverse("public:letter", args=[kind.value]),
        "trail": [(_("Start"), reverse("public:report")), (_title(kind), "")],
    }
    return render(request, "cases/public/letter.html", context, status=status)


def _title(kind: MessageKind) -> str:
    return next(title for one, title, _text in _kinds() if one == kind)


def _letter(kind: MessageKind, place: Area, typed: dict[str, Any]) -> Letter:
    return Letter(
        kind=kind,
        area=place,
        trouble=typed.get("trouble", ""),
        words=typed["words"],
        language=get_language() or "",
        name=typed["name"],
        phone=typed["phone"],
        for_county=typed.get("readers") == "county" or typed.get("staff") == "yes",
        notice_code=typed.get("notice_code", ""),
        notice_line=typed.get("notice_line", ""),
    )


def _too_many(wait: datetime.timedelta) -> str:
    minutes = int(wait.total_seconds() // 60)
    return _(
        "Too much was sent from here or for this place lately. Wait %(minutes)s minutes and send it again; "
        "nothing you wrote is lost as long as this page stays open."
    ) % {"minutes": minutes}


@login_not_required
@small
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponseBase:
    """What became of a message. A code that nobody was given is answered like that of a message that waits."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form, "times": service_times()}
    answer = 200
    if request.method == "POST":
        answer = 422
        try:
            if form.is_valid():
                answer = 200
                brake.use([(brake.ASKED_FROM, address_of(request))], now=timezone.now())
                context |= {"asked": True, "found": _moving(form.cleaned_data["code"])}
        except brake.TooMany as much:
            answer = 429
            minutes = int(much.wait.total_seconds() // 60)
            form.add_error(
                None, _("Too many questions from here. Wait %(minutes)s minutes.") % {"minutes": minutes}
            )
    return render(request, "cases/public/status.html", context, status=answer)


def _moving(code: str) -> Any:
    """The message under the code, once somebody has begun with it; None while it waits, and where there is none."""
    found = message_under(code)
    return None if found is None or found.status == MessageStatus.RECEIVED else found
