"""The pages of signals in a real browser, at 1280 and 390 pixels: pictures, axe, width, console, other hosts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from highground.accounts.enums import Role
from highground.signals.actions import screen_register
from highground.signals.models import Clue
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, add_person
from tests.support.register import BOOK, FAMILY, TODAY, Register, add_register, learn
from tests.support.unnumbered import send_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def register(transactional_db) -> Register:
    return add_register()


@pytest.fixture
def office(page, register, console, monkeypatch) -> Register:
    """A county officer, signed in, with two screenings behind: something new, going on, cleared, late."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY.replace(month=4))
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    later = TODAY.replace(month=4)
    learn({"1410": {**FAMILY, "dwelling_unsafe": "false"}}, register.areas, day=later)
    learn({"0122": {**FAMILY, "water_unsafe": "true"}}, register.areas, day=later)
    screen_register(rulebook=BOOK, as_of=later, by="test", today=later)
    Clue.objects.everywhere(reason="test").filter(rule="sudden_severe").update(
        due_on=later + timedelta(days=1)
    )
    add_person(
        "weilan", Role.COUNTY_OFFICER, register.areas["LONGHE"], password=PASSWORD, display_name="Wei Lan"
    )
    sign_in(page, "weilan")
    return register


def sign_in(page, username: str) -> None:
    page.goto("/sign-in/?next=/clues/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()


def look(page, url: str, name: str, console: list[str]) -> None:
    page.goto(url)
    page.get_by_role("heading", level=1).wait_for()
    check_in_browser(page, name)
    assert console == [], url


def clue_url(number: str, rule: str) -> str:
    clue = Clue.objects.everywhere(reason="test").get(household__number=number, rule=rule)
    return f"/clues/{clue.pk}/"


def pages_of(register: Register) -> dict[str, str]:
    """Name of the picture and address of every page of signals, each in the states that look different."""
    keys = {number: household.key for number, household in register.households.items()}
    return {
        "clues": "/clues/",
        "clues-filtered": "/clues/?show=overdue&sort=-severity",
        "clues-empty": "/clues/?area=HEPING&show=overdue",
        "cannot-tell": "/clues/cannot-tell/",
        "no-data": "/clues/no-data/",
        "clue": clue_url("2231", "sudden_severe"),
        "clue-comparison": clue_url("2231", "medical_spending"),
        "clue-fact": clue_url("0122", "water_unsafe"),
        "clue-cleared": clue_url("1410", "dwelling_unsafe"),
        "household": f"/households/{keys['2231']}/",
        "household-unseen": f"/households/{keys['2718']}/",
        "household-to-ask": f"/households/{keys['3096']}/",
        "rulebooks": "/rulebooks/",
        "rulebook-price": "/rulebooks/demo-cn/price/?without=out_of_pocket_12m",
        "rulebook": "/rulebooks/demo-cn/",
        "runs": "/runs/",
        "run": "/runs/2/",
    }


def test_every_page_of_signals(page, office, console) -> None:
    for name, url in pages_of(office).items():
        if name == "run":
            url = page.evaluate(
                "async () => (await (await fetch('/runs/')).text()).match(/\\/runs\\/\\d+\\//)[0]"
            )
        look(page, url, name, console)


def test_in_chinese_with_long_names(page, office, console) -> None:
    village = office.areas["BAIYUN"]
    village.names = {"en": "Upper " * 9 + "Baiyun village", "zh": "白云" * 16 + "村"}
    village.save()
    page.get_by_role("button", name="中文").click()
    page.get_by_text("待跟进").first.wait_for()
    wanted = ("clues", "cannot-tell", "clue", "household", "rulebook", "runs")
    for name, url in pages_of(office).items():
        if name in wanted:
            look(page, url, f"{name}-zh", console)


def test_the_way_from_the_list_to_the_household_with_the_keyboard(page, office) -> None:
    """Tab and Enter alone lead from the worklist through a clue to the household."""
    page.goto("/clues/?rule=demo-cn:sudden_severe")
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Possible: household in sudden severe difficulty").wait_for()
    page.get_by_role("link", name="Prepare the visit: open the household").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Visit household 2231").wait_for()


def test_the_filters_work_without_a_script(page, office) -> None:
    context = page.context.browser.new_context(
        storage_state=page.context.storage_state(), java_script_enabled=False
    )
    plain = context.new_page()
    plain.goto(page.url)
    plain.get_by_role("link", name="Cleared since").click()
    plain.get_by_text("1 to 1 of 1").wait_for()
    context.close()


def test_rows_without_a_number_are_decided_skipped_and_read_on_a_phone(
    page, register, console, monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    send_rows(tmp_path)
    add_person("weilan", Role.COUNTY_OFFICER, register.areas["LONGHE"], password=PASSWORD)
    sign_in(page, "weilan")
    page.goto("/feeds/rows/")
    page.get_by_role("heading", name="2 rows of departments need a person").wait_for()
    check_in_browser(page, "unnumbered")
    page.get_by_role("link", name="Row 2").click()
    page.get_by_role("heading", name="Whom is row 2 of bills.csv about?").wait_for()
    check_in_browser(page, "unnumbered-row")
    page.get_by_role("link", name="Skip to the next row").click()
    page.get_by_role("heading", name="Whom is row 5 of bills.csv about?").wait_for()
    page.get_by_label("Household 0122").check()
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("Say how you know").wait_for()
    assert page.get_by_label("Household 0122").is_checked()
    page.get_by_label("How do you know?").fill("The ward named the village.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("heading", name="Whom is row 2 of bills.csv about?").wait_for()
    page.get_by_label("None of them").check()
    page.get_by_label("How do you know?").fill("Neither was ill.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("heading", name="No row of a department waits for you").wait_for()
    check_in_browser(page, "unnumbered-empty")
    assert console == []
