"""What the office sees of phones, in a real browser at phone and desktop width."""

from __future__ import annotations

import pytest

from tests.support.pages import check_in_browser
from tests.support.phone import form
from tests.support.places import PASSWORD, enter
from tests.support.register import TODAY, learn
from tests.support.workbooks import water_form

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_values_and_lost_phones(village, phone_of, page) -> None:
    phone, household = phone_of(), village.households["0122"]
    base = phone.card(household)["base"]
    learn({"0122": {"income_wage_12m": "31000"}}, village.register.areas, day=TODAY)
    phone.send(
        form(
            household, base=base, kind="look", day=TODAY, facts={"income_wage_12m": "18000", "nonsense": "1"},
            note="The father came home without work.", someone_else="The old couple above the mill",
        )
    )  # fmt: skip
    liguo = village.staff["liguo"]
    liguo.set_password(PASSWORD)
    liguo.save()
    page.goto("/sign-in/?next=/phones/")
    page.get_by_label("User name").fill("liguo")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="1 form from a phone needs a person").wait_for()
    check_in_browser(page, "from-phones")
    page.goto("/phones/devices/")
    check_in_browser(page, "phones-in-use")
    page.goto("/phones/")
    page.get_by_text("At the door: ").click()
    page.get_by_label("Why?").fill("The pay slip says so.")
    page.get_by_role("button", name="This value holds").click()
    page.get_by_text("Decided.").wait_for()
    page.get_by_role("button", name="I have looked at it").click()
    page.get_by_role("heading", name="Nothing from the phones waits for you").wait_for()


def test_forms_by_others_are_taken_in_filled_in_and_read(village, page, tmp_path) -> None:
    weilan = village.staff["weilan"]
    weilan.set_password(PASSWORD)
    weilan.save()
    file = tmp_path / "water.xlsx"
    extra = [
        ["integer", "rooms", "Rooms", "បន្ទប់", "房间", "", "", ". < 20"],
        ["date", "dug", "Dug on", "ថ្ងៃ", "挖井日期"],
    ]
    file.write_bytes(water_form(extra=extra))
    enter(page, "weilan")
    page.goto("/phones/xlsforms/")
    page.get_by_role("heading", name="No form by others is in use").wait_for()
    check_in_browser(page, "forms-by-others-none")
    page.get_by_label("For the people of which area?").select_option(
        label=str(village.register.areas["LONGHE"])
    )
    page.locator("[name=workbook]").set_input_files(file)
    page.get_by_role("button", name="Take it in").click()
    page.get_by_role("heading", name="Water and school").wait_for()
    check_in_browser(page, "form-by-others")
    page.get_by_role("link", name="Fill it in here").click()
    page.get_by_role("heading", name="Water and school").wait_for()
    check_in_browser(page, "form-filling")
    page.get_by_label("Wages in a year").fill("-1")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Nothing was sent yet").wait_for()
    check_in_browser(page, "form-filling-errors")
    page.get_by_text("0122 · Datang village").click()
    page.get_by_label("Wages in a year").fill("1000")
    page.get_by_label("What was said").fill("All are well.")
    page.get_by_role("button", name="Send").click()
    page.goto("/phones/xlsforms/")
    page.get_by_role("heading", name="1 form by others").wait_for()
    check_in_browser(page, "forms-by-others")
    page.get_by_role("link", name="Water and school").click()
    page.locator("main details summary").first.click()
    page.get_by_text("All are well.").wait_for()
    check_in_browser(page, "form-by-others-sent")
