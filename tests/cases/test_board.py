"""The page of the board: who reads it, what it says where nothing is known, and what it never shows."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.accounts.enums import Role
from highground.people.models import Household
from highground.signals.actions import screen_register
from tests.support.many_cases import add_cases
from tests.support.pages import check_source
from tests.support.places import add_person
from tests.support.register import BOOK, TODAY, add_register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def register(db):
    return add_register()


@pytest.fixture
def run(register):
    return screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)


def fill(register, run, code: str, many: int, **how) -> None:
    households = Household.objects.bulk_create(
        Household(key=f"{code[:6]}{number:04}", number=f"{code} {number}", area=register.areas[code])
        for number in range(many)
    )
    add_cases(run, households, today=TODAY, **how)


def enter(register, role: Role, code: str) -> Client:
    client = Client()
    client.force_login(add_person(f"{role}-{code}", role, register.areas[code]))
    return client


def words(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_county_reads_how_fast_its_cases_are_and_what_stands_beside(register, run) -> None:
    fill(register, run, "BAIYUN", 40)
    response = enter(register, Role.COUNTY_OFFICER, "LONGHE").get("/cases/board/")
    check_source(response)
    text = words(response)
    board = response.context["board"]
    assert f"Half are recognised within {board.recognition.median} days, nine of ten within" in text
    assert "Beside the speed: what would show that it was bought" in text
    assert "/cases/?show=overdue&amp;area=LONGHE" in text
    assert [bar.label for bar in response.context["step_bars"]][:3] == [
        "A contact officer is named",
        "Visit",
        "Application and authorisation",
    ]
    assert sum(bar.value for bar in response.context["step_bars"]) == board.under_way


@pytest.mark.parametrize(
    ("role", "code", "status"),
    [
        (Role.PROVINCE_OFFICER, "CN-ZZ", 200),
        (Role.ANALYST, "LONGHE", 200),
        (Role.TOWNSHIP_OFFICER, "NALONG", 200),
        (Role.VILLAGE_WORKER, "BAIYUN", 200),
        (Role.AUDITOR, "LONGHE", 403),
    ],
)
def test_who_sees_counts_opens_it(register, run, role, code, status) -> None:
    assert enter(register, role, code).get("/cases/board/").status_code == status


def test_without_a_case_nothing_is_said_to_take_no_days(register, run) -> None:
    response = enter(register, Role.COUNTY_OFFICER, "LONGHE").get("/cases/board/")
    text = words(response)
    assert "How long a recognition takes is not known yet" in text
    assert ">0 days" not in text
    assert "0 times" not in text
    assert "0 of 0" not in text
    assert (response.context["recognition"]["half"], response.context["support"]["most"]) == (
        "not known yet",
    ) * 2
    assert response.context["late_share"] == "not known yet"


def test_before_the_first_screening_there_is_nothing_to_count(register) -> None:
    assert "There is nothing to count yet" in words(
        enter(register, Role.COUNTY_OFFICER, "LONGHE").get("/cases/board/")
    )


def test_an_analyst_finds_no_way_to_a_case_and_no_figure_of_few(register, run) -> None:
    fill(register, run, "BAIYUN", 6, past=1, under_way=None)
    client = enter(register, Role.ANALYST, "LONGHE")
    response = client.get("/cases/board/?months=36")
    text = words(response)
    assert response.context["board"].recognition.few
    assert "Too few recognitions to say how long one takes" in text
    assert "fewer than 10 cases" in text
    for way in ('href="/cases/"', "/cases/?", "/households/", "/clues/"):
        assert way not in text
    everybody = enter(register, Role.COUNTY_OFFICER, "LONGHE").get("/cases/board/?months=36")
    assert not everybody.context["board"].recognition.few


def test_of_a_village_there_is_no_board_but_of_the_area_around_it(register, run) -> None:
    fill(register, run, "BAIYUN", 20)
    village = words(enter(register, Role.VILLAGE_WORKER, "BAIYUN").get("/cases/board/"))
    assert "A board is made of a township or more" in village
    assert "?area=" not in village
    county = words(enter(register, Role.COUNTY_OFFICER, "LONGHE").get("/cases/board/?area=BAIYUN"))
    assert "/cases/board/?area=NALONG" in county


def test_parts_are_townships_in_the_order_of_the_register_and_small_ones_stay_empty(register, run) -> None:
    fill(register, run, "HEPING-1", 60, past=1, under_way=None)
    fill(register, run, "BAIYUN", 3, past=1, under_way=None, seed=5)
    client = enter(register, Role.COUNTY_OFFICER, "LONGHE")
    assert "By township" in words(client.get("/cases/board/"))
    parts = client.get("/cases/board/?parts=1&months=36").context["parts"]
    assert [str(row["place"]) for row in parts] == ["Nalong", "Heping"]
    assert parts[0]["half"] == parts[0]["count"] == "fewer than 10 cases"
    assert parts[1]["half"].endswith("days")
    township = client.get("/cases/board/?area=NALONG&parts=1")
    assert "parts" not in township.context


def test_the_figures_can_be_taken_along(register, run) -> None:
    fill(register, run, "BAIYUN", 40)
    client = enter(register, Role.COUNTY_OFFICER, "LONGHE")
    board = client.get("/cases/board/").context["board"]
    response = client.get("/cases/board/?format=csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    told = {(row["Figure"], row["Of"]): (row["Value"], row["Cases behind it"]) for row in rows}
    assert len(told) == len(rows)
    assert told["From discovery to recognition", "median"] == (
        str(board.recognition.median),
        str(board.recognition.count),
    )
    assert told["Steps entered late", ""] == (str(board.entries.late), str(board.entries.steps))
    empty = enter(register, Role.COUNTY_OFFICER, "PINGNAN").get("/cases/board/?format=csv")
    lines = csv.DictReader(io.StringIO(b"".join(empty.streaming_content).decode("utf-8-sig")))
    assert {row["Value"] for row in lines if row["Unit"] == "days"} == {""}


@pytest.mark.parametrize("address", ["/cases/board/", "/cases/board/?parts=1", "/cases/board/?format=csv"])
def test_fifty_cases_cost_as_much_as_one(register, run, address) -> None:
    client = enter(register, Role.COUNTY_OFFICER, "LONGHE")

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            response = client.get(address)
            if response.streaming:
                b"".join(response.streaming_content)
        return len(asked)

    fill(register, run, "BAIYUN", 1, past=1)
    few = queries()
    fill(register, run, "DATANG", 50, past=1)
    assert queries() == few
