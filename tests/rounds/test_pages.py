"""The pages of the rounds."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from highground.cases.models import Case
from highground.rounds.actions import draw
from highground.rounds.models import AuditDraw, AuditVisit
from tests.support.pages import check_source
from tests.support.register import BOOK, TODAY

pytestmark = pytest.mark.django_db
PAGES = ("/rounds/", "/rounds/?show=answered", "/rounds/never-seen/", "/rounds/missed/")


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    from django.utils import timezone

    noon = datetime.datetime.combine(TODAY, datetime.time(12), tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)


def make(settled, share: float) -> AuditDraw:
    area = settled.register.areas["LONGHE"]
    return draw(area, rulebook=BOOK, seed=5, share=share, by="test", today=TODAY)


def visitor(settled, name: str) -> Client:
    client = Client()
    client.force_login(settled.staff[name])
    return client


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    check_source(response)
    return response.content.decode()


def test_every_page_says_what_it_is_when_there_is_nothing_and_when_there_is(settled) -> None:
    client = visitor(settled, "weilan")
    assert "No household of the audit waits for a visit" in text(client, "/rounds/")
    assert "Nobody knows yet who is missed" in text(client, "/rounds/missed/")
    assert "Nobody has seen" in text(client, "/rounds/never-seen/")
    made = make(settled, 1)
    assert "50 households that nothing flags are to be visited" in text(client, "/rounds/")
    assert "0 of 50 visited" in text(client, "/rounds/missed/")
    visits = AuditVisit.objects.everywhere(reason="test").filter(draw=made)
    visits.update(outcome="no", day=TODAY)
    visits.filter(household__number__in=["Q000", "Q001"]).update(outcome="yes")
    told = text(client, "/rounds/missed/")
    assert "families in difficulty are missed" in told and "Not recorded" in told and "Longhe county" in told
    assert "Q001" in text(client, "/rounds/?show=answered")


def test_a_visitor_answers_for_a_household_and_its_case_opens(settled) -> None:
    made = make(settled, 1)
    item = AuditVisit.objects.everywhere(reason="test").filter(draw=made).first()
    assert item is not None
    sent = {"item": str(item.pk), "outcome": "yes", "day": TODAY.isoformat()}
    assert visitor(settled, "antang").post("/rounds/", sent).status_code == 404
    refused = visitor(settled, "chenxi").post("/rounds/", sent, follow=True).content.decode()
    assert "Your role does not visit there" in refused
    client = visitor(settled, "huangmei")
    for wrong in (
        {**sent, "day": "yesterday"},
        {**sent, "outcome": "perhaps"},
        {**sent, "day": "2027-01-01"},
    ):
        client.post("/rounds/", wrong)
        item.refresh_from_db()
        assert item.outcome == ""
    assert client.post("/rounds/", {**sent, "item": "x"}).status_code == 404
    assert "Saved." in client.post("/rounds/", sent, follow=True).content.decode()
    assert Case.objects.everywhere(reason="test").get().household_id == item.household_id


def test_next_door_sees_none_of_it(settled) -> None:
    make(settled, 1)
    client = visitor(settled, "antang")
    for address in (*PAGES, *(f"{page.partition('?')[0]}?area=LONGHE" for page in PAGES)):
        shown = text(client, address)
        assert "Q001" not in shown and "Longhe county" not in shown and " of 50" not in shown


def test_fifty_rows_cost_as_many_queries_as_one(settled) -> None:
    client = visitor(settled, "weilan")
    costs = []
    for share in (0.02, 1):
        AuditVisit.objects.everywhere(reason="test").delete()
        AuditDraw.objects.everywhere(reason="test").delete()
        make(settled, share)
        found = {}
        for address in PAGES:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            found[address] = len(captured)
        costs.append(found)
    assert costs[0] == costs[1]
