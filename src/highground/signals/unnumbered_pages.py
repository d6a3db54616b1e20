"""Rows without an identity number at the office: the list, and one row with everybody whom it may be about."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.shell import area_in_view
from highground.audit.actions import log_accesses
from highground.methods.feeds.reviewing import Waiting
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.queries import register_dictionary
from highground.signals.household_page import value_in_words
from highground.signals.rulebooks import said
from highground.signals.unnumbered import (
    Candidate,
    UndecidedError,
    after,
    candidates_of,
    decide_row,
    decides,
    office_feeds,
    own_counties,
    rows_about,
)
from highground.web.lists import page_of
from highground.web.numbers import listed

NOBODY = "nobody"
_SAME = {
    "name": gettext_lazy("name"),
    "birth_date": gettext_lazy("day of birth"),
    "sex": gettext_lazy("sex"),
    "area": gettext_lazy("village"),
}
_OUTCOMES = {
    "same": (gettext_lazy("as in the row"), "green"),
    "surname": (gettext_lazy("the surname alone is as in the row"), "gold"),
    "year": (gettext_lazy("the year alone is as in the row"), "gold"),
    "other": (gettext_lazy("not as in the row"), "clay"),
    None: (gettext_lazy("not to be compared"), "plum"),
}


@require_GET
@sees(Sight.PROTECTED)
def unnumbered(request: HttpRequest) -> HttpResponseBase:
    """The rows that wait for the county officer, as they came."""
    rows, shared = _rows(request)
    page, feeds = page_of(request, rows), office_feeds()
    context = {
        "page": page,
        "shared": shared,
        "rows": [
            {
                "row": one,
                "feed": capfirst(said(feeds[one.feed].label)),
                "month": _month(one),
                "agrees": listed([str(_SAME[name]) for name in one.pairs[0].agrees]),
            }
            for one in page.rows
        ],
    }
    return render(request, "signals/unnumbered.html", context)


@require_http_methods(["GET", "POST"])
@sees(Sight.PROTECTED)
def unnumbered_row(request: HttpRequest, feed: str, review: str) -> HttpResponseBase:
    """One row, and whom it may be about side by side. Looking at their households is noted in the access log."""
    user: Any = request.user
    today = timezone.localdate()
    rows, _shared = _rows(request)
    row = next((one for one in rows if (one.feed, one.id) == (feed, review)), None)
    if row is None:
        raise Http404
    following = after(rows, row)
    problem, sent = "", request.POST
    if request.method == "POST":
        try:
            _decide(row, sent.get("about", ""), sent.get("reason", ""), user, today)
            messages.success(request, _("Decided."))
            return (
                redirect("signals:unnumbered_row", following.feed, following.id)
                if following
                else redirect("signals:unnumbered")
            )
        except (NotAllowed, UndecidedError) as error:
            problem = str(error)
    candidates = candidates_of(row, user, today)
    log_accesses(
        by=str(user.pk),
        page="signals.unnumbered_row",
        subject_kind="household",
        subjects=[
            (one.member.household.key, one.member.household.area.path) for one in candidates if one.member
        ],
    )
    found = office_feeds()[row.feed]
    context = {
        "row": row,
        "feed": capfirst(said(found.label)),
        "department": said(found.department),
        "month": _month(row),
        "following": following,
        "candidates": [_shown(one) for one in candidates],
        "problem": problem,
        "about": sent.get("about", ""),
        "reason": sent.get("reason", ""),
        "nobody": NOBODY,
    }
    return render(request, "signals/unnumbered_row.html", context)


def _decide(row: Waiting, about: str, reason: str, user: Any, today: datetime.date) -> None:
    if not about:
        raise UndecidedError(_("Choose one of these people, or none of them."))
    decide_row(row, member=None if about == NOBODY else about, reason=reason, by=user, today=today)


def _rows(request: HttpRequest) -> tuple[list[Waiting], int]:
    """The rows about counties that the reader is an officer of, in the area in view or around it; how many are shared.

    Raises PermissionDenied for whoever is no county officer.
    """
    today, view = timezone.localdate(), area_in_view(request)
    if not decides(request.user, today):
        raise PermissionDenied
    own = own_counties(request.user, today)
    in_view = {
        code
        for code, area in own.items()
        if view is None or area.path.startswith(view.path) or view.path.startswith(area.path)
    }
    return rows_about(in_view, own)


def _month(row: Waiting) -> datetime.date:
    return datetime.date.fromisoformat(f"{row.month}-01")


def _shown(one: Candidate) -> dict[str, Any]:
    dictionary, home = register_dictionary(), one.member.household if one.member else None
    values = {
        "name": one.name,
        **{name: value_in_words(dictionary[name], value) for name, value in one.facts.items()},
        "area": str(home.area) if home else "",
    }
    return {
        "key": one.pair.member,
        "household": home,
        "compared": [
            (capfirst(str(_SAME[name])), values.get(name, ""), *_OUTCOMES[level])
            for name, level in one.pair.compared.items()
        ],
    }
