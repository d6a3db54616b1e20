"""The pages of teams: what they cost, whatever there is to show, and what they say in odd cases."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from highground.methods.allocate.norms import FOLDER
from highground.teams.models import Candidate, Plan, Post, Posting, SendingUnit, VillageNeed
from highground.teams.planning import borrowed_in
from tests.pages.posted import post_people
from tests.support.places import add_area
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(office, monkeypatch) -> Client:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    client = Client()
    client.force_login(office.staff["weilan"])
    return client


def add_teams(office, plan: Plan, villages: int) -> None:
    """More villages, each with a team of three in the plan and in force."""
    unit = SendingUnit.objects.everywhere(reason="test").get()
    for number in range(villages):
        village = add_area(f"Village {number}", "village", office.register.areas["HEPING"])
        VillageNeed.objects.create(village=village, members=2, needs=["agronomy"], at_risk=9)
        for place, role in enumerate(("first_secretary", "member", "member")):
            one = Candidate.objects.create(
                code=f"{number}-{place}", name=f"Person {number} {place}", unit=unit, area=plan.area, woman=False,
                may_lead=True,
            )  # fmt: skip
            same = {"candidate": one, "village": village, "role": role}
            Posting.objects.create(plan=plan, **same)
            Post.objects.create(since=TODAY, norms="cn-2021", plan=plan, **same)


def cost(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_cost_the_same_for_twenty_villages_as_for_one(office, client) -> None:
    area = office.register.areas
    made = post_people(area["LONGHE"], {"BAIYUN": (area["BAIYUN"], "Baiyun")})
    plan = Plan.objects.everywhere(reason="test").select_related("area").get(pk=made["BAIYUN"]["team_plan"])
    pages = [
        "/teams/", "/teams/plans/", "/teams/import/", f"/teams/plans/{plan.pk}/", f"/teams/plans/{plan.pk}/?show=lacking",
        f"/teams/plans/{plan.pk}/withdrawn/", f"/teams/plans/{plan.pk}/villages/BAIYUN/", "/teams/villages/BAIYUN/",
        "/teams/villages/BAIYUN/handover/",
    ]  # fmt: skip
    before = {page: cost(client, page) for page in pages}
    add_teams(office, plan, 20)
    assert {page: cost(client, page) for page in pages} == before


def test_a_team_too_small_and_a_term_that_is_over_are_said(office, client) -> None:
    area = office.register.areas
    post_people(area["LONGHE"], {"BAIYUN": (area["BAIYUN"], "Baiyun")})
    Post.objects.everywhere(reason="test").update(norms="cn-yn-2021", since=datetime.date(2024, 1, 1))
    VillageNeed.objects.everywhere(reason="test").update(at_risk=201)
    text = client.get("/teams/").content.decode()
    assert "1 person is in the villages, the term of 1 is over" in text
    assert "4 people short of the norm" in text
    page = client.get("/teams/villages/BAIYUN/").content.decode()
    assert "With 201 people at risk the norm asks for 4 more people." in page
    assert "not known" in page


def test_what_cannot_be_is_answered_on_the_page(office, client) -> None:
    area = office.register.areas
    made = post_people(area["LONGHE"], {"BAIYUN": (area["BAIYUN"], "Baiyun")})
    plan = f"/teams/plans/{made['BAIYUN']['team_plan']}/"
    post = Post.objects.everywhere(reason="test").get().pk
    for address, sent, said in (
        ("/teams/plans/", {"norms": "cn-2021", "no_woman": "-1"}, "A weight is a whole number from 0 to 2000"),
        ("/teams/plans/", {"norms": "cn-xx"}, "no norms"),
        ("/teams/import/", {"kind": "units"}, "Choose a file."),
        (plan, {"do": "publish", "since": "2026-04-01"}, "Only an approved plan can be published."),
        (plan, {"do": "dance"}, "nothing that can be done"),
        (f"{plan}withdrawn/", {}, "Choose who has withdrawn."),
        ("/teams/villages/BAIYUN/", {"do": "days", "post": post, "month": "x", "days": "1"}, "Write the month as 2024-06"),
    ):  # fmt: skip
        answer = client.post(address, sent)
        assert answer.status_code == 422 and said in answer.content.decode(), address


def test_norms_of_the_office_can_be_chosen_and_pages_open_once_they_are_gone(
    office, client, tmp_path
) -> None:
    own = tmp_path / "norms"
    own.mkdir()
    text = (
        (FOLDER / "cn-2021.yaml")
        .read_text()
        .replace("id: cn-2021", "id: longhe")
        .replace("China, national", "Longhe")
    )
    (own / "longhe.yaml").write_text(text)
    (own / "broken.yaml").write_text("id: broken\n")
    area = office.register.areas
    made = post_people(area["LONGHE"], {"BAIYUN": (area["BAIYUN"], "Baiyun")})
    page = client.get("/teams/plans/").content.decode()
    assert '<option value="longhe">Longhe opinions of 2021</option>' in page
    assert "These norms cannot be chosen: " in page and "broken.yaml: there is no `title`; write it" in page
    plan = f"/teams/plans/{made['BAIYUN']['team_plan']}/"
    for model in (Post, Plan):
        model.objects.everywhere(reason="test").update(norms="longhe")
    assert "Longhe opinions of 2021" in client.get(plan).content.decode()
    assert "of 200" not in client.get("/teams/villages/BAIYUN/").content.decode()
    (own / "longhe.yaml").unlink()
    for address in (
        "/teams/",
        "/teams/villages/BAIYUN/",
        "/teams/villages/BAIYUN/print/",
        plan,
        "/teams/plans/",
    ):
        assert client.get(address).status_code == 200, address
    assert "not known" in client.get("/teams/villages/BAIYUN/").content.decode()
    answer = client.post(plan, {"do": "again"})
    assert answer.status_code == 422 and "no norms &#x27;longhe&#x27;" in answer.content.decode()


def test_a_form_that_is_refused_keeps_what_was_written(office, client) -> None:
    area = office.register.areas
    post_people(area["LONGHE"], {"BAIYUN": (area["BAIYUN"], "Baiyun")})
    sent = {"norms": "cn-yn-2021", "who": "pool", "no_woman": "-1", "missing_skill": "90"}
    page = client.post("/teams/plans/", sent).content.decode()
    assert '<option value="cn-yn-2021" selected>' in page and 'value="pool" checked' in page
    assert 'value="-1"' in page and 'value="90"' in page and '<details class="govuk-details" open>' in page


def test_a_file_is_named_as_its_sender_knows_it(office, client) -> None:
    for content, said in (
        (b"", "<p>units.csv: the file is empty"),
        (b"code,name,area,cap\n", "There are no rows in this file"),
    ):
        sent = {"kind": "units", "file": SimpleUploadedFile("units.csv", content)}
        answer = client.post("/teams/import/", sent)
        page = answer.content.decode()
        assert answer.status_code == 422 and "highground-teams-" not in page
        assert said.removeprefix("<p>") in page, page


def test_who_is_borrowed_between_counties_is_counted_and_drawn(office, client, tmp_path) -> None:
    """By hand: two people of Longhe in Pingnan, one of Pingnan in Longhe, one at home, one who lives in no county."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    homes = {"a": "LONGHE", "b": "LONGHE", "c": "PINGNAN", "d": "LONGHE", "e": None}
    posted = {"a": "far", "b": "far", "c": "near", "d": "near", "e": "far"}
    for name, table in {
        "plan": {"person": list(posted), "village": list(posted.values())},
        "people": {"person": list(homes), "county": list(homes.values())},
        "villages": {"village": ["far", "near"], "county": ["PINGNAN", "LONGHE"]},
    }.items():
        pq.write_table(pa.table(table), tmp_path / f"{name}.parquet")
    found = borrowed_in(tmp_path / "plan.parquet", tmp_path)
    assert found == [["LONGHE", "PINGNAN", 2], ["PINGNAN", "LONGHE", 1]]
    area = office.register.areas
    made = post_people(area["LONGHE"], {"BAIYUN": (area["BAIYUN"], "Baiyun")})
    plan = Plan.objects.everywhere(reason="test").get(pk=made["BAIYUN"]["team_plan"])
    Plan.objects.everywhere(reason="test").filter(pk=plan.pk).update(
        certificate=plan.certificate | {"borrowed": found}
    )
    text = client.get(f"/teams/plans/{plan.pk}/").content.decode()
    assert "Borrowed between counties" in text and "Longhe county to Pingnan county" in text
