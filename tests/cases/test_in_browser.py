"""The pages of casework in a real browser, at 1280 and 390 pixels: pictures, axe, width, console, other hosts."""

import datetime

import pytest

from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.actions.deciding import decide
from highground.cases.actions.needs import answer_need, record_need
from highground.cases.actions.notices import post_notice
from highground.cases.actions.objections import file_objection
from highground.cases.actions.opening import assign
from highground.cases.actions.visiting import record_visit
from highground.cases.models import Case
from highground.people.actions import receive, source_of
from highground.people.authorisations import authorise
from highground.signals.actions import screen_register
from tests.support.casework import add_staff, lead, start, who
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD
from tests.support.register import BILLS, BOOK, TODAY, add_register, learn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on_the_day")]


@pytest.fixture
def register(transactional_db):
    found = add_register()
    for days, bill in ((-300, "0"), (-20, "31400")):
        learn(
            {"2231": {**BILLS, "out_of_pocket_12m": bill, "claims_12m": "16000" if bill != "0" else "0"}},
            found.areas,
            day=TODAY + datetime.timedelta(days=days),
        )
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return found


@pytest.fixture
def staff(register):
    return add_staff(register, sign_in=["huangmei", "qinhao", "weilan", "mofang", "liguo", "tangyu"])


def sign_in(page, username: str) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in/?next=/cases/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()


def look(page, url: str, name: str, console: list[str]) -> None:
    page.goto(url)
    page.get_by_role("heading", level=1).wait_for()
    check_in_browser(page, name)
    assert console == [], url


def rich_case(register, staff) -> Case:
    """A case with something of everything, waiting for the county."""
    household, today = register.households["2231"], TODAY
    receive_bills(register)
    case = start(household, staff["huangmei"])
    assign(case, contact=staff["qinhao"], by=staff["huangmei"], today=today)
    record_visit(
        case, step="visit", outcome="propose", by=staff["qinhao"], visitors=[staff["huangmei"]], day=today, today=today,
        note="The wife is in hospital in the city; two children live with their grandmother.",
        need_words="We sold the buffalo first.", need_language="en", proposed_class="sudden_severe", risks=["illness"],
    )  # fmt: skip
    authorise(household, given_on=today, how="thumbprint", by=str(staff["qinhao"].pk), today=today)
    lead(case, staff, to="compare")
    record_comparison(
        case, by=staff["weilan"], day=today, today=today,
        answers=[
            Answer("vehicles", "hit", "owns_car", ("illness",), "a van of 2009"),
            Answer("housing", "clear"),
            Answer("business", "clear"),
        ],
    )  # fmt: skip
    lead(case, staff, to="review")
    decide(case, step="review", outcome="send_back", by=who(case, "review", staff, today), today=today,
           reason="The minutes do not say who was there.")  # fmt: skip
    lead(case, staff, to="decide")
    answer_need(household.needs.get(), answer="The county hospital takes the bill in advance.", by=staff["weilan"],
                today=today)  # fmt: skip
    record_need(
        household, words="School meals for the two children.", by=staff["qinhao"], day=today, today=today
    )
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(
        first_recognised_on=datetime.date(2022, 5, 4), rule_class="sudden_severe"
    )
    case.refresh_from_db()
    return case


def receive_bills(register) -> None:
    """Bills that the hospital delivered, month by month."""
    import pyarrow as pa

    text = pa.string()
    days = [TODAY - datetime.timedelta(days=30 * number + 5) for number in range(5)]
    amounts = ["31400", "24100", "15200", "9800", "3000"]
    receive(
        register="main",
        observations=pa.table(
            {
                "household": pa.array(["2231"] * 5, text),
                "member": pa.array([None] * 5, text),
                "fact": pa.array(["out_of_pocket_12m"] * 5, text),
                "value": pa.array(amounts, text),
                "valid_from": pa.array(days, pa.date32()),
            }
        ),
        source=source_of(kind="department", name="Medical insurance office", day=TODAY),
        by="test",
        today=TODAY,
    )


