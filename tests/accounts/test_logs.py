"""The pages of auditors and operators: their doors, their scope, their cost."""

import csv
import io

import pytest
from django.db import transaction

from highground.accounts.actions import grant_role
from highground.accounts.enums import SEES, Role, Sight
from highground.audit.actions import log_access, record
from tests.support.pages import check_in_browser, check_source
from tests.support.places import LONG_AGO, PASSWORD, Places, add_person, add_places

pytestmark = pytest.mark.django_db
PAGES = {"/events/": Sight.EVENTS, "/events/accesses/": Sight.EVENTS, "/accounts/": Sight.ACCOUNTS}


@pytest.fixture
def places() -> Places:
    return add_places()


def happen(places: Places, times: int = 1) -> None:
    """Something in each county, and somebody looking at it."""
    with transaction.atomic():
        for number in range(times):
            for area in (places.baiyun, places.antang_village):
                subject = f"{area.names['en'][:6].upper()}-{number}"
                record(
                    "people.import",
                    by="7",
                    subject_kind="household",
                    subject_id=subject,
                    area_path=area.path,
                    data={"rows": number},
                )
                log_access(
                    by="7",
                    page="people:household",
                    subject_kind="household",
                    subject_id=subject,
                    area_path=area.path,
                )


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", list(PAGES))
def test_only_the_right_roles_come_in(client, places, role: Role, path: str) -> None:
    client.force_login(add_person("somebody", role, places.country))
    response = client.get(path)
    allowed = PAGES[path] in SEES[role]
    assert response.status_code == (200 if allowed else 403)
    assert (f'href="{path}"' in client.get("/no-such-page/").content.decode()) == allowed
    check_source(response)


@pytest.mark.parametrize("path", list(PAGES))
def test_nobody_comes_in_unsigned(client, path: str) -> None:
    assert client.get(path).url == f"/sign-in/?next={path}"


@pytest.mark.parametrize("path", ["/events/", "/events/accesses/", "/events/?format=csv"])
def test_an_auditor_of_one_county_sees_that_county(client, places, path: str) -> None:
    happen(places)
    client.force_login(add_person("auditor", Role.AUDITOR, places.longhe))
    response = client.get(path)
    text = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
    assert "BAIYUN-0" in text
    assert "ANTANG-0" not in text


def test_what_touches_two_counties_is_seen_by_the_auditors_of_both(client, places) -> None:
    with transaction.atomic():
        for subject, areas in (("HERE", [places.baiyun]), ("BOTH", [places.antang_village, places.baiyun])):
            record(
                "people.move_household",
                by="7",
                subject_kind="household",
                subject_id=subject,
                area_path=areas[0].path,
                also_in=[area.path for area in areas],
            )
    for name, area, seen in (
        ("longhe", places.longhe, {"HERE", "BOTH"}),
        ("pingnan", places.pingnan, {"BOTH"}),
        ("everywhere", None, {"HERE", "BOTH"}),
    ):
        client.force_login(add_person(name, Role.AUDITOR, area))
        response = client.get("/events/?kind=people.move_household")
        assert {event.subject_id for event in response.context["page"].rows} == seen
        text = response.content.decode()
        assert "Baiyun" in text
        assert "Antang" in text
        rows = list(csv.reader(io.StringIO(b"".join(client.get("/events/?format=csv")).decode("utf-8-sig"))))
        assert seen <= {row[4].removeprefix("household ") for row in rows}


def test_an_auditor_of_the_whole_installation_sees_all(client, places) -> None:
    happen(places)
    client.force_login(add_person("auditor", Role.AUDITOR))
    text = client.get("/events/").content.decode()
    assert "BAIYUN-0" in text
    assert "ANTANG-0" in text
    assert "accounts.grant_role" in text
    only = client.get("/events/?kind=people.import").content.decode()
    assert "BAIYUN-0" in only
    assert '<span class="table__name">accounts.grant_role</span>' not in only
    looked = client.get("/events/accesses/?subject=BAIYUN-0").content.decode()
    assert "BAIYUN-0" in looked
    assert "ANTANG-0" not in looked


def test_the_file_holds_the_chain(client, places) -> None:
    happen(places)
    client.force_login(add_person("auditor", Role.AUDITOR))
    body = b"".join(client.get("/events/?format=csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [row["Number"] for row in rows] == ["4", "3", "2", "1"]
    assert all(len(row["Hash"]) == 64 for row in rows)


@pytest.mark.parametrize("path", list(PAGES))
def test_a_page_costs_the_same_however_much_it_lists(
    client, places, path: str, django_assert_max_num_queries
) -> None:
    user = add_person("auditor", Role.AUDITOR)
    grant_role(user, role=Role.OPERATOR, valid_from=LONG_AGO, by="test")
    client.force_login(user)
    happen(places, 1)
    with django_assert_max_num_queries(9) as few:
        client.get(path)
    for number in range(30):
        add_person(f"person{number}", Role.VILLAGE_WORKER, places.baiyun)
    happen(places, 25)
    with django_assert_max_num_queries(9) as many:
        client.get(path)
    assert len(few) == len(many)


def test_a_person_who_may_not_sign_in_is_marked(client, places) -> None:
    left = add_person("left", Role.COUNTY_OFFICER, places.longhe)
    left.is_active = False
    left.save()
    client.force_login(add_person("operator", Role.OPERATOR))
    text = client.get("/accounts/").content.decode()
    assert "may not sign in" in text
    assert "1 person may sign in" in text


@pytest.mark.django_db(transaction=True)
def test_the_pages_in_a_browser(page) -> None:
    places = add_places()
    happen(places, 15)
    user = add_person("auditor", Role.AUDITOR, password=PASSWORD, display_name="Tan Hui Min")
    grant_role(user, role=Role.OPERATOR, valid_from=LONG_AGO, by="test")
    page.goto("/sign-in/?next=/events/")
    page.get_by_label("User name").fill("auditor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="events recorded").wait_for()
    for name, path in (("events", "/events/"), ("accesses", "/events/accesses/"), ("accounts", "/accounts/")):
        page.goto(path)
        check_in_browser(page, name)
