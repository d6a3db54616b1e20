"""Cases at every step of the way, so that each role finds real work at first sign-in.

Cohorts of households began on different days and went as far as their time allows, by the same actions that people
use, each dated when it would have happened. Invented, like everything in the demonstration.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.areas.models import Area
from highground.cases.actions.applying import record_application
from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.actions.deciding import decide, family_answers, give_emergency_aid
from highground.cases.actions.facts import FactValue
from highground.cases.actions.meetings import call_meeting, close_meeting, decide_item
from highground.cases.actions.notices import close_notice, post_notice
from highground.cases.actions.objections import answer_objection, file_objection
from highground.cases.actions.opening import assign, open_case
from highground.cases.actions.visiting import follow_up, record_visit
from highground.cases.enums import Channel
from highground.cases.flow import CaseError
from highground.cases.models import Case, Notice
from highground.people.actions import receive, source_of
from highground.people.enums import Protected
from highground.people.models import Household
from highground.people.queries import facts_as_of
from highground.support.actions.budgets import set_budget
from highground.support.actions.delivering import deliver
from highground.support.actions.planning import NewLine, make_plan

RULEBOOK = "demo-cn"
DAY = datetime.timedelta(days=1)
OBJECT_AT = "County office for rural affairs, counter 3"

BUDGETS = {
    "industry": 400_000,
    "employment": 200_000,
    "public_welfare_post": 260_000,
    "health": 300_000,
    "compulsory_education": 120_000,
    "social_assistance": 180_000,
    "housing_safety": 500_000,
}
"""What the county has in a year, by family of measures, in yuan."""

INCOMES = ("income_wage_12m", "income_business_12m", "income_property_12m", "income_transfer_12m")
LEFT_TO_LIVE = 5_900
"""What a hospital bill leaves a person for a year, in yuan: well below the line."""

FAMILY_NAMES = "韦黄覃蒙陆农罗梁谭莫"
GIVEN_NAMES = ("阿秀", "大顺", "美兰", "建国", "小莲", "志强", "桂英", "水生", "春花")
"""Heads of households are called by these on notices; nobody real is meant."""

NEEDS = {
    "illness": ("我们先卖了牛付住院费，药费还欠着。", "zh"),
    "schooling": ("老大明年上职校，学费还没有着落。", "zh"),
}


@dataclass(frozen=True)
class Cohort:
    """Some households of one village that were noticed `age` days ago and went on until a step."""

    village: str
    number: int
    age: int
    until: str
    turn: str = ""
    """What went otherwise: `dismissed`, `excluded`, `objection`, `upheld`, `emergency`, `again` (a re-entry)."""


COHORTS = (
    Cohort("Baiyun", 3, 4, "assign"),
    Cohort("Baiyun", 2, 3, "visit"),
    Cohort("Baiyun", 2, 3, "apply"),
    Cohort("Baiyun", 2, 6, "compare"),
    Cohort("Baiyun", 3, 9, "call"),
    Cohort("Baiyun", 3, 11, "hang", "objection"),
    Cohort("Baiyun", 2, 14, "notice"),
    Cohort("Baiyun", 2, 15, "review"),
    Cohort("Baiyun", 1, 15, "decide"),
    Cohort("Baiyun", 2, 40, "plan"),
    Cohort("Baiyun", 1, 2, "aid", "emergency"),
    Cohort("Baiyun", 1, 21, "decide", "emergency"),
    Cohort("Baiyun", 2, 64, "follow_up"),
    Cohort("Baiyun", 1, 90, "follow_up", "upheld"),
    Cohort("Baiyun", 1, 60, "visit", "dismissed"),
    Cohort("Baiyun", 1, 60, "appraise", "excluded"),
    Cohort("Baiyun", 2, 204, "exit_family"),
    Cohort("Baiyun", 1, 209, "exit_hang"),
    Cohort("Baiyun", 1, 240, "exit_decide"),
    Cohort("Baiyun", 1, 320, "exit_decide", "again"),
    Cohort("", 3, 5, "assign"),
    Cohort("", 3, 8, "compare"),
    Cohort("", 3, 14, "notice"),
    Cohort("", 2, 15, "review"),
    Cohort("", 2, 45, "plan"),
    Cohort("", 2, 100, "follow_up"),
    Cohort("", 1, 230, "exit_decide"),
)
"""The second half belongs to a second village of the same township."""


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


def add_cases(today: datetime.date, users: Mapping[str, User]) -> Iterator[float]:
    """Open the cases and bring each as far as its cohort says; yields each time the share that was just done."""
    baiyun = Area.objects.get(names__en="Baiyun", level="village", synthetic=True)
    other = Area.objects.filter(parent=baiyun.parent).exclude(pk=baiyun.pk).order_by("path").first()
    assert other is not None
    staff = {baiyun.pk: _staff(users, {}), other.pk: _staff(users, _others(other, today))}
    for year in {today.year, (today - 330 * DAY).year}:
        for family, amount in BUDGETS.items():
            set_budget(
                area=_county(baiyun),
                family=family,
                year=year,
                amount=Decimal(amount),
                by=users["weilan"],
                today=today,
            )
    waiting = {area.pk: _households(area) for area in (baiyun, other)}
    named = 0
    for cohort in COHORTS:
        area = baiyun if cohort.village else other
        start = today - cohort.age * DAY
        chosen = [one for _ in range(cohort.number) if (one := next(waiting[area.pk], None)) is not None]
        named = _name_heads(chosen, named, start)
        cases = [_open(household, start, staff[area.pk]) for household in chosen]
        if cases:
            _go(Scene(cohort, area, staff[area.pk], start, cases), today)
        yield 1 / len(COHORTS)


def _county(area: Area) -> Area:
    parent = area.parent
    assert parent is not None
    assert parent.parent is not None
    return parent.parent


def _staff(users: Mapping[str, User], others: Mapping[str, User]) -> Staff:
    mine = {**users, **others}
    return Staff(
        worker=mine.get("worker", users["qinhao"]),
        secretary=mine.get("secretary", users["luoping"]),
        contact=mine.get("contact", users["huangmei"]),
        township=users["pangyun"],
        answers=users["ligong"],
        compares=users["zhaomin"],
        decides=users["weilan"],
    )


def _others(area: Area, today: datetime.date) -> dict[str, User]:
    """The people of the second village; nobody signs in as one of them."""
    since = today - 365 * DAY
    found = {}
    for name, (shown, role) in {
        "worker": ("He Lin", Role.VILLAGE_WORKER),
        "secretary": ("Fang Yu", Role.FIRST_SECRETARY),
        "contact": ("Su Yan", Role.CONTACT_OFFICER),
    }.items():
        user = add_user(f"demo-{name}", password=None, display_name=shown, by="demo")
        grant_role(user, role=role, area=area, valid_from=since, by="demo")
        found[name] = user
    return found


def _households(area: Area) -> Iterator[Household]:
    """The households of a village that say most, those with an open clue first."""
    rows = Household.objects.everywhere(reason="filling the demonstration").filter(area=area)
    with_clue = rows.filter(clues__rulebook=RULEBOOK, clues__kind="class", clues__status="open").distinct()
    first = list(with_clue.order_by("number"))
    taken = {household.pk for household in first}
    yield from first
    yield from rows.filter(verdicts__class_verdict="no").exclude(pk__in=taken).order_by("number")


def _name_heads(households: Sequence[Household], number: int, day: datetime.date) -> int:
    """Give the heads names, from the one with this number on; the next number."""
    if households:
        text = pa.string()
        names = [
            FAMILY_NAMES[place % len(FAMILY_NAMES)] + GIVEN_NAMES[place % len(GIVEN_NAMES)]
            for place in range(number, number + len(households))
        ]
        receive(
            register=households[0].register,
            protected=pa.table(
                {
                    "household": pa.array([one.number for one in households], text),
                    "member": pa.nulls(len(households), text),
                    "kind": pa.array([str(Protected.NAME)] * len(households), text),
                    "value": pa.array(names, text),
                }
            ),
            source=source_of(kind="import", name="Household registration, heads", day=day),
            by="demo",
            today=day,
        )
    return number + len(households)


def _open(household: Household, start: datetime.date, staff: Staff) -> Case:
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


def _go(scene: Scene, today: datetime.date) -> None:
    """Every step of the way up to the cohort's last, each on its day."""
    for name, (after, step) in STEPS.items():
        if name == "aid" and scene.cohort.turn != "emergency":
            continue
        step(scene, min(max(scene.start + after * DAY, scene.now or scene.start), today))
        if name == scene.cohort.until or not scene.cases:
            break
    if scene.cohort.turn == "again":
        for case in scene.cases:
            fresh = open_case(
                household=case.household, rulebook=RULEBOOK, by=scene.staff.worker, today=today - DAY
            )
            assign(fresh, contact=scene.staff.contact, by=scene.staff.worker, today=today - DAY)


