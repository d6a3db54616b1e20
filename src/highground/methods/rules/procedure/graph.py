"""What a procedure is, once read: steps with their edges, who may take them, how long they may last.

A procedure is a partial order, not a line: a step may be taken once every step that it `requires` stands. What a
step's outcome brings about is its `effect`; nothing in the office depends on the names of steps, so that two
countries with different steps run on the same code.
"""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

Text = Mapping[str, str]

DISCOVERY = "discovery"
"""Where a deadline may be counted from besides a step: the day on which somebody noticed."""


class Phase(StrEnum):
    """The part of the path a step belongs to; a case is in the first, or in the other two at once."""

    RECOGNITION = "recognition"
    SUPPORT = "support"
    EXIT = "exit"


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    MONITORED = "monitored"
    EXITED = "exited"
    CLOSED = "closed"


PHASES: Mapping[Status, tuple[Phase, ...]] = {
    Status.OPEN: (Phase.RECOGNITION,),
    Status.MONITORED: (Phase.SUPPORT, Phase.EXIT),
    Status.EXITED: (),
    Status.CLOSED: (),
}
"""The steps that can be taken in a case of each status."""


class Effect(StrEnum):
    """What an outcome brings about."""

    NEXT = "next"  # the step stands, and what requires it may follow
    STAY = "stay"  # noted; the step is still to be taken
    BACK = "back"  # a step named by `to`, and all that rests on it, must be taken again
    CLOSE = "close"  # the case ends: dismissed, declined, not included
    RECOGNISE = "recognise"  # the household is monitored from now on
    KEEP = "keep"  # it stays monitored; the steps towards its exit fall
    EXIT = "exit"  # the risk is gone; the household is still watched


class Unit(StrEnum):
    """How days are counted."""

    CALENDAR = "calendar"
    WORKING = "working"
    MONTHS = "months"


class Through(StrEnum):
    """The form in which a step is taken. A meeting and a notice are lists: one covers many households."""

    ASSIGNMENT = "assignment"
    VISIT = "visit"
    APPLICATION = "application"
    COMPARISON = "comparison"
    MEETING = "meeting"
    NOTICE = "notice"
    DECISION = "decision"
    FAMILY = "family"
    PLAN = "plan"
    DELIVERY = "delivery"
    FOLLOW_UP = "follow_up"
    EMERGENCY = "emergency"


NOTICE_FIELDS = ("head", "group", "class", "days", "object_at")
"""All that a public notice may ever show; a rulebook may allow less, never more."""


@dataclass(frozen=True)
class Within:
    """A deadline: so many days (or calendar months) after the day of a step, or of discovery. Day 0 is not counted."""

    days: int
    unit: Unit
    since: str
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Outcome:
    """One way in which a step can end. `to` is where a BACK goes. Whoever refuses or sends back says why."""

    id: str
    label: Text
    effect: Effect
    to: str | None = None
    reason: bool = False


@dataclass(frozen=True)
class OnlyIf:
    """A step is taken only where another one ended in this way."""

    step: str
    outcome: str


@dataclass(frozen=True)
class Expedited:
    """Help that may come before recognition: for which risks, up to how much, and by when it is made good.

    `limit` is per case, in major units of the currency. `make_good` counts from the day of the aid: by then the
    `before` step must stand, or the case be closed.
    """

    risks: tuple[str, ...]
    limit: int
    before: str
    make_good: Within
    verified: bool = True


@dataclass(frozen=True)
class Step:
    """One step: what it requires, who may take it and who may not, in what form, by when."""

    id: str
    label: Text
    phase: Phase
    through: Through
    roles: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    requires: tuple[str, ...] = ()
    parallel: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    only_if: OnlyIf | None = None
    within: Within | None = None
    visitors: int = 1
    quorum: Fraction | None = None
    notice_days: int | None = None
    shows: tuple[str, ...] = ()
    repeats: tuple[int, ...] = ()
    expedited: Expedited | None = None
    source: str | None = None
    verified: bool = True

    @property
    def once(self) -> bool:
        """Whether the step, once it stands, is done with."""
        return not self.repeats and self.expedited is None


@dataclass(frozen=True)
class Pack:
    """A named variant of deadlines and numbers, as one county or province published it."""

    id: str
    label: Text
    steps: Mapping[str, Mapping[str, object]]
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Procedure:
    """The whole procedure, packs applied. Steps in the order of the rulebook."""

    steps: Mapping[str, Step]
    time_zone: str
    holidays: str | None
    packs: tuple[str, ...] = ()
    available: Mapping[str, Pack] = field(default_factory=dict)

    @property
    def first_exit(self) -> Step | None:
        """The step with which an exit begins, in the order of the rulebook; None where nobody leaves."""
        return next((step for step in self.steps.values() if step.phase == Phase.EXIT), None)

    def resting_on(self, step: str) -> set[str]:
        """The steps that require `step`, directly or through others, and itself."""
        found = {step}
        for name in self.order():
            if found.intersection(self.steps[name].requires):
                found.add(name)
        return found

    def order(self) -> list[str]:
        """The steps in an order in which each comes after all that it requires."""
        graph = {name: set(step.requires) for name, step in self.steps.items()}
        place = {name: number for number, name in enumerate(self.steps)}
        sorter = graphlib.TopologicalSorter(graph)
        sorter.prepare()
        found: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready(), key=place.__getitem__)
            found += ready
            sorter.done(*ready)
        return found

    def through(self, form: Through) -> Iterator[Step]:
        """The steps that are taken in a form."""
        return (step for step in self.steps.values() if step.through == form)
