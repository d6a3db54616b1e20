"""The first pages and the pages of areas in a real browser, at two widths, with nothing that breaks the rules."""

from __future__ import annotations

import pytest
from django.utils import timezone

from highground.accounts.enums import Role
from tests.home.crowd import add_crowd
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, add_person, enter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(run, register) -> None:
    add_crowd(run, register.areas["LONGHE"], townships=12, villages=13, today=timezone.localdate())


def test_the_county_officer_sees_what_to_do_and_where(page, crowd, register) -> None:
    add_person("lan", Role.COUNTY_OFFICER, register.areas["LONGHE"], PASSWORD, display_name="Wei Lan")
    enter(page, "lan")
    check_in_browser(page, "home-county")
    page.goto("/areas/LONGHE/")
    check_in_browser(page, "area-county")
    page.get_by_role("link", name="Open clues ↕").or_(
        page.get_by_role("link", name="Overdue")
    ).last.wait_for()
    page.goto("/areas/TOWN-1/")
    check_in_browser(page, "area-township")
    page.goto("/areas/VILLAGE-0-1/")
    check_in_browser(page, "area-village")
    page.goto("/areas/BAIYUN/")
    check_in_browser(page, "area-village-register")
    page.get_by_role("button", name="Make Baiyun village the area in view").click()
    page.locator(".switcher summary", has_text="Baiyun village").wait_for()


def test_pages_in_chinese(page, crowd, register) -> None:
    add_person("lan", Role.COUNTY_OFFICER, register.areas["LONGHE"], PASSWORD, display_name="韦兰")
    enter(page, "lan")
    page.get_by_role("button", name="简体中文").click()
    page.locator("html[lang=zh-hans]").wait_for()
    check_in_browser(page, "home-county-zh")
    page.goto("/areas/LONGHE/")
    check_in_browser(page, "area-county-zh")


@pytest.mark.parametrize("role", [Role.PROVINCE_OFFICER, Role.ANALYST, Role.AUDITOR, Role.OPERATOR])
def test_each_role_has_a_first_page(page, crowd, register, role) -> None:
    area = None if role in {Role.AUDITOR, Role.OPERATOR} else register.areas["CN"]
    add_person("ann", role, area, PASSWORD, display_name="Ann")
    enter(page, "ann")
    check_in_browser(page, f"home-{role}")


def test_an_empty_office_says_what_comes_first(page, register) -> None:
    add_person("lan", Role.COUNTY_OFFICER, register.areas["LONGHE"], PASSWORD)
    add_person("new", None, None, PASSWORD)
    enter(page, "lan")
    check_in_browser(page, "home-before-the-first-run")
    page.goto("/areas/LONGHE/")
    check_in_browser(page, "area-before-the-first-run")
    page.context.clear_cookies()
    enter(page, "new")
    check_in_browser(page, "home-without-a-role")
