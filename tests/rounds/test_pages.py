"""The pages of the rounds."""

from __future__ import annotations

import csv
import datetime
import io
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from highground.cases.models import Case
from highground.rounds.actions import draw
from highground.rounds.models import AuditDraw, AuditVisit
from tests.rounds.feeding import tell_of_heads
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


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    body = b"".join(client.get(address).streaming_content).decode().lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(body)))


def test_the_visit_is_recorded_with_what_was_seen_and_who_else_went(settled) -> None:
    made = make(settled, 1)
    item = AuditVisit.objects.everywhere(reason="test").filter(draw=made).first()
    assert item is not None
    client, other = visitor(settled, "huangmei"), settled.staff["weisheng"]
    shown = text(client, f"/rounds/?answer={item.pk}")
    assert f"What did the visit to household {item.household.number} find?" in shown and "Wei Sheng" in shown
    assert "Wei Lan" not in shown.partition("What did you see?")[0].partition("Who else went?")[2]
    assert "Who else went?" not in text(visitor(settled, "chenxi"), f"/rounds/?answer={item.pk}")
    sent = {"item": str(item.pk), "outcome": "no", "day": TODAY.isoformat()}
    client.post("/rounds/", {**sent, "note": "Their loom broke.", "visitors": str(other.pk)})
    item.refresh_from_db()
    assert item.visit is not None and item.visit.note == "Their loom broke."
    assert item.visit.visitors == [str(settled.staff["huangmei"].pk), str(other.pk)]


def test_a_county_officer_sees_the_strata_and_draws(settled) -> None:
    client, door = visitor(settled, "weilan"), "/rounds/draw/"
    for name in ("huangmei", "liguo", "chenxi"):
        assert visitor(settled, name).get(door).status_code == 403
    assert "Show the strata" in text(client, door)
    asked = {"rulebook": BOOK, "seed": "11", "percent": "10"}
    shown = text(client, f"{door}?{urlencode(asked)}")
    assert "Draw 6 of 50 households?" in shown and "in no department&#x27;s data" in shown
    assert not AuditDraw.objects.everywhere(reason="test").exists()
    for wrong in (
        {"percent": "0"},
        {"seed": "-1"},
        {"seed": "x"},
        {"percent": "nan"},
        {"rulebook": "none"},
        {"seed": "9" * 30},
    ):
        assert "callout" in text(client, f"{door}?{urlencode({**asked, **wrong})}")
        client.post(door, {**asked, **wrong})
        assert not AuditDraw.objects.everywhere(reason="test").exists()
    assert visitor(settled, "huangmei").post(door, asked).status_code == 403
    assert (
        "Drawn: 6 of 50 households, with the seed 11."
        in client.post(door, asked, follow=True).content.decode()
    )
    made = AuditDraw.objects.everywhere(reason="test").get()
    assert (made.drawn, made.share, made.by) == (6, 0.1, str(settled.staff["weilan"].pk))


def test_the_tables_hold_the_draw_and_the_estimate_and_no_small_group(settled) -> None:
    made, client = make(settled, 0.5), visitor(settled, "weilan")
    drawn = rows_of(client, "/rounds/?format=csv")
    assert len(drawn) == made.drawn and {row["Seed"] for row in drawn} == {"5"}
    assert {float(row["Probability"]) for row in drawn} == {
        one.probability for one in AuditVisit.objects.everywhere(reason="test")
    }
    visits = AuditVisit.objects.everywhere(reason="test").filter(draw=made)
    visits.update(outcome="no", day=TODAY)
    told = rows_of(client, "/rounds/missed/?format=csv")
    assert told[0]["Group"] == "everybody" and told[0]["Answers"] == str(made.drawn)
    shown = {row["Group"] for row in told if row["Answers"]}
    assert (
        all(int(row["Answers"]) >= 10 for row in told if row["Answers"])
        and "in the data of a department" not in shown
    )
    assert rows_of(visitor(settled, "antang"), "/rounds/?format=csv") == []


def test_who_is_missed_is_told_by_ethnicity_where_it_is_recorded(settled) -> None:
    tell_of_heads("ethnicity", {f"Q{number:03}": "zhuang" if number < 20 else "han" for number in range(40)})
    made, client = make(settled, 1), visitor(settled, "weilan")
    visits = AuditVisit.objects.everywhere(reason="test").filter(draw=made)
    visits.update(outcome="no", day=TODAY)
    visits.filter(household__number__in=["Q001", "Q002", "Q041"]).update(outcome="yes")
    told = {
        row["Group"]: row
        for row in rows_of(client, "/rounds/missed/?format=csv")
        if row["What groups"] == "ethnicity"
    }
    assert {name: row["Answers"] for name, row in told.items()} == {
        "Zhuang": "20",
        "Han": "20",
        "not recorded": "10",
    }
    assert told["Zhuang"]["Middle"] == "2" and "Zhuang" in text(client, "/rounds/missed/")
