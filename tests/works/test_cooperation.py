"""What partners write of a project: user groups and their years, money by date and currency, who takes part, and roles."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import translation

from highground.accounts.enums import Role
from highground.accounts.models import Grant
from highground.areas.models import Area
from highground.audit.models import Event
from highground.works.actions.cooperation import add_figure, add_group, add_group_year, add_money, add_partner
from highground.works.actions.projects import load_project
from highground.works.commands import projects as command
from highground.works.ground import WorksError
from highground.works.models import Project
from highground.works.project_files import shipped_projects
from tests.support.pages import check_source
from tests.support.places import LONG_AGO, add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(six_villages):
    """Somebody who holds a role for the project in Myanmar alone."""
    person = add_person("partner", None, None)
    Grant.objects.create(
        user=person, role=Role.ANALYST, target_kind="project", target_id="mm-2018", valid_from=LONG_AGO
    )
    return person


@pytest.fixture
def project(lead):
    return Project.objects.everywhere(reason="test").get(code="mm-2018")


@pytest.fixture
def village(project):
    return project.sites.select_related("area").order_by("area__path").first().area


@pytest.fixture
def same(lead):
    return {"by": lead, "today": TODAY}


@pytest.fixture
def client(lead):
    client = Client()
    client.force_login(lead)
    return client


YEAR = {"income": Decimal(900), "spending": Decimal(400), "currency": "MMK"}


def test_a_user_group_and_its_years_stand_on_the_page(project, village, client) -> None:
    at = f"/projects/{project.code}/write"
    group = {"village": village.code, "name": "Water group", "members": "24"}
    assert client.post(f"{at}/group/", group).status_code == 302
    made = project.groups.get()
    for year, income, spending in ((2022, "900", "400"), (2023, "500.50", "650")):
        sent = {"group": made.pk, "year": year, "income": income, "spending": spending, "currency": "mmk"}
        assert client.post(f"{at}/year/", sent).status_code == 302
    page = client.get(f"/projects/{project.code}/")
    text = page.content.decode()
    check_source(page)
    assert "Water group" in text and "24 members" in text and "+500" in text
    (kept,) = page.context["user_groups"]
    assert [(year.year, left) for year, left in kept.years] == [(2023, Decimal("-149.50")), (2022, 500)]
    assert (kept.balance, kept.currency) == (Decimal("350.50"), "MMK")
    kinds = list(Event.objects.order_by("sequence").values_list("kind", flat=True))[-3:]
    assert kinds == ["works.user_group", "works.group_year", "works.group_year"]


def test_the_page_of_a_project_asks_as_often_with_many_groups(project, village, same, client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number in (1, 4):
        for place in range(number):
            group = add_group(project, village=village, name=f"Group {number}-{place}", members=None, **same)
            add_group_year(project, group=group, year=2023, **YEAR, **same)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(f"/projects/{project.code}/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"year": 2019}, "kept from the hand-over on"),
        ({"year": TODAY.year + 1}, "has not begun"),
        ({"income": Decimal(-1)}, "zero or above"),
        ({"year": 2022}, "2022 is written already"),
        ({"currency": "CNY"}, "Currencies are not mixed: write the sums in MMK"),
    ],
)
def test_years_that_cannot_be(project, village, same, change, said) -> None:
    group = add_group(project, village=village, name="Water group", members=None, **same)
    add_group_year(project, group=group, year=2022, **YEAR, **same)
    with pytest.raises(WorksError, match=said):
        add_group_year(project, group=group, **{"year": 2023, **YEAR, **change}, **same)


def test_a_group_once_and_where_the_project_works(project, village, same, six_villages) -> None:
    add_group(project, village=village, name="Water group", members=None, **same)
    with pytest.raises(WorksError, match="Water group is known in this village already"):
        add_group(project, village=village, name=" Water group ", members=3, **same)
    with pytest.raises(WorksError, match="Give the group a name"):
        add_group(project, village=village, name=" ", members=3, **same)
    other = next(one for one in six_villages if one.code != project.code)
    far = other.sites.select_related("area").first().area
    with pytest.raises(WorksError, match="does not work in this village"):
        add_group(project, village=far, name="Water group", members=3, **same)


def test_money_by_date_and_currency_is_summed_within_its_currency(project, same, client) -> None:
    for kind, amount, currency, day in (
        ("expenditure", "1000", "USD", datetime.date(2019, 5, 1)),
        ("expenditure", "500", "USD", datetime.date(2020, 5, 1)),
        ("expenditure", "7000", "CNY", datetime.date(2020, 6, 1)),
    ):
        sent = {"kind": kind, "amount": amount, "currency": currency, "day": day, "source": "accounts"}
        assert client.post(f"/projects/{project.code}/write/money/", sent).status_code == 302
    page = client.get(f"/projects/{project.code}/")
    told = [(one.kind, one.currency, one.amount, span) for one, span in page.context["sums"]]
    assert told == [("spent", "USD", 1500, "1 May 2019 – 1 May 2020")], "one sum alone is its own total"
    assert "accounts" in page.content.decode() and "Written down." in page.content.decode()
    project.money.filter(currency="USD").update(day="2019-12-31", day_precision="year")
    assert [span for _one, span in client.get(f"/projects/{project.code}/").context["sums"]] == ["2019"]
    iati = client.get(f"/projects/{project.code}/iati.xml").content.decode()
    assert 'currency="USD"' in iati and ">1000" in iati
    with pytest.raises(WorksError, match="lies in the future"):
        add_money(
            project, kind="expenditure", amount=Decimal(1), currency="USD", source="accounts",
            day=TODAY + datetime.timedelta(days=1), **same,
        )  # fmt: skip
    with pytest.raises(WorksError, match="Say where this is from"):
        add_money(
            project, kind="expenditure", amount=Decimal(1), currency="USD", day=TODAY, source=" ", **same
        )
    with pytest.raises(WorksError, match="an amount above zero"):
        add_money(
            project, kind="expenditure", amount=Decimal(0), currency="USD", day=TODAY, source="x", **same
        )


def test_partners_stay_when_the_file_is_read_again(project, same, client) -> None:
    sent = {
        "name": "Village school",
        "country": "MM",
        "role": "implementing",
        "kind": "80",
        "source": "a letter",
    }
    assert client.post(f"/projects/{project.code}/write/partner/", sent).status_code == 302
    before = project.partners.count()
    for told in shipped_projects():
        load_project(told, by="test", today=TODAY)
    assert project.partners.count() == before and project.partners.filter(name__en="Village school").exists()
    with pytest.raises(WorksError, match="takes part in this way already"):
        add_partner(
            project, name="Village school", country="MM", role="implementing", kind="80", source="x", **same
        )
    with pytest.raises(WorksError, match="Say who takes part"):
        add_partner(project, name=" ", country="MM", role="implementing", kind="80", source="x", **same)


def test_a_figure_stands_beside_what_was_published_before(project, village, client) -> None:
    page = f"/projects/{project.code}/write/figure/"
    with translation.override("en"):
        assert "People in both villages (people)" in client.get(page).content.decode()
    sent = {
        "indicator": "people", "label": "", "unit": "", "kind": "output", "place": "", "value": "8100",
        "exactness": "about", "day": "2025-06-30", "source": "count of 30 June 2025",
    }  # fmt: skip
    new = sent | {"indicator": "", "label": "Wells", "unit": "wells", "place": village.code, "value": "12"}
    for one in (sent, new):
        assert client.post(page, one).status_code == 302
    with translation.override("en"):
        told = client.get(f"/projects/{project.code}/").content.decode()
    assert "about 7,800" in told and "about 8,100" in told, "both dates stand side by side"
    assert "Wells" in told and "as of 30 June 2025, count of 30 June 2025" in told
    rows = client.get(f"/projects/{project.code}/figures.csv").getvalue().decode()
    assert f"{village.code},output" in rows and ",12,wells,2025-06-30" in rows
    event = Event.objects.filter(kind="works.figure").order_by("-sequence").first()
    assert event.subject_id == project.code and village.path in event.areas


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": "households"}, "Another unit is something new"),
        ({"indicator": "cows"}, "Choose what was counted"),
        ({"indicator": "", "label": "Cows", "unit": ""}, "a name, a unit and a kind"),
        ({"indicator": "", "label": "People in both villages", "unit": "people"}, "is counted already"),
        ({"day": TODAY + datetime.timedelta(1)}, "lies in the future"),
        ({"exactness": "perhaps"}, "how the source gives"),
        ({"source": " "}, "Say where this is from"),
    ],
)
def test_figures_that_cannot_be(project, same, change, said) -> None:
    told = {
        "indicator": "people", "label": "", "unit": "", "kind": "output", "place": None, "value": Decimal(8100),
        "exactness": "exact", "day": TODAY, "source": "a count",
    }  # fmt: skip
    with translation.override("en"), pytest.raises(WorksError, match=said):
        add_figure(project, **(told | change), **same)
    add_figure(project, **told, **same)
    with translation.override("en"), pytest.raises(WorksError, match="on this day already"):
        add_figure(project, **(told | {"value": Decimal(1)}), **same)
    elsewhere = Area.objects.filter(code="KH").get()
    with translation.override("en"), pytest.raises(WorksError, match="does not work in this village"):
        add_figure(project, **(told | {"place": elsewhere}), **same)


def test_a_role_for_another_project_writes_nothing(project, village, six_villages) -> None:
    person = add_person("elsewhere", None, None)
    Grant.objects.create(
        user=person, role=Role.ANALYST, target_kind="project", target_id="la-2017", valid_from=LONG_AGO
    )
    client = Client()
    client.force_login(person)
    assert client.get(f"/projects/{project.code}/write/money/").status_code == 404
    with pytest.raises(WorksError, match="hold a role for the project"):
        add_money(
            project, kind="expenditure", amount=Decimal(1), currency="USD", day=TODAY, source="x",
            by=person, today=TODAY,
        )  # fmt: skip
    with pytest.raises(WorksError, match="does not work in this village"):
        add_group(project, village=village, name="Group", members=1, by=person, today=TODAY)


def test_forms_say_what_is_wrong(project, client) -> None:
    at = f"/projects/{project.code}/write"
    told = client.get(f"{at}/year/")
    assert told.status_code == 200 and "No user group is written down yet" in told.content.decode()
    sent = {"kind": "expenditure", "amount": "5", "currency": "1$x", "day": "2020-01-01", "source": "x"}
    assert "No currency has this code" in client.post(f"{at}/money/", sent).content.decode()
    assert client.get(f"{at}/nothing/").status_code == 404


def test_a_role_for_a_project_by_command(six_villages) -> None:
    add_person("somphone", None, None)
    done = CliRunner().invoke(command, ["role", "la-2017", "somphone", "--until", "2031-12-31"])
    assert done.exit_code == 0 and done.output.startswith("somphone: ") and "la-2017" in done.output
    grant = Grant.objects.get(user__username="somphone")
    assert (grant.target_kind, grant.target_id, grant.area) == ("project", "la-2017", None)
    client = Client()
    client.force_login(grant.user)
    assert client.get("/projects/la-2017/").status_code == 200
    assert client.get("/projects/mm-2018/").status_code == 404
    for words, said in (
        (["nowhere", "somphone"], "no project with the code nowhere"),
        (["la-2017", "nobody"], "nobody is called nobody"),
    ):
        done = CliRunner().invoke(command, ["role", *words])
        assert done.exit_code == 2 and said in done.output
