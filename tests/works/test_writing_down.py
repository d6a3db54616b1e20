"""What is written down of works, assets and enterprises on pages with several forms, and what the village sees of it."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

import pytest
from django.utils import translation

from highground.works.actions import industry, services
from highground.works.ground import WorksError
from highground.works.models import Asset, AssetTask
from tests.support.places import add_area
from tests.support.register import TODAY
from tests.works.test_villages import photo, shed, well

pytestmark = pytest.mark.django_db
EARLIER = TODAY - datetime.timedelta(40)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def page(client, address: str, sent: dict[str, object] | None = None) -> str:
    answer = client.get(address) if sent is None else client.post(address, sent)
    return str(answer.content.decode())


def test_each_form_of_a_page_has_labels_of_its_own(office, same, enter) -> None:
    client, asset, work = enter("weilan"), shed(office, same), well(office, same)
    one = industry.add_enterprise(
        office.area("BAIYUN"), name="Tea", kind="cooperative", owner="members", since=TODAY, **same
    )
    industry.set_state(asset, state="idle", why="no buyer", **same)
    for address in (f"/works/{work.pk}/", f"/enterprises/{one.pk}/", f"/assets/{asset.pk}/"):
        told = page(client, address)
        ids = re.findall(r'\bid="([^"]+)"', told)
        assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
        assert set(re.findall(r'<label[^>]* for="([^"]+)"', told)) <= set(ids)


def test_the_form_that_was_refused_stays_open(office, same, enter) -> None:
    work = well(office, same)
    sent = {"do": "spend", "amount": "5", "currency": "USD", "day": TODAY.isoformat(), "note": "bricks"}
    told = page(enter("weilan"), f"/works/{work.pk}/", sent)
    spending = told[told.index("Money spent") - 120 : told.index("Money spent")]
    assert "Currencies are not mixed" in told and " open>" in spending and 'value="bricks"' in told


@pytest.mark.parametrize("code", ["yua", "1$x", "元"])
def test_a_currency_is_one_that_there_is(office, enter, code: str) -> None:
    sent = {"title": "Road", "service": "road", "budget": "5", "currency": code}
    client = enter("weilan")
    assert "No currency has this code" in page(client, "/villages/BAIYUN/write/work/", sent)
    assert client.post("/villages/BAIYUN/write/work/", sent | {"currency": "lak"}).status_code == 302


def test_a_photo_of_before_is_of_before_and_one_of_after_of_after(office, same) -> None:
    work, officer = well(office, same, day=EARLIER), {"by": office.staff["mofang"], "today": TODAY}
    told = {"caption": "the pond"}
    with pytest.raises(WorksError, match="not completed yet"):
        services.add_photo(work, file=photo(), taken="after", day=TODAY, **told, **same)
    services.add_photo(work, file=photo(), taken="before", day=EARLIER, **told, **same)
    for place, stage in enumerate(("approved", "building", "completed")):
        services.advance(work, stage=stage, day=EARLIER + datetime.timedelta(10 * place), **officer)
    late, early = EARLIER + datetime.timedelta(11), EARLIER + datetime.timedelta(19)
    with pytest.raises(WorksError, match="does not show what was there before"):
        services.add_photo(work, file=photo(), taken="before", day=late, **told, **same)
    with pytest.raises(WorksError, match="does not show what stands since"):
        services.add_photo(work, file=photo(), taken="after", day=early, **told, **same)
    services.add_photo(work, file=photo(), taken="during", day=late, **told, **same)
    services.add_photo(work, file=photo(), taken="after", day=TODAY, **told, **same)
    assert work.photos.count() == 3


def test_who_may_not_approve_is_told_before_they_try(office, same, enter) -> None:
    work = well(office, same)
    said = "writes down that it is approved"
    assert said in page(enter("weilan"), f"/works/{work.pk}/"), "she proposed it"
    assert said not in page(enter("mofang"), f"/works/{work.pk}/")


def test_what_is_found_while_a_task_is_open_stands_in_it(office, same, enter) -> None:
    asset = shed(office, same)
    industry.set_state(asset, state="idle", why="no buyer since June", **same)
    industry.set_state(Asset.objects.everywhere(reason="test").get(), state="lost", why="roof gone", **same)
    task = AssetTask.objects.everywhere(reason="test").get()
    assert task.state == "lost" and "no buyer since June" in task.why and task.why.endswith("lost: roof gone")
    assert "roof gone" in page(enter("weilan"), "/assets/")
    industry.close_task(task, done="roof mended, let again", state="in_use", **same)
    told = page(enter("weilan"), f"/assets/{asset.pk}/")
    assert "roof gone" in told and "roof mended, let again" in told


def test_the_village_sees_what_an_asset_brought_in_and_to_whom_it_went(office, same, enter) -> None:
    asset = shed(office, same)
    shares = [("to_households", Decimal(600)), ("to_village", Decimal(300)), ("kept", Decimal(100))]
    for year, published in ((2024, datetime.date(2025, 1, 10)), (2023, None)):
        industry.write_income(
            asset, year=year, amount=Decimal(1000), shares=shares, published_on=published, **same
        )
    told = page(enter("weilan"), "/villages/BAIYUN/")
    assert "2024: 1,000 yuan" in told and "600 yuan: monitored households" in told
    assert "published on 10 January 2025" in told and "2023" not in told
    for wrong, said in (
        ({"published_on": TODAY + datetime.timedelta(1), "shares": shares}, "lies in the future"),
        ({"published_on": None, "shares": [("kept", Decimal(1100)), ("to_village", Decimal(-100))]}, "zero or more"),
    ):  # fmt: skip
        with pytest.raises(WorksError, match=said):
            industry.write_income(asset, year=2025, amount=Decimal(1000), **wrong, **same)


def test_the_village_page_costs_the_same_for_many_assets(
    office, same, enter, django_assert_max_num_queries
) -> None:
    client = enter("weilan")
    for number in range(12):
        asset = shed(office, same, code=f"C-{number}")
        industry.write_income(
            asset, year=2025, amount=Decimal(10), shares=[("kept", Decimal(10))], published_on=None, **same
        )
    page(client, "/villages/BAIYUN/")
    with django_assert_max_num_queries(45):
        assert page(client, "/villages/BAIYUN/").count("2025: 10 yuan") == 12


def test_the_currency_of_an_enterprise_is_written_once(office, same, enter) -> None:
    add_area("Elsewhere", "village", office.area("HEPING"))
    one = industry.add_enterprise(
        office.area("BAIYUN"), name="Tea", kind="cooperative", owner="members", since=EARLIER, **same
    )
    industry.write_earning(
        one, year=TODAY.year, revenue=Decimal(10), to_households=Decimal(5), currency="CNY", **same
    )
    assert 'name="currency" value="CNY"' in page(enter("weilan"), f"/enterprises/{one.pk}/")
