"""What to do next, for each role: three cards with a number, a sentence and a button."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.accounts.enums import Sight
from highground.accounts.models import Grant, User
from highground.accounts.queries import scope_of
from highground.accounts.scoping import touching, within
from highground.areas.models import Area
from highground.audit.models import AccessLog, Event
from highground.home.drawing import area_url
from highground.home.queries import Figures
from highground.signals.models import Clue
from highground.signals.queries import open_clues
from highground.signals.rulebooks import latest_books
from highground.web.numbers import moment, number, percent, short_day

WEEK = datetime.timedelta(days=7)
MONTH = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Card:
    """One thing to do: `figure` is a number or a word, `primary` the first button of the page."""

    title: str
    figure: int | str
    sentence: str = ""
    accent: str = ""
    url: str = ""
    button: str = ""
    primary: bool = False


def with_first_step(rows: Sequence[Sequence[Card]]) -> list[list[Card]]:
    """Rows of cards, the first of all that has something to do made the primary one."""
    places = [(row, place) for row, cards in enumerate(rows) for place in range(len(cards))]
    first = next(((row, place) for row, place in places if _calls(rows[row][place])), None)
    return [
        [replace(one, primary=(row, place) == first) for place, one in enumerate(cards)]
        for row, cards in enumerate(rows)
    ]


def _calls(card: Card) -> bool:
    return bool(card.button and card.figure)


def visit_cards(user: Any, area: Area, figures: Figures) -> list[Card]:
    """For those who go to households: what is late, what comes, what nobody knows. One query."""
    oldest = (
        open_clues(user, area).select_related("household__area").order_by("due_on", "-severity", "pk").first()
    )
    clues = reverse("signals:clues")
    return [_late(figures, oldest, clues), _coming(figures, clues), _unknown(figures)]


def _late(figures: Figures, oldest: Clue | None, clues: str) -> Card:
    if not figures.overdue or oldest is None:
        return Card(_("Visits overdue"), 0, _("Nothing is late."), "green")
    words = {
        "number": oldest.household.number,
        "area": oldest.household.area,
        "day": short_day(oldest.due_on),
    }
    return Card(
        _("Visits overdue"),
        figures.overdue,
        _("Oldest: household %(number)s, %(area)s, due %(day)s") % words,
        "clay",
        f"{clues}?show=overdue",
        _("See who is waiting"),
    )


def _coming(figures: Figures, clues: str) -> Card:
    fresh = ngettext(
        "%(count)s clue is new in the last screening",
        "%(count)s clues are new in the last screening",
        figures.new,
    ) % {"count": number(figures.new)}
    if figures.week or not figures.new:
        seen = Card(_("Due this week"), figures.week, fresh if figures.new else _("No clue is new."), "gold")
        planned = reverse("rounds:plan")
        return replace(seen, url=planned, button=_("Plan the visits")) if figures.week else seen
    return Card(_("New clues"), figures.new, fresh, "gold", f"{clues}?show=new", _("See what is new"))


def _unknown(figures: Figures) -> Card:
    unseen = ngettext(
        "%(count)s household more is in no data at all",
        "%(count)s households more are in no data at all",
        figures.unseen,
    ) % {"count": number(figures.unseen)}
    if figures.cannot_tell:
        sentence = unseen if figures.unseen else _("Something is missing or too old.")
        url = reverse("signals:cannot_tell")
        return Card(_("Cannot tell yet"), figures.cannot_tell, sentence, "plum", url, _("See whom to ask"))
    if figures.unseen:
        url = reverse("signals:no_data")
        sentence = _("Nothing at all is known of these households.")
        return Card(_("In no data at all"), figures.unseen, sentence, "plum", url, _("See whom to visit"))
    return Card(_("Cannot tell yet"), 0, _("Enough is known of every household."), "green")


def count_cards(area: Area, figures: Figures) -> list[Card]:
    """For analysts: counts, and where they come from. No query."""
    share = figures.cannot_tell / figures.households if figures.households else None
    words = {"cannot": number(figures.cannot_tell), "all": number(figures.households)}
    looked = ngettext(
        "in %(count)s household looked at", "in %(count)s households looked at", figures.households
    )
    return [
        Card(
            _("Open clues"),
            figures.clues,
            looked % {"count": number(figures.households)},
            "clay",
            area_url(area),
            _("Compare the areas"),
        ),
        Card(
            _("New in the last screening"),
            figures.new,
            _("What a run found, with its rulebook and its hash"),
            "gold",
            reverse("signals:runs"),
            _("See the runs"),
        ),
        Card(
            _("Cannot tell yet"),
            percent(share, 1),
            _("%(cannot)s of %(all)s households: something is missing or too old") % words,
            "plum",
            reverse("signals:rulebooks"),
            _("See what the rules ask"),
        ),
    ]


def log_cards(user: Any, now: datetime.datetime, today: datetime.date) -> list[Card]:
    """For auditors: what was done, and who looked. Three queries."""
    scope = scope_of(user, today, Sight.EVENTS)
    events = Event.objects.filter(touching(scope))
    last = events.order_by("-sequence").first()
    looks = AccessLog.objects.filter(within("area_path", scope), at__gte=now - WEEK).count()
    return [
        Card(
            _("Events on record"),
            events.count(),
            _("The last one: %(when)s") % {"when": moment(last.at)}
            if last
            else _("Nothing has happened yet."),
            "water",
            reverse("accounts:events"),
            _("Read the events"),
        ),
        Card(
            _("Households looked at"),
            looks,
            _("Pages that somebody opened in the last seven days"),
            "gold",
            reverse("accounts:accesses"),
            _("See who looked"),
        ),
    ]


def account_cards(today: datetime.date) -> list[Card]:
    """For operators: who may sign in, and whose role ends soon. Three queries."""
    people = User.objects.filter(is_active=True)
    now = Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))
    held = Grant.objects.filter(now)
    idle = people.exclude(pk__in=held.values("user")).count()
    ending = held.filter(valid_to__lt=today + MONTH).count()
    without = ngettext(
        "%(count)s of them holds no role and sees nothing",
        "%(count)s of them hold no role and see nothing",
        idle,
    ) % {"count": number(idle)}
    url = reverse("accounts:people")
    return [
        Card(
            _("People who may sign in"),
            people.count(),
            without if idle else _("Each of them holds a role."),
            "water",
            url,
            _("See the accounts"),
        ),
        Card(
            _("Roles that end soon"),
            ending,
            _("Within 30 days; whoever goes on needs a new one."),
            "gold",
            url if ending else "",
            _("See whose") if ending else "",
        ),
    ]


def rulebook_card() -> Card:
    """For those who open no household: the rules, which everybody may read. One query."""
    return Card(
        _("Rulebooks in use"),
        len(latest_books()),
        _("What is asked of whom, in plain words, with its sources"),
        "green",
        reverse("signals:rulebooks"),
        _("Read the rules"),
    )
