"""The conditions of an exit on its pages: members by name for those who see names, and what the family still asks for."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from highground.accounts.enums import Role
from highground.cases.actions.needs import answer_need, family_says, record_need
from highground.cases.conditions import conditions_of
from tests.cases.test_notice_pages import add_member, name_in_vault
from tests.support.case_lists import lead
from tests.support.pages import check_source
from tests.support.places import add_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitored(office, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_: office.today)
    household = office.household()
    member = add_member(household, "1", medical_insurance="false")
    name_in_vault(household, member, "name", "Wei Dong")
    return lead(office, office.recognise(), "propose_exit")


def told(case, user, today) -> str:
    return " ".join(one.sentence["en"] for one in conditions_of(case, user, today))


def test_a_member_is_named_as_on_the_rest_of_the_page(office, monitored):
    with_names = told(monitored, office.staff["contact"], office.today)
    assert "Wei Dong" in with_names
    assert "mem1" not in with_names
    province = add_person("province", Role.PROVINCE_OFFICER, office.register.areas["CN-ZZ"])
    from_afar = told(monitored, province, office.today)
    assert "mem1" in from_afar
    assert "Wei Dong" not in from_afar


def test_what_the_family_still_asks_for_is_said_before_it_leaves(office, monitored):
    by, today = office.staff["contact"], office.today
    client = Client()
    client.force_login(by)
    step, page = f"/cases/{monitored.pk}/steps/propose_exit/", f"/cases/{monitored.pk}/"
    warning = "The family still asks for 1 thing that it has not called solved"
    assert all(warning not in client.get(address).content.decode() for address in (step, page))
    need = record_need(monitored.household, words="School meals.", by=by, day=today, today=today)
    answer_need(need, answer="Next term.", by=by, today=today)
    for address in (step, page):
        response = client.get(address)
        check_source(response)
        assert warning in response.content.decode(), "an answer alone solves nothing"
    family_says(need, says="solved", by=by, today=today)
    assert all(warning not in client.get(address).content.decode() for address in (step, page))
