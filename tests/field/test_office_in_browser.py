"""What the office sees of phones, in a real browser at phone and desktop width."""

from __future__ import annotations

import pytest

from tests.support.pages import check_in_browser
from tests.support.phone import form
from tests.support.places import PASSWORD
from tests.support.register import TODAY, learn

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