# --- Into monitoring ------------------------------------------------------------------------------


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
        words, language = NEEDS.get(risks[0], ("", ""))
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
            values=[
                FactValue("dwelling_unsafe", value=False, confirmed=True),
                *(_trouble(case, day) if scene.cohort.turn != "dismissed" else ()),
            ],
            need_words=words,
            need_language=language,
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
    _call_meeting(scene, day, "appraise")


def _appraise(scene: Scene, day: datetime.date) -> None:
    _hold_meeting(scene, day, "appraise", "exclude" if scene.cohort.turn == "excluded" else "include")


def _hang(scene: Scene, day: datetime.date) -> None:
    _hang_up(scene, day, "notice")
    assert scene.notice is not None
    if scene.cohort.turn == "objection":
        _object(scene.notice, day)


def _take_down(scene: Scene, day: datetime.date) -> None:
    if scene.cohort.turn == "upheld" and "upheld" not in scene.went:
        scene.went.add("upheld")
        _upheld_once(scene, day)
    _take_it_down(scene, day)


def _review(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="review", outcome="agree", by=scene.staff.township, today=day)


def _decide(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="decide", outcome="include", by=scene.staff.decides, today=day)


# --- Support ---------------------------------------------------------------------------------------


def _plan(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        risk = case.risks[0]
        make_plan(
            case,
            lines=[
                NewLine(
                    "serious_illness_claim",
                    scene.staff.contact,
                    day + 20 * DAY,
                    risk if risk == "illness" else "",
                ),
                NewLine("public_benefit_job", scene.staff.secretary, day + 14 * DAY, amount=Decimal(600)),
                NewLine("temporary_relief", scene.staff.contact, day + 10 * DAY, amount=Decimal(1500)),
            ],
            by=scene.staff.contact,
            today=day,
        )


def _deliver(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        for line in case.plan.lines.order_by("pk"):
            if line.measure == "temporary_relief":
                deliver(
                    line,
                    day=day,
                    key=f"demo-{line.pk}",
                    amount=Decimal(1500),
                    by=scene.staff.contact,
                    today=day,
                )


def _first_follow_up(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        follow_up(
            case, by=scene.staff.contact, day=day, today=day, values=_better(case, day), note="Work again."
        )


def _last_follow_up(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        values = [*_better(case, day), FactValue("spending_solved", value=True)]
        follow_up(case, by=scene.staff.contact, day=day, today=day, values=values, note="The family is well.")


def _better(case: Case, day: datetime.date) -> list[FactValue]:
    """What a family says when it is well again: incomes far above the line, everybody insured, children at school."""
    members = list(case.household.members.filter(present=True))
    born = {
        one.member: datetime.date.fromisoformat(one.value)
        for one in facts_as_of([case.household], as_of=day)
        if one.fact == "birth_date"
    }
    said = {
        "income_wage_12m": 18_000 * max(len(members), 1),
        "income_business_12m": 9_000,
        "cost_business_12m": 2_000,
        "income_property_12m": 600,
        "income_transfer_12m": 2_400,
        "out_of_pocket_12m": 800,
        "claims_12m": 0,
    }
    values = [FactValue(name, value) for name, value in said.items()]
    values += [FactValue(name, value=False) for name in ("dwelling_unsafe", "water_unsafe", "without_labour")]
    for member in members:
        age = (day - born[member.pk]).days // 365 if member.pk in born else 30
        values.append(FactValue("medical_insurance", value=True, member=member))
        if 6 <= age <= 16:
            values.append(FactValue("school_status", "in_school", member=member))
        elif 18 <= age < 60:
            values.append(FactValue("labour", "ordinary", member=member))
    return values


# --- Out of monitoring -------------------------------------------------------------------------------


def _propose_exit(scene: Scene, day: datetime.date) -> None:
    kept = []
    for case in scene.cases:
        try:
            decide(case, step="propose_exit", outcome="propose", by=scene.staff.contact, today=day)
        except CaseError:
            continue  # something is still missing of this family: it stays where it is
        kept.append(case)
    scene.cases = kept


def _exit_visit(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        record_visit(
            case,
            outcome="confirmed",
            by=scene.staff.contact,
            visitors=[scene.staff.worker],
            day=day,
            today=day,
        )


def _exit_family(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        family_answers(case, outcome="agrees", by=scene.staff.contact, day=day, today=day)


def _exit_appraise(scene: Scene, day: datetime.date) -> None:
    _call_meeting(scene, day, "exit_appraise")
    _hold_meeting(scene, day, "exit_appraise", "include")


def _exit_hang(scene: Scene, day: datetime.date) -> None:
    _hang_up(scene, day, "exit_notice")


def _exit_down(scene: Scene, day: datetime.date) -> None:
    _take_it_down(scene, day)


def _exit_review(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="exit_review", outcome="agree", by=scene.staff.township, today=day)


def _exit_decide(scene: Scene, day: datetime.date) -> None:
    for case in scene.cases:
        decide(case, step="exit_decide", outcome="eliminated", by=scene.staff.decides, today=day)


# --- Lists ---------------------------------------------------------------------------------------------


def _call_meeting(scene: Scene, day: datetime.date, step: str) -> None:
    call_meeting(
        area=scene.area,
        rulebook=RULEBOOK,
        step=step,
        day=day,
        entitled=31,
        cases=scene.cases,
        by=scene.staff.secretary,
        today=day,
    )


def _hold_meeting(scene: Scene, day: datetime.date, step: str, outcome: str) -> None:
    meeting = scene.cases[0].meeting_items.select_related("meeting").latest("pk").meeting
    for item in meeting.items.select_related("case", "meeting__area"):
        decide_item(
            item,
            outcome=outcome,
            in_favour=21 if outcome == "include" else 3,
            against=0 if outcome == "include" else 16,
            abstained=2,
            reason="" if outcome == "include" else "Two sons send money every month.",
            by=scene.staff.secretary,
            today=day,
        )
    close_meeting(
        meeting,
        present=23,
        minutes="Each household was read out and discussed.",
        by=scene.staff.secretary,
        today=day,
    )


def _hang_up(scene: Scene, day: datetime.date, step: str) -> None:
    scene.notice = post_notice(
        area=scene.area,
        rulebook=RULEBOOK,
        step=step,
        cases=scene.cases,
        object_at=OBJECT_AT,
        place="Board at the village office",
        by=scene.staff.secretary,
        day=day,
        today=day,
    )


def _take_it_down(scene: Scene, day: datetime.date) -> None:
    assert scene.notice is not None
    scene.now = max(day, scene.notice.ends_on)
    close_notice(scene.notice, by=scene.staff.secretary, today=scene.now)


def _object(notice: Notice, day: datetime.date) -> None:
    item = notice.items.order_by("line")[0]
    file_objection(item, text="They let a shop by the road.", by="public", day=day + DAY, today=day + DAY)


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
    _take_it_down(scene, day)
    _call_meeting(scene, day + DAY, "appraise")
    _hold_meeting(scene, day + DAY, "appraise", "include")
    _hang_up(scene, day + DAY, "notice")


def _trouble(case: Case, day: datetime.date) -> list[FactValue]:
    """Where no class was found before: a hospital bill that leaves the family below the line."""
    if case.clue_links.filter(clue__kind="class").exists():
        return []
    known = {one.fact: one.value for one in facts_as_of([case.household], as_of=day) if one.member is None}
    earned = sum(Decimal(known.get(name, "0")) for name in INCOMES) - Decimal(
        known.get("cost_business_12m", "0")
    )
    persons = case.household.members.filter(present=True).count() or 1
    bill = max(int(earned) - LEFT_TO_LIVE * persons, 0)
    said = {"out_of_pocket_12m": bill, "claims_12m": 0, "risks": ["illness"]}
    return [FactValue(name, value) for name, value in said.items()]


def _class(case: Case) -> str:
    links: Sequence[str] = list(
        case.clue_links.filter(clue__kind="class").values_list("clue__rule", flat=True)
    )
    return links[0] if links else "sudden_severe"


def _risks(case: Case, day: datetime.date) -> list[str]:
    known = (one.value for one in facts_as_of([case.household], as_of=day) if one.fact == "risks")
    value = next(known, "[]")
    return ["illness"] if value == "[]" else value.split(";")


STEPS: Mapping[str, tuple[int, Callable[[Scene, datetime.date], None]]] = {
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
    "plan": (22, _plan),
    "deliver": (30, _deliver),
    "follow_up": (40, _first_follow_up),
    "well": (194, _last_follow_up),
    "exit_proposal": (200, _propose_exit),
    "exit_visit": (201, _exit_visit),
    "exit_family": (202, _exit_family),
    "exit_appraise": (205, _exit_appraise),
    "exit_hang": (206, _exit_hang),
    "exit_notice": (212, _exit_down),
    "exit_review": (214, _exit_review),
    "exit_decide": (216, _exit_decide),
}
"""Every step in turn: how many days after the household was noticed, and what is done then."""
