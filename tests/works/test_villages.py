"""Services, works, industry and assets of villages: what they do, and what they refuse."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from PIL import Image

from highground.files.mapping import MappingError
from highground.files.media import UploadRefused
from highground.works.actions import industry, services
from highground.works.ground import WorksError
from highground.works.models import AssetTask, Project, ProjectSite, ServiceReading
from highground.works.queries.villages import earning_from, industry_of, services_of
from highground.works.standards import standards_of
from tests.support.places import add_area
from tests.support.register import TODAY
from tests.works.studied import write

pytestmark = pytest.mark.django_db
COLUMNS = ("village", "service", "value", "unit", "date", "source")
SHARE = "% of households"


def reading(**change) -> dict[str, str]:
    row = {
        "village": "BAIYUN",
        "service": "water",
        "value": "60",
        "unit": SHARE,
        "date": "2025-05-01",
        "source": "survey",
    }
    return row | change


def take(office, same, tmp_path, *rows):
    return services.import_services(
        write(tmp_path / "r.csv", rows, COLUMNS), area=office.area("LONGHE"), **same
    )


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(file, "JPEG")
    file.seek(0)
    return file


def well(office, same, **change):
    told = {
        "title": "A well", "service": "water", "budget": Decimal(9000), "currency": "CNY",
        "due": datetime.date(2026, 2, 1), "keeper": "water group",
    }  # fmt: skip
    return services.propose_work(office.area("BAIYUN"), **(told | change), **same)


def shed(office, same, **change):
    told = {
        "code": "A-1", "name": "Drying shed", "kind": "operating", "funds": "county 2023", "cost": Decimal(50_000),
        "currency": "CNY", "owner": "the village", "keeper": "cooperative", "since": datetime.date(2023, 5, 1),
    }  # fmt: skip
    return industry.add_asset(office.area("BAIYUN"), **(told | change), **same)


def test_readings_stand_against_the_standard_and_what_nobody_saw_is_not_zero(office, same, tmp_path) -> None:
    later = reading(value="80", date="2026-01-05")
    school = reading(service="school", value="90", unit="minutes on foot")
    done = take(office, same, tmp_path, reading(), later, school)
    assert (done.used, done.rejects) == (3, [])
    states = {one.standard.id: one for one in services_of([office.area("BAIYUN")])[office.area("BAIYUN").pk]}
    assert [one.value for one in states["water"].readings] == [60, 80]
    assert (states["water"].gap, states["water"].reached) == (20, 80)
    assert (states["school"].gap, states["school"].reached) == (30, 66), (
        "half an hour too far: 60 of 90 minutes"
    )
    assert states["power"].gap is None and states["power"].reached is None and states["water"].cost is None


def test_an_office_says_what_closing_a_gap_costs(office, same, tmp_path) -> None:
    (tmp_path / "standards").mkdir()
    (tmp_path / "standards" / "cn.yaml").write_text(
        "source: county office\nservices:\n  water:\n    closing: {amount: 250, currency: CNY, source: works of 2025}\n"
    )
    take(office, same, tmp_path, reading(value="80"))
    (water,) = [
        one
        for one in services_of([office.area("BAIYUN")])[office.area("BAIYUN").pk]
        if one.standard.id == "water"
    ]
    assert water.cost == (20 * 250, "CNY") and water.standard.value == 100
    assert not standards_of("la")["school"].verified and standards_of("la")["school"].value == 60


def test_a_file_twice_says_what_is_known_and_another_value_is_told(office, same, tmp_path) -> None:
    assert take(office, same, tmp_path, reading()).used == 1
    more = take(
        office, same, tmp_path, reading(), reading(date="2025-06-01"), reading(date="2025-06-01"), reading(value="61"),
        reading(date="2025-07-01", value="140"),
    )  # fmt: skip
    assert (more.used, more.known) == (1, 2)
    assert [(one.row, one.column) for one in more.rejects] == [(5, "value"), (6, "value")]
    assert "says 60 of this day already" in more.rejects[0].reason
    assert "at most 100" in more.rejects[1].reason
    assert ServiceReading.objects.everywhere(reason="test").count() == 2


def test_one_reading_is_written_by_hand(office, same, enter) -> None:
    village, client = office.area("BAIYUN"), enter("weisheng")
    page = "/villages/BAIYUN/write/reading/"
    with translation.override("en"):
        assert "Safe drinking water (% of households)" in client.get(page).content.decode()
    sent = {"service": "water", "value": "62.5", "day": "2026-03-01", "source": "yearly check"}
    assert client.post(page, sent)["Location"] == "/villages/BAIYUN/"
    (water,) = [one for one in services_of([village])[village.pk] if one.standard.id == "water"]
    assert (water.latest.value, water.latest.unit) == (Decimal("62.5"), "% of households")
    with translation.override("en"):
        told = client.post(page, sent)
    assert told.status_code == 422 and "says a value of this day already" in told.content.decode()
    assert enter("huangmei").post(page, sent | {"source": "my own"}).status_code == 422


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"service": "cinema"}, "Choose the service"),
        ({"value": Decimal(101)}, "of a share at most 100"),
        ({"value": Decimal(-1)}, "zero or more"),
        ({"day": TODAY + datetime.timedelta(1)}, "lies in the future"),
        ({"source": " "}, "where this is from"),
    ],
)
def test_readings_that_cannot_be(office, same, change, said) -> None:
    told = {"service": "water", "value": Decimal(60), "day": TODAY, "source": "check"}
    with translation.override("en"), pytest.raises(WorksError, match=said):
        services.write_reading(office.area("BAIYUN"), **(told | change), **same)
    minutes = services.write_reading(
        office.area("BAIYUN"), **(told | {"service": "school", "value": Decimal(240)}), **same
    )
    assert minutes.unit == "minutes on foot", "a way may be longer than a hundred minutes"


def price(tmp_path, closing: str) -> None:
    folder = tmp_path / "standards"
    folder.mkdir(exist_ok=True)
    (folder / "cn.yaml").write_text(
        f"source: county office\nservices:\n  water:\n    closing: {{{closing}}}\n"
    )


def test_a_price_for_a_household_or_a_village(office, same, tmp_path, django_assert_num_queries) -> None:
    from highground.people.models import Household

    village = office.area("BAIYUN")
    take(office, same, tmp_path, reading(value="80"))

    def cost():
        return next(one for one in services_of([village])[village.pk] if one.standard.id == "water").cost

    price(tmp_path, "amount: 900, currency: CNY, source: works of 2025, per: household")
    Household.objects.everywhere(reason="test").filter(area=village).delete()
    assert cost() is None, "nobody knows how many live there: the cost is not known, and not zero"
    for number in range(15):
        place = village if number else add_area("Upper group", "group", village)
        Household.objects.create(key=f"k{number}", number=f"k{number}", area=place)
    assert cost() == (Decimal(900) * 3, "CNY"), "a fifth of 15 households lack it"
    with django_assert_num_queries(2):
        services_of([village])
    price(tmp_path, "amount: 70000, currency: CNY, source: works of 2025, per: village")
    assert cost() == (Decimal(70_000), "CNY")


@pytest.mark.parametrize(
    ("closing", "said"),
    [
        ("currency: CNY, source: s", "missing; write what closing the gap costs"),
        ("amount: 9, source: s", "its ISO 4217 code"),
        ("amount: 9, currency: CNY", "where it is from"),
        ("amount: 9, currency: CNY, source: s, per: month", "per"),
    ],
)
def test_a_price_that_cannot_be_used_is_told_with_its_line(tmp_path, closing, said) -> None:
    price(tmp_path, closing)
    with pytest.raises(MappingError, match=said) as error:
        standards_of("cn")
    assert "cn.yaml" in str(error.value)


def test_a_price_for_a_household_goes_with_a_share_of_households(tmp_path) -> None:
    price(tmp_path, "amount: 9, currency: CNY, source: s, per: household")
    path = tmp_path / "standards" / "cn.yaml"
    path.write_text(path.read_text().replace("water:", "clinic:"))
    with pytest.raises(MappingError, match="needs a unit in % of households"):
        standards_of("cn")


def test_services_that_nobody_looked_at_make_no_column(office, same, enter, tmp_path) -> None:
    take(office, same, tmp_path, reading())
    with translation.override("en"):
        page = enter("weilan").get("/villages/?area=LONGHE")
    assert page.context["columns"] == ["Safe drinking water"]
    assert "Electricity" in page.context["nobody"]
    assert "Nobody has looked in these villages at:" in page.content.decode()


def test_rows_that_cannot_be_used_are_named(office, same, tmp_path) -> None:
    bad = {
        "unit": "litres",
        "village": "ANTANG-1",
        "service": "cinema",
        "value": "-1",
        "date": "soon",
        "source": "",
    }
    done = take(office, same, tmp_path, reading(), *(reading(**{name: value}) for name, value in bad.items()))
    assert done.used == 1 and ServiceReading.objects.everywhere(reason="test").count() == 1
    assert {one.column for one in done.rejects} == set(bad)
    assert any("a service keeps its unit" in one.mend for one in done.rejects)
    with pytest.raises(WorksError, match="written down by"):
        services.import_services(
            tmp_path / "r.csv", area=office.area("LONGHE"), by=office.staff["huangmei"], today=TODAY
        )


def test_a_work_from_the_proposal_to_the_hand_over(office, same) -> None:
    work = well(office, same, keeper="")
    with pytest.raises(WorksError, match="Whoever proposed a work does not approve it"):
        services.advance(work, stage="approved", day=TODAY, **same)
    with pytest.raises(WorksError, match="approved by a county officer"):
        services.advance(work, stage="approved", day=TODAY, by=office.staff["weisheng"], today=TODAY)
    with pytest.raises(WorksError, match="What comes next is: approved"):
        services.advance(work, stage="completed", day=TODAY, **same)
    mofang = {"by": office.staff["mofang"], "today": TODAY}
    with pytest.raises(WorksError, match="lies in the future"):
        services.advance(work, stage="approved", day=TODAY + datetime.timedelta(1), **mofang)
    with pytest.raises(WorksError, match="not built yet"):
        services.check_work(work, found="works", day=TODAY, **same)
    for stage in ("approved", "building", "completed"):
        services.advance(work, stage=stage, day=TODAY, **mofang)
    with pytest.raises(WorksError, match="who keeps it up"):
        services.advance(work, stage="handed_over", day=TODAY, **mofang)
    with pytest.raises(WorksError, match="what follows is not earlier"):
        services.advance(work, stage="handed_over", day=TODAY - datetime.timedelta(1), **mofang)
    services.advance(work, stage="handed_over", day=TODAY, keeper="water group", **mofang)
    work.refresh_from_db()
    assert work.keeper == "water group"
    with pytest.raises(WorksError, match="come to its end"):
        services.advance(work, stage="given_up", day=TODAY, note="no", **mofang)
    with pytest.raises(WorksError, match="who mends it"):
        services.check_work(work, found="broken", day=TODAY, **same)
    services.check_work(work, found="broken", day=TODAY, note="pump lost; county mends it in May", **same)


def test_a_work_that_began_long_ago_is_written_down_with_its_days(office, same, enter) -> None:
    begun = TODAY - datetime.timedelta(900)
    work = well(office, same, day=begun)
    assert work.steps.get().day == begun
    with pytest.raises(WorksError, match="lies in the future"):
        well(office, same, day=TODAY + datetime.timedelta(1))
    client = enter("mofang")
    with translation.override("en"):
        told = client.get(f"/works/{work.pk}/").content.decode()
        assert "nobody has written it down" in told, "what was spent is not known, and not zero"
        sent = {"do": "stage", "stage": "approved", "day": TODAY.isoformat(), "keeper": "water group"}
        assert client.post(f"/works/{work.pk}/", sent).status_code == 302
        told = client.get(f"/works/{work.pk}/").content.decode()
    work.refresh_from_db()
    assert (work.stage, work.keeper) == ("approved", "water group")
    assert "Mo Fang" in told, "the page says who brought it to a stage"


def test_what_a_project_builds_and_buys_leads_to_it(office, same, enter) -> None:
    village = office.area("BAIYUN")
    project = Project.objects.create(code="zz-1", title={"en": "Water for all"}, country="CN")
    elsewhere = Project.objects.create(code="zz-2", title={"en": "Elsewhere"}, country="CN")
    ProjectSite.objects.create(project=project, area=village)
    with pytest.raises(WorksError, match="does not work in this village"):
        well(office, same, project=elsewhere)
    sent = {
        "title": "Tank", "service": "water", "budget": "900", "currency": "CNY", "due": "", "keeper": "", "day": "",
        "project": "zz-1",
    }  # fmt: skip
    client = enter("weilan")
    made = client.post(f"/villages/{village.code}/write/work/", sent)
    with translation.override("en"):
        assert "Water for all" in client.get(made["Location"]).content.decode()
    asset = shed(office, same, project=project)
    with pytest.raises(WorksError, match="does not work in this village"):
        shed(office, same, code="another", project=elsewhere)
    with translation.override("en"):
        told = client.get("/projects/zz-1/").content.decode()
    assert made["Location"] in told and f"/assets/{asset.pk}/" in told
    assert enter("huangmei").get("/projects/zz-2/").status_code == 404


def test_currencies_are_not_mixed_and_a_photo_has_a_date(office, same) -> None:
    work = well(office, same)
    with pytest.raises(WorksError, match="Currencies are not mixed"):
        services.spend(work, amount=Decimal(10), currency="USD", day=TODAY, **same)
    services.spend(work, amount=Decimal(10_000), currency="cny", day=TODAY, **same)
    told = {"taken": "before", "caption": "the old pond"}
    with pytest.raises(WorksError, match="without a date"):
        services.add_photo(work, file=photo(), day=None, **told, **same)
    with pytest.raises(UploadRefused):
        services.add_photo(work, file=io.BytesIO(b"no photo"), day=TODAY, **told, **same)
    services.add_photo(work, file=photo(), day=TODAY, **told, **same)
    one = industry.add_enterprise(
        office.area("BAIYUN"), name="Tea", kind="cooperative", owner="members", since=TODAY, **same
    )
    earned = {"revenue": Decimal(900), "to_households": Decimal(300)}
    industry.write_earning(one, year=2024, currency="CNY", **earned, **same)
    with pytest.raises(WorksError, match="Currencies are not mixed"):
        industry.write_earning(one, year=2025, currency="USD", **earned, **same)
    with pytest.raises(WorksError, match="part of what was earned"):
        industry.write_earning(
            one, year=2025, currency="CNY", revenue=Decimal(1), to_households=Decimal(2), **same
        )


def test_an_asset_is_entered_once_and_sold_once(office, same) -> None:
    asset = shed(office, same)
    with pytest.raises(WorksError, match="entered once"):
        shed(office, same)
    industry.set_state(asset, state="sold", why="sold at auction", **same)
    with pytest.raises(WorksError, match="is sold already"):
        industry.set_state(asset, state="sold", why="sold again", **same)


def test_an_idle_asset_raises_one_task_that_somebody_closes(office, same) -> None:
    asset = shed(office, same)
    task = industry.set_state(asset, state="idle", why="no buyer since June", **same)
    assert task is not None and industry.set_state(asset, state="lost", why="roof gone", **same) is None
    with pytest.raises(WorksError, match="still idle or lost"):
        industry.close_task(task, done="looked", state="idle", **same)
    with pytest.raises(WorksError, match="Say what was done"):
        industry.close_task(task, done=" ", state="in_use", **same)
    industry.close_task(task, done="let to another cooperative", state="in_use", **same)
    with pytest.raises(WorksError, match="closed already"):
        industry.close_task(task, done="once more", state="in_use", **same)
    asset.refresh_from_db()
    assert asset.state == "in_use" and AssetTask.objects.everywhere(reason="test").get().closed_on == TODAY
    shares = [("to_households", Decimal(60)), ("kept", Decimal(40))]
    industry.write_income(asset, year=2025, amount=Decimal(100), shares=shares, published_on=None, **same)
    with pytest.raises(WorksError, match="add up"):
        industry.write_income(asset, year=2025, amount=Decimal(99), shares=shares, published_on=None, **same)


def test_closing_a_task_neither_sells_without_an_officer_nor_brings_back_what_is_sold(office, same) -> None:
    asset = shed(office, same)
    task = industry.set_state(asset, state="idle", why="no buyer since June", **same)
    secretary = {**same, "by": office.staff["weisheng"]}
    with pytest.raises(WorksError, match="county officer or a province officer"):
        industry.close_task(task, done="sold to a neighbour", state="sold", **secretary)
    industry.set_state(asset, state="sold", why="sold at auction", **same)
    for state in ("in_use", "worn_out"):
        with pytest.raises(WorksError, match="is sold already"):
            industry.close_task(task, done="let again", state=state, **same)
    industry.close_task(task, done="sold at auction, money to the village", state="sold", **secretary)
    asset.refresh_from_db()
    assert asset.state == "sold" and not asset.tasks.filter(closed_on__isnull=True).exists()


def test_the_share_of_monitored_households_counts_living_links_alone(office, same) -> None:
    from highground.cases.models import Case
    from highground.people.models import Household
    from highground.signals.actions import screen_register
    from tests.support.casework import start
    from tests.support.register import BOOK

    village = office.area("BAIYUN")
    one = industry.add_enterprise(
        village, name="Tea", kind="cooperative", owner="members", since=TODAY, **same
    )
    families = [
        Household.objects.create(key=f"key{number}", number=f"{number}", area=village) for number in range(3)
    ]
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    for family in families[:2]:
        start(family, office.staff["weilan"])
    Case.objects.everywhere(reason="test").update(
        status="monitored", class_id="sudden_severe", recognised_on=TODAY, first_recognised_on=TODAY
    )
    old = {"kind": "job", "since": datetime.date(2024, 1, 1)}
    industry.link_household(one, number="0", until=datetime.date(2025, 1, 1), **old, **same)
    industry.link_household(one, number="2", **old, **same)
    assert industry_of([village], TODAY)[village.pk].linked == 0
    industry.link_household(one, number="1", **old, **same)
    industry.link_household(one, number="1", kind="share", since=TODAY, **same)
    share = industry_of([village], TODAY)[village.pk]
    assert (share.linked, share.monitored, share.share) == (1, 2, 0.5)
    assert earning_from(one, TODAY) == 2, "two households, one of them in two ways; one has ended"
    group = add_area("Upper group", "group", village)
    Household.objects.everywhere(reason="test").filter(number="1").update(area=group)
    assert industry_of([village], TODAY)[village.pk] == share, "a group of the village is the village"
    with pytest.raises(WorksError, match="No household of this number"):
        industry.link_household(one, number="77", **old, **same)


def test_who_earned_what_by_year_until_a_link_ends(office, same, enter) -> None:
    from highground.people.models import Household

    village = office.area("BAIYUN")
    one = industry.add_enterprise(
        village, name="Tea", kind="cooperative", owner="members", since=TODAY, **same
    )
    family = Household.objects.create(key="key1", number="7", area=village)
    since = datetime.date(2024, 5, 1)
    link = industry.link_household(one, number="7", kind="job", since=since, **same)
    with pytest.raises(WorksError, match="earns in this way already"):
        industry.link_household(one, number="7", kind="job", since=TODAY, **same)
    client, page = enter("weilan"), f"/enterprises/{one.pk}/"
    sent = {"do": "link_year", "link": link.pk, "year": "2025", "amount": "4300", "currency": "cny"}
    assert client.post(page, sent).status_code == 302
    with translation.override("en"):
        for address in (page, f"/households/{family.key}/"):
            assert "4,300 yuan" in client.get(address).content.decode()
    told = {"amount": Decimal(1), "currency": "CNY"}
    for year in (2023, TODAY.year + 1):
        with pytest.raises(WorksError, match="did not earn from it in this year"):
            industry.write_link_year(link, year=year, **told, **same)
    with pytest.raises(WorksError, match="Currencies are not mixed"):
        industry.write_link_year(link, year=2024, **(told | {"currency": "USD"}), **same)
    with pytest.raises(WorksError, match="zero or more"):
        industry.write_link_year(link, year=2024, **(told | {"amount": Decimal(-1)}), **same)
    secretary = {**same, "by": office.staff["antang"]}
    with pytest.raises(WorksError, match="first secretary or an officer"):
        industry.write_link_year(link, year=2024, **told, **secretary)
    with pytest.raises(WorksError, match="comes after the first"):
        industry.end_link(link, until=since - datetime.timedelta(1), **same)
    sent = {"do": "end", "link": link.pk, "until": "2025-12-31"}
    assert client.post(page, sent).status_code == 302
    link.refresh_from_db()
    assert link.until == datetime.date(2025, 12, 31) and earning_from(one, TODAY) == 0
    assert client.post(page, sent).status_code == 422, "it has ended and is offered no more"
    with pytest.raises(WorksError, match="ended already"):
        industry.end_link(link, until=TODAY, **same)
    industry.link_household(one, number="7", kind="job", since=TODAY, **same)
    analyst = enter("chenxi").get(page).content.decode()
    assert "4,300" in analyst, "the province sees the household, and so what it earns"


def test_pages_open_and_cost_the_same_for_many_villages(office, same, enter, tmp_path) -> None:
    client = enter("weilan")
    take(office, same, tmp_path, reading())
    work, asset = well(office, same), shed(office, same)
    kept = services.add_photo(work, file=photo(), taken="before", day=TODAY, caption="the old pond", **same)
    one = industry.add_enterprise(
        office.area("BAIYUN"), name="Tea", kind="cooperative", owner="members", since=TODAY, **same
    )
    pages = [
        "/villages/", "/villages/BAIYUN/", "/villages/import/", "/villages/BAIYUN/write/work/", f"/works/{work.pk}/",
        f"/enterprises/{one.pk}/", "/assets/", f"/assets/{asset.pk}/", "/projects/", "/studies/", "/studies/new/",
    ]  # fmt: skip

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200, address
        return len(captured)

    before = {page: cost(page) for page in pages}
    for number in range(20):
        village = add_area(f"Village {number}", "village", office.area("HEPING"))
        ServiceReading.objects.create(
            area=village, service="water", value=50, unit=SHARE, day=TODAY, source="survey", by="test"
        )
        services.propose_work(
            village, title="Road", service="road", budget=None, currency="CNY", due=None, **same
        )
        shed(office, same, code=f"B-{number}")
    assert {page: cost(page) for page in pages} == before
    assert client.get(f"/works/photos/{kept.pk}/")["Content-Type"] == "image/jpeg"
    assert "late" in client.get(f"/works/{work.pk}/").content.decode()
    assert enter("antang").get(f"/works/photos/{kept.pk}/").status_code == 404


def test_a_household_and_its_village_lead_to_each_other(office, same, enter, tmp_path) -> None:
    from highground.people.models import Household

    take(office, same, tmp_path, reading())
    work = well(office, same)
    village = office.area("BAIYUN")
    one = industry.add_enterprise(
        village, name="Tea groves", kind="cooperative", owner="members", since=TODAY, **same
    )
    household = Household.objects.create(key="key1", number="1", area=village)
    industry.link_household(one, number="1", kind="job", since=TODAY, **same)
    page = enter("weilan").get(f"/households/{household.key}/").content.decode()
    for address in (f"/villages/{village.code}/", f"/works/{work.pk}/", f"/enterprises/{one.pk}/"):
        assert f'href="{address}"' in page
    there = enter("weilan").get(f"/enterprises/{one.pk}/").content.decode()
    assert f'href="/households/{household.key}/"' in there


def test_what_is_missing_in_an_area_and_what_closing_it_costs(office, same, enter, tmp_path) -> None:
    folder = tmp_path / "standards"
    folder.mkdir()
    (folder / "cn.yaml").write_text(
        "source: county office\nservices:\n  water:\n    closing: {amount: 250, currency: CNY, source: works of 2025}\n"
    )
    more = add_area("Second", "village", office.area("LONGHE"))
    take(
        office, same, tmp_path, reading(), reading(village=more.code, value="90"),
        reading(village=more.code, service="power", value="70"),
    )  # fmt: skip
    page = enter("weilan").get("/villages/?area=LONGHE")
    gaps = {one["label"]: one for one in page.context["gaps"]}
    villages = page.context["page"].total
    water = gaps["Safe drinking water"]
    assert (water["short"], water["unknown"], water["unpriced"]) == (2, villages - 2, 0)
    assert water["costs"] == ["12,500 yuan"], "40 points of one village and 10 of the other, 250 each"
    power = gaps["Electricity"]
    assert (power["short"], power["costs"], power["unpriced"]) == (1, [], 1)
    assert gaps["Safe houses"]["short"] is None, "what nobody looked at is not zero"
    text = page.content.decode()
    assert "12,500 yuan" in text and "price not known for 1 village" in text
