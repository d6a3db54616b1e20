"""The cases on the first page: what waits for whom, what is late, how fast they move, and what it costs."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.accounts.enums import Role
from highground.people.models import Household
from tests.support.casework import add_staff, lead, start
from tests.support.many_cases import add_cases
from tests.support.places import add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> None:
    now = timezone.make_aware(datetime.datetime.combine(TODAY, datetime.time(9)))
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    monkeypatch.setattr(timezone, "localtime", lambda value=None, *_: value or now)


def fill(register, run, code: str, many: int, **how) -> None:
    households = Household.objects.bulk_create(
        Household(key=f"{code[:6]}{number:04}", number=f"{code} {number}", area=register.areas[code])
        for number in range(many)
    )
    add_cases(run, households, today=TODAY, **how)


def first_page(user) -> tuple[dict[str, object], str]:
    client = Client()
    client.force_login(user)
    response = client.get("/")
    assert response.status_code == 200
    cards = {card.title: card for row in response.context["rows"] for card in row}
    return cards, response.content.decode()


def test_a_case_waits_on_the_first_page_of_those_who_take_its_next_step(register, run) -> None:
    staff = add_staff(register)
    case = start(register.households["2231"], staff["huangmei"])
    start(register.households["9001"], staff["antang"])
    cards, _text = first_page(staff["huangmei"])
    waiting = cards["Cases that wait for you"]
    assert (waiting.figure, waiting.url, waiting.button) == (1, "/cases/", "Take the next step")
    assert waiting.sentence.startswith("First: household 2231, Baiyun village, due")
    lead(case, staff, to="decide")
    assert first_page(staff["huangmei"])[0]["Cases that wait for you"].figure == 0
    assert first_page(staff["mofang"])[0]["Cases that wait for you"].figure == 1


def test_what_is_late_is_said_with_how_much_of_it_is_mine(register, run, monkeypatch) -> None:
    staff = add_staff(register)
    start(register.households["2231"], staff["huangmei"])
    later = TODAY + datetime.timedelta(days=4)
    monkeypatch.setattr(timezone, "localdate", lambda *_: later)
    now = timezone.make_aware(datetime.datetime.combine(later, datetime.time(9)))
    monkeypatch.setattr(timezone, "localtime", lambda value=None, *_: value or now)
    late = first_page(staff["huangmei"])[0]["Cases overdue"]
    assert (late.figure, late.sentence, late.url) == (1, "1 of them waits for you", "/cases/?show=overdue")
    assert first_page(staff["chenxi"])[0]["Cases overdue"].sentence == "All of them wait for others"


def test_a_county_sees_how_fast_it_is_and_where_its_cases_stand(register, run) -> None:
    fill(register, run, "BAIYUN", 60)
    cards, text = first_page(add_person("ann", Role.COUNTY_OFFICER, register.areas["LONGHE"]))
    speed = cards["From discovery to recognition"]
    assert str(speed.figure).endswith("days")
    assert speed.url == "/cases/board/"
    assert "Cases at each step" in text


def test_a_village_sees_whom_it_watches_and_no_board(register, run) -> None:
    fill(register, run, "BAIYUN", 12, past=0)
    cards, text = first_page(add_person("ann", Role.VILLAGE_WORKER, register.areas["BAIYUN"]))
    assert "Monitored households" in cards
    assert "From discovery to recognition" not in cards
    assert "Cases at each step" not in text


def test_an_analyst_counts_and_reads_no_figure_of_few(register, run) -> None:
    fill(register, run, "BAIYUN", 6, past=1)
    cards, text = first_page(add_person("ann", Role.ANALYST, register.areas["LONGHE"]))
    assert cards["From discovery to recognition"].figure in ("fewer than 10 cases", "not known yet")
    assert "/cases/?" not in text
    assert 'href="/cases/"' not in text


@pytest.mark.parametrize("role", [Role.COUNTY_OFFICER, Role.ANALYST, Role.VILLAGE_WORKER])
def test_fifty_cases_cost_as_much_as_one(register, run, role) -> None:
    area = register.areas["BAIYUN" if role == Role.VILLAGE_WORKER else "LONGHE"]
    client = Client()
    client.force_login(add_person("ann", role, area))

    def queries() -> int:
        client.get("/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/").status_code == 200
        return len(asked)

    fill(register, run, "BAIYUN", 8)
    few = queries()
    fill(register, run, "HEPING-1", 50, seed=2)
    assert queries() == few
