"""The inbox: what waits for whom, how it is counted and filtered, what it costs."""

import csv
import datetime
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.cases.models import Case
from highground.people.models import Household
from highground.signals.actions import screen_register
from tests.support.casework import add_staff, lead, start
from tests.support.pages import check_source
from tests.support.register import BOOK, TODAY, add_register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]
REAL_LOCALDATE = timezone.localdate


@pytest.fixture
def register(db):
    found = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return found


@pytest.fixture
def staff(register):
    return add_staff(register)


@pytest.fixture
def desk(staff) -> Callable[[str], Client]:
    """A client signed in as somebody of the office."""

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(staff[name])
        return client

    return signed_in


def numbers(response) -> list[str]:
    assert response.status_code == 200
    return [row.case.household.number for row in response.context["rows"]]


def test_a_case_waits_for_those_who_may_take_its_next_step(register, staff, desk) -> None:
    case = start(register.households["2231"], staff["huangmei"])
    assert numbers(desk("huangmei").get("/cases/")) == ["2231"]
    lead(case, staff, to="decide")
    assert numbers(desk("huangmei").get("/cases/")) == []
    assert numbers(desk("huangmei").get("/cases/?show=others")) == ["2231"]
    response = desk("mofang").get("/cases/")
    assert numbers(response) == ["2231"]
    check_source(response)
    page = response.content.decode()
    assert "1 case waits for you" in page
    assert "County decision" in page
    assert response.context["rows"][0].why.startswith("Net income per person of 10,000 yuan")


def test_a_row_says_that_somebody_else_must_take_the_step(register, staff, desk) -> None:
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to="decide")
    had_a_hand = {person for step in case.steps.all() for person in step.people}
    assert str(staff["weilan"].pk) in had_a_hand
    assert "somebody else must take this step" in desk("weilan").get("/cases/").content.decode()
    assert "somebody else must take this step" not in desk("mofang").get("/cases/").content.decode()


def test_what_may_be_done_at_any_time_calls_for_nobody(register, staff, desk) -> None:
    lead(start(register.households["2231"], staff["huangmei"]), staff, to="visit")
    # Help in an emergency may be given from here on, but does not fill the township's inbox by itself:
    # the visit, which it may take too, does.
    response = desk("weilan").get("/cases/")
    assert numbers(response) == []
    assert response.context["totals"]["others"] == 1


def test_a_monitored_household_waits_again_when_a_follow_up_is_near(
    register, staff, desk, monkeypatch
) -> None:
    lead(start(register.households["2231"], staff["huangmei"]), staff, to="follow_up")
    village = desk("weisheng")
    assert numbers(village.get("/cases/")) == []
    assert numbers(village.get("/cases/?show=monitored")) == ["2231"]
    later = TODAY + datetime.timedelta(days=9)
    monkeypatch.setattr(timezone, "localdate", lambda *_: later)
    assert numbers(village.get("/cases/")) == ["2231"]


def test_late_cases_are_counted_and_listed(register, staff, desk, monkeypatch) -> None:
    start(register.households["2231"], staff["huangmei"])
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY + datetime.timedelta(days=4))
    client = desk("weisheng")
    assert "1 case waits for you, 1 is late" in client.get("/cases/").content.decode()
    assert numbers(client.get("/cases/?show=overdue")) == ["2231"]


@pytest.mark.parametrize(("hour", "late"), [(15, []), (16, ["2231"])])
def test_a_case_is_late_when_its_day_is_over_where_the_procedure_is_followed(
    register, staff, desk, monkeypatch, settings, hour, late
) -> None:
    """Midnight in China is 16:00 in the hall of an office in Lisbon."""
    case = start(register.households["2231"], staff["huangmei"])
    settings.TIME_ZONE = "Europe/Lisbon"
    last = datetime.datetime.combine(case.due_on, datetime.time(hour), datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: last)
    monkeypatch.setattr(timezone, "localdate", REAL_LOCALDATE)
    assert timezone.localdate() == case.due_on
    client = desk("weisheng")
    assert numbers(client.get("/cases/?show=overdue")) == late
    response = client.get("/cases/")
    assert response.context["totals"]["late"] == len(late)
    assert [row.due < row.today for row in response.context["rows"]] == [bool(late)]


def test_places_and_steps_filter_with_their_counts(register, staff, desk) -> None:
    start(register.households["2231"], staff["huangmei"])
    lead(start(register.households["0874"], staff["huangmei"]), staff, to="visit")
    client = desk("weisheng")
    response = client.get("/cases/")
    assert {str(one.label): one.count for one in response.context["places"]} == {
        "Baiyun village": 1,
        "Datang village": 1,
    }
    assert numbers(client.get("/cases/?area=DATANG")) == ["0874"]
    assert {str(one.label): one.count for one in response.context["steps"]} == {
        "A contact officer is named": 1,
        "Visit": 1,
    }
    filtered = client.get(f"/cases/?step={BOOK}:visit")
    assert numbers(filtered) == ["0874"]
    assert filtered.context["page"].total == 1
    assert numbers(client.get(f"/cases/?step={BOOK}:visit&area=BAIYUN")) == []


def test_the_table_can_be_taken_along(register, staff, desk) -> None:
    start(register.households["2231"], staff["huangmei"])
    response = desk("weisheng").get("/cases/?format=csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Household"] for row in rows] == ["2231"]
    assert rows[0]["Next step"] == "a contact officer is named"


def test_nothing_of_the_neighbours_is_seen(register, staff, desk) -> None:
    start(register.households["9001"], staff["antang"])
    for show in ("mine", "others", "overdue", "monitored"):
        response = desk("weilan").get(f"/cases/?show={show}")
        assert numbers(response) == []
        assert set(response.context["totals"].values()) == {0}
    assert numbers(desk("weilan").get("/cases/?area=PINGNAN&show=mine")) == []


def test_an_auditor_is_refused(register, desk) -> None:
    from highground.accounts.enums import Role
    from tests.support.places import add_person

    client = Client()
    client.force_login(add_person("auditor", Role.AUDITOR))
    assert client.get("/cases/").status_code == 403


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            b"".join(response.streaming_content)
    return len(captured)


@pytest.mark.parametrize("address", ["/cases/", "/cases/?show=others", "/cases/?format=csv"])
def test_fifty_cases_cost_as_much_as_one(register, staff, desk, address) -> None:
    village = register.areas["BAIYUN"]
    client = desk("weisheng")
    start(register.households["2231"], staff["huangmei"])
    lead(start(register.households["3096"], staff["huangmei"]), staff, to="compare")
    few = queries(client, address)
    for number in range(24):
        for name in ("mine", "theirs"):
            household = Household.objects.create(
                key=f"H{name[0]}{number:03}-0000"[:12], number=f"{name} {number}", area=village
            )
            case = start(household, staff["huangmei"])
            if name == "theirs":
                lead(case, staff, to="compare")
    assert Case.objects.everywhere(reason="test").count() == 50
    assert queries(client, address) == few
