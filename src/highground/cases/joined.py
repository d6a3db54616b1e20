"""What rooms above show on the page of a case. They hand it in; this room need not know them.

A room adds its part from its `AppConfig.ready()`:

    add_to_case(CasePart("plan", order=20, make=plan_card))

and the page of a case asks for the cards and draws each with its own template:

    {% for card in cards %}{% include card.template with card=card %}{% endfor %}

A room in which steps of a form are taken says where: `lead_to(Through.PLAN, plan_address)`.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from highground.cases.models import Case
from highground.methods.rules.procedure.graph import Step, Through


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


Door = Callable[[Case, Step], str]

_doors: dict[Through, Door] = {}


def lead_to(form: Through, door: Door) -> None:
    """Say where steps of a form are taken, if not on the page of a case; the address, or nothing for nobody."""
    _doors[form] = door


def door_of(case: Case, step: Step) -> str:
    """The address at which a step is taken; empty where no room has said so."""
    made = _doors.get(step.through)
    return made(case, step) if made else ""
