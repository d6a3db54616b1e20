"""Whom the audit can draw: the active households of an area that nothing flags, with what the estimate groups by."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.db.models import Exists, OuterRef, QuerySet

from highground.areas.enums import Level
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.cases.enums import RUNNING, CaseStatus
from highground.cases.models import Case
from highground.people.enums import HouseholdStatus, SourceKind
from highground.people.models import Household, Observation, Source
from highground.signals.enums import ClueStatus
from highground.signals.models import Clue

STRATA = ("county", "fed")
"""Each county, with and without the households that some department's data cover."""

GROUPS = ("county", "sex", "ethnicity", "fed")
COLUMNS = GROUPS
"""What a cell is told apart by; the strata are among it."""

WHY = "the audit is drawn from every household of an area whose officer, or the command, asks for it"


@dataclass(frozen=True)
class Frame:
    """`unflagged`: one row a household (`household`, `pk`, `COLUMNS`). `found`: monitored households by cell."""

    unflagged: pa.Table
    found: Counter[tuple[str | None, ...]]


def frame_of(area: Area, *, rulebook: str, today: datetime.date) -> Frame:
    """The households of `area` that the audit can draw today. Six queries, however many there are.

    `household` is the register and the household's own number there, which anybody with the list can repeat.
    """
    inside = Household.objects.everywhere(reason=WHY).filter(
        area__path__startswith=area.path, status=HouseholdStatus.ACTIVE
    )
    counties = _counties(area)
    heads, fed = _heads(area, today), _fed(area)

    def cell(pk: int, path: str) -> tuple[str | None, ...]:
        head = heads.get(pk, {})
        county = next((counties[above] for above in [path, *ancestor_paths(path)] if above in counties), None)
        return county, head.get("sex"), head.get("ethnicity"), "yes" if pk in fed else "no"

    rows = [
        (f"{register}/{number}", pk, *cell(pk, path))
        for pk, register, number, path in _told(unflagged(inside))
    ]
    monitored = Case.objects.everywhere(reason=WHY).filter(
        household=OuterRef("pk"), rulebook=rulebook, status=CaseStatus.MONITORED
    )
    found = Counter(
        cell(pk, path) for pk, _register, _number, path in _told(inside.filter(Exists(monitored)))
    )
    types = [pa.string(), pa.int64(), *[pa.string()] * len(COLUMNS)]
    names = ["household", "pk", *COLUMNS]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
    return Frame(pa.table(arrays, names=names), found)


def fed_by_departments(since: datetime.date | None = None) -> Exists:
    """Whether a department's data cover a household (with `since`: delivered after that day)."""
    observations = Observation.objects.everywhere(
        reason="whether a household reached in scope is in any feed"
    )
    told = observations.filter(household=OuterRef("pk"), source__kind=SourceKind.DEPARTMENT)
    return Exists(told.filter(source__day__gt=since) if since else told)


def unflagged(inside: QuerySet[Household]) -> QuerySet[Household]:
    """The households that nothing flags: no open clue, no case under way."""
    clues = Clue.objects.everywhere(reason=WHY).filter(household=OuterRef("pk"), status=ClueStatus.OPEN)
    cases = Case.objects.everywhere(reason=WHY).filter(household=OuterRef("pk"), status__in=RUNNING)
    return inside.filter(~Exists(clues), ~Exists(cases))


def _told(households: QuerySet[Household]) -> QuerySet[Any, tuple[int, str, str, str]]:
    return households.order_by("pk").values_list("pk", "register", "number", "area__path")


def _fed(area: Area) -> set[int]:
    """The ids of the households of an area that some department's data cover. Two queries."""
    deliveries = list(Source.objects.filter(kind=SourceKind.DEPARTMENT).values_list("pk", flat=True))
    observations = Observation.objects.everywhere(reason=WHY).filter(
        source__in=deliveries, household__area__path__startswith=area.path
    )
    return set(observations.order_by().values_list("household", flat=True).distinct())


def _counties(area: Area) -> dict[str, str]:
    """The codes of the counties in and around an area, by path. One query."""
    around = Area.objects.filter(path__in=ancestor_paths(area.path))
    found = Area.objects.filter(path__startswith=area.path) | around
    return dict(found.filter(level=Level.COUNTY).values_list("path", "code"))


def _heads(area: Area, today: datetime.date) -> dict[int, dict[str, str]]:
    """What is recorded of the head of each household: sex and ethnicity, by the household's id. One query."""
    observations = Observation.objects.everywhere(reason=WHY)
    # Of most members nobody ever said that they are the head: theirs need not be read.
    ever = observations.filter(
        fact="relation", value="head", member__household__area__path__startswith=area.path
    )
    observations = observations.filter(
        member__in=ever.order_by().values("member"),
        member__present=True,
        fact__in=["relation", "sex", "ethnicity"],
        valid_from__lte=today,
    )
    known: dict[int, dict[str, str]] = {}
    home: dict[int, int] = {}
    for member, household, fact, value, ends in observations.order_by(
        "member", "valid_from", "recorded_at", "pk"
    ).values_list("member", "member__household", "fact", "value", "valid_to"):
        facts = known.setdefault(member, {})
        home[member] = household
        # The latest statement holds; one that has ended, or withdraws the value, leaves nothing known.
        facts.pop(fact, None)
        if value is not None and (ends is None or ends >= today):
            facts[fact] = value
    return {home[member]: facts for member, facts in known.items() if facts.get("relation") == "head"}
