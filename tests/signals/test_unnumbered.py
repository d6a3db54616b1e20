"""Rows of departments without an identity number, decided at the office."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from highground.accounts.enums import Role
from highground.audit.models import AccessLog, Event
from highground.methods.rules.procedure.path import NotAllowed
from highground.methods.store.publishing import locked
from highground.people.models import Member
from highground.signals.unnumbered import UndecidedError, decide_row, rows_about
from tests.support.places import add_person
from tests.support.register import TODAY, Register
from tests.support.unnumbered import ROWS, land_bills, send_rows

pytestmark = pytest.mark.django_db
LIST = "/feeds/rows/"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def waiting_rows(register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Register:
    send_rows(tmp_path)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: TODAY)
    return register


def officer(
    register: Register, name: str = "wei", role: Role = Role.COUNTY_OFFICER, code: str = "LONGHE"
) -> Client:
    client = Client()
    client.force_login(add_person(name, role, register.areas[code]))
    return client


def member(number: str) -> str:
    return str(Member.objects.everywhere(reason="test").get(number=number).key)


def address(row: int, county: str = "LONGHE") -> str:
    rows, _shared = rows_about([county], ["LONGHE", "PINGNAN"])
    one = next(one for one in rows if one.row == row)
    return f"{LIST}{one.feed}/{one.id}/"


def landed(home: Path) -> list[tuple[str, int]]:
    paths = sorted((home / "store" / "feeds" / "medical" / "landed").glob("*/*.parquet"))
    rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
    return [(row["household"], row["own_paid"]) for row in rows]


def test_the_list_has_the_rows_of_ones_own_county_and_counts_the_shared(waiting_rows: Register) -> None:
    page = officer(waiting_rows).get(LIST).content.decode()
    assert (
        "2 rows of departments need a person" in page
        and "1 more row may also be about people of another county" in page
    )
    assert address(2) in page and address(5) in page and "agrees in: name, day of birth, village" in page
    assert address(3, "PINGNAN") not in page and address(4, "PINGNAN") not in page
    next_door = officer(waiting_rows, "pan", code="PINGNAN").get(LIST).content.decode()
    assert "1 row of a department needs a person" in next_door and address(4, "PINGNAN") in next_door


def test_who_may_be_meant_stands_side_by_side_with_what_agrees_and_no_number(waiting_rows: Register) -> None:
    client = officer(waiting_rows)
    page = client.get(address(2)).content.decode()
    assert "Whom is row 2 of bills.csv about?" in page
    assert page.index("Household 2231") < page.index("Household 0122"), "the likeliest first"
    assert page.count("王小明") == 2 and page.count("1 January 1980") == 2 and "Baiyun village" in page
    assert page.count("not as in the row") == 1 and page.count("not to be compared") == 2
    assert "99-2231" not in page and "99-0122" not in page
    seen = AccessLog.objects.filter(page="signals.unnumbered_row").values_list("subject_id", flat=True)
    assert set(seen) == {waiting_rows.households[one].key for one in ("2231", "0122")}


def test_a_decision_lands_the_row_is_kept_with_its_reason_and_leads_to_the_next(
    waiting_rows: Register, tmp_path: Path
) -> None:
    client, first, second = officer(waiting_rows), address(2), address(5)
    answer = client.post(first, {"about": member("0122-1"), "reason": "The hospital named the father."})
    assert (answer.status_code, answer["Location"]) == (302, second)
    home = waiting_rows.households["0122"].key
    assert landed(tmp_path) == [(home, 1000)]
    kept = next((tmp_path / "store" / "feeds" / "medical" / "reviews" / "decisions").glob("*.json"))
    decision = json.loads(kept.read_text())
    assert decision["reason"] == "The hospital named the father." and decision["pair"]["household"] == home
    event = Event.objects.get(kind="signals.decide_row")
    assert (
        event.data["household"] == home
        and event.data["candidates"] == 2
        and "hospital" not in str(event.data)
    )
    assert event.area_path == waiting_rows.areas["LONGHE"].path
    answer = client.post(second, {"about": "nobody", "reason": "Neither was ill."}, follow=True)
    assert "No row of a department waits for you" in answer.content.decode()
    assert landed(tmp_path) == [(home, 1000)], "about none of them: nothing is landed"
    assert (
        client.get(first).status_code
        == client.post(first, {"about": "nobody", "reason": "x"}).status_code
        == 404
    )


def test_skipping_leads_on_and_changes_nothing(waiting_rows: Register, tmp_path: Path) -> None:
    client = officer(waiting_rows)
    first, second = address(2), address(5)
    assert f'href="{second}"' in client.get(first).content.decode()
    assert f'href="{first}"' in client.get(second).content.decode()
    assert not Event.objects.filter(kind="signals.decide_row").exists() and landed(tmp_path) == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"reason": "I know them."}, "Choose one of these people, or none of them."),
        ({"about": "nobody", "reason": "  "}, "Say how you know"),
        (
            {"about": "somebody else", "reason": "I know them."},
            "Choose one of these people, or none of them.",
        ),
    ],
)
def test_an_answer_that_says_too_little_is_shown_again(
    waiting_rows: Register, tmp_path: Path, sent: dict[str, str], said: str
) -> None:
    page = officer(waiting_rows).post(address(2), sent)
    assert page.status_code == 200 and said in page.content.decode()
    assert sent["reason"].strip() in page.content.decode()
    assert landed(tmp_path) == [] and not Event.objects.filter(kind="signals.decide_row").exists()


def test_nobody_but_a_county_officer_of_all_whom_it_may_mean_decides(waiting_rows: Register) -> None:
    rows, _shared = rows_about(["LONGHE"], ["LONGHE", "PINGNAN"])
    both = next(one for one in rows if one.row == 3)
    assert officer(waiting_rows, "pan", code="PINGNAN").get(address(2)).status_code == 404
    assert officer(waiting_rows, "wei").get(address(3)).status_code == 404
    for name, role, code in (
        ("township", Role.TOWNSHIP_OFFICER, "NALONG"),
        ("province", Role.PROVINCE_OFFICER, "CN-ZZ"),
    ):
        client = officer(waiting_rows, name, role, code)
        assert client.get(LIST).status_code == client.get(address(2)).status_code == 403
    one_county = add_person("one", Role.COUNTY_OFFICER, waiting_rows.areas["LONGHE"])
    told = {"member": member("1410-1"), "reason": "I know.", "today": TODAY}
    with pytest.raises(NotAllowed):
        decide_row(both, by=one_county, **told)
    decide_row(both, by=add_person("city", Role.COUNTY_OFFICER, waiting_rows.areas["CN-9901"]), **told)
    event = Event.objects.get(kind="signals.decide_row")
    assert event.also_in.strip("/") == waiting_rows.areas["PINGNAN"].path


def test_while_a_file_is_landed_the_officer_is_told_to_try_again(
    waiting_rows: Register, tmp_path: Path
) -> None:
    client, where = officer(waiting_rows), address(2)
    sent = {"about": member("2231-1"), "reason": "I know them."}
    with locked(tmp_path / "store" / "feeds" / "medical", "landing"):
        page = client.post(where, sent).content.decode()
    assert "is being landed just now" in page and landed(tmp_path) == []
    assert client.post(where, sent).status_code == 302 and len(landed(tmp_path)) == 1


def test_of_two_who_decide_at_once_the_second_is_told(waiting_rows: Register) -> None:
    rows, _shared = rows_about(["LONGHE"], ["LONGHE"])
    people = [add_person(name, Role.COUNTY_OFFICER, waiting_rows.areas["LONGHE"]) for name in ("a", "b")]
    decide_row(rows[0], member=None, reason="Nobody here.", by=people[0], today=TODAY)
    with pytest.raises(UndecidedError, match="was decided on"):
        decide_row(rows[0], member=member("2231-1"), reason="It is her.", by=people[1], today=TODAY)
    assert Event.objects.filter(kind="signals.decide_row").count() == 1


def test_the_list_costs_as_much_with_fifty_rows_as_with_one(waiting_rows: Register, tmp_path: Path) -> None:
    client = officer(waiting_rows)

    def cost(where: str) -> int:
        client.get(where)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(where).status_code == 200
        return len(captured)

    before, one = cost(LIST), cost(address(5))
    land_bills(tmp_path, [{**ROWS[0], "own_paid": str(100 + turn)} for turn in range(50)], "more.csv")
    assert cost(LIST) == before and cost(address(5)) == one


def test_the_entry_stands_in_the_navigation_of_county_officers_where_feeds_come_in(
    register: Register, tmp_path: Path
) -> None:
    client = officer(register)
    assert LIST not in client.get("/clues/").content.decode()
    (tmp_path / "store" / "feeds").mkdir(parents=True)
    assert LIST in client.get("/clues/").content.decode()
    assert (
        LIST
        not in officer(register, "province", Role.PROVINCE_OFFICER, "CN-ZZ").get("/clues/").content.decode()
    )


def test_a_store_without_rulebooks_in_use_is_told_in_words(waiting_rows: Register, tmp_path: Path) -> None:
    rows, _shared = rows_about(["LONGHE"], ["LONGHE"])
    (tmp_path / "store" / "active.json").unlink()
    wei = add_person("wei", Role.COUNTY_OFFICER, waiting_rows.areas["LONGHE"])
    with pytest.raises(
        UndecidedError, match=r"Whoever runs the machine finds out why: .*highground feed use"
    ):
        decide_row(rows[0], member=None, reason="Nobody here.", by=wei, today=TODAY)
