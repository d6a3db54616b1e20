"""Random people do random things to cases through the office's own actions; what may never happen is looked for.

The invariants are checked by brute force from what is stored, apart from the code that stores it.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import pyarrow as pa
import pytest

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.cases.actions.applying import record_application
from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.actions.deciding import decide, family_answers, give_emergency_aid
from highground.cases.actions.facts import FactValue, write_facts
from highground.cases.actions.meetings import call_meeting, cancel_meeting, close_meeting, decide_item
from highground.cases.actions.notices import close_notice, post_notice, withdraw_notice
from highground.cases.actions.objections import answer_objection, file_objection
from highground.cases.actions.opening import assign, open_case
from highground.cases.actions.visiting import follow_up, record_visit
from highground.cases.flow import CaseError, procedure_for, state_of, take_step
from highground.cases.models import Case, Deadline, Notice, Objection, Turn
from highground.methods.rules.procedure import path
from highground.methods.rules.procedure.graph import DISCOVERY, PHASES, Status, Step, Through
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.actions import RegisterError, receive, source_of
from highground.people.enums import SourceKind
from highground.people.models import Household
from tests.support.register import BOOK, LONG_AGO, TODAY, Register

DAY = datetime.timedelta(days=1)
REFUSALS = (NotAllowed, CaseError, RegisterError)

PEOPLE: dict[str, tuple[Role, ...]] = {
    "w1": (Role.VILLAGE_WORKER,),
    "w2": (Role.VILLAGE_WORKER, Role.CONTACT_OFFICER),
    "s1": (Role.FIRST_SECRETARY,),
    "c1": (Role.CONTACT_OFFICER,),
    "t1": (Role.TOWNSHIP_OFFICER,),
    "t2": (Role.TOWNSHIP_OFFICER,),
    "k1": (Role.COUNTY_OFFICER,),
    "k2": (Role.COUNTY_OFFICER,),
    # Somebody with a hand in everything, who must never check themselves.
    "all": (Role.VILLAGE_WORKER, Role.CONTACT_OFFICER, Role.TOWNSHIP_OFFICER, Role.COUNTY_OFFICER),
    "analyst": (Role.ANALYST,),
}


def add_people(register: Register) -> list[User]:
    """Everybody in PEOPLE with their roles in the county."""
    found = []
    for name, roles in PEOPLE.items():
        user = add_user(name, password=None, display_name=name, by="test")
        for role in roles:
            grant_role(user, role=role, area=register.areas["LONGHE"], valid_from=LONG_AGO, by="test")
        found.append(user)
    return found


@dataclass
class Walk:
    """One case after another is pushed about at random."""

    people: list[User]
    chance: random.Random
    steady: float = 0.8
    """How often somebody does what leads on, of those who may."""
    today: datetime.date = TODAY
    tally: Counter[str] = field(default_factory=Counter)

    def sequence(self, household: Household, length: int, steady: float = 0.8) -> Case:
        """Open a case and try `length` random actions on it; after each, nothing may be broken."""
        self.today, self.steady = TODAY, steady
        case = open_case(household=household, rulebook=BOOK, by=self.people[0], today=self.today)
        for _ in range(length):
            self.attempt(case)
            case.refresh_from_db()
            faults = faults_of(case)
            assert not faults, faults
            if case.status in (Status.EXITED, Status.CLOSED):
                break
        self.tally[f"ended {case.status}"] += 1
        return case

    def attempt(self, case: Case) -> None:
        """One random action; refused ones leave nothing behind."""
        chance, procedure = self.chance, procedure_for(case)
        ready = path.ready(procedure, state_of(case))
        anything = chance.random() > self.steady
        leading = path.next_step(procedure, state_of(case))
        step = chance.choice(list(procedure.steps.values()) if anything else ready)
        if leading and chance.random() < self.steady - 0.5:
            step = leading
        before = (case.version, case.status)
        self.today += DAY * chance.choice((0, 0, 1, 2))
        try:
            self.act(case, step)
        except REFUSALS as refusal:
            self.tally[f"refused {getattr(refusal, 'why', 'otherwise')}"] += 1
            case.refresh_from_db()
            assert (case.version, case.status) == before, f"{refusal} left something behind"
        else:
            self.tally[f"took {step.through}"] += 1

    def act(self, case: Case, step: Step) -> None:
        """Take this step in its form, by somebody, with some outcome."""
        forms: dict[Through, Callable[[Case, Step, str], object]] = {
            Through.ASSIGNMENT: lambda case, step, outcome: assign(
                case, contact=self.somebody(step), by=self.somebody(step), today=self.today
            ),
            Through.VISIT: self.visit,
            Through.APPLICATION: lambda case, step, outcome: record_application(
                case,
                outcome=outcome,
                by=self.somebody(step),
                day=self.today,
                today=self.today,
                reason="So they say.",
            ),
            Through.COMPARISON: lambda case, step, outcome: record_comparison(
                case,
                answers=[Answer("vehicles", "clear")],
                by=self.somebody(step),
                day=self.today,
                today=self.today,
            ),
            Through.MEETING: self.meet,
            Through.NOTICE: self.notice,
            Through.DECISION: self.decide,
            Through.FAMILY: lambda case, step, outcome: family_answers(
                case,
                outcome=outcome,
                by=self.somebody(step),
                day=self.today,
                today=self.today,
                reason="So they say.",
            ),
            Through.FOLLOW_UP: lambda case, step, outcome: follow_up(
                case, by=self.somebody(step), day=self.today, today=self.today
            ),
            Through.EMERGENCY: lambda case, step, outcome: give_emergency_aid(
                case,
                amount=Decimal(self.chance.choice((500, 3000, 3001))),
                risk="illness",
                reason="At once.",
                by=self.somebody(step),
                day=self.today,
                today=self.today,
            ),
        }
        leads_on = next(iter(step.outcomes))
        outcome = leads_on if self.chance.random() < self.steady else self.chance.choice(list(step.outcomes))
        form = forms.get(step.through, self.plain)
        form(case, step, outcome)

    def somebody(self, step: Step) -> User:
        """Mostly somebody whose role fits."""
        if self.chance.random() > self.steady:
            return self.chance.choice(self.people)
        fit = [one for one in self.people if set(step.roles) & set(map(str, PEOPLE[one.username]))]
        return self.chance.choice(fit)

    def plain(self, case: Case, step: Step, outcome: str) -> None:
        take_step(
            case,
            step=step.id,
            outcome=outcome,
            by=self.somebody(step),
            day=self.today,
            today=self.today,
            reason="So.",
        )

    def visit(self, case: Case, step: Step, outcome: str) -> None:
        record_visit(
            case,
            step=step.id,
            outcome=outcome,
            by=self.somebody(step),
            visitors=[self.somebody(step)],
            day=self.today - DAY * self.chance.choice((0, 0, 0, 1, 40)),
            today=self.today,
            proposed_class="sudden_severe",
            risks=["illness"],
            reason="So it was found.",
        )

    def meet(self, case: Case, step: Step, outcome: str) -> None:
        by = self.somebody(step)
        meeting = call_meeting(
            area=case.household.area,
            rulebook=case.rulebook,
            step=step.id,
            day=self.today,
            entitled=10,
            cases=[case],
            by=by,
            today=self.today,
        )
        try:
            if self.chance.random() < 0.9:
                decide_item(
                    meeting.items.get(), outcome=outcome, in_favour=4, reason="So.", by=by, today=self.today
                )
            present = self.chance.choice((4, 8, 8, 8, 8))
            close_meeting(meeting, present=present, minutes="Read.", by=by, today=self.today)
        except REFUSALS:
            cancel_meeting(meeting, reason="It came to nothing.", by=by, today=self.today)
            raise

    def notice(self, case: Case, step: Step, outcome: str) -> None:
        by = self.somebody(step)
        notice = post_notice(
            area=case.household.area,
            rulebook=case.rulebook,
            step=step.id,
            cases=[case],
            object_at="Office",
            by=by,
            day=self.today,
            today=self.today,
        )
        objection = None
        if self.chance.random() < 0.3:
            self.today += DAY
            objection = file_objection(
                notice.items.get(), text="Not so.", by="public", day=self.today, today=self.today
            )
            case.refresh_from_db()
            assert not faults_of(case), faults_of(case)
        self.today += DAY * self.chance.choice((3, 5, 6))
        try:
            if objection and self.chance.random() < 0.8:
                answer_objection(
                    objection,
                    uphold=self.chance.random() < 0.5,
                    answer="So.",
                    by=self.chance.choice(self.people),
                    today=self.today,
                )
            close_notice(notice, by=by, today=self.today)
        except REFUSALS:
            if not self.comes_down(notice, by):
                raise

    def comes_down(self, notice: Notice, by: User) -> bool:
        """Withdraw a notice, which no objection allows that is open or was upheld; True where it was closed instead."""
        said = Objection.objects.everywhere(reason="test").filter(item__notice=notice)
        for waiting in said.filter(status="open"):
            self.stays_up(notice, by, "are open")
            answer_objection(waiting, uphold=False, answer="So.", by=self.people[4], today=self.today)
        if said.filter(status="upheld").exists():
            self.stays_up(notice, by, "Close it instead")
            self.today = max(self.today, notice.ends_on)
            close_notice(notice, by=by, today=self.today)
            return True
        withdraw_notice(notice, reason="It came to nothing.", by=by, today=self.today)
        return False

    def stays_up(self, notice: Notice, by: User, why: str) -> None:
        with pytest.raises(CaseError, match=why):
            withdraw_notice(notice, reason="It came to nothing.", by=by, today=self.today)
        self.tally["refused to withdraw"] += 1

    def decide(self, case: Case, step: Step, outcome: str) -> None:
        if step.phase == "exit" and self.chance.random() < 0.9:
            self.wait_until_well(case)
        decide(
            case,
            step=step.id,
            outcome=outcome,
            by=self.somebody(step),
            today=self.today,
            reason="Weighed.",
            class_id="sudden_severe",
            risks=["illness"],
        )

    def wait_until_well(self, case: Case) -> None:
        """Half a year goes by in which the family earns well, and the office learns of it."""
        begun = case.recognised_on or self.today
        if self.today < begun + DAY * 190:
            self.today = begun + DAY * 190
        if not case.household.members.exists():
            add_member(case.household)
        member = case.household.members.get()
        for days in (165, 60, 1):
            well: list[tuple[str, object]] = [
                ("income_wage_12m", "60000"),
                ("income_business_12m", "12000"),
                ("cost_business_12m", "0"),
                ("income_property_12m", "0"),
                ("income_transfer_12m", "0"),
                ("out_of_pocket_12m", "0"),
                ("claims_12m", "0"),
                ("household_size", "4"),
                ("dwelling_unsafe", False),
                ("water_unsafe", False),
                ("spending_solved", True),
                ("without_labour", False),
                ("measures_delivered", ["health"]),
            ]
            write_facts(
                case.household,
                [
                    *(FactValue(name, value) for name, value in well),
                    FactValue("medical_insurance", value=True, member=member),
                    FactValue("labour", "ordinary", member=member),
                    FactValue("birth_date", "1980-01-01", member=member),
                ],
                kind=SourceKind.VISIT,
                source="Visit",
                day=self.today - DAY * days,
                by=self.people[0],
                today=self.today,
            )


def add_member(household: Household) -> None:
    """One member, who counts."""
    text = pa.string()
    receive(
        register=household.register,
        members=pa.table(
            {
                "number": pa.array([f"{household.number}-1"], text),
                "household": pa.array([household.number], text),
                "day": pa.array([LONG_AGO], pa.date32()),
            }
        ),
        source=source_of(kind="visit", name="Visit", day=LONG_AGO),
        by="test",
        today=TODAY,
    )


def faults_of(case: Case) -> list[str]:
    """Everything that is wrong with what is stored of one case; empty is well."""
    procedure = procedure_for(case)
    steps = list(case.steps.order_by("sequence"))
    standing = {one.step: one.outcome for one in steps if one.stands}
    faults = []
    for name in standing:
        for needed in procedure.steps[name].requires:
            condition = procedure.steps[needed].only_if
            excused = condition is not None and standing.get(condition.step) not in (None, condition.outcome)
            if needed not in standing and not excused:
                faults.append(f"{name} stands without {needed}")
    for place, one in enumerate(steps):
        for earlier in steps[:place]:
            if earlier.step in procedure.steps[one.step].not_by and set(one.people) & set(earlier.people):
                faults.append(f"{one.step} was taken by somebody of {earlier.step}")
    if [one.sequence for one in steps] != list(range(1, case.version + 1)):
        faults.append("steps and version do not agree")
    held = Counter(
        Deadline.objects.everywhere(reason="test")
        .filter(case=case, met_on=None, dropped_on=None)
        .values_list("step", flat=True)
    )
    over = case.status in (Status.EXITED, Status.CLOSED)
    wanted = set() if over else _wanted_deadlines(case, standing)
    if held != Counter(wanted):
        faults.append(f"deadlines {sorted(held)} instead of {sorted(wanted)}")
    turns = set(Turn.objects.everywhere(reason="test").filter(case=case).values_list("step", flat=True))
    if over != (not turns) or over != (case.next_step == ""):
        faults.append("a case that goes on has a next step, one that has ended has none")
    return faults


def _wanted_deadlines(case: Case, standing: dict[str, str]) -> set[str]:
    procedure, found = procedure_for(case), set()
    for step in procedure.steps.values():
        if step.expedited and step.id in standing and step.expedited.before not in standing:
            found.add(step.id)
        if step.within is None or step.phase not in PHASES[Status(case.status)]:
            continue
        if step.only_if and standing.get(step.only_if.step) != step.only_if.outcome:
            continue
        begun = step.within.since == DISCOVERY or step.within.since in standing
        if begun and (step.repeats or step.id not in standing):
            found.add(step.id)
    return found
