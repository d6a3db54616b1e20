"""The board in a real browser, at 1280 and 390 pixels, in both languages: pictures, axe, width, other hosts."""

import pytest

from highground.accounts.enums import Role
from highground.people.models import Household
from highground.signals.actions import screen_register
from tests.support.many_cases import add_cases
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, add_person
from tests.support.register import BOOK, TODAY, add_register

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("on_the_day")]


def sign_in(page, username: str, language: str = "") -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    if language:
        page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])


def test_the_board_at_both_widths(page, transactional_db) -> None:
    register = add_register()
    run = screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    for code, many in (("BAIYUN", 80), ("HEPING-1", 40), ("ANTANG-1", 5)):
        households = Household.objects.bulk_create(
            Household(key=f"{code[:6]}{number:04}", number=f"{code} {number}", area=register.areas[code])
            for number in range(many)
        )
        add_cases(run, households, today=TODAY)
    for name, role, code in (
        ("weilan", Role.COUNTY_OFFICER, "LONGHE"),
        ("lingyan", Role.ANALYST, "CN-ZZ"),
        ("antang", Role.COUNTY_OFFICER, "PINGNAN"),
        ("huangmei", Role.VILLAGE_WORKER, "BAIYUN"),
    ):
        add_person(name, role, register.areas[code], password=PASSWORD, display_name=name.title())
    sign_in(page, "weilan")
    page.goto("/cases/board/?parts=1")
    page.get_by_text("Half are recognised within").wait_for()
    check_in_browser(page, "board")
    page.set_viewport_size({"width": 1280, "height": 900})
    for name, address in (("analyst", "lingyan"), ("few", "antang"), ("village", "huangmei")):
        page.context.clear_cookies()
        sign_in(page, address)
        page.goto("/cases/board/")
        check_in_browser(page, f"board-{name}")
        page.set_viewport_size({"width": 1280, "height": 900})
    page.context.clear_cookies()
    sign_in(page, "weilan", "zh-hans")
    page.goto("/cases/board/")
    check_in_browser(page, "board-chinese")
