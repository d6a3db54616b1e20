"""A change at the door shows on the page of the household at once, by the rules of its last run."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.utils import timezone, translation

from highground.accounts.enums import Role
from highground.cases.as_known import card_of_household
from highground.signals.actions import screen_register
from highground.signals.models import HouseholdVerdict
from tests.support.casework import add_staff
from tests.support.places import add_person
from tests.support.register import BILLS, BOOK, FAMILY, HOUSEHOLDS, TODAY, Register, add_register, learn

pytestmark = pytest.mark.django_db
TITLE = "By what is known now"


@pytest.fixture(autouse=True)
def own_home(tmp_path, settings, monkeypatch):
    settings.HIGHGROUND_HOME = tmp_path
    settings.SYNTHETIC_MARK = tmp_path / "synthetic"
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    with translation.override("en"):
        yield


@pytest.fixture
def register(db) -> Register:
    found = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return found


@pytest.fixture
def look(register):
    client, staff = Client(), add_staff(register)
    client.force_login(staff["weilan"])
    return lambda number: html.unescape(
        client.get(f"/households/{register.households[number].key}/").content.decode()
    )


def card_in(page: str) -> str:
    return page[page.index(TITLE) :].split("</dl>")[0]


def test_nothing_new_shows_nothing(look) -> None:
    assert TITLE not in look("2231")


def test_a_bill_that_was_paid_by_others_is_no_class_at_once(look, register) -> None:
    assert "another answer" not in look("2231")
    learn({"2231": {**BILLS, "out_of_pocket_12m": "0"}}, register.areas, day=TODAY)
    page = look("2231")
    assert "no class" in card_in(page) and "another answer" in card_in(page)
    assert "What the last run said" in page and "possible: " in page.split("What the last run said")[1]
    stored = HouseholdVerdict.objects.everywhere(reason="test").get(household__number="2231")
    assert stored.class_verdict == "yes", "the run stays as it was; the next one opens and clears"
    assert TITLE not in look("0122")


def test_a_house_that_cracked_is_a_reason_at_once(look, register) -> None:
    learn({"0122": {**FAMILY, "dwelling_unsafe": "true"}}, register.areas, day=TODAY)
    said = card_in(look("0122"))
    assert "another answer" in said and "Other reasons" in said and "welling" in said


def test_what_changes_no_answer_says_so(look, register) -> None:
    learn({"0122": {**FAMILY, "income_transfer_12m": "2100"}}, register.areas, day=TODAY)
    assert "the same answer" in card_in(look("0122"))


def test_row_by_row_the_rules_say_what_the_run_said(register) -> None:
    """Of every kind of household, of whom something is learnt that no rule reads: the same answer as the run's."""
    user = add_person("national", Role.COUNTY_OFFICER, register.areas["CN"])
    facts = {number: {"deprived_telecom": "true"} for number in HOUSEHOLDS}
    learn(facts, register.areas, day=TODAY)
    for household in register.households.values():
        card = card_of_household(household, user, TODAY)
        assert card is not None and not card.context["rows"][0]["changed"], household.number


def test_of_a_day_that_the_rulebook_does_not_assess_nothing_is_said(register, look) -> None:
    learn({"0122": {**FAMILY, "dwelling_unsafe": "true"}}, register.areas, day=TODAY)
    user = add_person("officer", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    assert card_of_household(register.households["0122"], user, TODAY) is not None
    assert card_of_household(register.households["0122"], user, TODAY.replace(year=2090)) is None
