"""From the first case to recognition."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

from highground.cases.actions.applying import record_application
from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.actions.deciding import decide, give_emergency_aid
from highground.cases.actions.facts import FactValue
from highground.cases.actions.objections import answer_objection, file_objection
from highground.cases.actions.opening import assign, open_case
from highground.cases.actions.visiting import record_visit
from highground.cases.enums import Channel
from highground.cases.models import Case
from highground.demo.cases.lists import call_together, hang_up, hold, object_to, take_it_down
from highground.demo.cases.scene import DAY, RULEBOOK, Scene, Staff, Steps
from highground.methods.facts import load_dictionary
from highground.methods.facts.entering import canonical
from highground.people.models import Household
from highground.people.queries import facts_as_of

INCOMES = ("income_wage_12m", "income_business_12m", "income_property_12m", "income_transfer_12m")


LEFT_TO_LIVE = 5_900
"""What a hospital bill leaves a person for a year, in yuan: well below the line."""


NEEDS = {
    "illness": (
        "我们先卖了牛付住院费，药费还欠着。",
        "每个月要去县医院换药，来回车费四十块。",
        "他干不了重活了，能不能在村里找点轻活？",
        "药店的账欠了两千，想分几次还。",
    ),
    "schooling": ("老大明年上职校，学费还没有着落。", "孩子住校，生活费每月要三百。"),
    "disaster": ("玉米全泡在水里，种子钱也没了。", "屋后的坡裂了缝，下雨不敢睡。"),
    "": ("猪瘟以后栏里空着，想再养几头。", "厂里停工三个月，想学个手艺。"),
}
"""What families say, by their risk; invented."""


def open_for(household: Household, start: datetime.date, staff: Staff) -> Case:
    clues = list(household.clues.filter(status="open", opened_on__lte=start))
    return open_case(
        household=household,
        rulebook=RULEBOOK,
        by=staff.worker,
        today=start,
        clues=clues,
        channel=None if clues else Channel.VISIT,
        discovered_on=start,
    )


def _assign(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        assign(case, contact=scene.staff.contact, by=scene.staff.worker, today=day)


def _aid(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        give_emergency_aid(
            case,
            amount=Decimal(2000),
            risk="illness",
            reason="The hospital asks for a deposit today.",
            by=scene.staff.answers,
            day=day,
            today=day,
        )


def _visit(scene: Scene, day: datetime.date) -> None:
    outcome = "dismiss" if scene.cohort.turn == "dismissed" else "propose"
    for case in scene.cases:
        risks = _risks(case, day)
        words = NEEDS.get(risks[0], NEEDS[""])
        record_visit(
            case,
            outcome=outcome,
            by=scene.staff.contact,
            visitors=[scene.staff.worker],
            day=day,
            today=day,
            proposed_class=_class(case),
            risks=risks,
            reason="The bill was paid by the insurance in the meantime." if outcome == "dismiss" else "",
            values=_trouble(case, day) if scene.cohort.turn != "dismissed" else [],
            need_words=words[case.pk % len(words)],
            need_language="zh",
        )


def _apply(scene: Scene, day: datetime.date) -> None:
    for place, case in enumerate(scene.cases):
        helped = place % 2 == 1
        record_application(
            case,
            outcome="applied",
            by=scene.staff.contact,
            day=day,
            today=day,
            how="thumbprint" if helped else "signature",
            helper=str(scene.staff.contact) if helped else "",
            read_back=helped,
        )


def _compare(scene: Scene, day: datetime.date) -> None:
    for place, case in enumerate(scene.cases):
        car = Answer(
            "vehicles", "hit", veto="owns_car", excepted_by=("illness",), note="A van of 2011, laid up."
        )
        answers = [
            Answer("vehicles", "clear") if place else car,
            Answer("business", "clear"),
            Answer("housing", "clear"),
        ]
        record_comparison(case, answers=answers, by=scene.staff.compares, day=day, today=day)


def _call(scene: Scene, day: datetime.date) -> None:
    call_together(scene, day, "appraise")


def _appraise(scene: Scene, day: datetime.date) -> None:
    hold(scene, day, "appraise", "exclude" if scene.cohort.turn == "excluded" else "include")


def _hang(scene: Scene, day: datetime.date) -> None:
    hang_up(scene, day, "notice")
    assert scene.notice is not None
    if scene.cohort.turn == "objection":
        object_to(scene.notice, day)


def _take_down(scene: Scene, day: datetime.date) -> None:
    if scene.cohort.turn == "upheld" and "upheld" not in scene.went:
        scene.went.add("upheld")
        _upheld_once(scene, day)
    take_it_down(scene, day)


def _upheld_once(scene: Scene, day: datetime.date) -> None:
    """An objection is upheld; the village appraises again, and a second notice hangs."""
    assert scene.notice is not None
    objection = file_objection(
        scene.notice.items.order_by("line")[0],
        text="The savings were not counted.",
        by="public",
        day=day - DAY,
        today=day - DAY,
    )
    answer_objection(
        objection, uphold=True, answer="The savings are to be counted.", by=scene.staff.answers, today=day
    )
    take_it_down(scene, day)
    call_together(scene, day + DAY, "appraise")
    hold(scene, day + DAY, "appraise", "include")
    hang_up(scene, day + DAY, "notice")


def _review(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="review", outcome="agree", by=scene.staff.township, today=day)


def _decide(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="decide", outcome="include", by=scene.staff.decides, today=day)


def _trouble(case: Case, day: datetime.date) -> list[FactValue]:
    """Where no class was found before: a hospital bill that leaves the family below the line."""
    if case.clue_links.filter(clue__kind="class").exists():
        return []
    known = {one.fact: one.value for one in facts_as_of([case.household], as_of=day) if one.member is None}
    persons = case.household.members.filter(present=True).count() or 1
    lacking = {name: 0 for name in (*INCOMES, "cost_business_12m") if name not in known}
    if "income_wage_12m" in lacking:
        lacking["income_wage_12m"] = 9_000 * persons
    amounts = {
        name: Decimal(known.get(name, lacking.get(name, 0))) for name in (*INCOMES, "cost_business_12m")
    }
    earned = sum(amounts[name] for name in INCOMES) - amounts["cost_business_12m"]
    bill = max(int(earned) - LEFT_TO_LIVE * persons, 0)
    said: dict[str, object] = {**lacking, "out_of_pocket_12m": bill, "claims_12m": 0, "risks": ["illness"]}
    facts = load_dictionary()
    return [
        FactValue(name, value)
        for name, value in said.items()
        if known.get(name) != canonical(facts[name], value, today=day)
    ]


def _class(case: Case) -> str:
    links: Sequence[str] = list(
        case.clue_links.filter(clue__kind="class").values_list("clue__rule", flat=True)
    )
    return links[0] if links else "sudden_severe"


def _risks(case: Case, day: datetime.date) -> list[str]:
    known = (one.value for one in facts_as_of([case.household], as_of=day) if one.fact == "risks")
    value = next(known, "[]")
    return ["illness"] if value == "[]" else value.split(";")


STEPS: Steps = {
    "assign": (0, _assign),
    "aid": (1, _aid),
    "visit": (2, _visit),
    "apply": (3, _apply),
    "compare": (5, _compare),
    "call": (6, _call),
    "appraise": (7, _appraise),
    "hang": (8, _hang),
    "notice": (13, _take_down),
    "review": (14, _review),
    "decide": (15, _decide),
}
"""The steps up to recognition: how many days after the household was noticed, and what is done then."""
