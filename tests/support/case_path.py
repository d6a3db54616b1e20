"""People of an office and the whole way of a household through it, for tests of cases and of what stands on them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.cases.actions.applying import record_application
from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.actions.deciding import decide
from highground.cases.actions.meetings import call_meeting, close_meeting, decide_item
from highground.cases.actions.notices import close_notice, post_notice
from highground.cases.actions.opening import assign, open_case
from highground.cases.actions.visiting import record_visit
from highground.cases.models import Case
from highground.people.models import Household
from tests.support.register import BOOK, LONG_AGO, TODAY, Register

DAY = datetime.timedelta(days=1)

STAFF = {
    "worker": (Role.VILLAGE_WORKER, "LONGHE"),
    "secretary": (Role.FIRST_SECRETARY, "LONGHE"),
    "contact": (Role.CONTACT_OFFICER, "LONGHE"),
    "township": (Role.TOWNSHIP_OFFICER, "LONGHE"),
    "township2": (Role.TOWNSHIP_OFFICER, "LONGHE"),
    "county": (Role.COUNTY_OFFICER, "LONGHE"),
    "county2": (Role.COUNTY_OFFICER, "LONGHE"),
    "neighbour": (Role.COUNTY_OFFICER, "PINGNAN"),
    "analyst": (Role.ANALYST, "LONGHE"),
}
"""Who works in the office: name -> role and where it is held."""


def add_staff(register: Register) -> dict[str, User]:
    """Everybody in STAFF, by name."""
    found = {}
    for name, (role, code) in STAFF.items():
        user = add_user(name, password=None, display_name=name.title(), by="test")
        grant_role(user, role=role, area=register.areas[code], valid_from=LONG_AGO, by="test")
        found[name] = user
    return found


@dataclass
class Office:
    """An office at work on one day after another: `office.advance(case, "visit", ...)` takes steps in turn."""

    register: Register
    staff: dict[str, User]
    today: datetime.date = TODAY

    def household(self, number: str = "2231") -> Household:
        return self.register.households[number]

    def open(self, number: str = "2231", *, book: str = BOOK) -> Case:
        return open_case(
            household=self.household(number), rulebook=book, by=self.staff["worker"], today=self.today
        )

    def assign(self, case: Case) -> None:
        assign(case, contact=self.staff["contact"], by=self.staff["worker"], today=self.today)

    def visit(self, case: Case, outcome: str = "propose") -> None:
        record_visit(
            case,
            outcome=outcome,
            by=self.staff["contact"],
            visitors=[self.staff["worker"]],
            day=self.today,
            today=self.today,
            proposed_class="sudden_severe",
            risks=["illness"],
            reason="" if outcome == "propose" else "The bill was paid by the insurance.",
        )

    def apply(self, case: Case) -> None:
        record_application(
            case, outcome="applied", by=self.staff["contact"], day=self.today, today=self.today
        )

    def compare(self, case: Case) -> None:
        answers = [Answer("vehicles", "clear"), Answer("business", "clear")]
        record_comparison(case, answers=answers, by=self.staff["county2"], day=self.today, today=self.today)

    def appraise(self, cases: Sequence[Case], step: str = "appraise", outcome: str = "include") -> None:
        meeting = call_meeting(
            area=cases[0].household.area,
            rulebook=cases[0].rulebook,
            step=step,
            day=self.today,
            entitled=31,
            cases=cases,
            by=self.staff["secretary"],
            today=self.today,
        )
        for item in meeting.items.all():
            decide_item(
                item,
                outcome=outcome,
                in_favour=21,
                abstained=2,
                reason="So the meeting says.",
                by=self.staff["secretary"],
                today=self.today,
            )
        close_meeting(meeting, present=23, minutes="Read out.", by=self.staff["secretary"], today=self.today)

    def notice(self, cases: Sequence[Case], step: str = "notice") -> None:
        notice = post_notice(
            area=cases[0].household.area,
            rulebook=cases[0].rulebook,
            step=step,
            cases=cases,
            object_at="Village office, 8 to 18",
            by=self.staff["secretary"],
            day=self.today,
            today=self.today,
        )
        self.today = notice.ends_on
        close_notice(notice, by=self.staff["secretary"], today=self.today)

    def review(self, case: Case, step: str = "review", outcome: str = "agree") -> None:
        decide(
            case, step=step, outcome=outcome, by=self.staff["township"], today=self.today, reason="Agreed."
        )

    def decide(self, case: Case, step: str = "decide", outcome: str = "include") -> None:
        decide(case, step=step, outcome=outcome, by=self.staff["county"], today=self.today, reason="Weighed.")

    def recognise(self, number: str = "2231") -> Case:
        """The whole way from a clue to a monitored household."""
        case = self.open(number)
        self.assign(case)
        self.visit(case)
        self.apply(case)
        self.compare(case)
        self.appraise([case])
        self.notice([case])
        self.review(case)
        self.decide(case)
        case.refresh_from_db()
        return case


def open_office(register: Register) -> Office:
    """The office of a register that was screened."""
    return Office(register, add_staff(register))
