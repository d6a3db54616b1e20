"""What waits in the cases of an area, and how fast they move: cards for those who open cases, and for those who count."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.areas.models import Area
from highground.cases.board import is_large
from highground.cases.board_words import days_of, step_bars
from highground.cases.figures import (
    Counted,
    Period,
    StepCount,
    recognition_of,
    steps_by_rulebook,
    usual_rulebook,
)
from highground.cases.inbox import cases_of, count_cases
from highground.cases.shell import keep_waiting
from highground.cases.spread import FEW
from highground.home.cards import Card
from highground.signals.rulebooks import latest_books
from highground.web.numbers import number, short_day
from highground.web.pictures import Bar

YEAR = 12
"""Months of which the card of the board tells, as the board itself does at first."""


@dataclass(frozen=True)
class Casework:
    """The cards of cases, and the picture of where they stand (empty of a village, and where there are none)."""

    cards: list[Card]
    bars: list[Bar]


def casework_of(request: HttpRequest, area: Area, today: datetime.date) -> Casework:
    """What the first page says of cases in `area`. Five queries at most, however many cases."""
    user = request.user
    opens = may_see(user, today, Sight.CASES, area.path)
    books = latest_books()
    cards = _waiting(request, area, today) if opens else []
    if not is_large(area):
        return Casework(cards, [])
    steps = steps_by_rulebook(user, area, today)
    rulebook = usual_rulebook(steps, books)
    standing = steps.get(rulebook, [])
    if not opens:
        cards = _counts(standing)
    if rulebook:
        counted = Counted(user, area, rulebook, today)
        cards = [*cards[:2], _board(counted, least=1 if opens else FEW)]
    bars = step_bars(standing, books[rulebook].procedure) if standing else []
    return Casework(cards, bars)


def _waiting(request: HttpRequest, area: Area, today: datetime.date) -> list[Card]:
    """What waits for this person, what is late, what is being watched. Two queries."""
    user, inbox = request.user, reverse("cases:inbox")
    books = latest_books()
    cases = cases_of(user, area, books, today)
    counts = {name: places.total() for name, places in count_cases(cases, area, books, today).items()}
    keep_waiting(request, area, counts["mine"])
    return [
        _mine(cases.filter(mine=True), counts["mine"], inbox),
        _overdue(counts, inbox),
        Card(
            _("Monitored households"),
            counts["monitored"],
            _("Followed up at growing intervals until the risk is gone."),
            "water",
            f"{inbox}?show=monitored" if counts["monitored"] else "",
            _("See them") if counts["monitored"] else "",
        ),
    ]


def _mine(waiting: Any, count: int, inbox: str) -> Card:
    first = (
        waiting.select_related("household__area").order_by(F("my_due").asc(nulls_last=True), "pk").first()
        if count
        else None
    )
    if first is None:
        return Card(_("Cases that wait for you"), 0, _("No step of a case waits for you."), "green")
    words = {"number": first.household.number, "area": first.household.area, "day": short_day(first.my_due)}
    sentence = (
        _("First: household %(number)s, %(area)s, due %(day)s") % words
        if first.my_due
        else _("First: household %(number)s, %(area)s") % words
    )
    return Card(_("Cases that wait for you"), count, sentence, "gold", inbox, _("Take the next step"))


def _overdue(counts: dict[str, int], inbox: str) -> Card:
    if not counts["overdue"]:
        return Card(_("Cases overdue"), 0, _("Every case is in time."), "green")
    mine = ngettext("%(count)s of them waits for you", "%(count)s of them wait for you", counts["late"])
    sentence = (
        mine % {"count": number(counts["late"])} if counts["late"] else _("All of them wait for others")
    )
    url = f"{inbox}?show=overdue"
    return Card(_("Cases overdue"), counts["overdue"], sentence, "clay", url, _("See which"))


def _counts(steps: list[StepCount]) -> list[Card]:
    """For those who count and open no case. No query."""
    under_way, late = sum(one.count for one in steps), sum(one.late for one in steps)
    return [
        Card(_("Cases under way"), under_way, _("Being verified, or monitored"), "water"),
        Card(_("Cases overdue"), late, _("Past the next deadline"), "clay" if late else "green"),
    ]


def _board(counted: Counted, *, least: int) -> Card:
    """How fast recognition is, and the way to the board. One query."""
    speed = recognition_of(counted, Period.until(counted.today, YEAR), least=least)
    half = days_of(speed, speed.median)
    if speed.median is None:
        sentence = _("How long it takes from discovery to recognition")
    else:
        sentence = _("Half are recognised within, nine of ten within %(most)s") % {
            "most": days_of(speed, speed.most)
        }
    return Card(
        _("From discovery to recognition"),
        half,
        sentence,
        "brand",
        reverse("cases:board"),
        _("See the board"),
    )
