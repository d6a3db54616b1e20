"""What rooms above show on the page of a case. They hand it in; this room need not know them.

A room adds its part from its `AppConfig.ready()`:

    add_to_case(CasePart("plan", order=20, make=plan_card))

and the page of a case asks for the cards and draws each with its own template:

    {% for card in cards %}{% include card.template with card=card %}{% endfor %}
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from highground.cases.models import Case


@dataclass(frozen=True)
class CaseCard:
    """One card of the page: its heading, and a template that finds in `card.context` what it draws."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CasePart:
    """What a room adds. `make` gets the case, the person who looks and today; None shows nothing.

    The page has checked that the person sees the case. `make` costs a fixed number of queries.
    """

    key: str
    order: int
    make: Callable[[Case, Any, datetime.date], CaseCard | None]


_parts: dict[str, CasePart] = {}


def add_to_case(part: CasePart) -> None:
    """Add a part, or replace the one with the same key."""
    _parts[part.key] = part


def cards_of(case: Case, user: Any, today: datetime.date) -> list[CaseCard]:
    """The cards of rooms above for this case, in order."""
    made = (part.make(case, user, today) for part in sorted(_parts.values(), key=lambda part: part.order))
    return [card for card in made if card is not None]
