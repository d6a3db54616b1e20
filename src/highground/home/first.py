"""The first page of each role: what to do next, and where."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.home.pictures import area_picture, reason_bars, tally_bars
from highground.signals.models import Run
from highground.signals.queries import clue_counts, last_run_of, open_clues, tally_of
from highground.web.numbers import day, number, short_day

Card = dict[str, Any]


@require_GET
def first(request: HttpRequest) -> HttpResponseBase:
    """What is waiting for this person, in the area in view."""
    user, today, area = request.user, timezone.localdate(), area_in_view(request)
    households = may_see(user, today, Sight.HOUSEHOLDS)
    context: dict[str, Any] = {"today": today, "area": area, "greeting": _greeting(user)}
    if area is None:
        context["cards"] = _office_cards(user, today)
        return render(request, "home/first.html", context)
    tally, run = tally_of(user, area), last_run_of(user, area)
    picture = area_picture(user, area)
    cards = _work_cards(user, area, today, tally) if households else _count_cards(tally, picture.clues)
    context |= {
        "sentence": _sentence(today, run, tally),
        "run": run,
        "cards": cards,
        "picture": picture,
        "reasons": reason_bars(user, area, linked=households),
        "verdicts": tally_bars(tally, linked=households),
        "tally": tally,
    }
    return render(request, "home/first.html", context)


def _greeting(user: Any) -> str:
    hour = timezone.localtime().hour
    name = {"name": str(user)}
    if hour < 12:
        return _("Good morning, %(name)s") % name
    return (_("Good afternoon, %(name)s") if hour < 18 else _("Good evening, %(name)s")) % name


def _sentence(today: datetime.date, run: Run | None, tally: Any) -> str:
    if run is None:
        return _("%(today)s · nothing has been screened here yet") % {"today": day(today)}
    return _("%(today)s · last screening %(run)s, %(households)s households") % {
        "today": day(today),
        "run": short_day(run.as_of),
        "households": number(tally.households),
    }


def _work_cards(user: Any, area: Area, today: datetime.date, tally: Any) -> list[Card]:
    """For those who go to the door: late visits, visits of this week, and whom to ask."""
    clues = open_clues(user, area)
    counts = clue_counts(clues, today)
    address = reverse("signals:clues")
    oldest = clues.select_related("household__area").order_by("due_on", "pk").first()
    late, week = counts["overdue"], counts["week"]
    if late and oldest:
        why = _("oldest: %(village)s, due %(day)s") % {
            "village": oldest.household.area,
            "day": short_day(oldest.due_on),
        }
    else:
        why = _("every clue is within its time")
    return [
        {
            "title": _("Visits overdue"), "figure": late, "sentence": why, "accent": "clay" if late else "green",
            "url": f"{address}?show=overdue" if late else "", "button": _("See who is waiting"), "primary": True,
        },
        {
            "title": _("Due this week"), "figure": week, "accent": "gold",
            "sentence": ngettext("%(count)s clue is open in all", "%(count)s clues are open in all", counts["all"])
            % {"count": number(counts["all"])},
            "url": f"{address}?show=week" if week else address,
            "button": _("Plan the week") if week else _("See all clues"), "primary": not late,
        },
        {
            "title": _("Cannot tell yet"), "figure": tally.cannot_tell, "accent": "plum",
            "sentence": _("something that decides is missing or too old; %(unseen)s more are in no data at all")
            % {"unseen": number(tally.unseen)},
            "url": reverse("signals:cannot_tell"), "button": _("See whom to ask"), "primary": False,
        },
    ]  # fmt: skip


def _count_cards(tally: Any, clues: int) -> list[Card]:
    """For those who see counts only."""
    return [
        {
            "title": _("Open clues"), "figure": clues, "accent": "clay",
            "sentence": _("reasons to knock, not verdicts"),
            "url": reverse("signals:runs"), "button": _("See the runs"), "primary": True,
        },
        {
            "title": _("Households screened"), "figure": tally.households, "accent": "water",
            "sentence": _("by the last run over each village"),
            "url": reverse("home:areas"), "button": _("See the areas"), "primary": False,
        },
        {
            "title": _("Cannot tell yet"), "figure": tally.cannot_tell, "accent": "plum",
            "sentence": _("%(unseen)s more are in no data at all") % {"unseen": number(tally.unseen)},
            "url": reverse("signals:rulebooks"), "button": _("Read the rules"), "primary": False,
        },
    ]  # fmt: skip


def _office_cards(user: Any, today: datetime.date) -> list[Card]:
    """For those who look after the office itself."""
    cards: list[Card] = []
    if may_see(user, today, Sight.EVENTS):
        cards += [
            {
                "title": _("Events"), "figure": "", "accent": "water",
                "sentence": _("every action, in one chain that shows what was changed"),
                "url": reverse("accounts:events"), "button": _("Read the events"), "primary": True,
            },
            {
                "title": _("Who looked"), "figure": "", "accent": "water",
                "sentence": _("who opened which household's page, and when"),
                "url": reverse("accounts:accesses"), "button": _("Read the access log"), "primary": False,
            },
        ]  # fmt: skip
    if may_see(user, today, Sight.ACCOUNTS):
        cards.append(
            {
                "title": _("Accounts"), "figure": "", "accent": "water",
                "sentence": _("who may sign in, and with which role"),
                "url": reverse("accounts:people"), "button": _("See the accounts"), "primary": True,
            }
        )  # fmt: skip
    if may_see(user, today, Sight.RULEBOOKS):
        cards.append(
            {
                "title": _("Rulebooks"), "figure": "", "accent": "green",
                "sentence": _("by which rules households are looked at"),
                "url": reverse("signals:rulebooks"), "button": _("Read the rules"), "primary": False,
            }
        )  # fmt: skip
    return cards
