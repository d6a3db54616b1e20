"""One cohort of households on its way, and who takes its steps."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from highground.accounts.models import User
from highground.areas.models import Area
from highground.cases.models import Case, Notice

RULEBOOK = "demo-cn"


DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Cohort:
    """Some households of one village that were noticed `age` days ago and went on until a step."""

    village: str
    number: int
    age: int
    until: str
    turn: str = ""
    """What went otherwise: `dismissed`, `excluded`, `objection`, `upheld`, `emergency`, `again` (a re-entry)."""


@dataclass
class Staff:
    """Who takes the steps in one village, and above it."""

    worker: User
    secretary: User
    contact: User
    township: User
    answers: User
    compares: User
    decides: User


@dataclass
class Scene:
    """One cohort on its way. `start` is the day on which its households were noticed."""

    cohort: Cohort
    area: Area
    staff: Staff
    start: datetime.date
    cases: list[Case]
    notice: Notice | None = None
    now: datetime.date | None = None
    went: set[str] = field(default_factory=set)


Steps = Mapping[str, tuple[int, Callable[[Scene, datetime.date], None]]]