def test_the_pages_of_a_case(page, register, staff, console) -> None:
    case = rich_case(register, staff)
    county = who(case, "decide", staff, TODAY).username
    waiting = lead(start(register.households["0874"], staff["huangmei"]), staff, to="visit")
    asked = lead(start(register.households["3096"], staff["huangmei"]), staff, to="visit")
    sign_in(page, county)
    look(page, "/cases/", "inbox", console)
    look(page, "/cases/?show=others", "inbox-others", console)
    look(page, "/cases/?show=exited", "inbox-empty", console)
    look(page, f"/cases/{case.pk}/", "case", console)
    look(page, f"/cases/{case.pk}/steps/decide/?outcome=include", "step-decide", console)
    look(page, f"/cases/{waiting.pk}/steps/emergency_aid/", "step-emergency", console)
    sign_in(page, "qinhao")
    look(page, f"/cases/{asked.pk}/", "case-visit", console)
    look(page, f"/cases/{asked.pk}/steps/visit/", "step-visit", console)
    page.get_by_label("Dismiss the clue").check()
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("There is something to mend").wait_for()
    check_in_browser(page, "step-visit-errors")


def test_the_other_forms(page, register, staff, console) -> None:
    case = start(register.households["2231"], staff["huangmei"])
    sign_in(page, "huangmei")
    look(page, "/clues/", "clues-with-cases", console)
    look(page, f"/cases/{case.pk}/steps/assign/", "step-assign", console)
    lead(case, staff, to="apply")
    look(page, f"/cases/{case.pk}/steps/apply/", "step-apply", console)
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(contact=staff["qinhao"])
    look(page, f"/cases/{case.pk}/contact/", "contact", console)
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("There is something to mend").wait_for()
    check_in_browser(page, "contact-errors")
    console.clear()  # the browser reports the answer 422
    page.get_by_label("Huang Mei").check()
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("Huang Mei looks after this household from now on.").wait_for()
    check_in_browser(page, "contact-changed")
    lead(case, staff, to="compare")
    look(page, f"/cases/{case.pk}/steps/compare/", "step-not-mine", console)
    sign_in(page, "weilan")
    look(page, f"/cases/{case.pk}/steps/compare/", "step-compare", console)
    lead(case, staff, to="notice")
    notice = post_notice(
        area=case.household.area, rulebook=BOOK, step="notice", cases=[case], object_at="township office",
        by=staff["huangmei"], day=TODAY, today=TODAY,
    )  # fmt: skip
    file_objection(notice.items.get(), text="They own a lorry.", by="public", day=TODAY, today=TODAY)
    look(page, f"/cases/{case.pk}/", "case-objection", console)


def test_from_the_clue_to_the_visit_with_the_keyboard(page, register, staff) -> None:
    """Tab and Enter alone start a case, name who goes, and record the visit."""
    sign_in(page, "huangmei")
    page.goto("/clues/?rule=demo-cn:sudden_severe")
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start the case").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Who goes to household 2231?").wait_for()
    page.get_by_label("Huang Mei").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Record it").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Visit household 2231").wait_for()
    page.get_by_role("link", name="Record the visit").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Propose the household").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Record it").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Does household 2231 apply?").wait_for()


def test_the_forms_work_without_a_script(page, register, staff) -> None:
    case = start(register.households["2231"], staff["huangmei"])
    sign_in(page, "huangmei")
    context = page.context.browser.new_context(
        storage_state=page.context.storage_state(), java_script_enabled=False, base_url=page.url
    )
    plain = context.new_page()
    plain.goto(f"/cases/{case.pk}/steps/assign/")
    plain.get_by_label("Qin Hao").check()
    plain.get_by_role("button", name="Record it").click()
    plain.get_by_text("Contact officer: Qin Hao").wait_for()
    context.close()


def test_in_chinese_with_long_names(page, register, staff, console) -> None:
    case = rich_case(register, staff)
    village = register.areas["BAIYUN"]
    village.names = {"en": "Upper " * 9 + "Baiyun village", "zh": "白云" * 16 + "村"}
    village.save()
    sign_in(page, who(case, "decide", staff, TODAY).username)
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", level=1).wait_for()
    look(page, "/cases/", "inbox-zh", console)
    look(page, f"/cases/{case.pk}/", "case-zh", console)
    look(page, f"/cases/{case.pk}/steps/decide/", "step-decide-zh", console)
