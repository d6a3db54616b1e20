"""What waits in the room of knowledge: for experts, for officers whose questions were answered, for curators."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.home.cards import Card
from highground.knowledge.enums import Standing
from highground.knowledge.ground import may_curate
from highground.knowledge.models import Expert, Practice
from highground.knowledge.pages import own_profile
from highground.knowledge.pages.mine import STALE
from highground.knowledge.queries import figures_of, outcomes_due, told_by, waiting_for
from highground.web.numbers import day


def knowledge_cards(user: Any, today: datetime.date) -> list[Card]:
    """Cards for what waits, and none for what does not; an expert's own profile always. Eight queries at most."""
    cards = []
    questions = reverse("knowledge:questions")
    mine = own_profile(user)
    if mine is not None and (count := waiting_for(user)):
        cards.append(
            Card(
                _("Questions for you"),
                count,
                _("Officers ask for your advice."),
                "gold",
                questions,
                _("Answer"),
            )
        )
    if mine is not None and (count := told_by(user).filter(standing=Standing.WITHDRAWN).count()):
        said = _("A curator took it back and says why.")
        address = reverse("knowledge:mine")
        cards.append(Card(_("Practices to say anew"), count, said, "gold", address, _("Read why")))
    if mine is not None:
        cards.append(_profile_card(mine, today))
    if may_see(user, today, Sight.QUESTIONS) and (count := outcomes_due(user, today)):
        said = _("An expert answered three or twelve months ago.")
        cards.append(Card(_("Say what came of advice"), count, said, "gold", questions, _("See which")))
    if may_curate(user, today):
        waiting = Expert.objects.filter(standing=Standing.WAITING).count()
        waiting += Practice.objects.filter(standing=Standing.WAITING).count()
        said = _("Two curators agree to a profile, and one who did not bring it in to a practice.")
        cards.append(
            Card(
                _("Profiles and practices that wait"),
                waiting,
                said,
                "gold" if waiting else "green",
                reverse("knowledge:curate"),
                _("Look at them"),
            )
        )
    return cards


def _profile_card(mine: Expert, today: datetime.date) -> Card:
    """What became of one's profile, or that nobody has confirmed it for a year."""
    address = reverse("knowledge:mine")
    if today - mine.confirmed_on > STALE:
        said = _("Nobody has confirmed it since then, and everybody is told so.")
        return Card(
            _("Is your profile still right?"), day(mine.confirmed_on), said, "gold", address, _("Look at it")
        )
    said = _("So often officers were shown your profile.")
    return Card(_("Your profile"), figures_of(mine).shown, said, "green", address, _("Look at it"))
