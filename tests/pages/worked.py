"""A household of each village whose case is under way: visited, compared, objected to; and whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from highground.accounts.enums import Role
from highground.cases.models import (
    Case,
    CaseClue,
    CaseStep,
    Comparison,
    Notice,
    NoticeItem,
    Objection,
    Turn,
    Visit,
)
from highground.people.models import Household
from highground.signals.models import Clue, RulebookVersion
from tests.support.register import BOOK, TODAY

STEP = "apply"
"""The step that can be taken now."""

TAKERS = (Role.CONTACT_OFFICER, Role.VILLAGE_WORKER, Role.FIRST_SECRETARY)


def words_of(name: str) -> dict[str, str]:
    """What was said in the case of the village's household, by the kind of mark."""
    return {
        "seen at the door": f"The roof of {name} is sound",
        "compared": f"A van of {name}",
        "objection": f"They of {name} own a lorry",
    }


def work_on(households: Mapping[str, tuple[str, Household]]) -> dict[str, dict[str, Any]]:
    """For the household of each village (its name and the household): the number of its case, and the step."""
    version = RulebookVersion.objects.get(rulebook=BOOK)
    return {
        code: {"work": _work(name, home, version), "step": STEP} for code, (name, home) in households.items()
    }


def _work(name: str, home: Household, version: RulebookVersion) -> int:
    now, words = timezone.now(), words_of(name)
    case = Case.objects.create(
        household=home, rulebook=BOOK, rulebook_version=version, packs=["qinan"], channel="data", status="open",
        discovered_on=TODAY, opened_on=TODAY, proposed_class="sudden_severe", risks=["illness"], version=2,
        next_step=STEP, due_on=TODAY,
    )  # fmt: skip
    for clue in Clue.objects.everywhere(reason="test").filter(household=home):
        CaseClue.objects.create(case=case, clue=clue)
    steps = [
        CaseStep.objects.create(
            case=case, sequence=number, step=step, outcome=outcome, effect="next", day=TODAY, recorded_at=now,
            by="test", people=["test"], role="village_worker",
        )
        for number, (step, outcome) in enumerate([("assign", "assigned"), ("visit", "propose")], start=1)
    ]  # fmt: skip
    Visit.objects.create(
        household=home, case=case, step=steps[1], day=TODAY, note=words["seen at the door"], recorded_at=now,
        by="test",
    )  # fmt: skip
    Comparison.objects.create(
        case=case,
        register="vehicles",
        found="hit",
        note=words["compared"],
        day=TODAY,
        recorded_at=now,
        by="test",
    )
    notice = Notice.objects.create(
        area=home.area, rulebook=BOOK, step="notice", code=f"N{case.pk}", posted_on=TODAY, days=5, ends_on=TODAY,
        object_at="the township", posted_by="test",
    )  # fmt: skip
    item = NoticeItem.objects.create(notice=notice, case=case, line=1, class_id="sudden_severe")
    Objection.objects.create(item=item, text=words["objection"], filed_on=TODAY, by="public")
    for role in TAKERS:
        Turn.objects.create(case=case, step=STEP, role=role, leads=True, due_on=TODAY)
    return int(case.pk)
