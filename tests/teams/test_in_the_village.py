"""What a team does in its village: money and training that came with it, and what it would hand over."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from highground.audit.models import Event
from highground.cases.actions.needs import record_need
from highground.methods.allocate.norms import load_norms
from highground.signals.actions import screen_register
from highground.teams.actions import write_fund, write_training
from highground.teams.enums import FundSource
from highground.teams.ground import TeamsError
from highground.teams.handover import open_in
from highground.teams.models import Candidate, Fund, Plan, Post, VillageNeed
from highground.teams.queries import teams_in
from highground.teams.tables import write_input
from tests.pages.posted import post_people
from tests.support.case_path import open_office
from tests.support.register import BILLS, BOOK, TODAY, add_register

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def at_work(db, monkeypatch):
    """An office with two clues and a monitored household in Baiyun, where one person is posted."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    office = open_office(
        add_register({"2231": ("BAIYUN", BILLS), "0874": ("BAIYUN", BILLS), "1410": ("HEPING-1", BILLS)})
    )
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    areas = office.register.areas
    post_people(areas["LONGHE"], {"BAIYUN": (areas["BAIYUN"], "Baiyun")})
    return office


def only_post() -> Post:
    return Post.objects.everywhere(reason="test").select_related("village", "candidate__unit").get()


def test_money_is_written_down_once_it_was_used_and_by_whom_it_concerns(at_work) -> None:
    post, county = only_post(), at_work.staff["county"]
    given = {"source": FundSource.UNIT, "unit": post.candidate.unit, "amount": Decimal("12000.50"),
             "purpose": "Seedlings", "day": TODAY, "by": county, "today": TODAY}  # fmt: skip
    fund = write_fund(post.village, **given)
    assert (fund.amount, fund.currency, fund.unit) == (1_200_050, "CNY", post.candidate.unit)
    own = write_fund(post.village, **{**given, "source": FundSource.FIRST_SECRETARY, "unit": None})
    assert own.unit is None
    assert Event.objects.filter(kind="teams.fund").count() == 2
    for change, said in (
        ({"day": TODAY + DAY}, "still to come"),
        ({"purpose": " "}, "what the money was used for"),
        ({"unit": None}, "Choose a unit that has sent somebody"),
        ({"amount": Decimal(0)}, "above zero"),
        ({"amount": Decimal("1.005")}, "1.005"),
        ({"by": at_work.staff["neighbour"]}, "first secretary or an officer of the area"),
    ):
        with pytest.raises(TeamsError, match=said):
            write_fund(post.village, **{**given, **change})
    assert Fund.objects.everywhere(reason="test").count() == 2


def test_what_was_learned_counts_for_the_team_and_in_the_next_plan(at_work, tmp_path) -> None:
    VillageNeed.objects.everywhere(reason="test").update(needs=["agronomy", "e-commerce"])
    post, county = only_post(), at_work.staff["county"]
    given = {"skill": "e-commerce", "ended": TODAY, "days": 5, "by": county, "today": TODAY}
    assert "e-commerce" in teams_in([post.village], county, TODAY)[0].lacks
    write_training(post, **given)
    assert teams_in([post.village], county, TODAY)[0].lacks == ()
    plan = Plan.objects.everywhere(reason="test").select_related("area").get()
    write_input(tmp_path / "in", plan, load_norms("cn-2021"))
    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / "in" / "people.parquet")["skills"].to_pylist() == [
        ["agronomy", "e-commerce"]
    ]
    for change, said in (
        ({}, "written down already"),
        ({"skill": ""}, "which skill"),
        ({"ended": TODAY + DAY}, "a day of the post"),
        ({"days": 0}, "1 or more"),
        ({"by": at_work.staff["neighbour"]}, "first secretary or an officer of the area"),
    ):
        with pytest.raises(TeamsError, match=said):
            write_training(post, **{**given, **change})
    write_training(post, **{**given, "skill": "agronomy"})
    assert Candidate.objects.everywhere(reason="test").get().trained == ["e-commerce"]


def test_what_is_handed_over_is_everything_open_in_the_village_that_one_may_see(at_work) -> None:
    village, secretary = at_work.register.areas["BAIYUN"], at_work.staff["secretary"]
    case = at_work.recognise("2231")
    record_need(case.household, words="我们需要药", by=at_work.staff["contact"], day=TODAY, today=TODAY)
    found = open_in(village, secretary, TODAY)
    assert {one.household.number for one in found} == {"2231", "0874"}
    assert {(one.household.number, one.kind) for one in found} >= {
        ("0874", "visit"),
        ("2231", "case"),
        ("2231", "need"),
    }
    assert [one.due for one in found if one.due] == sorted(one.due for one in found if one.due)
    assert all(one.what for one in found)
    assert open_in(village, at_work.staff["neighbour"], TODAY) == []


def test_the_page_takes_all_three_and_the_sheet_prints_what_is_open(at_work) -> None:
    post, client = only_post(), Client()
    client.force_login(at_work.staff["secretary"])
    page = f"/teams/villages/{post.village.code}/"
    for sent in (
        {"do": "days", "post": post.pk, "month": f"{TODAY:%Y-%m}", "days": "4"},
        {"do": "training", "post": post.pk, "skill": "water", "ended": str(TODAY), "days": "3", "given_by": "County school"},
        {"do": "fund", "source": post.candidate.unit_id, "amount": "3000", "purpose": "A pump", "day": str(TODAY)},
    ):  # fmt: skip
        assert client.post(page, sent).status_code == 302, sent
    text = client.get(page).content.decode()
    assert all(
        words in text
        for words in ("4 of", "water", "County school", "A pump", "3,000 yuan", "things are open")
    )
    sheet = client.get(f"{page}handover/").content.decode()
    assert "2231" in sheet and "0874" in sheet and "1410" not in sheet
    wrong = client.post(page, {"do": "fund", "source": "", "amount": "1,5", "purpose": "", "day": "soon"})
    assert wrong.status_code == 422
    assert "without commas" in wrong.content.decode()
