"""A household of each village whose case is under way: visited, compared, decided on in meetings, announced, objected to;
whose turn it is; and another household that waits for a meeting and a notice."""

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
    Meeting,
    MeetingItem,
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
        "minutes": f"Minutes of {name}",
        "said at the meeting": f"{name} knows that they are in need",
        "why called off": f"It rained in {name}",
        "number of the notice": f"N-{name}",
        "where it hangs": f"The wall of {name}",
        "why withdrawn": f"Torn down in {name}",
    }


def work_on(households: Mapping[str, tuple[str, Household, Household]]) -> dict[str, dict[str, Any]]:
    """For each village (its name, the household at work, the one that waits): the numbers of what is made of it."""
    version = RulebookVersion.objects.get(rulebook=BOOK)
    found = {}
    for code, (name, home, waits) in households.items():
        case = _work(words_of(name), home, version)
        _wait(waits, version)
        found[code] = {"work": case.pk, "step": STEP, **_meet(words_of(name), case), **_hang(name, case)}
    return found


def _open(home: Household, book: RulebookVersion, **fields: Any) -> Case:
    case: Case = Case.objects.create(
        household=home, rulebook=BOOK, rulebook_version=book, packs=["qinan"], channel="data", status="open",
        discovered_on=TODAY, opened_on=TODAY, proposed_class="sudden_severe", risks=["illness"], due_on=TODAY,
        **fields,
    )  # fmt: skip
    return case


def _work(words: dict[str, str], home: Household, version: RulebookVersion) -> Case:
    now = timezone.now()
    case = _open(home, version, version=2, next_step=STEP)
    for clue in Clue.objects.everywhere(reason="test").filter(household=home):
        CaseClue.objects.create(case=case, clue=clue)
    steps = [
        CaseStep.objects.create(
            case=case, sequence=number, step=step, outcome=outcome, effect="next", day=TODAY, recorded_at=now, entered_on=TODAY,
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
    for role in TAKERS:
        Turn.objects.create(case=case, step=STEP, role=role, leads=True, due_on=TODAY)
    return case


def _wait(home: Household, version: RulebookVersion) -> None:
    """A case that could come before a meeting, and hang on a notice."""
    case = _open(home, version)
    for step in ("appraise", "notice"):
        Turn.objects.create(case=case, step=step, role=Role.VILLAGE_WORKER, due_on=TODAY)


def _meet(words: dict[str, str], case: Case) -> dict[str, int]:
    """A meeting that was held, one that is called and one that was called off: the first two."""
    meetings = {
        status: Meeting.objects.create(
            area=case.household.area, rulebook=BOOK, step="appraise", day=TODAY, entitled=9, present=present,
            minutes=minutes, status=status, opened_by="test",
        )
        for status, present, minutes in (
            ("closed", 7, words["minutes"]), ("open", 0, ""), ("cancelled", 0, words["why called off"])
        )
    }  # fmt: skip
    for status, meeting in meetings.items():
        said = {"outcome": "include", "in_favour": 7, "reason": words["said at the meeting"]}
        MeetingItem.objects.create(meeting=meeting, case=case, **(said if status == "closed" else {}))
    return {"meeting": meetings["closed"].pk, "called": meetings["open"].pk}


def _hang(name: str, case: Case) -> dict[str, int]:
    """A notice that hangs, with an objection, and one that was withdrawn: the first."""
    words = words_of(name)
    notices = [
        Notice.objects.create(
            area=case.household.area, rulebook=BOOK, step="notice", code=code, posted_on=TODAY, days=5,
            ends_on=TODAY, object_at="the township", posted_by="test", **fields,
        )
        for code, fields in (
            (words["number of the notice"], {"place": words["where it hangs"]}),
            (f"W-{name}", {"status": "cancelled", "withdrawn_because": words["why withdrawn"]}),
        )
    ]  # fmt: skip
    items = [
        NoticeItem.objects.create(notice=notice, case=case, line=1, class_id="sudden_severe")
        for notice in notices
    ]
    Objection.objects.create(item=items[0], text=words["objection"], filed_on=TODAY, by="public")
    return {"notice": notices[0].pk}
