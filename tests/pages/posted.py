"""A plan of teams in each county and the team it put into each village, with a name that is found nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from highground.areas.models import Area
from highground.teams.enums import PlanStatus, PostRole, UnitLevel
from highground.teams.models import Candidate, Plan, Post, Posting, SendingUnit, VillageNeed
from tests.support.places import LONG_AGO
from tests.support.register import TODAY

CERTIFICATE = {
    "objective": 1000, "bound": 1001.5, "gap": 0.0015, "seats": 2, "vacancies": 0, "avoidable_vacancies": 0, "villages": 1,
    "lead_share": 1.0, "woman_share": 1.0, "wrong": [],
}  # fmt: skip


def post_people(county: Area, villages: Mapping[str, tuple[Area, str]]) -> dict[str, dict[str, Any]]:
    """For each village (its area, its name): the plan of its county, and its code once more."""
    unit = SendingUnit.objects.create(
        code=f"unit-{county.code}",
        name=f"Bureau of {county.code.title()}",
        area=county,
        level=UnitLevel.COUNTY,
        cap=9,
    )
    plan: Plan = Plan.objects.create(
        area=county, number=1, norms="cn-2021", status=PlanStatus.DRAFT, certificate=CERTIFICATE, made_on=TODAY,
        by="test", course=[[900, 1100], [1000, 1001.5]],
    )  # fmt: skip
    found = {}
    for code, (village, name) in villages.items():
        one = Candidate.objects.create(
            code=f"cadre-{code}", name=teammate(name), unit=unit, area=county, woman=True, may_lead=True,
            skills=["agronomy"],
        )  # fmt: skip
        VillageNeed.objects.create(village=village, members=1, needs=["agronomy"], at_risk=12)
        same = {"candidate": one, "village": village, "role": PostRole.FIRST_SECRETARY}
        Posting.objects.create(plan=plan, **same)
        Post.objects.create(since=LONG_AGO, norms="cn-2021", plan=plan, **same)
        found[code] = {"team_plan": plan.pk, "seat": code}
    return found


def teammate(name: str) -> str:
    """What somebody on the team of a village is called."""
    return f"Posted in {name}"
