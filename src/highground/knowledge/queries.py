"""Reading what belongs to somebody: questions of an area, questions to an expert, and an expert's own figures."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from highground.accounts.queries import held_grants
from highground.areas.models import Area
from highground.knowledge.enums import Decline, Gender, Institution, Progress, Standing
from highground.knowledge.ground import ASKERS, MONTHS
from highground.knowledge.models import Expert, Practice, Referral, Shown
from highground.methods.facts.months import later

OWN = "an expert reads the questions that were asked to them"
COUNTED = "questions are counted for everybody, without what was asked and where"


def areas_to_ask_for(user: Any, today: datetime.date) -> list[Area]:
    """The areas for which a person may ask experts, by their grants. Cached with them."""
    held = (grant for grant in held_grants(user, today) if grant.role in ASKERS and not grant.target_kind)
    return list({grant.area.pk: grant.area for grant in held if grant.area}.values())


def asked_of(expert: Expert) -> QuerySet[Referral]:
    """The questions that were asked to an expert, for the expert."""
    return _joined(Referral.objects.everywhere(reason=OWN).filter(expert=expert))


def asked_by_area(user: Any, today: datetime.date) -> QuerySet[Referral]:
    """The questions that a person's areas have asked."""
    return _joined(Referral.objects.visible_to(user, today))


def _joined(rows: QuerySet[Referral]) -> QuerySet[Referral]:
    joined = rows.select_related("question__area", "question__practice", "expert__owner")
    return joined.prefetch_related("question__practice__texts").order_by("-asked_on", "-pk")


def referral_for(number: int, user: Any, today: datetime.date) -> Referral | None:
    """One question and its answer: for the area that asked, and for the expert who was asked; None for everybody else."""
    found = asked_by_area(user, today).filter(pk=number).first()
    if found is None and user.is_authenticated:
        found = _joined(Referral.objects.everywhere(reason=OWN).filter(pk=number, expert__owner=user)).first()
    return found


def due_months(referral: Referral, today: datetime.date) -> int | None:
    """Whether it is time to say what came of advice: after 3 or 12 months; None where nothing is due."""
    if referral.progress != Progress.ADVISED or referral.answered_on is None or referral.works_12:
        return None
    due = [months for months in MONTHS if later(referral.answered_on, months) <= today]
    return due[-1] if due and not getattr(referral, f"works_{due[-1]}") else None


@dataclass(frozen=True)
class Figures:
    """What became of a profile: how often it was shown to officers, opened, asked, answered; why others were not asked."""

    shown: int
    opened: int
    asked: int
    answered: int
    worked: int
    declined: Mapping[str, int]


def figures_of(expert: Expert) -> Figures:
    """What the expert sees of their own profile. Two queries."""
    seen = Shown.objects.filter(expert=expert).aggregate(shown=Sum("shown"), opened=Sum("opened"))
    rows = list(
        Referral.objects.everywhere(reason=OWN)
        .filter(expert=expert)
        .values_list("progress", "why_not", "works_3", "works_12")
    )
    works = {"works", "partly"}
    return Figures(
        shown=seen["shown"] or 0,
        opened=seen["opened"] or 0,
        asked=len(rows),
        answered=sum(progress == Progress.ADVISED for progress, *_rest in rows),
        worked=sum(three in works or twelve in works for _progress, _why, three, twelve in rows),
        declined={
            str(Decline(why).label): count
            for why, count in Counter(why for _progress, why, *_rest in rows if why).items()
        },
    )


@dataclass(frozen=True)
class Exposure:
    """A group of experts: how many there are, and how often they were shown and asked."""

    label: str
    experts: int
    shown: int
    asked: int


def told_by(user: Any) -> QuerySet[Practice]:
    """The practices that a person told, the latest first."""
    return Practice.objects.filter(by=str(user.pk)).prefetch_related("texts").order_by("-added_on", "-pk")


def taken_back() -> QuerySet[Practice]:
    """The practices that curators took back, the latest first."""
    held = Practice.objects.filter(standing=Standing.WITHDRAWN).prefetch_related("texts")
    return held.order_by("-changed_on", "-mark")


def exposure() -> dict[str, list[Exposure]]:
    """Who is shown and asked, by country, gender and kind of institution, for curators. Three queries."""
    experts = list(Expert.objects.filter(standing=Standing.PUBLISHED))
    shown = dict(Shown.objects.values_list("expert").annotate(count=Sum("shown")))
    asked = dict(
        Referral.objects.everywhere(reason=COUNTED)
        .values_list("expert")
        .annotate(count=Count("pk"))
        .order_by()
    )
    groups: dict[str, Callable[[Expert], str]] = {
        "country": lambda one: one.country,
        "gender": lambda one: str(Gender(one.gender).label),
        "kind": lambda one: str(Institution(one.kind).label),
    }
    found: dict[str, list[Exposure]] = {}
    for name, of in groups.items():
        members: dict[str, list[int]] = {}
        for one in experts:
            members.setdefault(of(one), []).append(one.pk)
        found[name] = [
            Exposure(
                label,
                len(keys),
                sum(shown.get(key, 0) for key in keys),
                sum(asked.get(key, 0) for key in keys),
            )
            for label, keys in sorted(members.items())
        ]
    return found


def came_of_asking(practice: Practice | None = None) -> dict[str, int]:
    """Of all questions, or of those about a practice, how many were answered, tried, and work after a year. One query."""
    rows = Referral.objects.everywhere(reason=COUNTED)
    if practice is not None:
        rows = rows.filter(question__practice=practice)
    tried = ~Q(works_3__in=["", "not_tried"]) | ~Q(works_12__in=["", "not_tried"])
    return dict(
        rows.aggregate(
            asked=Count("pk"),
            answered=Count("pk", filter=Q(progress=Progress.ADVISED)),
            tried=Count("pk", filter=tried),
            works=Count("pk", filter=Q(works_12__in=["works", "partly"])),
        )
    )


def waiting_for(user: Any) -> int:
    """How many questions wait for a person's answer. One query."""
    rows = Referral.objects.everywhere(reason=OWN).filter(expert__owner=user)
    return rows.filter(progress__in=[Progress.ASKED, Progress.ACCEPTED]).count()


def outcomes_due(user: Any, today: datetime.date) -> int:
    """Of how many answers to a person's areas it is time to say what came of them. One query."""
    late = Q(works_12="", answered_on__lte=later(today, -MONTHS[1])) | Q(
        works_3="", works_12="", answered_on__lte=later(today, -MONTHS[0])
    )
    return Referral.objects.visible_to(user, today).filter(late, progress=Progress.ADVISED).count()
