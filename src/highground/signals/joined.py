"""What rooms above show on the pages of a household and of a clue. They hand it in; this room need not know them.

A room adds its part from its `AppConfig.ready()`:

    add_to_household(HouseholdPart("needs", order=20, make=needs_card))

and the page of a household draws each card with the room's own template, which finds the card as `part`.
What can be done about a clue is handed in likewise: `add_to_clue(start_button)`.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from highground.people.models import Household
from highground.signals.models import Clue


@dataclass(frozen=True)
class HouseholdCard:
    """One card of the page: its heading, and a template that finds in `part.context` what it draws."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    accent: str = ""


@dataclass(frozen=True)
class HouseholdPart:
    """What a room adds. `make` gets the household, the person who looks and today; None shows nothing.

    The page has checked that the person sees the household. `make` costs a fixed number of queries.
    """

    key: str
    order: int
    make: Callable[[Household, Any, datetime.date], HouseholdCard | None]


_parts: dict[str, HouseholdPart] = {}


def add_to_household(part: HouseholdPart) -> None:
    """Add a part, or replace the one with the same key."""
    _parts[part.key] = part


def cards_of(household: Household, user: Any, today: datetime.date) -> list[HouseholdCard]:
    """The cards of rooms above for this household, in order."""
    parts = sorted(_parts.values(), key=lambda part: part.order)
    made = (part.make(household, user, today) for part in parts)
    return [card for card in made if card is not None]


@dataclass(frozen=True)
class ClueAction:
    """What can be done about a clue: a link, or with `sends` a button that sends a form without fields."""

    label: str
    url: str
    sends: bool = False


ClueActionMaker = Callable[[Clue, Any, datetime.date], ClueAction | None]

_actions: list[ClueActionMaker] = []


def add_to_clue(make: ClueActionMaker) -> None:
    """Offer something on the page of a clue, which the person sees. `make` costs a fixed number of queries."""
    if make not in _actions:
        _actions.append(make)


def actions_for(clue: Clue, user: Any, today: datetime.date) -> list[ClueAction]:
    """What this person can do about the clue."""
    return [action for make in _actions if (action := make(clue, user, today)) is not None]
