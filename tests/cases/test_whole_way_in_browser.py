"""One household from the clue to the exit, and one that was helped before it was recognised, in a real browser.

Everything is done on the pages, by the people whose work it is, each on the day on which it would happen: nothing is
written behind the pages but the register as it stood before the clue.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from highground.audit.actions import verify
from highground.cases.models import Case, Notice
from highground.signals.actions import screen_register
from tests.cases.test_notice_pages import add_member, name_in_vault
from tests.support.casework import add_staff
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD
from tests.support.register import BOOK, TODAY, add_register

pytestmark = pytest.mark.django_db(transaction=True)
WHO = ("huangmei", "qinhao", "weisheng", "liguo", "tangyu", "weilan", "mofang")

INSURED = tuple(f"Medical insurance: {name}" for name in ("Zhao Yun", "Meng Li", "Zhao An", "Zhao Wen"))
MEMBERS = (
    ("Zhao Yun", "1984-02-01", "completed"),
    ("Meng Li", "1985-05-01", "completed"),
    ("Zhao An", "2014-03-01", "in_school"),
    ("Zhao Wen", "2016-09-01", "in_school"),
)


@dataclass
class Hands:
    """People at the pages, one after another, on a day that can be moved on."""

    page: Page
    today: datetime.date = TODAY

    def __post_init__(self) -> None:
        self.signed_in: dict[str, list[Any]] = {}

    def later(self, days: int) -> None:
        """Let days go by."""
        self.today += datetime.timedelta(days=days)

    def be(self, name: str) -> None:
        """Sit down as this person."""
        self.page.context.clear_cookies()
        if known := self.signed_in.get(name):
            self.page.context.add_cookies(known)
            return
        self.page.goto("/sign-in/?next=/cases/")
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("heading", level=1).wait_for()
        self.signed_in[name] = self.page.context.cookies()

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.get_by_role("heading", level=1).wait_for()

    def press(self, button: str, *, then: str) -> None:
        """Press a button; the page that follows has this in its text."""
        self.page.get_by_role("button", name=button).click()
        expect(self.page.locator("body")).to_contain_text(then)

    def next_step(self, case: Case, title: str) -> None:
        """Open the case and follow its main button, which leads to the page of this title."""
        self.open(f"/cases/{case.pk}/")
        self.page.locator(".actions a.govuk-button").first.click()
        self.page.get_by_role("heading", level=1, name=title).wait_for()

    def record(self, then: str) -> None:
        """Send the form of a step."""
        self.press("Record it", then=f"Recorded: {then}")


@pytest.fixture
def hands(transactional_db, page, tmp_path, settings, monkeypatch) -> Hands:
    settings.HIGHGROUND_HOME = tmp_path
    settings.SYNTHETIC_MARK = tmp_path / "synthetic"
    found = Hands(page)
    monkeypatch.setattr(timezone, "localdate", lambda *_: found.today)
    register = add_register()
    for household in (register.households["2231"], register.households["0874"]):
        for number, (name, born, schooling) in enumerate(MEMBERS):
            member = add_member(
                household, f"{household.number}{number}", relation="child" if number > 1 else "head",
                birth_date=born, school_status=schooling, labour="none" if number > 1 else "ordinary",
            )  # fmt: skip
            name_in_vault(household, member, "name", name)
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    add_staff(register, sign_in=WHO)
    return found


def case_of(number: str) -> Case:
    return Case.objects.everywhere(reason="test").get(household__number=number)


def begin(hands: Hands, number: str) -> Case:
    """A village worker starts the case of a clue and names who goes."""
    hands.be("huangmei")
    hands.open("/clues/")
    hands.page.get_by_role("link", name=re.compile(number)).first.click()
    hands.press("Start the case", then=f"Who goes to household {number}?")
    hands.page.get_by_label("Qin Hao").check()
    hands.record("a contact officer is named")
    return case_of(number)


def visit(hands: Hands, case: Case, risk: str) -> None:
    hands.be("qinhao")
    hands.next_step(case, "Visit household")
    hands.page.get_by_label("Huang Mei").check()
    hands.page.get_by_label("What did you see?").fill("The mother lies in the county hospital.")
    hands.page.get_by_label("What does the family ask for?").fill("We sold the buffalo first.")
    hands.page.get_by_label("Propose the household").check()
    box = hands.page.get_by_label(risk, exact=True)
    box.check()
    hands.record("visit")


def apply(hands: Hands, case: Case) -> None:
    hands.next_step(case, "Does household")
    hands.page.get_by_label("The family applied").check()
    hands.page.get_by_label("Thumbprint").check()
    hands.page.get_by_label("Who wrote it for the family?").fill("Huang Mei")
    hands.page.get_by_label("Whoever wrote it read it back").check()
    hands.record("application and authorisation")


def compare(hands: Hands, case: Case) -> None:
    hands.be("weilan")
    hands.open(f"/cases/{case.pk}/steps/compare/")
    for register in hands.page.get_by_label("Answer").all()[:2]:
        register.select_option("clear")
    hands.record("data comparison")


def meet(hands: Hands, step: str, outcome: str, *, village: str = "BAIYUN") -> None:
    """The first secretary calls the meeting, notes what it says of the household and closes it."""
    hands.be("weisheng")
    hands.open(f"/cases/meetings/call/?village={village}&rulebook={BOOK}&step={step}")
    hands.page.get_by_label("How many people are entitled to attend?").fill("31")
    hands.press("Call the meeting", then="0 of 1 household is decided")
    hands.page.get_by_label(outcome).check()
    hands.page.get_by_label("Votes for").fill("21")
    hands.page.get_by_label("Abstained").fill("2")
    hands.page.get_by_label("How many were there?").fill("23")
    hands.page.get_by_label("Minutes").fill("Read out in the hall; nobody spoke against it.")
    hands.press("Close the meeting", then="The meeting decided about 1 household")


def hang(hands: Hands, step: str, *, village: str = "BAIYUN") -> Notice:
    """The first secretary hangs up the notice."""
    hands.be("weisheng")
    hands.open(f"/cases/notices/post/?village={village}&rulebook={BOOK}&step={step}")
    hands.page.get_by_label("Where does it hang?").fill("Notice board beside the village hall")
    hands.page.get_by_label("Where can people object?").fill("The township, room 2")
    hands.press("Record the notice", then="hangs until")
    found: Notice = Notice.objects.everywhere(reason="test").latest("pk")
    return found


def take_down(hands: Hands, notice: Notice) -> None:
    hands.today = max(hands.today, notice.ends_on)
    hands.be("weisheng")
    hands.open(f"/cases/notices/{notice.pk}/")
    hands.press("Take the notice down", then="was taken down")


def object_in_public(hands: Hands, notice: Notice, words: str) -> None:
    """A neighbour objects on the public page, without an account."""
    hands.page.context.clear_cookies()
    hands.open("/report/objection/?place=BAIYUN")
    hands.page.get_by_label("What is not right?").fill(words)
    hands.page.get_by_label("Number of the notice").fill(notice.code)
    hands.page.get_by_label("Line of the notice").fill("1")
    hands.press("Send", then="We have received it")


def decide(hands: Hands, case: Case, who: str, step: str, outcome: str, said: str) -> None:
    hands.be(who)
    hands.open(f"/cases/{case.pk}/steps/{step}/")
    hands.page.get_by_label(outcome, exact=True).check()
    hands.page.get_by_label("Why?").fill("The minutes and the bills say the same.")
    hands.record(said)


def follow_up(hands: Hands, case: Case, **answers: str) -> None:
    """Ask how the family is: what is prefilled is confirmed, what has changed is answered."""
    hands.be("qinhao")
    hands.next_step(case, "How is household")
    for label, answer in answers.items():
        field = hands.page.get_by_label(label, exact=True)
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(label=answer)
        else:
            field.fill(answer)
    hands.record("follow-up")


def titles(page: Page) -> list[str]:
    """The titles of the timeline, in order."""
    return [" ".join(one.inner_text().split()) for one in page.locator(".timeline__title").all()]


def test_from_the_clue_to_the_exit(hands) -> None:
    page = hands.page
    case = begin(hands, "2231")
    hands.later(2)
    visit(hands, case, "Illness")
    apply(hands, case)
    hands.later(1)
    compare(hands, case)
    meet(hands, "appraise", "For including")
    notice = hang(hands, "notice")
    hands.later(2)
    object_in_public(hands, notice, "They sold two buffaloes and nobody wrote it down.")
    hands.be("mofang")
    hands.open(f"/cases/notices/{notice.pk}/")
    page.get_by_label("Upheld: the household goes back").check()
    page.get_by_label("The answer").fill("The village looks at the two buffaloes again.")
    hands.press("Send the answer", then="The objection is answered")
    notice.refresh_from_db()
    take_down(hands, notice)
    meet(hands, "appraise", "For including")
    take_down(hands, hang(hands, "notice"))
    decide(hands, case, "liguo", "review", "Agree", "township review")
    hands.be("mofang")
    hands.next_step(case, "Decide: include as")
    page.get_by_label("Include", exact=True).check()
    page.get_by_label("Why?").fill("The bills are real; the buffaloes were sold for them.")
    hands.record("county decision")
    hands.be("qinhao")
    hands.next_step(case, "What helps household")
    page.get_by_label("Which measure?").first.select_option("family_doctor")
    hands.press("Keep the plan", then="The plan is kept")
    hands.later(3)
    page.get_by_role("link", name=re.compile("doctor")).first.click()
    page.get_by_role("link", name="arrived").first.click()
    hands.press("Record that it arrived", then="Everything planned has arrived")
    hands.later(12)
    follow_up(
        hands,
        case,
        **{"Wage income": "46000", "Wholly without labour": "No"},
        **dict.fromkeys(INSURED, "Yes"),
    )
    hands.later(30)
    follow_up(hands, case)
    hands.later(60)
    follow_up(hands, case, **{"Wage income": "47000"})
    hands.later(90)
    follow_up(hands, case, **{"Wage income": "47500", "Large spending solved": "Yes"})
    hands.open(f"/cases/{case.pk}/")
    expect(page.locator("main")).to_contain_text("Every condition holds.")
    page.get_by_role("link", name="Propose the exit").last.click()
    hands.record("exit proposed")
    hands.next_step(case, "Visit household")
    page.get_by_label("Huang Mei").check()
    page.get_by_label("The risk is gone").check()
    hands.record("visit before the exit")
    hands.next_step(case, "Does the family of household")
    page.get_by_label("Signed", exact=True).check()
    hands.record("the family")
    meet(hands, "exit_appraise", "For the exit")
    take_down(hands, hang(hands, "exit_notice"))
    decide(hands, case, "tangyu", "exit_review", "Agree", "township review")
    hands.be("weilan")
    hands.next_step(case, "Decide: is the risk of household")
    page.get_by_label("The risk is eliminated").check()
    page.get_by_label("Why?").fill("The bills are paid, wages came back, and the family signed.")
    hands.record("county decision")
    hands.open(f"/cases/{case.pk}/")
    assert titles(page) == [
        "Clue: high medical spending of one's own",
        "Clue: possible: household in sudden severe difficulty",
        "A contact officer is named",
        "Visit: propose the household",
        "Application and authorisation: the family applied",
        "Data comparison",
        "Democratic appraisal: for including no longer stands",
        "An objection",
        "Public notice: an objection was upheld",
        "Democratic appraisal: for including",
        "Public notice: no objection stands",
        "Township review: agree",
        "County decision: include",
        "Support plan",
        "First measure delivered",
        *["Follow-up"] * 4,
        "Exit proposed",
        "Visit before the exit: the risk is gone",
        "The family's answer: signed",
        "Democratic appraisal of the exit: for the exit",
        "Public notice of the exit: no objection stands",
        "Township review of the exit: agree",
        "County decision on the exit: the risk is eliminated",
    ]
    check_in_browser(page, "whole-way")
    case.refresh_from_db()
    assert case.status == "exited"
    assert len({person for step in case.steps.all() for person in step.people}) == len(WHO)
    asked = [(visit.asked, visit.asked_fresh) for visit in case.visits.order_by("pk")]
    assert asked == [(0, 0), (12, 0), (7, 0), (7, 0), (8, 0), (0, 0)]
    assert case.questions == 34
    assert verify().sound


def test_helped_first_and_made_good_in_time(hands) -> None:
    page = hands.page
    case = begin(hands, "0874")
    hands.be("liguo")
    hands.open(f"/cases/{case.pk}/")
    page.get_by_role("link", name="Help first: emergency aid").click()
    page.get_by_label("How much?").fill("2000")
    page.get_by_label("Illness", exact=True).check()
    page.get_by_label("Why?").fill("The operation cannot wait for the meeting.")
    hands.record("emergency aid")
    hands.open(f"/cases/{case.pk}/")
    expect(page.locator(".timeline")).to_contain_text("Make good: county decision must stand")
    hands.later(2)
    visit(hands, case, "Illness")
    apply(hands, case)
    compare(hands, case)
    meet(hands, "appraise", "For including", village="DATANG")
    take_down(hands, hang(hands, "notice", village="DATANG"))
    decide(hands, case, "tangyu", "review", "Agree", "township review")
    decide(hands, case, "mofang", "decide", "Include", "county decision")
    hands.open(f"/cases/{case.pk}/")
    expect(page.locator(".timeline")).to_contain_text("made good on 18 March, in time")
    check_in_browser(page, "helped-first")
    case.refresh_from_db()
    assert (case.status, case.recognised_on) == ("monitored", hands.today)
    assert verify().sound
