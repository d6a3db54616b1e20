"""The first page: what to do next, by role, and where it is."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see, roles_of
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.home.cards import (
    Card,
    account_cards,
    count_cards,
    log_cards,
    rulebook_card,
    visit_cards,
    with_first_step,
)
from highground.home.case_cards import Casework, casework_of
from highground.home.forum_cards import forum_cards
from highground.home.knowledge_cards import knowledge_cards
from highground.home.overview import Overview, overview_of
from highground.home.queries import Figures
from highground.knowledge.pages import own_profile
from highground.people.models import Household
from highground.signals.models import Run
from highground.web.numbers import day, number


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """A greeting, the last screening, what to do next, and a picture of the area in view."""
    now = timezone.localtime()
    today, user = now.date(), request.user
    area = area_in_view(request)
    overview = overview_of(request, area, today) if area else None
    work = casework_of(request, overview.area, today) if overview and overview.run else None
    context = {
        "greeting": greeting(now, str(user)),
        "sentence": _sentence(today, overview),
        "rows": _rows_of_cards(request, overview, work, now),
        "overview": overview,
        "step_bars": work.bars if work else [],
        "area": area,
        "lacks": _lack(user, area, overview, today),
    }
    return render(request, "home/home.html", context)


def greeting(now: datetime.datetime, name: str) -> str:
    """A greeting that fits the hour."""
    if 4 <= now.hour < 12:
        words = _("Good morning, %(name)s")
    elif 12 <= now.hour < 18:
        words = _("Good afternoon, %(name)s")
    else:
        words = _("Good evening, %(name)s")
    return words % {"name": name}


def _sentence(today: datetime.date, overview: Overview | None) -> str:
    words = {"weekday": formats.date_format(today, "l"), "day": day(today)}
    now = _("%(weekday)s %(day)s") % words
    if overview is None or overview.run is None:
        return now
    return f"{now} · {screened(overview.run, overview.figures)}"


def screened(run: Run, figures: Figures) -> str:
    """When the last screening was, how many households it looked at here, and what is new."""
    households = ngettext("%(count)s household", "%(count)s households", figures.households)
    new = ngettext("%(count)s new clue", "%(count)s new clues", figures.new)
    return _("last screening as of %(day)s: %(households)s, %(new)s") % {
        "day": day(run.as_of),
        "households": households % {"count": number(figures.households)},
        "new": new % {"count": number(figures.new)},
    }


def _rows_of_cards(
    request: HttpRequest, overview: Overview | None, work: Casework | None, now: datetime.datetime
) -> list[list[Card]]:
    """Three cards for each thing that the person's roles let them do; the first button stands out."""
    user, today = request.user, now.date()
    rows: list[list[Card]] = []
    if overview and overview.run:
        if may_see(user, today, Sight.HOUSEHOLDS, overview.area.path):
            rows.append(visit_cards(user, overview.area, overview.figures))
        else:
            rows.append(count_cards(overview.area, overview.figures))
    if work:
        rows.append(work.cards)
    if knowledge := knowledge_cards(user, today):
        rows.append(knowledge)
    if forums := forum_cards(user, today):
        rows.append(forums)
    office = []
    if may_see(user, today, Sight.EVENTS):
        office.append(log_cards(user, now, today))
    if may_see(user, today, Sight.ACCOUNTS):
        office.append(account_cards(today))
    if office:
        office[0].append(rulebook_card())
    return with_first_step([*rows, *office])


def _lack(user: Any, area: Area | None, overview: Overview | None, today: datetime.date) -> str:
    """What there is not yet, for the page to say what comes first: "role", "households", "run", or nothing.

    Who only owns a profile of knowledge needs no role.
    """
    if not roles_of(user, today) or (area is None and not _looks_after_the_office(user, today)):
        return "" if own_profile(user) else "role"
    if overview is None or overview.run:
        return ""
    households = Household.objects.visible_to(user).filter(area__path__startswith=overview.area.path)
    if may_see(user, today, Sight.HOUSEHOLDS) and not households.exists():
        return "households"
    return "run"


def _looks_after_the_office(user: Any, today: datetime.date) -> bool:
    return any(
        may_see(user, today, sight) for sight in (Sight.EVENTS, Sight.ACCOUNTS, Sight.CURATION, Sight.FORUM)
    )
