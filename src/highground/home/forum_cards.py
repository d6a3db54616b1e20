"""What waits in the forums that a person runs."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.forum.models import Forum
from highground.forum.queries import organised_by, waiting_in_office
from highground.home.cards import Card
from highground.web.numbers import number


def forum_cards(user: Any, today: datetime.date) -> list[Card]:
    """For organisers: who waits for an answer, which letters and evidence for a look, what is late. Six queries."""
    if not may_see(user, today, Sight.FORUM):
        return []
    forums = {one.code: one for one in organised_by(user, today)}
    if not forums:
        office = reverse("forum:office")
        return [
            Card(_("Forums that you run"), 0, _("None is open yet."), "gold", office, _("Open the first one"))
        ]
    waits = waiting_in_office(list(forums.values()), user, today)
    cards = [
        _card(forums, waits.people, "people", _("People who wait for an answer"), _("Nobody waits."), _("Answer them")),
        _card(forums, waits.letters, "letters", _("Letters to look at"), _("No letter waits."), _("Read them")),
        _card(
            forums, waits.evidence, "office_commitments", _("Evidence to look at"), _("No evidence waits for you."),
            _("See which promise"),
        ),
    ]  # fmt: skip
    if waits.late:
        cards.append(_card(forums, waits.late, "after", _("Follow-ups that are late"), "", _("See which")))
    return cards


def _card(
    forums: Mapping[str, Forum], waits: Mapping[str, int], page: str, title: str, none: str, button: str
) -> Card:
    """One thing that waits, with the way to the forum in which most of it does."""
    if not waits:
        return Card(title, 0, none, "green")
    most = max(waits, key=lambda code: (waits[code], code))
    said = ngettext("in %(count)s forum", "in %(count)s forums", len(waits)) % {"count": number(len(waits))}
    where = str(forums[most]) if len(waits) == 1 else said
    return Card(title, sum(waits.values()), where, "gold", reverse(f"forum:{page}", args=[most]), button)
